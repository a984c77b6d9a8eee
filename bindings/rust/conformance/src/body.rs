//! The bodies that cases name: what they do, how often they were called, and when one that waits may end.

use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use exoref::{BodyFailure, Lease};

use crate::step::{Bytes, Fail, Step};

pub struct Body {
    does: String,
    value: Bytes,
    kind: String,
    message: String,
    payload: Bytes,
    times: usize,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    calls: usize,
    end: bool,
    running: Option<Lease<Bytes>>,
}

impl Body {
    /// The body of a step that opens a delay; none if it has none.
    pub fn of(step: &mut Step) -> Result<Option<Arc<Body>>, Fail> {
        let Some(does) = step.maybe_text("body")? else { return Ok(None) };
        if !["give", "fail", "decline", "wait", "fail_first"].contains(&does.as_str()) {
            return Err(Fail::fault(format!("no body '{does}'")));
        }
        Ok(Some(Arc::new(Body {
            does,
            value: step.maybe_bytes("value")?.unwrap_or_default(),
            kind: step.maybe_text("kind")?.unwrap_or_default(),
            message: step.maybe_text("message")?.unwrap_or_default(),
            payload: step.maybe_bytes("payload")?.unwrap_or_default(),
            times: step.count("times")?,
            state: Mutex::default(),
            changed: Condvar::new(),
        })))
    }

    pub fn run(&self, lease: &Lease<Bytes>) -> Result<Bytes, BodyFailure> {
        let mut state = self.state.lock().unwrap();
        state.calls += 1;
        let call = state.calls;
        state.running = Some(lease.clone());
        self.changed.notify_all();
        if self.does == "wait" {
            state = self.changed.wait_while(state, |state| !state.end).unwrap();
        }
        drop(state);
        match self.does.as_str() {
            "decline" => Err(BodyFailure::declined()),
            "fail" => Err(self.failure()),
            "fail_first" if call <= self.times => Err(self.failure()),
            _ => Ok(self.value.clone()),
        }
    }

    fn failure(&self) -> BodyFailure {
        BodyFailure::new(self.kind.clone(), self.message.clone()).payload(self.payload.clone())
    }

    /// How often it was called, once it was so often, or when the time is over.
    pub fn calls(&self, at_least: usize, time: Duration) -> usize {
        let state = self.state.lock().unwrap();
        let (state, _) = self.changed.wait_timeout_while(state, time, |state| state.calls < at_least).unwrap();
        state.calls
    }

    pub fn end(&self) {
        self.state.lock().unwrap().end = true;
        self.changed.notify_all();
    }

    pub fn running(&self) -> Option<Lease<Bytes>> {
        self.state.lock().unwrap().running.clone()
    }
}
