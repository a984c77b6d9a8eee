//! The case that is played: what its steps call by name, until it ends.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use exoref::{Atom, Client, Delay, Lease, Promise, Swap, Value};

use crate::body::Body;
use crate::future::Future;
use crate::log::Log;
use crate::step::{Bytes, Fail, Step};

/// Things of one kind by their names.
pub struct Names<T> {
    what: &'static str,
    all: BTreeMap<String, T>,
}

impl<T> Names<T> {
    fn new(what: &'static str) -> Names<T> {
        Names { what, all: BTreeMap::new() }
    }

    pub fn find(&mut self, name: &str) -> Result<&mut T, Fail> {
        let what = self.what;
        self.all.get_mut(name).ok_or_else(|| Fail::fault(format!("no {what} '{name}'")))
    }

    /// What the step names in the field of this kind.
    pub fn of(&mut self, step: &mut Step) -> Result<&mut T, Fail> {
        let name = step.text(self.what)?;
        self.find(&name)
    }

    pub fn keep(&mut self, name: &str, thing: T) -> Result<&mut T, Fail> {
        if self.all.contains_key(name) {
            return Err(Fail::fault(format!("the {} '{name}' is there already", self.what)));
        }
        Ok(self.all.entry(name.to_owned()).or_insert(thing))
    }

    pub fn forget(&mut self, name: &str) {
        self.all.remove(name);
    }

    pub fn each(&self) -> impl Iterator<Item = &T> {
        self.all.values()
    }
}

pub struct Case {
    pub clients: Names<Client>,
    pub atoms: Names<Atom<Bytes>>,
    pub promises: Names<Promise<Bytes>>,
    pub delays: Names<Delay<Bytes>>,
    pub leases: Names<Lease<Bytes>>,
    pub states: Names<Value<Bytes>>,
    pub swaps: Names<Swap<Bytes>>,
    pub logs: Names<Arc<Log>>,
    /// Of the clients' own logs.
    pub lines: Names<Arc<Log>>,
    pub bodies: Names<Arc<Body>>,
    pub futures: Names<Box<dyn Future>>,
}

impl Default for Case {
    fn default() -> Case {
        Case {
            clients: Names::new("client"),
            atoms: Names::new("atom"),
            promises: Names::new("promise"),
            delays: Names::new("delay"),
            leases: Names::new("lease"),
            states: Names::new("state"),
            swaps: Names::new("swap"),
            logs: Names::new("log"),
            lines: Names::new("client"),
            bodies: Names::new("delay"),
            futures: Names::new("future"),
        }
    }
}

impl Case {
    pub fn client_of(&mut self, step: &mut Step) -> Result<Client, Fail> {
        let name = step.maybe_text("client")?;
        Ok(self.clients.find(name.as_deref().unwrap_or("main"))?.clone())
    }

    /// Gives the value, and keeps it under the name of the field `save`, if that is there.
    pub fn give_state(&mut self, step: &mut Step, save: Option<String>, value: &Value<Bytes>) -> Result<(), Fail> {
        step.give_value(value.raw());
        if let Some(name) = save {
            self.states.keep(&name, value.clone())?;
        }
        Ok(())
    }

    /// Ends it: nothing of it goes on or is called after this.
    pub fn end(&mut self) {
        self.bodies.each().for_each(|body| body.end());
        for client in self.clients.each() {
            if let Err(error) = client.within(Duration::from_secs(60)).close() {
                eprintln!("a client was not closed: {error}");
            }
        }
        *self = Case::default();
    }
}
