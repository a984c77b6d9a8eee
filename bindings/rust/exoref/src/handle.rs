//! Counted handles of the C API, and calls of its functions. Nothing here knows what the handles are for.

use std::ptr::{null_mut, NonNull};

use exoref_sys as ffi;

use crate::error::{Error, Result};

/// A type of the C API that is let go of by a function of its own.
///
/// # Safety
/// `release` gives up one count of the pointer, and may be called on any thread.
pub(crate) unsafe trait Counted {
    unsafe fn release(raw: *mut Self);
}

/// A counted type of which a second handle can be had.
///
/// # Safety
/// `retain` adds one count.
pub(crate) unsafe trait Shared: Counted {
    unsafe fn retain(raw: *mut Self);
}

/// One count of a handle.
pub(crate) struct Handle<C: Counted>(NonNull<C>);

// SAFETY: the C API says of every handle that any number of threads may use it at once, and any thread release it.
unsafe impl<C: Counted> Send for Handle<C> {}
// SAFETY: as above.
unsafe impl<C: Counted> Sync for Handle<C> {}

impl<C: Counted> Handle<C> {
    /// Takes over a count that a function of the C API gave; none for NULL.
    ///
    /// # Safety
    /// The pointer is NULL, or a count of it is the caller's to give away.
    pub(crate) unsafe fn adopt(raw: *mut C) -> Option<Handle<C>> {
        NonNull::new(raw).map(Handle)
    }

    #[inline]
    pub(crate) fn as_ptr(&self) -> *mut C {
        self.0.as_ptr()
    }
}

impl<C: Shared> Handle<C> {
    /// Adds a count to what somebody else holds; none for NULL.
    ///
    /// # Safety
    /// The pointer is NULL, or is held by somebody during the call.
    pub(crate) unsafe fn share(raw: *mut C) -> Option<Handle<C>> {
        NonNull::new(raw).map(|raw| {
            // SAFETY: the caller's promise.
            unsafe { C::retain(raw.as_ptr()) };
            Handle(raw)
        })
    }
}

impl<C: Counted> Drop for Handle<C> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: this count is ours, and given up once.
        unsafe { C::release(self.0.as_ptr()) }
    }
}

impl<C: Shared> Clone for Handle<C> {
    fn clone(&self) -> Self {
        // SAFETY: we hold a count of it.
        unsafe { C::retain(self.0.as_ptr()) };
        Handle(self.0)
    }
}

macro_rules! counted {
    ($($name:ident $release:ident;)+) => {$(
        // SAFETY: it is the release function that the header names for the type.
        unsafe impl Counted for ffi::$name {
            #[inline]
            unsafe fn release(raw: *mut Self) {
                // SAFETY: the caller's promise.
                unsafe { ffi::$release(raw) }
            }
        }
    )+};
}
macro_rules! shared {
    ($($name:ident $retain:ident;)+) => {$(
        // SAFETY: it is the retain function that the header names for the type.
        unsafe impl Shared for ffi::$name {
            #[inline]
            unsafe fn retain(raw: *mut Self) {
                // SAFETY: the caller's promise.
                unsafe { ffi::$retain(raw) };
            }
        }
    )+};
}

counted! {
    exoref_error exoref_error_release;
    exoref_value exoref_value_release;
    exoref_options exoref_options_release;
    exoref_client exoref_client_release;
    exoref_future exoref_future_release;
    exoref_event exoref_event_release;
    exoref_atom exoref_atom_release;
    exoref_swap exoref_swap_release;
    exoref_promise exoref_promise_release;
    exoref_delay exoref_delay_release;
    exoref_lease exoref_lease_release;
    exoref_info exoref_info_release;
    exoref_scan exoref_scan_release;
}
shared! {
    exoref_error exoref_error_retain;
    exoref_value exoref_value_retain;
    exoref_client exoref_client_retain;
    exoref_future exoref_future_retain;
    exoref_lease exoref_lease_retain;
}

/// Calls a function whose last parameter is an `exoref_error **`.
#[inline]
pub(crate) fn call(function: impl FnOnce(*mut *mut ffi::exoref_error) -> ffi::exoref_status) -> Result<()> {
    let mut error = null_mut();
    match function(&mut error) {
        ffi::EXOREF_OK => Ok(()),
        // SAFETY: a failed call gives its error to the caller.
        status => Err(Error::from_c(status, unsafe { Handle::adopt(error) })),
    }
}

/// Calls a function that gives one handle, which it always does when it goes well.
#[inline]
pub(crate) fn call_for<C: Counted>(
    function: impl FnOnce(*mut *mut C, *mut *mut ffi::exoref_error) -> ffi::exoref_status,
) -> Result<Handle<C>> {
    let mut out = null_mut();
    call(|error| function(&mut out, error))?;
    // SAFETY: what comes out is the caller's.
    unsafe { Handle::adopt(out) }.ok_or_else(|| Error::internal("a call went well and gave nothing"))
}

/// The bytes of `data` and `size`, as the C API hands them out; empty for NULL.
///
/// # Safety
/// What it points to lives as long as `'a` and is not changed.
pub(crate) unsafe fn bytes<'a>(data: *const std::ffi::c_void, size: usize) -> &'a [u8] {
    if data.is_null() || size == 0 {
        return &[];
    }
    // SAFETY: the caller's promise.
    unsafe { std::slice::from_raw_parts(data.cast(), size) }
}

/// Bytes from a function that gives a pointer and writes their size.
///
/// # Safety
/// As for [`bytes`].
pub(crate) unsafe fn sized<'a>(read: impl FnOnce(*mut usize) -> *const std::ffi::c_char) -> &'a [u8] {
    let mut size = 0;
    let data = read(&mut size);
    // SAFETY: the caller's promise.
    unsafe { bytes(data.cast(), size) }
}

/// A text of the library; empty for NULL. All its texts are UTF-8, but those that quote a server need not be.
///
/// # Safety
/// As for [`bytes`]; a NUL ends it.
pub(crate) unsafe fn text<'a>(text: *const std::ffi::c_char) -> std::borrow::Cow<'a, str> {
    if text.is_null() {
        return "".into();
    }
    // SAFETY: the caller's promise.
    unsafe { std::ffi::CStr::from_ptr(text) }.to_string_lossy()
}

/// A text for C. What follows a NUL could not be told from its end, so that is refused.
pub(crate) fn c_text(text: &str, what: &str) -> Result<std::ffi::CString> {
    std::ffi::CString::new(text).map_err(|_| Error::invalid(format!("{what} contains a NUL")))
}
