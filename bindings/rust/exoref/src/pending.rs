use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use exoref_sys as ffi;

use crate::border;
use crate::error::{Error, ErrorKind, Result};
use crate::handle::{call, call_for, Handle};
use crate::timeout::{Deadline, Timeout};

pub(crate) type CFuture = Handle<ffi::exoref_future>;
type Start = Box<dyn FnOnce() -> Result<CFuture> + Send>;
type Then<R> = Box<dyn FnOnce(Result<&CFuture>) -> Next<R> + Send>;

/// What follows one operation of the C API.
pub(crate) enum Next<R> {
    Done(Result<R>),
    Go(Start, Then<R>),
}

/// An operation that is under way, begun by a function `..._async`: a [`Future`] for any executor, which may also be waited for
/// on a thread.
///
/// The operation begins with the call that gave it, and not with the first poll. To drop it lets it go: a write goes on and is
/// applied all the same, and a mere wait (for a promise, a delay) ends. A swap ends between two of its steps then, since its functions
/// run where its future is polled or waited for: dropped before that it changes nothing. To stop a write say so:
/// [`cancel`](Pending::cancel).
///
/// Of a client with the option `events=take` nobody wakes a task but [`Client::poll`](crate::Client::poll): without that an `.await`
/// does not end, not even when the client is closed. [`wait`](Pending::wait) does.
#[must_use = "the outcome, also a failure, is known only to who awaits it or waits for it"]
pub struct Pending<R> {
    step: Step<R>,
    control: Arc<Control>,
    let_go: LetGo,
}

enum Step<R> {
    Under { future: CFuture, then: Then<R>, wake: Option<Arc<Wake>> },
    Done(Result<R>),
    Taken,
}

/// What becomes of an operation whose `Pending` is dropped.
enum LetGo {
    GoesOn,
    Ends,
    /// It ends, and this is dropped once it has: what it may have done by then is to be undone.
    EndsThenDrops(Box<dyn Send>),
}

// Which future is to be cancelled now, for who cancels from elsewhere.
struct Control {
    current: Mutex<Current>,
}
struct Current {
    future: Option<CFuture>,
    cancelled: bool,
}

impl<R> Pending<R> {
    /// An operation of one step. `start` is called at once.
    pub(crate) fn start(
        start: impl FnOnce(*mut *mut ffi::exoref_future, *mut *mut ffi::exoref_error) -> ffi::exoref_status,
        outcome: impl FnOnce(&CFuture) -> Result<R> + Send + 'static,
    ) -> Pending<R> {
        Pending::steps(call_for(start), Box::new(|future| Next::Done(future.and_then(outcome))))
    }

    /// A wait that nobody needs once it is dropped.
    pub(crate) fn ending_when_dropped(mut self) -> Pending<R> {
        self.let_go = LetGo::Ends;
        self
    }

    /// The same, for one that may have done something by then, which the drop of `undo` takes back.
    pub(crate) fn undone_when_dropped(mut self, undo: impl Send + 'static) -> Pending<R> {
        self.let_go = LetGo::EndsThenDrops(Box::new(undo));
        self
    }

    /// An operation of several steps, of which the first has begun.
    pub(crate) fn steps(first: Result<CFuture>, then: Then<R>) -> Pending<R> {
        let (future, step) = match first {
            Ok(future) => (Some(future.clone()), Step::Under { future, then, wake: None }),
            Err(error) => (None, Step::Done(Err(error))),
        };
        let control = Arc::new(Control { current: Mutex::new(Current { future, cancelled: false }) });
        Pending { step, control, let_go: LetGo::GoesOn }
    }

    pub(crate) fn failed(error: Error) -> Pending<R> {
        Pending::steps(Err(error), Box::new(|_| Next::Done(Err(Error::internal("nothing was begun")))))
    }

    /// Waits on this thread for the outcome. An interrupt does not end it. Where it could never end ([`ErrorKind::Deadlock`]) the
    /// operation is cancelled; if it can't be known whether that was in time the error is of [`Class::Unknown`](crate::Class::Unknown).
    pub fn wait(mut self) -> Result<R> {
        loop {
            match self.wait_until(Deadline::of(Timeout::NONE)) {
                Ok(()) => return self.take(),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return self.given_up(error),
            }
        }
    }

    /// Waits so long; `None` if there is no outcome by then: the operation goes on, and may be waited for again. So it may after
    /// [`ErrorKind::Interrupted`] and [`ErrorKind::Deadlock`], which tell of this wait alone, and nothing of the operation.
    pub fn wait_for(&mut self, timeout: impl Into<Timeout>) -> Option<Result<R>> {
        match self.wait_until(Deadline::of(timeout.into())) {
            Ok(()) => Some(self.take()),
            Err(error) if error.kind() == ErrorKind::Timeout => None,
            Err(error) => Some(Err(self.of_the_wait(error))),
        }
    }

    // Until it is done, or the wait ends with an error of its own.
    fn wait_until(&mut self, deadline: Deadline) -> Result<()> {
        while let Step::Under { future, .. } = &self.step {
            // SAFETY: we hold the future.
            call(|error| unsafe { ffi::exoref_future_wait(future.as_ptr(), deadline.left().ms(), error) })?;
            self.go_on();
        }
        Ok(())
    }

    // The wait failed, and nobody waits again.
    fn given_up(mut self, error: Error) -> Result<R> {
        self.cancel();
        if !self.is_done() {
            return Err(self.of_the_wait(error));
        }
        match self.take() {
            Err(outcome) if outcome.kind() == ErrorKind::Cancelled => Err(error), // which says why, and nothing was done
            outcome => outcome,
        }
    }

    // C says of a wait that it may be tried again. Of a write that goes on that must not be heard as "not applied".
    fn of_the_wait(&self, error: Error) -> Error {
        match self.let_go {
            LetGo::GoesOn => error.of_unknown_outcome(),
            LetGo::Ends | LetGo::EndsThenDrops(_) => error,
        }
    }

    /// Whether there is an outcome. Does not wait.
    pub fn is_done(&mut self) -> bool {
        while let Step::Under { future, .. } = &self.step {
            if !is_done(future) {
                return false;
            }
            self.go_on();
        }
        true
    }

    /// Gives the operation up: what was not sent yet ends with [`ErrorKind::Cancelled`], a write that was sent with
    /// [`ErrorKind::Unknown`]. No effect on one that is done. Does not wait.
    pub fn cancel(&self) {
        self.control.cancel();
    }

    /// For cancelling or interrupting it from elsewhere, while somebody awaits it.
    pub fn control(&self) -> PendingControl {
        PendingControl(self.control.clone())
    }

    // The step is done: does what follows.
    fn go_on(&mut self) {
        let Step::Under { future, then, .. } = std::mem::replace(&mut self.step, Step::Taken) else { return };
        // Who keeps a control does not keep what came out: a lease must be given back when its handle is dropped.
        drop(self.control.forget());
        let mut next = match error_of(&future) {
            None => then(Ok(&future)),
            Some(error) => then(Err(error)),
        };
        drop(future);
        self.step = loop {
            match next {
                Next::Done(result) => break Step::Done(result),
                Next::Go(start, then) => match self.control.begin(start) {
                    Ok(future) => break Step::Under { future, then, wake: None },
                    Err(error) => next = then(Err(error)),
                },
            }
        };
    }

    fn take(&mut self) -> Result<R> {
        match std::mem::replace(&mut self.step, Step::Taken) {
            Step::Done(result) => result,
            _ => panic!("the outcome of this operation was taken before"),
        }
    }
}

// Nothing in it is ever pinned.
impl<R> Unpin for Pending<R> {}

impl<R> Future for Pending<R> {
    type Output = Result<R>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<R>> {
        while let Step::Under { future, wake, .. } = &mut self.step {
            if let Some(wake) = wake {
                wake.set(context.waker());
            } else {
                match Wake::on(future, context.waker()) {
                    Ok(set) => *wake = Some(set),
                    Err(error) => return Poll::Ready(Err(error)),
                }
            }
            // Looked at only after the waker is in its place: what is done between the two wakes.
            if !is_done(future) {
                return Poll::Pending;
            }
            self.go_on();
        }
        Poll::Ready(self.take())
    }
}

impl<R> Drop for Pending<R> {
    fn drop(&mut self) {
        match std::mem::replace(&mut self.let_go, LetGo::GoesOn) {
            LetGo::GoesOn => {}
            LetGo::Ends => self.control.cancel(),
            LetGo::EndsThenDrops(undo) => {
                self.control.cancel();
                if let Step::Under { future, wake, .. } = &self.step {
                    Wake::drop_when_done(future, wake.as_ref(), undo);
                }
            }
        }
    }
}

impl<R> fmt::Debug for Pending<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.step {
            Step::Under { .. } => "under way",
            Step::Done(_) => "done",
            Step::Taken => "taken",
        };
        write!(f, "Pending({state})")
    }
}

/// Cancels or interrupts a [`Pending`] from anywhere. Cheap to clone.
#[derive(Clone)]
pub struct PendingControl(Arc<Control>);

impl PendingControl {
    /// As [`Pending::cancel`].
    pub fn cancel(&self) {
        self.0.cancel();
    }

    /// Ends one [`Pending::wait_for`] with [`ErrorKind::Interrupted`]: one that waits now, or else the next. The operation goes on.
    /// [`Pending::wait`] goes on waiting.
    pub fn interrupt(&self) {
        if let Some(future) = &self.0.lock().future {
            // SAFETY: we hold the future.
            unsafe { ffi::exoref_future_interrupt(future.as_ptr()) };
        }
    }
}

impl fmt::Debug for PendingControl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PendingControl")
    }
}

impl Control {
    fn lock(&self) -> MutexGuard<'_, Current> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn cancel(&self) {
        let mut current = self.lock();
        current.cancelled = true;
        if let Some(future) = &current.future {
            // SAFETY: we hold the future.
            unsafe { ffi::exoref_future_cancel(future.as_ptr()) };
        }
    }

    // The step is done. What was held of it is dropped outside the lock.
    fn forget(&self) -> Option<CFuture> {
        self.lock().future.take()
    }

    // Begins the next step, unless it was cancelled before.
    fn begin(&self, start: Start) -> Result<CFuture> {
        let mut current = self.lock();
        if current.cancelled {
            return Err(Error::cancelled());
        }
        let future = start()?;
        current.future = Some(future.clone());
        Ok(future)
    }
}

// What is to be done when a future is.
struct Wake(Mutex<WhenDone>);

#[derive(Default)]
struct WhenDone {
    wake: Option<Waker>,
    drop: Option<Box<dyn Send>>,
    was_done: bool,
}

impl Wake {
    fn on(future: &CFuture, waker: &Waker) -> Result<Arc<Wake>> {
        let wake = Wake::set_on(future, WhenDone::default())?;
        wake.set(waker);
        Ok(wake)
    }

    fn drop_when_done(future: &CFuture, set: Option<&Arc<Wake>>, what: Box<dyn Send>) {
        // Where there is no memory for it, it is dropped at once.
        let Ok(wake) = set.map_or_else(|| Wake::set_on(future, WhenDone::default()), |set| Ok(set.clone())) else { return };
        let mut when_done = wake.lock();
        if !when_done.was_done {
            when_done.drop = Some(what);
        }
    }

    fn set_on(future: &CFuture, when_done: WhenDone) -> Result<Arc<Wake>> {
        unsafe extern "C" fn done(ctx: *mut std::ffi::c_void, _: *mut ffi::exoref_future) {
            // SAFETY: ctx is what `set_on` boxed, and lives until it is freed.
            let wake = unsafe { &*ctx.cast::<Arc<Wake>>() };
            // A waker that panics has nobody to tell but the panic hook.
            border::alone(|| wake.fire());
        }
        let wake = Arc::new(Wake(Mutex::new(when_done)));
        let ctx = border::boxed(wake.clone());
        // SAFETY: we hold the future; the box is freed by C, also if this fails.
        call(|error| unsafe { ffi::exoref_future_set_callback(future.as_ptr(), Some(done), ctx, Some(border::free::<Arc<Wake>>), error) })?;
        Ok(wake)
    }

    fn lock(&self) -> MutexGuard<'_, WhenDone> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, waker: &Waker) {
        let place = &mut self.lock().wake;
        match place {
            Some(old) => old.clone_from(waker),
            None => *place = Some(waker.clone()),
        }
    }

    fn fire(&self) {
        let when_done = std::mem::replace(&mut *self.lock(), WhenDone { was_done: true, ..WhenDone::default() });
        if let Some(waker) = when_done.wake {
            waker.wake();
        }
    }
}

/// Drops something on the client's thread for completions, once the future is done: also what may wait there and not here.
pub(crate) fn drop_on_lane(future: &CFuture, what: impl Send + 'static) {
    // Where there is no memory for it, it is dropped at once.
    let _ = Wake::set_on(future, WhenDone { drop: Some(Box::new(what)), ..WhenDone::default() });
}

fn is_done(future: &CFuture) -> bool {
    // SAFETY: we hold the future.
    unsafe { ffi::exoref_future_done(future.as_ptr()) }
}

fn error_of(future: &CFuture) -> Option<Error> {
    // SAFETY: we hold the future, and what it gives is ours.
    unsafe {
        match ffi::exoref_future_status(future.as_ptr()) {
            ffi::EXOREF_OK => None,
            status => Some(Error::from_c(status, Handle::adopt(ffi::exoref_future_error(future.as_ptr())))),
        }
    }
}

/// Results of a future that is done and went well.
pub(crate) trait Outcome {
    fn flag(&self) -> bool;
    fn number(&self) -> i64;
    fn value(&self) -> Option<crate::RawValue>;
    fn old_value(&self) -> Option<crate::RawValue>;
    fn some_value(&self) -> Result<crate::RawValue>;
}

impl Outcome for CFuture {
    fn flag(&self) -> bool {
        // SAFETY: we hold the future.
        unsafe { ffi::exoref_future_flag(self.as_ptr()) }
    }
    fn number(&self) -> i64 {
        // SAFETY: we hold the future.
        unsafe { ffi::exoref_future_number(self.as_ptr()) }
    }
    fn value(&self) -> Option<crate::RawValue> {
        // SAFETY: we hold the future, and the value that it gives is ours.
        unsafe { crate::RawValue::adopt(ffi::exoref_future_value(self.as_ptr())) }
    }
    fn old_value(&self) -> Option<crate::RawValue> {
        // SAFETY: as for `value`.
        unsafe { crate::RawValue::adopt(ffi::exoref_future_old_value(self.as_ptr())) }
    }
    fn some_value(&self) -> Result<crate::RawValue> {
        self.value().ok_or_else(|| Error::internal("an operation went well and gave no value"))
    }
}
