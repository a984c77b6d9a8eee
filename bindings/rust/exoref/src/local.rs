//! The private server of a folder, by hand: what opening `local:DIR` does by itself.

use std::ffi::CString;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr::null_mut;

use exoref_sys as ffi;

use crate::error::{Error, Result};
use crate::handle::call;
use crate::timeout::Timeout;
use crate::value::RawValue;

/// Starts the private server of the folder if none runs, and keeps it up without clients until [`stop`].
pub fn start(directory: impl AsRef<Path>, timeout: impl Into<Timeout>) -> Result<()> {
    let (directory, timeout) = (c_path(directory.as_ref())?, timeout.into());
    // SAFETY: the text lives during the call.
    call(|error| unsafe { ffi::exoref_local_start(directory.as_ptr(), timeout.ms(), error) })
}

/// Ends the private server of the folder, whoever uses it. Whether one ran.
pub fn stop(directory: impl AsRef<Path>, timeout: impl Into<Timeout>) -> Result<bool> {
    let (directory, timeout) = (c_path(directory.as_ref())?, timeout.into());
    let mut stopped = false;
    // SAFETY: the text lives during the call.
    call(|error| unsafe { ffi::exoref_local_stop(directory.as_ptr(), timeout.ms(), &mut stopped, error) })?;
    Ok(stopped)
}

/// A line about the private server of the folder; `None` if none runs.
pub fn status(directory: impl AsRef<Path>, timeout: impl Into<Timeout>) -> Result<Option<String>> {
    let (directory, timeout) = (c_path(directory.as_ref())?, timeout.into());
    let mut out = null_mut();
    // SAFETY: the text lives during the call.
    call(|error| unsafe { ffi::exoref_local_status(directory.as_ptr(), timeout.ms(), &mut out, error) })?;
    // SAFETY: what comes out is ours.
    let line = unsafe { RawValue::adopt(out) };
    Ok(line.map(|line| String::from_utf8_lossy(&line).into_owned()))
}

fn c_path(directory: &Path) -> Result<CString> {
    CString::new(directory.as_os_str().as_bytes()).map_err(|_| Error::invalid("the name of the folder contains a NUL"))
}
