//! Promises.

use exoref::Delivery;

use crate::case::Case;
use crate::function::options_of;
use crate::future::begun;
use crate::step::{Bytes, Fail, Step};

pub fn play(case: &mut Case, step: &mut Step, op: &str) -> Result<(), Fail> {
    match op {
        "promise.open" => {
            let (name, client) = (step.text("promise")?, case.client_of(step)?);
            let (key, timeout) = (step.bytes("key")?, step.timeout()?);
            let options = options_of(case, step)?;
            step.ready()?;
            let promise = case.promises.keep(&name, options.open_promise(&client.within(timeout), key)?)?;
            step.give("created", promise.created());
            Ok(())
        }
        "promise.deliver" => deliver(case, step),
        "promise.deref" => {
            let promise = case.promises.of(step)?.within(step.timeout()?);
            let future = step.maybe_text("future")?;
            step.ready()?;
            match future {
                Some(name) => begun(case, &name, promise.deref_async(), |then, value| then.give_value(value.raw())),
                None => {
                    step.give_value(promise.deref()?.raw());
                    Ok(())
                }
            }
        }
        "promise.realized" => {
            let promise = case.promises.of(step)?.within(step.timeout()?);
            step.ready()?;
            step.give("realized", promise.realized()?);
            Ok(())
        }
        "promise.release" => {
            let name = step.text("promise")?;
            case.promises.find(&name)?;
            step.ready()?;
            case.promises.forget(&name);
            Ok(())
        }
        _ => Err(Fail::unknown(op)),
    }
}

fn give_delivery(step: &mut Step, answer: &Delivery<Bytes>) {
    step.give("delivered", answer.delivered);
    step.give_value(answer.standing.raw());
}

fn deliver(case: &mut Case, step: &mut Step) -> Result<(), Fail> {
    let promise = case.promises.of(step)?.within(step.timeout()?);
    let (value, future) = (step.bytes("value")?, step.maybe_text("future")?);
    step.ready()?;
    match future {
        Some(name) => begun(case, &name, promise.deliver_async(value), |then, answer| give_delivery(then, &answer)),
        None => {
            give_delivery(step, &promise.deliver(value)?);
            Ok(())
        }
    }
}
