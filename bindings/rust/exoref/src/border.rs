//! Functions of the application that C calls: boxed as a callback's `ctx`, and guarded, since no panic may leave them into C.

use std::any::Any;
use std::cell::RefCell;
use std::ffi::{c_void, CString};
use std::panic::{catch_unwind, AssertUnwindSafe};

use exoref_sys as ffi;

/// What a panic carries.
pub(crate) type Panic = Box<dyn Any + Send>;

/// Puts a function into the `ctx` of a callback; [`free`] takes it out.
pub(crate) fn boxed<F>(function: F) -> *mut c_void {
    Box::into_raw(Box::new(function)).cast()
}

/// Frees what [`boxed`] made.
///
/// # Safety
/// `ctx` is of [`boxed`] with the same type, and is not used after this.
pub(crate) unsafe extern "C" fn free<F>(ctx: *mut c_void) {
    // SAFETY: the caller's promise.
    let function = unsafe { Box::from_raw(ctx.cast::<F>()) };
    // What the application's own Drop panics with has nowhere to go: the panic hook has told of it.
    let _ = catch_unwind(AssertUnwindSafe(|| drop(function)));
}

/// Runs what C has called.
pub(crate) fn guarded<R>(work: impl FnOnce() -> R) -> Result<R, Panic> {
    catch_unwind(AssertUnwindSafe(work))
}

/// The words of a panic.
pub(crate) fn panic_words(panic: &Panic) -> &str {
    if let Some(words) = panic.downcast_ref::<&'static str>() {
        words
    } else if let Some(words) = panic.downcast_ref::<String>() {
        words
    } else {
        "a panic"
    }
}

/// Sets the message of a callback that fails. A NUL would end it, so it is left out.
///
/// # Safety
/// `sink` is that of the callback that runs.
pub(crate) unsafe fn set_message(sink: *mut ffi::exoref_sink, words: &str) {
    let words = without_nul(words);
    // SAFETY: the caller's promise. Without memory for the message the failure stands without it.
    unsafe { ffi::exoref_sink_set_message(sink, words.as_ptr()) };
}

/// A text for C, without what C could not see the end of.
pub(crate) fn without_nul(words: &str) -> CString {
    CString::new(words.replace('\0', "")).unwrap_or_default()
}

thread_local! {
    // For each call of this thread beneath which a body may run: its panic, on its way through C to that call.
    static CARRIED: RefCell<Vec<Option<Panic>>> = const { RefCell::new(Vec::new()) };
}

/// Keeps a panic for the call beneath which it happened, if it was on this thread.
pub(crate) fn carry(panic: Panic) {
    CARRIED.with(|calls| {
        if let Some(place) = calls.borrow_mut().last_mut() {
            *place = Some(panic);
        }
    });
}

/// Calls C, and gives what a function beneath it panicked with on this thread.
pub(crate) fn catching<R>(work: impl FnOnce() -> R) -> (R, Option<Panic>) {
    CARRIED.with(|calls| calls.borrow_mut().push(None));
    let result = work();
    (result, CARRIED.with(|calls| calls.borrow_mut().pop()).flatten())
}
