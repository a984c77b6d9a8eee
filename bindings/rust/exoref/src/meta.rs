use std::ffi::c_void;
use std::panic::resume_unwind;
use std::ptr::null_mut;
use std::sync::{Arc, Mutex, PoisonError};

use exoref_sys as ffi;

use crate::atom::Atom;
use crate::border::{self, Ended};
use crate::error::{BoxError, Error, ErrorKind, Result};
use crate::handle::{bytes, call, call_for};
use crate::pending::{Next, Outcome, Pending};
use crate::value::RawValue;

/// Metadata: bytes beside the value, shared by all processes, empty at first. Changing it neither validates nor notifies, nor
/// changes the value's version.
impl<T: Send + Sync + 'static> Atom<T> {
    /// The metadata.
    pub fn meta(&self) -> Result<RawValue> {
        self.meta_async().wait()
    }

    /// As [`meta`](Atom::meta), without waiting.
    pub fn meta_async(&self) -> Pending<RawValue> {
        self.begin(
            // SAFETY: we hold the atom.
            |atom, timeout, out, error| unsafe { ffi::exoref_atom_meta_async(atom, timeout, out, error) },
            |_, future| future.some_value(),
        )
    }

    /// Sets the metadata.
    pub fn reset_meta(&self, next: impl AsRef<[u8]>) -> Result<()> {
        self.reset_meta_async(next).wait()
    }

    /// As [`reset_meta`](Atom::reset_meta), without waiting.
    pub fn reset_meta_async(&self, next: impl AsRef<[u8]>) -> Pending<()> {
        let next = next.as_ref();
        self.begin(
            |atom, timeout, out, error| {
                // SAFETY: we hold the atom, and the bytes are copied.
                unsafe { ffi::exoref_atom_reset_meta_async(atom, next.as_ptr().cast(), next.len(), timeout, out, error) }
            },
            |_, _| Ok(()),
        )
    }

    /// Changes the metadata by a function, which may be called many times and must be free of side effects. An error of it ends the
    /// change with [`ErrorKind::Function`]; a panic comes out of this call. Gives the new metadata.
    pub fn alter_meta<E: Into<BoxError>>(&self, function: impl FnMut(&[u8]) -> Result<Vec<u8>, E>) -> Result<RawValue> {
        let mut step = Step { function, ended: Arc::default() };
        let run = c_step(&step);
        let ctx: *mut Step<_> = &mut step;
        let mut out = null_mut();
        // SAFETY: we hold the atom, and the step lives during the call, which alone uses it.
        let outcome = call(|error| unsafe {
            ffi::exoref_atom_alter_meta(self.state.handle.as_ptr(), Some(run), ctx.cast(), self.timeout.ms(), &mut out, error)
        });
        // SAFETY: what comes out is ours.
        let new = unsafe { RawValue::adopt(out) };
        match outcome {
            Ok(()) => new.ok_or_else(|| Error::internal("metadata was changed and not given")),
            Err(error) => Err(instead_of(error, &step.ended)),
        }
    }

    /// As [`alter_meta`](Atom::alter_meta), without waiting. The function is called on a thread of the client; its panic comes out
    /// where the outcome is taken.
    pub fn alter_meta_async<E: Into<BoxError>>(
        &self,
        function: impl FnMut(&[u8]) -> Result<Vec<u8>, E> + Send + 'static,
    ) -> Pending<RawValue> {
        let ended = Arc::<Mutex<Option<Ended>>>::default();
        let step = Step { function, ended: ended.clone() };
        let (run, free) = (c_step(&step), c_free(&step));
        let ctx = border::boxed(step);
        let first = call_for(|out, error| {
            let atom = self.state.handle.as_ptr();
            // SAFETY: we hold the atom; the box is freed by C, also if this fails.
            unsafe { ffi::exoref_atom_alter_meta_async(atom, Some(run), ctx, Some(free), self.timeout.ms(), out, error) }
        });
        let then = move |outcome: Result<&_>| match outcome {
            Ok(future) => Outcome::some_value(future),
            Err(error) => Err(instead_of(error, &ended)),
        };
        Pending::steps(first, Box::new(move |outcome| Next::Done(then(outcome))))
    }
}

// The function, as C calls it: once at a time. How it ended is told to another thread, perhaps.
struct Step<F> {
    function: F,
    ended: Arc<Mutex<Option<Ended>>>,
}

// What is to be told in place of "the function failed".
fn instead_of(error: Error, ended: &Mutex<Option<Ended>>) -> Error {
    let ended = ended.lock().unwrap_or_else(PoisonError::into_inner).take();
    match ended {
        Some(Ended::Panic(panic)) => resume_unwind(panic),
        Some(Ended::Error(source)) if error.kind() == ErrorKind::Function => error.with_source(source),
        _ => error,
    }
}

type CStep = unsafe extern "C" fn(*mut c_void, *const ffi::exoref_value, *mut ffi::exoref_sink) -> i32;

fn c_step<F: FnMut(&[u8]) -> Result<Vec<u8>, E>, E: Into<BoxError>>(_: &Step<F>) -> CStep {
    unsafe extern "C" fn run<F: FnMut(&[u8]) -> Result<Vec<u8>, E>, E: Into<BoxError>>(
        ctx: *mut c_void,
        old: *const ffi::exoref_value,
        sink: *mut ffi::exoref_sink,
    ) -> i32 {
        // SAFETY: ctx is the step of this change, which C calls once at a time; the value lives during the callback.
        let (step, old) = unsafe { (&mut *ctx.cast::<Step<F>>(), bytes(ffi::exoref_value_data(old), ffi::exoref_value_size(old))) };
        let with_words = |error: E| {
            let error = error.into();
            (error.to_string(), error)
        };
        let ended = match border::guarded(|| (step.function)(old).map_err(with_words)) {
            Ok(Ok(new)) => {
                // SAFETY: the sink lives during the callback. What it refuses ends the change with that status.
                unsafe { ffi::exoref_sink_write(sink, new.as_ptr().cast(), new.len()) };
                return ffi::EXOREF_CALL_OK;
            }
            Ok(Err((words, error))) => {
                // SAFETY: the sink lives during the callback.
                unsafe { border::set_message(sink, &words) };
                Ended::Error(error)
            }
            Err(panic) => Ended::Panic(panic),
        };
        *step.ended.lock().unwrap_or_else(PoisonError::into_inner) = Some(ended);
        ffi::EXOREF_CALL_FAILED
    }
    run::<F, E>
}

fn c_free<F>(_: &Step<F>) -> unsafe extern "C" fn(*mut c_void) {
    border::free::<Step<F>>
}
