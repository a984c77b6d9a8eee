//! The functions that cases name: for swaps and metadata, and for validators.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::Arc;

use exoref::{codec, Atom, BoxError, OpenOptions};

use crate::case::Case;
use crate::step::{Bytes, Fail, Step};

pub struct Function {
    does: String,
    argument: Bytes,
    message: String,
    /// Whom another changes, and to what, while the function runs for the first time.
    meanwhile: Option<(Atom<Bytes>, Bytes)>,
    calls: AtomicU32,
}

const CHANGES: [&str; 6] = ["inc", "append", "set", "keep", "fail", "decline"];
const JUDGES: [&str; 5] = ["accept", "refuse", "refuse_value", "at_most", "fail"];

impl Function {
    /// The function of a step, in the field `function`.
    pub fn of(case: &mut Case, step: &mut Step) -> Result<Arc<Function>, Fail> {
        Function::take(case, step, "function", &CHANGES)?.ok_or_else(|| Fail::fault("field 'function' is missing"))
    }

    /// The validator of a step; none if the field is absent.
    pub fn validator(case: &mut Case, step: &mut Step) -> Result<Option<Arc<Function>>, Fail> {
        Function::take(case, step, "validator", &JUDGES)
    }

    fn take(case: &mut Case, step: &mut Step, field: &str, known: &[&str]) -> Result<Option<Arc<Function>>, Fail> {
        let Some(does) = step.maybe_text(field)? else { return Ok(None) };
        if !known.contains(&does.as_str()) {
            return Err(Fail::fault(format!("no function '{does}'")));
        }
        let meanwhile = match step.maybe_text("meanwhile_atom")? {
            None => None,
            Some(name) => Some((case.atoms.find(&name)?.clone(), step.bytes("meanwhile_value")?)),
        };
        Ok(Some(Arc::new(Function {
            does,
            argument: step.maybe_bytes("argument")?.unwrap_or_default(),
            message: step.maybe_text("message")?.unwrap_or_default(),
            meanwhile,
            calls: AtomicU32::new(0),
        })))
    }

    pub fn calls(&self) -> u32 {
        self.calls.load(Ordering::SeqCst)
    }

    /// Of a value.
    pub fn change(&self, old: Bytes) -> Result<Option<Bytes>, BoxError> {
        self.run(old, |other, value| other.reset(value).map(drop))
    }

    /// Of metadata, which has no way to decline.
    pub fn change_meta(&self, old: &[u8]) -> Result<Bytes, BoxError> {
        let new = self.run(old.to_vec(), |other, value| other.reset_meta(value))?;
        new.ok_or_else(|| "metadata can't be declined".into())
    }

    fn run(&self, old: Bytes, change_other: impl FnOnce(&Atom<Bytes>, Bytes) -> exoref::Result<()>) -> Result<Option<Bytes>, BoxError> {
        if self.calls.fetch_add(1, Ordering::SeqCst) == 0 {
            if let Some((other, value)) = &self.meanwhile {
                change_other(other, value.clone())?;
            }
        }
        match self.does.as_str() {
            "inc" => Ok(Some((std::str::from_utf8(&old)?.parse::<i64>()? + 1).to_string().into_bytes())),
            "append" => Ok(Some([old, self.argument.clone()].concat())),
            "keep" => Ok(Some(old)),
            "set" => Ok(Some(self.argument.clone())),
            "decline" => Ok(None),
            _ => Err(self.message.clone().into()),
        }
    }

    pub fn judge(&self, proposed: &Bytes) -> Result<(), BoxError> {
        let accepted = match self.does.as_str() {
            "accept" => true,
            "refuse_value" => *proposed != self.argument,
            "at_most" => proposed.len() <= std::str::from_utf8(&self.argument)?.parse()?,
            "fail" => return Err(self.message.clone().into()),
            _ => false,
        };
        if accepted {
            Ok(())
        } else {
            Err("refused".into())
        }
    }
}

/// The options of a step, its validator among them.
pub fn options_of(case: &mut Case, step: &mut Step) -> Result<OpenOptions<Bytes>, Fail> {
    let mut options = OpenOptions::with_codec(codec::Bytes);
    for (name, text) in step.options()? {
        options = options.set(&name, text);
    }
    if let Some(validator) = Function::validator(case, step)? {
        options = options.validator(move |proposed| validator.judge(proposed));
    }
    Ok(options)
}
