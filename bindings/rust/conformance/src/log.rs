//! What watches were told, or the lines of a client's log, in the order in which they came.

use std::sync::{Condvar, Mutex};
use std::time::Duration;

use serde_json::Value;

#[derive(Default)]
pub struct Log {
    events: Mutex<Vec<Value>>,
    more: Condvar,
}

impl Log {
    pub fn add(&self, event: Value) {
        self.events.lock().unwrap().push(event);
        self.more.notify_all();
    }

    /// All events, once this is true of them, or when the time is over.
    pub fn read(&self, time: Duration, enough: impl Fn(&[Value]) -> bool) -> Vec<Value> {
        let events = self.events.lock().unwrap();
        let (events, _) = self.more.wait_timeout_while(events, time, |events| !enough(events)).unwrap();
        events.clone()
    }
}
