//! What docs/languages/rust.md shows, as it stands there.

mod support;

use std::time::Duration;

use exoref::{codec, Atom, Delay, OpenOptions, Promise, Timeout};
use support::client;

#[test]
fn a_codec_is_chosen_at_opening() -> exoref::Result<()> {
    let client = client();
    let name = OpenOptions::with_codec(codec::Text).create_atom(&client, "name", "Ada".into())?;
    assert_eq!(*name.deref()?, "Ada");
    Ok(())
}

#[test]
fn errors_in_bodies_are_passed_on() -> exoref::Result<()> {
    let client = client();
    let report: Delay<String> = Delay::open_with_body(&client, "report", |lease| {
        let text = std::fs::read_to_string("input")?;
        Ok(format!("run {}: {} bytes", lease.token(), text.len()))
    })?;
    assert_eq!(report.deref().unwrap_err().to_string(), "No such file or directory (os error 2)");
    Ok(())
}

#[test]
fn a_timeout_belongs_to_a_handle() -> exoref::Result<()> {
    let client = client();
    let visits = Atom::create(&client, "visits", 7u64)?;
    let promise: Promise<u64> = Promise::open(&client, "promise")?;
    promise.deliver(8)?;
    let now = visits.within(Duration::from_millis(2000)).deref()?;
    let result = promise.within(Timeout::NONE).deref()?;
    assert_eq!((*now, *result), (7, 8));
    Ok(())
}

#[test]
fn a_wait_is_ended_from_elsewhere() -> exoref::Result<()> {
    let client = client();
    let promise: Promise<u64> = Promise::open(&client, "promise")?;
    let mut wait = promise.deref_async();
    let control = wait.control(); // give it to whoever may end the wait: control.interrupt(), control.cancel()
    let ends = std::thread::spawn(move || control.cancel());
    let outcome = wait.wait_for(Timeout::NONE);
    assert_eq!(outcome.unwrap().unwrap_err().kind(), exoref::ErrorKind::Cancelled);
    ends.join().unwrap();
    Ok(())
}
