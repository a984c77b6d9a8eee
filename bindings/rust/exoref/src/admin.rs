use std::ffi::CStr;
use std::fmt;
use std::pin::Pin;
use std::ptr::null_mut;
use std::task::{ready, Context, Poll};

use exoref_sys as ffi;

use crate::error::{Class, Result};
use crate::handle::{c_text, call, sized, text, Handle};
use crate::pending::{CFuture, Pending};
use crate::timeout::Timeout;
use crate::value::RawValue;

/// The types of references.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum RefType {
    Atom,
    Promise,
    Delay,
}

impl RefType {
    pub(crate) fn word(self) -> &'static CStr {
        let with_nul: &[u8] = match self {
            RefType::Atom => b"atom\0",
            RefType::Promise => b"promise\0",
            RefType::Delay => b"delay\0",
        };
        CStr::from_bytes_with_nul(with_nul).unwrap_or_default()
    }
}

/// What is known about a reference.
pub struct Info(Handle<ffi::exoref_info>);

impl Info {
    pub(crate) fn from_future(future: &CFuture) -> Result<Option<Info>> {
        // SAFETY: we hold the future, and what it gives is ours.
        Ok(unsafe { Handle::adopt(ffi::exoref_future_info(future.as_ptr())) }.map(Info))
    }

    /// A text by its name; `None` for another name. Of all: `type`, `version`, `epoch`, `size`, `codec`, `ttl`, `expires`,
    /// `history`, `terms`. Of delays: `state`, `attempt`, `owner`, `lease`, `lease_ms`, `failure`.
    pub fn text(&self, name: &str) -> Option<String> {
        let name = c_text(name, "the name").ok()?;
        // SAFETY: we hold the info, and its texts live as long.
        unsafe {
            let found = ffi::exoref_info_text(self.0.as_ptr(), name.as_ptr());
            (!found.is_null()).then(|| text(found).into_owned())
        }
    }

    /// The key, without the client's prefix.
    pub fn key(&self) -> &[u8] {
        // SAFETY: the bytes live as long as the info, which we hold.
        unsafe { sized(|size| ffi::exoref_info_key(self.0.as_ptr(), size)) }
    }

    /// The value, if there is one yet; not of those that were listed.
    pub fn value(&self) -> Option<RawValue> {
        // SAFETY: we hold the info, and what it gives is ours.
        unsafe { RawValue::adopt(ffi::exoref_info_value(self.0.as_ptr())) }
    }

    /// The metadata.
    pub fn meta(&self) -> Option<RawValue> {
        // SAFETY: we hold the info, and what it gives is ours.
        unsafe { RawValue::adopt(ffi::exoref_info_meta(self.0.as_ptr())) }
    }

    /// The last changes, the newest first, by version: as many as the history holds. A value that was too large to be kept is absent.
    pub fn changes(&self) -> Vec<(u64, Option<RawValue>)> {
        let info = self.0.as_ptr();
        // SAFETY: we hold the info, and what it gives is ours.
        unsafe {
            let count = ffi::exoref_info_change_count(info);
            (0..count)
                .map(|n| (ffi::exoref_info_change_version(info, n), RawValue::adopt(ffi::exoref_info_change_value(info, n))))
                .collect()
        }
    }
}

impl fmt::Debug for Info {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut all = f.debug_struct("Info");
        all.field("key", &format_args!("\"{}\"", self.key().escape_ascii()));
        for name in ["type", "version", "codec", "state"] {
            all.field(name, &self.text(name).unwrap_or_default());
        }
        all.finish_non_exhaustive()
    }
}

/// A listing: an iterator that blocks. It ends after the last one, or after an error that another try would not mend.
pub struct Scan {
    handle: Handle<ffi::exoref_scan>,
    timeout: Timeout,
    ended: bool,
}

impl Scan {
    pub(crate) fn new(handle: Handle<ffi::exoref_scan>, timeout: Timeout) -> Scan {
        Scan { handle, timeout, ended: false }
    }

    /// What is left of it as a `Stream`, which does not block.
    pub fn stream(self) -> ScanStream {
        ScanStream { scan: self, next: None }
    }

    fn told(&mut self, found: Result<Option<Info>>) -> Option<Result<Info>> {
        self.ended = match &found {
            Ok(info) => info.is_none(),
            Err(error) => error.class() == Class::Final,
        };
        found.transpose()
    }
}

impl Iterator for Scan {
    type Item = Result<Info>;

    fn next(&mut self) -> Option<Result<Info>> {
        if self.ended {
            return None;
        }
        let mut out = null_mut();
        // SAFETY: we hold the scan.
        let outcome = call(|error| unsafe { ffi::exoref_scan_next(self.handle.as_ptr(), self.timeout.ms(), &mut out, error) });
        // SAFETY: what comes out is ours.
        let found = unsafe { Handle::adopt(out) }.map(Info);
        self.told(outcome.map(|()| found))
    }
}

impl std::iter::FusedIterator for Scan {}

/// A listing as a `Stream`: [`Scan::stream`].
pub struct ScanStream {
    scan: Scan,
    next: Option<Pending<Option<Info>>>,
}

impl futures_core::Stream for ScanStream {
    type Item = Result<Info>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Info>>> {
        let this = self.get_mut();
        if this.scan.ended {
            return Poll::Ready(None);
        }
        let (scan, timeout) = (&this.scan.handle, this.scan.timeout);
        let next = this.next.get_or_insert_with(|| {
            Pending::start(
                // SAFETY: we hold the scan.
                |out, error| unsafe { ffi::exoref_scan_next_async(scan.as_ptr(), timeout.ms(), out, error) },
                Info::from_future,
            )
        });
        let found = ready!(std::future::Future::poll(Pin::new(next), context));
        this.next = None;
        Poll::Ready(this.scan.told(found))
    }
}

impl fmt::Debug for ScanStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ScanStream")
    }
}

impl fmt::Debug for Scan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Scan")
    }
}
