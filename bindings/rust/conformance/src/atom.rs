//! Atoms: opening, reading, validators, metadata. Changes are in change.rs.

use crate::case::Case;
use crate::function::{options_of, Function};
use crate::future::begun;
use crate::step::{to_wire, Fail, Step};

pub fn play(case: &mut Case, step: &mut Step, op: &str) -> Result<(), Fail> {
    match op {
        "atom.create" => create(case, step),
        "atom.open" => open(case, step),
        "atom.deref" => deref(case, step),
        "atom.set_validator" => set_validator(case, step),
        "atom.meta" => {
            let (atom, timeout) = (case.atoms.of(step)?, step.timeout()?);
            step.ready()?;
            let meta = atom.within(timeout).meta()?;
            step.give("value", to_wire(&meta));
            Ok(())
        }
        "atom.reset_meta" => {
            let (atom, next, timeout) = (case.atoms.of(step)?, step.bytes("value")?, step.timeout()?);
            step.ready()?;
            Ok(atom.within(timeout).reset_meta(next)?)
        }
        "atom.alter_meta" => alter_meta(case, step),
        "atom.release" => {
            let name = step.text("atom")?;
            case.atoms.find(&name)?;
            step.ready()?;
            case.atoms.forget(&name);
            Ok(())
        }
        _ => Err(Fail::unknown(op)),
    }
}

fn create(case: &mut Case, step: &mut Step) -> Result<(), Fail> {
    let (name, client) = (step.text("atom")?, case.client_of(step)?);
    let (key, initial, timeout) = (step.bytes("key")?, step.bytes("value")?, step.timeout()?);
    let options = options_of(case, step)?;
    step.ready()?;
    let atom = options.create_atom(&client.within(timeout), key, initial)?;
    step.give("created", atom.created());
    case.atoms.keep(&name, atom)?;
    Ok(())
}

fn open(case: &mut Case, step: &mut Step) -> Result<(), Fail> {
    let (name, client) = (step.text("atom")?, case.client_of(step)?);
    let (key, timeout) = (step.bytes("key")?, step.timeout()?);
    let options = options_of(case, step)?;
    step.ready()?;
    case.atoms.keep(&name, options.open_atom(&client.within(timeout), key)?)?;
    Ok(())
}

fn deref(case: &mut Case, step: &mut Step) -> Result<(), Fail> {
    let atom = case.atoms.of(step)?.within(step.timeout()?);
    let (future, save) = (step.maybe_text("future")?, step.maybe_text("save")?);
    step.ready()?;
    match future {
        Some(name) => begun(case, &name, atom.deref_async(), |then, value| then.give_value(value.raw())),
        None => case.give_state(step, save, &atom.deref()?),
    }
}

fn set_validator(case: &mut Case, step: &mut Step) -> Result<(), Fail> {
    let atom = case.atoms.of(step)?.within(step.timeout()?);
    let validator = Function::validator(case, step)?;
    step.ready()?;
    match validator {
        None => atom.clear_validator(),
        Some(validator) => atom.set_validator(move |proposed| validator.judge(proposed))?,
    }
    Ok(())
}

fn alter_meta(case: &mut Case, step: &mut Step) -> Result<(), Fail> {
    let atom = case.atoms.of(step)?.within(step.timeout()?);
    let function = Function::of(case, step)?;
    step.ready()?;
    let meta = atom.alter_meta(|old| function.change_meta(old))?;
    step.give("value", to_wire(&meta));
    step.give("calls", function.calls());
    Ok(())
}
