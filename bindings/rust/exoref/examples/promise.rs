//! A result is handed over: whoever needs it waits, and may come before or after.
//!
//! EXOREF_URL=local:/tmp/exoref-data cargo run --example promise

use std::time::Duration;

use exoref::{Client, ErrorKind, OpenOptions, Promise};

fn main() -> exoref::Result<()> {
    let (worker, user) = (Client::open_from_env()?, Client::open_from_env()?); // as in two processes
    worker.delete("promise:result")?;

    // All open it alike: whoever comes first makes it, and it lives for an hour after the delivery.
    let options = OpenOptions::<String>::new().ttl(Duration::from_secs(3600));
    let wanted = options.open_promise(&user, "promise:result")?;

    // A wait may run out of time; the promise is as before.
    let error = wanted.within(Duration::from_millis(10)).deref().expect_err("nobody has delivered yet");
    assert_eq!(error.kind(), ErrorKind::Timeout);
    println!("not yet: {error}");

    std::thread::scope(|scope| -> exoref::Result<()> {
        let waits = scope.spawn(|| wanted.within(Duration::from_secs(10)).deref());
        deliver(&options.open_promise(&worker, "promise:result")?)?;
        println!("waited for: {}", waits.join().expect("the thread ends well")?);
        Ok(())
    })?;

    // From memory now, with no server needed.
    println!("still: {}", wanted.deref()?);
    Ok(())
}

fn deliver(result: &Promise<String>) -> exoref::Result<()> {
    println!("delivered: {}", result.deliver("report 17".into())?.delivered);
    // The first one counts. To deliver again is no error: the answer is what stands.
    let again = result.deliver("report 18".into())?;
    println!("delivered: {}; it stays {}", again.delivered, again.standing);
    Ok(())
}
