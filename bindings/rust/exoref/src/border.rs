//! Functions of the application that C calls: boxed as a callback's `ctx`, and guarded, since no panic may leave them into C.

use std::any::Any;
use std::cell::RefCell;
use std::ffi::{c_void, CString};
use std::panic::{catch_unwind, AssertUnwindSafe};

use exoref_sys as ffi;

use crate::error::BoxError;

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
    alone(|| drop(function));
}

/// Runs what C has called.
pub(crate) fn guarded<R>(work: impl FnOnce() -> R) -> Result<R, Panic> {
    catch_unwind(AssertUnwindSafe(work))
}

/// Runs what C has called, and whose panic nobody is told of but the panic hook.
pub(crate) fn alone(work: impl FnOnce()) {
    if let Err(panic) = guarded(work) {
        let_go(panic);
    }
}

/// Drops a panic that goes nowhere. What it carries may panic when it is dropped, too, and that one again: it is let be.
pub(crate) fn let_go(panic: Panic) {
    if let Err(again) = guarded(|| drop(panic)) {
        std::mem::forget(again);
    }
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
    // For each call of this thread beneath which a body may run: how it ended, on its way through C to that call.
    static CARRIED: RefCell<Vec<Option<Ended>>> = const { RefCell::new(Vec::new()) };
}

/// How a function ended that gave no value: what C can't carry.
pub(crate) enum Ended {
    Error(BoxError),
    Panic(Panic),
}

impl Ended {
    fn let_go(self) {
        match self {
            Ended::Error(error) => alone(|| drop(error)),
            Ended::Panic(panic) => let_go(panic),
        }
    }
}

/// Keeps it for the call beneath which it happened, if it was on this thread.
pub(crate) fn carry(ended: Ended) {
    let unneeded = CARRIED.with(|calls| match calls.borrow_mut().last_mut() {
        Some(place) => place.replace(ended),
        None => Some(ended),
    });
    if let Some(unneeded) = unneeded {
        unneeded.let_go();
    }
}

/// Calls C, and gives how a function beneath it ended on this thread.
pub(crate) fn catching<R>(work: impl FnOnce() -> R) -> (R, Option<Ended>) {
    CARRIED.with(|calls| calls.borrow_mut().push(None));
    let result = work();
    (result, CARRIED.with(|calls| calls.borrow_mut().pop()).flatten())
}
