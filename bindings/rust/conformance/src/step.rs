//! One step of a case: its fields, and what it gives. Who plays it takes the fields, then calls ready(), which refuses what nobody
//! took, and only then does something.

use std::collections::BTreeSet;
use std::time::Duration;

use exoref::{ErrorKind, RawValue, Timeout};
use serde_json::{json, Map, Value};

/// Bytes as they are.
pub type Bytes = Vec<u8>;

/// Why a step gives nothing.
pub enum Fail {
    /// It can't be played: a mistake of the case or of this agent, not a result.
    Fault(String),
    /// How the operation failed.
    Error(exoref::Error),
    /// How a call of the C API failed, which alone can be asked for what no type of Rust can say.
    Status(exoref_sys::exoref_status),
    /// There was no outcome in the time; the operation goes on.
    TimedOut,
}

impl From<exoref::Error> for Fail {
    fn from(error: exoref::Error) -> Fail {
        Fail::Error(error)
    }
}

impl Fail {
    pub fn fault(words: impl Into<String>) -> Fail {
        Fail::Fault(words.into())
    }

    pub fn unknown(op: &str) -> Fail {
        Fail::Fault(format!("unknown step '{op}'"))
    }

    pub fn told(&self) -> Value {
        match self {
            Fail::Fault(words) => json!({ "fault": words }),
            Fail::Status(status) => {
                // SAFETY: static texts.
                let (name, text) =
                    unsafe { (text(exoref_sys::exoref_status_name(*status)), text(exoref_sys::exoref_status_text(*status))) };
                json!({ "error": { "status": name, "message": text } })
            }
            Fail::TimedOut => json!({ "error": { "status": "EXOREF_ETIMEOUT", "message": "there is no outcome yet" } }),
            Fail::Error(error) => {
                let mut told = json!({ "status": error.status_name(), "message": error.message() });
                if error.kind() == ErrorKind::Body {
                    told["kind"] = error.body_kind().into();
                    told["payload"] = to_wire(error.body_payload()).into();
                }
                json!({ "error": told })
            }
        }
    }
}

// SAFETY for callers: it is a text, and lives during the call.
unsafe fn text(text: *const std::ffi::c_char) -> String {
    // SAFETY: the caller's promise.
    unsafe { std::ffi::CStr::from_ptr(text) }.to_string_lossy().into_owned()
}

/// Bytes in printable ASCII.
pub fn to_wire(bytes: &[u8]) -> String {
    let mut out = String::new();
    for &byte in bytes {
        match byte {
            b'%' => out.push_str("%25"),
            0x20..=0x7e => out.push(byte.into()),
            _ => out.push_str(&format!("%{byte:02x}")),
        }
    }
    out
}

fn from_wire(text: &str) -> Result<Bytes, Fail> {
    let wrong = || Fail::fault(format!("not percent-encoded: {text}"));
    let mut out = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let digits = rest.get(..2).and_then(|digits| std::str::from_utf8(digits).ok()).ok_or_else(wrong)?;
        out.push(u8::from_str_radix(digits, 16).map_err(|_| wrong())?);
        rest = &rest[2..];
    }
    Ok(out)
}

/// The step that is played.
pub struct Step {
    fields: Map<String, Value>,
    taken: BTreeSet<String>,
    results: Map<String, Value>,
}

impl Step {
    pub fn read(line: &str) -> Result<Step, Fail> {
        let fields = serde_json::from_str(line).map_err(|error| Fail::fault(format!("no step: {error}")))?;
        Ok(Step { fields, taken: BTreeSet::new(), results: Map::new() })
    }

    fn take(&mut self, name: &str) -> Option<&Value> {
        self.taken.insert(name.to_owned());
        self.fields.get(name)
    }

    pub fn maybe_text(&mut self, name: &str) -> Result<Option<String>, Fail> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(Fail::fault(format!("{name} is no text"))),
        }
    }

    pub fn text(&mut self, name: &str) -> Result<String, Fail> {
        self.maybe_text(name)?.ok_or_else(|| Fail::fault(format!("field '{name}' is missing")))
    }

    pub fn maybe_bytes(&mut self, name: &str) -> Result<Option<Bytes>, Fail> {
        self.maybe_text(name)?.map(|text| from_wire(&text)).transpose()
    }

    pub fn bytes(&mut self, name: &str) -> Result<Bytes, Fail> {
        from_wire(&self.text(name)?)
    }

    pub fn maybe_number(&mut self, name: &str) -> Result<Option<i64>, Fail> {
        match self.take(name) {
            None => Ok(None),
            Some(number) => number.as_i64().map(Some).ok_or_else(|| Fail::fault(format!("{name} is no number"))),
        }
    }

    pub fn count(&mut self, name: &str) -> Result<usize, Fail> {
        let number = self.maybe_number(name)?.unwrap_or_default();
        usize::try_from(number).map_err(|_| Fail::fault(format!("{name} is no count")))
    }

    /// The field `timeout`.
    pub fn timeout(&mut self) -> Result<Timeout, Fail> {
        Ok(self.maybe_timeout()?.unwrap_or_default())
    }

    pub fn maybe_timeout(&mut self) -> Result<Option<Timeout>, Fail> {
        Ok(self.maybe_number("timeout")?.map(Timeout::from_millis))
    }

    /// The field `timeout` of a step that waits for something that must come.
    pub fn time(&mut self) -> Result<Duration, Fail> {
        in_ms(self.maybe_number("timeout")?.unwrap_or_default())
    }

    pub fn options(&mut self) -> Result<Vec<(String, String)>, Fail> {
        let Some(given) = self.take("options") else { return Ok(Vec::new()) };
        let wrong = || Fail::fault("options is no object of texts");
        let given = given.as_object().ok_or_else(wrong)?;
        given.iter().map(|(name, text)| Ok((name.clone(), text.as_str().ok_or_else(wrong)?.to_owned()))).collect()
    }

    /// Refuses what nobody took.
    pub fn ready(&self) -> Result<(), Fail> {
        match self.fields.keys().find(|name| !self.taken.contains(*name)) {
            None => Ok(()),
            Some(name) => Err(Fail::fault(format!("unknown field '{name}'"))),
        }
    }

    pub fn give(&mut self, name: &str, what: impl Into<Value>) {
        self.results.insert(name.to_owned(), what.into());
    }

    pub fn give_value(&mut self, value: &RawValue) {
        self.give("value", to_wire(value));
        self.give("version", value.version());
        self.give("codec", value.codec());
    }

    pub fn give_old(&mut self, value: &RawValue) {
        self.give("old", to_wire(value));
        self.give("old_version", value.version());
    }

    pub fn results(self) -> Value {
        self.results.into()
    }
}

fn in_ms(ms: i64) -> Result<Duration, Fail> {
    Ok(Duration::from_millis(u64::try_from(ms).map_err(|_| Fail::fault("a time is negative"))?))
}
