//! Changes of atoms: set, compare-and-set, swap, and swap in its pull form.

use exoref::{Compared, Value, Values};

use crate::case::Case;
use crate::function::Function;
use crate::future::begun;
use crate::step::{Bytes, Fail, Step};

pub fn play(case: &mut Case, step: &mut Step, op: &str) -> Result<(), Fail> {
    match op {
        "atom.reset" | "atom.reset_vals" => reset(case, step, op == "atom.reset_vals"),
        "atom.compare_and_set" => compare_and_set(case, step),
        "atom.compare_and_set_at" => compare_and_set_at(case, step),
        "state.same" => same(case, step),
        "atom.swap" | "atom.swap_vals" => swap(case, step, op == "atom.swap_vals"),
        "swap.begin" => begin(case, step),
        "swap.offer" => offer(case, step),
        "swap.confirm" => confirm(case, step),
        _ => Err(Fail::unknown(op)),
    }
}

fn give_values(step: &mut Step, values: &Values<Bytes>) {
    step.give_old(values.old.raw());
    step.give_value(values.new.raw());
}

fn give_new(step: &mut Step, value: &Value<Bytes>) {
    step.give_value(value.raw());
}

fn give_compared(step: &mut Step, answer: &Compared<Bytes>) {
    step.give("swapped", answer.swapped);
    step.give_value(answer.standing.raw());
}

fn reset(case: &mut Case, step: &mut Step, vals: bool) -> Result<(), Fail> {
    let atom = case.atoms.of(step)?.within(step.timeout()?);
    let next = step.bytes("value")?;
    let (future, save) = (step.maybe_text("future")?, step.maybe_text("save")?);
    step.ready()?;
    match (future, vals) {
        (Some(name), false) => begun(case, &name, atom.reset_async(next), |then, value| give_new(then, &value)),
        (Some(name), true) => begun(case, &name, atom.reset_vals_async(next), |then, values| give_values(then, &values)),
        (None, false) => case.give_state(step, save, &atom.reset(next)?),
        (None, true) => {
            let values = atom.reset_vals(next)?;
            step.give_old(values.old.raw());
            case.give_state(step, save, &values.new)
        }
    }
}

fn compare_and_set(case: &mut Case, step: &mut Step) -> Result<(), Fail> {
    let atom = case.atoms.of(step)?.within(step.timeout()?);
    let (expected, next) = (step.bytes("expected")?, step.bytes("value")?);
    let (future, save) = (step.maybe_text("future")?, step.maybe_text("save")?);
    step.ready()?;
    if let Some(name) = future {
        return begun(case, &name, atom.compare_and_set_async(&expected, next), |then, answer| give_compared(then, &answer));
    }
    let answer = atom.compare_and_set(&expected, next)?;
    step.give("swapped", answer.swapped);
    case.give_state(step, save, &answer.standing)
}

fn compare_and_set_at(case: &mut Case, step: &mut Step) -> Result<(), Fail> {
    let atom = case.atoms.of(step)?.within(step.timeout()?);
    let state = case.states.of(step)?.clone();
    let (next, save) = (step.bytes("value")?, step.maybe_text("save")?);
    step.ready()?;
    let answer = atom.compare_and_set_at(&state, next)?;
    step.give("swapped", answer.swapped);
    case.give_state(step, save, &answer.standing)
}

fn same(case: &mut Case, step: &mut Step) -> Result<(), Fail> {
    let state = case.states.of(step)?.clone();
    let other = case.states.find(&step.text("other")?)?;
    step.ready()?;
    step.give("same", state.same_state(other));
    Ok(())
}

fn swap(case: &mut Case, step: &mut Step, vals: bool) -> Result<(), Fail> {
    let atom = case.atoms.of(step)?.within(step.timeout()?);
    let (future, save) = (step.maybe_text("future")?, step.maybe_text("save")?);
    let function = Function::of(case, step)?;
    step.ready()?;
    if let Some(name) = future {
        let called = function.clone();
        return begun(case, &name, atom.try_swap_vals_async(move |old| called.change(old)), move |then, values| {
            give_values(then, &values);
            then.give("calls", function.calls());
        });
    }
    if vals {
        let values = atom.try_swap_vals(|old| function.change(old))?;
        step.give_old(values.old.raw());
        case.give_state(step, save, &values.new)?;
    } else {
        let value = atom.try_swap(|old| function.change(old))?;
        case.give_state(step, save, &value)?;
    }
    step.give("calls", function.calls());
    Ok(())
}

fn begin(case: &mut Case, step: &mut Step) -> Result<(), Fail> {
    let (name, save) = (step.text("swap")?, step.maybe_text("save")?);
    let atom = case.atoms.of(step)?.within(step.timeout()?);
    step.ready()?;
    let swap = atom.swap_begin()?;
    case.give_state(step, save, swap.value())?;
    case.swaps.keep(&name, swap)?;
    Ok(())
}

fn offer(case: &mut Case, step: &mut Step) -> Result<(), Fail> {
    let swap = case.swaps.of(step)?;
    let (next, timeout, save) = (step.bytes("value")?, step.timeout()?, step.maybe_text("save")?);
    step.ready()?;
    swap.set_timeout(timeout);
    let done = swap.offer(next)?;
    step.give("done", done);
    let value = swap.value().clone();
    case.give_state(step, save, &value)
}

fn confirm(case: &mut Case, step: &mut Step) -> Result<(), Fail> {
    let swap = case.swaps.of(step)?;
    let (timeout, save) = (step.timeout()?, step.maybe_text("save")?);
    step.ready()?;
    swap.set_timeout(timeout);
    let done = swap.confirm()?;
    step.give("done", done);
    let value = swap.value().clone();
    case.give_state(step, save, &value)
}
