//! Clients, and what they do to any reference by its key.

use std::sync::Arc;
use std::time::Duration;

use exoref::{Client, ClientOptions, LogLevel, RefType};

use crate::case::Case;
use crate::log::Log;
use crate::step::{to_wire, Fail, Step};

pub fn play(case: &mut Case, step: &mut Step, op: &str) -> Result<(), Fail> {
    match op {
        "client.open" => open(case, step),
        "client.close" => {
            let client = case.clients.of(step)?;
            step.ready()?;
            Ok(client.close()?)
        }
        "client.logged" => logged(case, step),
        "client.delete" => {
            let (client, key, timeout) = (case.client_of(step)?, step.bytes("key")?, step.timeout()?);
            step.ready()?;
            step.give("deleted", client.within(timeout).delete(key)?);
            Ok(())
        }
        "client.expire" => {
            let (client, key, timeout) = (case.client_of(step)?, step.bytes("key")?, step.timeout()?);
            let ttl = step.maybe_number("ttl")?;
            step.ready()?;
            match ttl.map(u64::try_from) {
                None => Ok(client.within(timeout).expire(key, None)?),
                Some(Ok(ms)) => Ok(client.within(timeout).expire(key, Some(Duration::from_millis(ms)))?),
                Some(Err(_)) => expire_before_now(&client, &key, ttl.unwrap_or_default()),
            }
        }
        "client.realized" => {
            let (client, key, timeout) = (case.client_of(step)?, step.bytes("key")?, step.timeout()?);
            let only = match step.maybe_text("type")?.as_deref() {
                None => None,
                Some("promise") => Some(RefType::Promise),
                Some("delay") => Some(RefType::Delay),
                Some(other) => return Err(Fail::fault(format!("no type '{other}'"))),
            };
            step.ready()?;
            step.give("realized", client.within(timeout).realized(key, only)?);
            Ok(())
        }
        "client.inspect" => inspect(case, step),
        _ => Err(Fail::unknown(op)),
    }
}

// No Duration is negative, so the C API is asked.
fn expire_before_now(client: &Client, key: &[u8], ttl: i64) -> Result<(), Fail> {
    // SAFETY: the client lives during the call, and the key is copied.
    let status = unsafe {
        let (key, size) = (key.as_ptr().cast(), key.len());
        exoref_sys::exoref_expire(client.as_ptr(), key, size, ttl, exoref_sys::EXOREF_TIMEOUT_DEFAULT, std::ptr::null_mut())
    };
    match status {
        exoref_sys::EXOREF_OK => Ok(()),
        status => Err(Fail::Status(status)),
    }
}

fn open(case: &mut Case, step: &mut Step) -> Result<(), Fail> {
    let (name, url) = (step.text("client")?, step.text("url")?);
    let mut options = ClientOptions::new();
    for (option, text) in step.options()? {
        options = options.set(&option, text);
    }
    step.ready()?;
    let lines = case.lines.keep(&name, Arc::new(Log::default()))?.clone();
    let client = options.log(LogLevel::Warning, move |line| lines.add(line.line.into())).open(&url)?;
    case.clients.keep(&name, client)?;
    Ok(())
}

// Waits until a line of the client's log has the text.
fn logged(case: &mut Case, step: &mut Step) -> Result<(), Fail> {
    let name = step.maybe_text("client")?;
    let lines = case.lines.find(name.as_deref().unwrap_or("main"))?;
    let (text, time) = (step.text("text")?, step.time()?);
    step.ready()?;
    let has = |lines: &[serde_json::Value]| lines.iter().any(|line| line.as_str().is_some_and(|line| line.contains(&text)));
    step.give("logged", has(&lines.read(time, has)));
    Ok(())
}

fn inspect(case: &mut Case, step: &mut Step) -> Result<(), Fail> {
    let (client, key, timeout) = (case.client_of(step)?, step.bytes("key")?, step.timeout()?);
    step.ready()?;
    let info = client.within(timeout).inspect(key)?;
    for name in ["type", "codec", "ttl", "state", "attempt", "failure"] {
        step.give(name, info.text(name).unwrap_or_default());
    }
    let version = info.text("version").and_then(|text| text.parse::<u64>().ok());
    step.give("version", version);
    if let Some(value) = info.value() {
        step.give("value", to_wire(&value));
    }
    if let Some(meta) = info.meta() {
        step.give("meta", to_wire(&meta));
    }
    Ok(())
}
