//! A project that uses the packaged crate as its users do.

use exoref::{codec, Atom, Client, Delay, OpenOptions, Promise};

#[test]
fn an_atom_counts() -> exoref::Result<()> {
    let client = Client::open_from_env()?;
    let count: Atom<u64> = Atom::create(&client, "outside:count", 0)?;
    let before = *count.deref()?;
    assert_eq!(count.swap(|n| n + 1)?, before + 1);
    client.close()
}

#[test]
fn a_promise_is_handed_over() -> exoref::Result<()> {
    let client = Client::open_from_env()?;
    let promise: Promise<Vec<String>> = Promise::open(&client, "outside:promise")?;
    let wait = promise.deref_async();
    promise.deliver(vec!["done".into()])?;
    assert_eq!(*wait.wait()?, ["done"]);
    Ok(())
}

#[test]
fn a_delay_is_computed() -> exoref::Result<()> {
    let client = Client::open_from_env()?;
    let delay: Delay<u64> = Delay::open_with_body(&client, "outside:delay", |_| Ok(6 * 7))?;
    assert_eq!(delay.deref()?, 42);
    Ok(())
}

#[test]
fn text_needs_no_json() -> exoref::Result<()> {
    let client = Client::open_from_env()?;
    let motto = OpenOptions::with_codec(codec::Text).create_atom(&client, "outside:motto", "Festina lente".into())?;
    assert_eq!(*motto.deref()?, "Festina lente");
    Ok(())
}
