use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use exoref_sys as ffi;

use crate::atom::Atom;
use crate::error::Result;
use crate::handle::call_for;
use crate::pending::{drop_on_lane, Pending};
use crate::timeout::Timeout;
use crate::value::Value;
use crate::watch::Change;

impl<T: Send + Sync + 'static> Atom<T> {
    /// The changes from now on, as a `Stream`. It ends when the client is closed.
    pub fn changes(&self) -> Result<Changes<T>> {
        self.changes_async().wait()
    }

    /// As [`changes`](Atom::changes), without waiting.
    pub fn changes_async(&self) -> Pending<Changes<T>> {
        static LAST: AtomicU64 = AtomicU64::new(0);
        let watch_key = format!("exoref::Changes {}", LAST.fetch_add(1, Ordering::Relaxed));
        let queue = Arc::new(Queue { waiting: Mutex::new(Waiting::default()) });
        let (ends, told) = (EndsQueue(queue.clone()), queue.clone());
        let function = move |change: &Change<T>| told.push(change);
        let watch = Arc::new(RemovesWatch { atom: self.clone(), key: watch_key.clone(), queue: queue.clone() });
        let undo = watch.clone();
        let begun = self.begin_watch(watch_key.as_bytes(), function, Some(ends), move |since| Changes { watch, since });
        begun.undone_when_dropped(undo)
    }
}

/// The changes of an atom, as a `Stream`: each once, in the order of versions. To drop it ends the watch.
///
/// It keeps the last 1024 for who is slower than they come. What is let go then is told as [`Change::missed`] of the next one;
/// the last state always arrives.
pub struct Changes<T: Send + Sync + 'static> {
    watch: Arc<RemovesWatch<T>>,
    since: Option<Value<T>>,
}

struct RemovesWatch<T: Send + Sync + 'static> {
    atom: Atom<T>,
    key: String,
    queue: Arc<Queue<T>>,
}

impl<T: Send + Sync + 'static> Changes<T> {
    /// The state after which the changes begin; `None` if the atom did not exist.
    pub fn since(&self) -> Option<&Value<T>> {
        self.since.as_ref()
    }
}

impl<T: Send + Sync + 'static> futures_core::Stream for Changes<T> {
    type Item = Change<T>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Change<T>>> {
        let mut waiting = self.watch.queue.lock();
        match waiting.changes.pop_front() {
            Some(change) => Poll::Ready(Some(change)),
            None if waiting.ended => Poll::Ready(None),
            None => {
                waiting.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl<T: Send + Sync + 'static> Drop for RemovesWatch<T> {
    fn drop(&mut self) {
        let waker = self.queue.close();
        // To remove a watch waits for a call of it that runs just now, and that may be in a waker that waits for what the thread
        // holds that drops the stream. So the client's thread for completions does it. A future for that is had in no time.
        let removes = RemovesNow { atom: self.atom.clone(), key: std::mem::take(&mut self.key) };
        let atom = self.atom.state.handle.as_ptr();
        // SAFETY: we hold the atom.
        let done = call_for(|out, error| unsafe { ffi::exoref_atom_deref_async(atom, Timeout::NO_WAIT.ms(), out, error) });
        // It fails only where there is nothing to remove any more: the client is closed, or of a parent process.
        if let Ok(done) = done {
            drop_on_lane(&done, removes);
        }
        drop(waker); // outside the lock
    }
}

struct RemovesNow<T: Send + Sync + 'static> {
    atom: Atom<T>,
    key: String,
}

impl<T: Send + Sync + 'static> Drop for RemovesNow<T> {
    fn drop(&mut self) {
        let _ = self.atom.remove_watch(&self.key); // fails as above
    }
}

impl<T: Send + Sync + 'static> fmt::Debug for Changes<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Changes({:?})", self.watch.atom)
    }
}

const MOST_KEPT: usize = 1024;

// Changes that were told and not yet taken.
pub(crate) struct Queue<T> {
    waiting: Mutex<Waiting<T>>,
}
struct Waiting<T> {
    changes: VecDeque<Change<T>>,
    waker: Option<Waker>,
    ended: bool,
    closed: bool,
}

impl<T> Default for Waiting<T> {
    fn default() -> Self {
        Waiting { changes: VecDeque::new(), waker: None, ended: false, closed: false }
    }
}

impl<T> Queue<T> {
    fn lock(&self) -> MutexGuard<'_, Waiting<T>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, change: &Change<T>) {
        self.alter(|waiting| {
            if waiting.closed {
                return;
            }
            waiting.changes.push_back(change.clone());
            if waiting.changes.len() > MOST_KEPT {
                waiting.let_go_oldest();
            }
        });
    }

    // Nobody reads it any more, and nobody is to be woken.
    fn close(&self) -> Option<Waker> {
        let mut waiting = self.lock();
        waiting.closed = true;
        waiting.waker.take()
    }

    // Wakes who waits, outside the lock: an executor may poll at once.
    fn alter(&self, change: impl FnOnce(&mut Waiting<T>)) {
        let mut waiting = self.lock();
        change(&mut waiting);
        let waker = waiting.waker.take();
        drop(waiting);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl<T> Waiting<T> {
    fn let_go_oldest(&mut self) {
        let Some(oldest) = self.changes.pop_front() else { return };
        if let Some(next) = self.changes.front_mut() {
            next.missed += 1 + oldest.missed;
            // That the past was lost or can't be known stays true. That it was deleted is not any more.
            next.flags |= oldest.flags & (ffi::EXOREF_CHANGE_REWOUND | ffi::EXOREF_CHANGE_UNCERTAIN);
        }
    }
}

// Ends the stream when the watch will be called no more.
pub(crate) struct EndsQueue<T>(Arc<Queue<T>>);

impl<T> Drop for EndsQueue<T> {
    fn drop(&mut self) {
        self.0.alter(|waiting| waiting.ended = true);
    }
}
