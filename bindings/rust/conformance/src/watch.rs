//! Watches: each writes the changes that it is told of into a log, which a step reads.

use std::sync::Arc;

use exoref::Change;
use serde_json::{json, Value};

use crate::case::Case;
use crate::log::Log;
use crate::step::{to_wire, Bytes, Fail, Step};

pub fn play(case: &mut Case, step: &mut Step, op: &str) -> Result<(), Fail> {
    match op {
        "atom.add_watch" => add_watch(case, step),
        "atom.remove_watch" => {
            let (atom, key) = (case.atoms.of(step)?, step.bytes("watch")?);
            step.ready()?;
            Ok(atom.remove_watch(key)?)
        }
        "log.read" => {
            let (count, time) = (step.count("count")?, step.time()?);
            let log = case.logs.of(step)?;
            step.ready()?;
            step.give("events", log.read(time, |events| events.len() >= count));
            Ok(())
        }
        _ => Err(Fail::unknown(op)),
    }
}

fn add_watch(case: &mut Case, step: &mut Step) -> Result<(), Fail> {
    let atom = case.atoms.of(step)?.within(step.timeout()?);
    let (key, log_name) = (step.bytes("watch")?, step.text("log")?);
    let does = step.maybe_text("does")?.unwrap_or_else(|| "record".into());
    let save = step.maybe_text("save")?;
    if !["record", "fail", "remove"].contains(&does.as_str()) {
        return Err(Fail::fault(format!("no watch does '{does}'")));
    }
    step.ready()?;
    let log = match case.logs.find(&log_name) {
        Ok(log) => log.clone(),
        Err(_) => case.logs.keep(&log_name, Arc::new(Log::default()))?.clone(),
    };
    let own = (does == "remove").then(|| atom.clone());
    let since = atom.add_watch(key, move |change| {
        log.add(event_of(change));
        if let Some(own) = &own {
            own.remove_watch(change.watch_key()).expect("a watch can remove itself");
        }
        if does == "fail" {
            panic!("this watch fails");
        }
    })?;
    match since {
        Some(since) => case.give_state(step, save, &since),
        None => Ok(()),
    }
}

fn event_of(change: &Change<Bytes>) -> Value {
    let flags: Vec<_> = [
        ("rewound", change.rewound()),
        ("deleted", change.deleted()),
        ("recreated", change.recreated()),
        ("uncertain", change.uncertain()),
    ]
    .into_iter()
    .filter_map(|(flag, set)| set.then_some(flag))
    .collect();
    let mut event = json!({
        "watch": to_wire(change.watch_key()), "version": change.version(), "missed": change.missed(), "flags": flags,
    });
    if let Some(old) = change.old_raw() {
        event["old"] = to_wire(old).into();
    }
    if let Some(new) = change.new_raw() {
        event["new"] = to_wire(new).into();
    }
    event
}
