//! Delays and their bodies.

use std::time::Duration;

use exoref::Claim;

use crate::body::Body;
use crate::case::Case;
use crate::function::options_of;
use crate::future::begun;
use crate::lease;
use crate::step::{Fail, Step};

pub fn play(case: &mut Case, step: &mut Step, op: &str) -> Result<(), Fail> {
    match op {
        "delay.open" => open(case, step),
        "delay.deref" => deref(case, step),
        "delay.realized" => {
            let delay = case.delays.of(step)?.within(step.timeout()?);
            step.ready()?;
            step.give("realized", delay.realized()?);
            Ok(())
        }
        "delay.claim" => claim(case, step),
        "delay.release" => {
            let name = step.text("delay")?;
            case.delays.find(&name)?;
            step.ready()?;
            case.delays.forget(&name);
            Ok(())
        }
        _ => body(case, step, op),
    }
}

fn open(case: &mut Case, step: &mut Step) -> Result<(), Fail> {
    let (name, client) = (step.text("delay")?, case.client_of(step)?);
    let (key, timeout) = (step.bytes("key")?, step.timeout()?);
    let body = Body::of(step)?;
    let options = options_of(case, step)?;
    step.ready()?;
    let client = client.within(timeout);
    let delay = match body {
        None => options.open_delay(&client, key)?,
        Some(body) => {
            case.bodies.keep(&name, body.clone())?;
            options.open_delay_with_body(&client, key, move |lease| body.run(lease))?
        }
    };
    step.give("created", delay.created());
    case.delays.keep(&name, delay)?;
    Ok(())
}

fn deref(case: &mut Case, step: &mut Step) -> Result<(), Fail> {
    let delay = case.delays.of(step)?.within(step.timeout()?);
    let future = step.maybe_text("future")?;
    step.ready()?;
    match future {
        Some(name) => begun(case, &name, delay.deref_async(), |then, value| then.give_value(value.raw())),
        None => {
            step.give_value(delay.deref()?.raw());
            Ok(())
        }
    }
}

fn claim(case: &mut Case, step: &mut Step) -> Result<(), Fail> {
    let delay = case.delays.of(step)?.within(step.timeout()?);
    let name = step.text("lease")?;
    step.ready()?;
    match delay.claim()? {
        Claim::Value(value) => {
            step.give("leased", false);
            step.give_value(value.raw());
        }
        Claim::Lease(lease) => {
            step.give("leased", true);
            step.give("token", lease.token());
            case.leases.keep(&name, lease)?;
        }
    }
    Ok(())
}

fn body(case: &mut Case, step: &mut Step, op: &str) -> Result<(), Fail> {
    let body = case.bodies.of(step)?.clone();
    match op {
        "body.calls" => {
            step.ready()?;
            step.give("calls", body.calls(0, Duration::ZERO));
        }
        "body.began" => {
            let (calls, time) = (step.count("calls")?, step.time()?);
            step.ready()?;
            step.give("calls", body.calls(calls, time));
        }
        "body.end" => {
            step.ready()?;
            body.end();
        }
        "body.lost" => {
            let time = step.time()?;
            step.ready()?;
            let lease = body.running().ok_or_else(|| Fail::fault("the body was never called"))?;
            lease::give_lost(step, &lease, time)?;
        }
        _ => return Err(Fail::unknown(op)),
    }
    Ok(())
}
