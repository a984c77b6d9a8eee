use std::fmt;
use std::marker::PhantomData;
use std::ptr::null_mut;
use std::sync::Arc;

use exoref_sys as ffi;

use crate::atom::{Atom, State};
use crate::error::{BoxError, Error, ErrorKind, Result};
use crate::handle::{call, call_for, Handle};
use crate::pending::{CFuture, Next, Outcome, Pending};
use crate::timeout::{Deadline, Timeout};
use crate::value::{RawValue, Value, Values};

/// Changes by a function. Your function runs on your thread, outside all locks and with nothing of C beneath it: a panic of it comes
/// out of the call, and nothing was changed.
///
/// The timeout, the handle's or else the client's, bounds the whole change.
impl<T: Send + Sync + 'static> Atom<T> {
    /// Changes the value by a function: Clojure's `swap!`. It may be called many times and must be free of side effects.
    ///
    /// ```no_run
    /// # let client = exoref::Client::open("redis://localhost")?;
    /// # let visits = exoref::Atom::create(&client, "visits", 0u64)?;
    /// let now = visits.swap(|n| n + 1)?;
    /// println!("{now} visits");
    /// # Ok::<(), exoref::Error>(())
    /// ```
    pub fn swap(&self, mut function: impl FnMut(T) -> T) -> Result<Value<T>> {
        self.try_swap(|old| Ok::<_, Error>(Some(function(old))))
    }

    /// As [`swap`](Atom::swap), with a function that may fail or decline. An error of it ends the swap with
    /// [`ErrorKind::Function`](crate::ErrorKind::Function), of which it is the source; `Ok(None)` ends it well, with nothing changed.
    /// Both stand for the newest value: the server is asked whether it was. If it can't be asked the error comes out all the same.
    pub fn try_swap<E: Into<BoxError>>(&self, function: impl FnMut(T) -> Result<Option<T>, E>) -> Result<Value<T>> {
        Ok(self.swap_by(function)?.new)
    }

    /// As [`swap`](Atom::swap), and gives the exact value before it: Clojure's `swap-vals!`.
    pub fn swap_vals(&self, mut function: impl FnMut(T) -> T) -> Result<Values<T>> {
        self.try_swap_vals(|old| Ok::<_, Error>(Some(function(old))))
    }

    /// As [`try_swap`](Atom::try_swap), and gives the exact value before it.
    pub fn try_swap_vals<E: Into<BoxError>>(&self, function: impl FnMut(T) -> Result<Option<T>, E>) -> Result<Values<T>> {
        let Swapped { old, new } = self.swap_by(function)?;
        Ok(Values { old: self.state.before_change(old)?, new })
    }

    /// As [`swap`](Atom::swap), without waiting. The function runs where the future is polled or waited for.
    pub fn swap_async(&self, mut function: impl FnMut(T) -> T + Send + 'static) -> Pending<Value<T>> {
        self.try_swap_async(move |old| Ok::<_, Error>(Some(function(old))))
    }

    /// As [`try_swap`](Atom::try_swap), without waiting.
    pub fn try_swap_async<E: Into<BoxError> + 'static>(
        &self,
        function: impl FnMut(T) -> Result<Option<T>, E> + Send + 'static,
    ) -> Pending<Value<T>> {
        self.swap_steps(function, |_, swapped| Ok(swapped.new))
    }

    /// As [`swap_vals`](Atom::swap_vals), without waiting.
    pub fn swap_vals_async(&self, mut function: impl FnMut(T) -> T + Send + 'static) -> Pending<Values<T>> {
        self.try_swap_vals_async(move |old| Ok::<_, Error>(Some(function(old))))
    }

    /// As [`try_swap_vals`](Atom::try_swap_vals), without waiting.
    pub fn try_swap_vals_async<E: Into<BoxError> + 'static>(
        &self,
        function: impl FnMut(T) -> Result<Option<T>, E> + Send + 'static,
    ) -> Pending<Values<T>> {
        self.swap_steps(function, |state, Swapped { old, new }| Ok(Values { old: state.before_change(old)?, new }))
    }

    /// A swap in steps, for who computes in a way of his own.
    pub fn swap_begin(&self) -> Result<Swap<T>> {
        let (swap, old) = self.begin_swap(self.timeout)?;
        Ok(Swap { swap, state: self.state.clone(), timeout: self.timeout, value: self.state.decoded(old)? })
    }

    /// As [`swap_begin`](Atom::swap_begin), without waiting.
    pub fn swap_begin_async(&self) -> Pending<Swap<T>> {
        let (shared, timeout) = (self.state.clone(), self.timeout);
        self.begin(
            // SAFETY: we hold the atom.
            |atom, timeout, out, error| unsafe { ffi::exoref_atom_swap_begin_async(atom, timeout, out, error) },
            move |state, future| Ok(Swap { swap: begun(future)?, value: state.decoded(future.some_value()?)?, state: shared, timeout }),
        )
    }

    fn begin_swap(&self, timeout: Timeout) -> Result<(Handle<ffi::exoref_swap>, RawValue)> {
        let mut old = null_mut();
        let atom = self.state.handle.as_ptr();
        // SAFETY: we hold the atom.
        let swap = call_for(|out, error| unsafe { ffi::exoref_atom_swap_begin(atom, timeout.ms(), out, &mut old, error) });
        // SAFETY: what comes out is ours.
        let old = unsafe { RawValue::adopt(old) };
        Ok((swap?, old.ok_or_else(|| Error::internal("a swap was begun without a value"))?))
    }

    fn swap_by<E: Into<BoxError>>(&self, mut function: impl FnMut(T) -> Result<Option<T>, E>) -> Result<Swapped<T>> {
        let deadline = Deadline::of(self.timeout.or_default(self.state.default_timeout));
        let (swap, mut old) = self.begin_swap(deadline.left())?;
        loop {
            let step = self.state.computed(&old, &mut function);
            let answer = match &step {
                Computed::New(_, bytes) => offer(&swap, bytes, deadline.left()),
                Computed::Declined | Computed::Failed(_) => confirm(&swap, deadline.left()),
            };
            match answer {
                Ok(Answer::Again(newer)) => old = newer,
                Ok(Answer::Done(new)) => return self.state.ended(step, old, new),
                Err(error) => return Err(self.state.unanswered(step, error, deadline)),
            }
        }
    }

    fn swap_steps<R: Send + 'static, E: Into<BoxError> + 'static>(
        &self,
        function: impl FnMut(T) -> Result<Option<T>, E> + Send + 'static,
        finish: impl FnOnce(&State<T>, Swapped<T>) -> Result<R> + Send + 'static,
    ) -> Pending<R> {
        let deadline = Deadline::of(self.timeout.or_default(self.state.default_timeout));
        let atom = self.state.handle.as_ptr();
        // SAFETY: we hold the atom.
        let first = call_for(|out, error| unsafe { ffi::exoref_atom_swap_begin_async(atom, deadline.left().ms(), out, error) });
        let state = self.state.clone();
        let begun = move |future: &CFuture| {
            let swap = Arc::new(begun(future)?);
            Ok((Steps { swap, state, deadline, function, finish, failure: PhantomData }, future.some_value()?))
        };
        Pending::steps(
            first,
            Box::new(move |outcome| match outcome.and_then(begun) {
                Ok((steps, old)) => steps.next(old),
                Err(error) => Next::Done(Err(error)),
            }),
        )
    }
}

fn begun(future: &CFuture) -> Result<Handle<ffi::exoref_swap>> {
    // SAFETY: we hold the future, and what it gives is ours.
    let swap = unsafe { Handle::adopt(ffi::exoref_future_swap(future.as_ptr())) };
    swap.ok_or_else(|| Error::internal("a swap was begun and not given"))
}

// A swap that went well.
struct Swapped<T> {
    old: RawValue,
    new: Value<T>,
}

// What the function made of a value.
enum Computed<T> {
    New(T, Vec<u8>),
    Declined,
    Failed(Error),
}

impl<T: 'static> State<T> {
    // The function, the validator or the codec may refuse a value that is not the newest any more: that is not told before the
    // server has confirmed it.
    fn computed<E: Into<BoxError>>(&self, old: &RawValue, function: &mut impl FnMut(T) -> Result<Option<T>, E>) -> Computed<T> {
        let old = match self.codec.decode(old) {
            Ok(value) => value,
            Err(source) => return Computed::Failed(Error::decode(source, old.clone())),
        };
        match function(old) {
            Ok(Some(new)) => match self.proposed("swap atom", &new) {
                Ok(bytes) => Computed::New(new, bytes),
                Err(error) => Computed::Failed(error),
            },
            Ok(None) => Computed::Declined,
            Err(error) => Computed::Failed(Error::function(error.into()).about("swap atom", self.key())),
        }
    }

    // The server could not be asked. What the function said comes out all the same: nothing was changed.
    fn unanswered(&self, step: Computed<T>, error: Error, deadline: Deadline) -> Error {
        let error = match deadline.whole() {
            Some(ms) if error.kind() == ErrorKind::Timeout => Error::not_done_within(ms).about("swap atom", self.key()),
            _ => error,
        };
        match step {
            Computed::Failed(own) => own.unconfirmed(&error),
            Computed::New(..) | Computed::Declined => error,
        }
    }

    // The server stands for it.
    fn ended(&self, step: Computed<T>, old: RawValue, new: RawValue) -> Result<Swapped<T>> {
        match step {
            Computed::New(value, _) => Ok(Swapped { old, new: Value::new(value, new) }),
            Computed::Declined => Ok(Swapped { new: self.decoded(old.clone())?, old }),
            Computed::Failed(error) => Err(error),
        }
    }
}

// A swap that is not waited for: each step ends with what begins the next.
struct Steps<T, F, Finish, E> {
    swap: Arc<Handle<ffi::exoref_swap>>,
    state: Arc<State<T>>,
    deadline: Deadline,
    function: F,
    finish: Finish,
    failure: PhantomData<fn() -> E>,
}

impl<T, F, Finish, E, R> Steps<T, F, Finish, E>
where
    T: Send + Sync + 'static,
    F: FnMut(T) -> Result<Option<T>, E> + Send + 'static,
    Finish: FnOnce(&State<T>, Swapped<T>) -> Result<R> + Send + 'static,
    E: Into<BoxError> + 'static,
    R: Send + 'static,
{
    fn next(mut self, old: RawValue) -> Next<R> {
        let step = self.state.computed(&old, &mut self.function);
        let bytes = match &step {
            Computed::New(_, bytes) => Some(bytes.clone()),
            _ => None,
        };
        let (swap, timeout) = (self.swap.clone(), self.deadline.left());
        let start = move || {
            call_for(|out, error| match &bytes {
                // SAFETY: we hold the swap, and the bytes are copied.
                Some(bytes) => unsafe {
                    ffi::exoref_swap_offer_async(swap.as_ptr(), bytes.as_ptr().cast(), bytes.len(), timeout.ms(), out, error)
                },
                // SAFETY: we hold the swap.
                None => unsafe { ffi::exoref_swap_confirm_async(swap.as_ptr(), timeout.ms(), out, error) },
            })
        };
        let then = move |outcome: Result<&CFuture>| match outcome.and_then(|future| Ok((future.flag(), future.some_value()?))) {
            Err(error) => Next::Done(Err(self.state.unanswered(step, error, self.deadline))),
            Ok((false, newer)) => self.next(newer),
            Ok((true, new)) => Next::Done(self.state.ended(step, old, new).and_then(|done| (self.finish)(&self.state, done))),
        };
        Next::Go(Box::new(start), Box::new(then))
    }
}

enum Answer {
    Done(RawValue),
    Again(RawValue),
}

fn offer(swap: &Handle<ffi::exoref_swap>, bytes: &[u8], timeout: Timeout) -> Result<Answer> {
    answer(|done, value, error| {
        // SAFETY: we hold the swap, and the bytes are copied.
        unsafe { ffi::exoref_swap_offer(swap.as_ptr(), bytes.as_ptr().cast(), bytes.len(), timeout.ms(), done, value, error) }
    })
}

fn confirm(swap: &Handle<ffi::exoref_swap>, timeout: Timeout) -> Result<Answer> {
    // SAFETY: we hold the swap.
    answer(|done, value, error| unsafe { ffi::exoref_swap_confirm(swap.as_ptr(), timeout.ms(), done, value, error) })
}

fn answer(ask: impl FnOnce(*mut bool, *mut *mut ffi::exoref_value, *mut *mut ffi::exoref_error) -> ffi::exoref_status) -> Result<Answer> {
    let (mut done, mut value) = (false, null_mut());
    call(|error| ask(&mut done, &mut value, error))?;
    // SAFETY: what comes out is ours.
    let value = unsafe { RawValue::adopt(value) }.ok_or_else(|| Error::internal("a swap was answered without a value"))?;
    Ok(if done { Answer::Done(value) } else { Answer::Again(value) })
}

/// A swap in steps. It holds nothing: others go on, and its offer is answered `false` then, with a newer value to compute from.
///
/// ```no_run
/// # let client = exoref::Client::open("redis://localhost")?;
/// # let visits = exoref::Atom::create(&client, "visits", 0u64)?;
/// let mut swap = visits.swap_begin()?;
/// while !swap.offer(**swap.value() + 1)? {}
/// println!("{} visits", swap.value());
/// # Ok::<(), exoref::Error>(())
/// ```
pub struct Swap<T> {
    swap: Handle<ffi::exoref_swap>,
    state: Arc<State<T>>,
    timeout: Timeout,
    value: Value<T>,
}

impl<T: Send + Sync + 'static> Swap<T> {
    /// The value to compute from; when the swap is done, the one that stands.
    pub fn value(&self) -> &Value<T> {
        &self.value
    }

    /// The timeout of each of the next steps; until then it is the atom handle's.
    pub fn set_timeout(&mut self, timeout: impl Into<Timeout>) {
        self.timeout = timeout.into();
    }

    /// Proposes what was computed from [`value`](Swap::value). `true`: it is the atom's value now. `false`: compute again. On failure
    /// the swap is over.
    pub fn offer(&mut self, next: T) -> Result<bool> {
        let bytes = self.state.proposed("swap atom", &next)?;
        match offer(&self.swap, &bytes, self.timeout)? {
            Answer::Done(raw) => {
                self.value = Value::new(next, raw);
                Ok(true)
            }
            Answer::Again(raw) => self.again(raw),
        }
    }

    /// Asks whether [`value`](Swap::value) is current, to end without a change by an answer that the server stands for. `false`:
    /// compute again.
    pub fn confirm(&mut self) -> Result<bool> {
        match confirm(&self.swap, self.timeout)? {
            Answer::Done(_) => Ok(true),
            Answer::Again(raw) => self.again(raw),
        }
    }

    /// As [`offer`](Swap::offer), without waiting. Gives the swap back beside the answer.
    pub fn offer_async(mut self, next: T) -> Pending<(bool, Swap<T>)> {
        let bytes = match self.state.proposed("swap atom", &next) {
            Ok(bytes) => bytes,
            Err(error) => return Pending::failed(error),
        };
        let (swap, timeout) = (self.swap.as_ptr(), self.timeout.ms());
        Pending::start(
            // SAFETY: we hold the swap, and the bytes are copied.
            |out, error| unsafe { ffi::exoref_swap_offer_async(swap, bytes.as_ptr().cast(), bytes.len(), timeout, out, error) },
            move |future| {
                let raw = future.some_value()?;
                let done = future.flag();
                self.value = if done { Value::new(next, raw) } else { self.state.decoded(raw)? };
                Ok((done, self))
            },
        )
    }

    /// As [`confirm`](Swap::confirm), without waiting. Gives the swap back beside the answer.
    pub fn confirm_async(mut self) -> Pending<(bool, Swap<T>)> {
        let (swap, timeout) = (self.swap.as_ptr(), self.timeout.ms());
        Pending::start(
            // SAFETY: we hold the swap.
            |out, error| unsafe { ffi::exoref_swap_confirm_async(swap, timeout, out, error) },
            move |future| match future.flag() {
                true => Ok((true, self)),
                false => Ok((self.again(future.some_value()?)?, self)),
            },
        )
    }

    fn again(&mut self, raw: RawValue) -> Result<bool> {
        self.value = self.state.decoded(raw)?;
        Ok(false)
    }
}

impl<T: 'static> fmt::Debug for Swap<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Swap('{}')", self.state.key().escape_ascii())
    }
}
