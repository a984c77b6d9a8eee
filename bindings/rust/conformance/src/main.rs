//! The Rust agent of the conformance suite: plays one step a line upon the crate `exoref` (docs/conformance.md).

mod atom;
mod body;
mod case;
mod change;
mod client;
mod delay;
mod function;
mod future;
mod lease;
mod log;
mod promise;
mod step;
mod watch;

use std::io::{BufRead, Write};

use case::Case;
use serde_json::{json, Value};
use step::{Fail, Step};

fn play(case: &mut Case, step: &mut Step) -> Result<(), Fail> {
    let op = step.text("op")?;
    match op.as_str() {
        "hello" => {
            step.ready()?;
            step.give("language", "rust");
            Ok(())
        }
        "case.end" => {
            step.ready()?;
            case.end();
            Ok(())
        }
        _ => {
            let family = op.split('.').next().unwrap_or_default();
            match family {
                "client" => client::play(case, step, &op),
                "atom" if op.ends_with("_watch") => watch::play(case, step, &op),
                "log" => watch::play(case, step, &op),
                "atom" if ["set", "vals", "swap", "at"].iter().any(|end| op.ends_with(end)) => change::play(case, step, &op),
                "swap" | "state" => change::play(case, step, &op),
                "atom" => atom::play(case, step, &op),
                "promise" => promise::play(case, step, &op),
                "delay" | "body" => delay::play(case, step, &op),
                "lease" => lease::play(case, step, &op),
                "future" => future::play(case, step, &op),
                _ => Err(Fail::unknown(&op)),
            }
        }
    }
}

fn answer(case: &mut Case, line: &str) -> Value {
    let mut step = match Step::read(line) {
        Ok(step) => step,
        Err(fail) => return fail.told(),
    };
    match play(case, &mut step) {
        Ok(()) => json!({ "ok": step.results() }),
        Err(fail) => fail.told(),
    }
}

fn main() -> std::io::Result<()> {
    let mut case = Case::default();
    for line in std::io::stdin().lock().lines() {
        let mut out = std::io::stdout().lock();
        writeln!(out, "{}", answer(&mut case, &line?))?;
        out.flush()?;
    }
    case.end();
    Ok(())
}
