//! Operations in their asynchronous form, and their results.

use exoref::{Pending, PendingControl, Timeout};

use crate::case::Case;
use crate::step::{Fail, Step};

/// An operation that was begun.
pub trait Future {
    fn get(&mut self, step: &mut Step, timeout: Timeout) -> Result<(), Fail>;
    fn done(&mut self) -> bool;
    fn control(&self) -> Option<PendingControl>;
}

/// Its result is given once; after that it is done.
struct Begun<R, Give> {
    pending: Option<Pending<R>>,
    give: Give,
}

impl<R, Give: FnMut(&mut Step, R)> Future for Begun<R, Give> {
    fn get(&mut self, step: &mut Step, timeout: Timeout) -> Result<(), Fail> {
        let pending = self.pending.as_mut().ok_or_else(|| Fail::fault("this future was asked before"))?;
        match pending.wait_for(timeout) {
            None => Err(Fail::TimedOut),
            Some(result) => {
                self.pending = None;
                (self.give)(step, result?);
                Ok(())
            }
        }
    }

    fn done(&mut self) -> bool {
        self.pending.as_mut().map_or(true, Pending::is_done)
    }

    fn control(&self) -> Option<PendingControl> {
        self.pending.as_ref().map(Pending::control)
    }
}

/// Keeps what an asynchronous form began; `give` says what its result is.
pub fn begun<R: 'static>(case: &mut Case, name: &str, pending: Pending<R>, give: impl FnMut(&mut Step, R) + 'static) -> Result<(), Fail> {
    case.futures.keep(name, Box::new(Begun { pending: Some(pending), give }))?;
    Ok(())
}

pub fn play(case: &mut Case, step: &mut Step, op: &str) -> Result<(), Fail> {
    let future = case.futures.of(step)?;
    match op {
        "future.get" => {
            let timeout = step.maybe_timeout()?.unwrap_or(Timeout::NONE);
            step.ready()?;
            future.get(step, timeout)
        }
        "future.done" => {
            step.ready()?;
            let done = future.done();
            step.give("done", done);
            Ok(())
        }
        "future.cancel" => {
            step.ready()?;
            if let Some(control) = future.control() {
                control.cancel();
            }
            Ok(())
        }
        _ => Err(Fail::unknown(op)),
    }
}
