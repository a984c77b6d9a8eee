//! An atom that several threads - or processes, or machines - change together.
//!
//! EXOREF_URL=local:/tmp/exoref-data cargo run --example basic

use exoref::{Atom, Class, Client, ErrorKind, OpenOptions, Value};

fn main() -> exoref::Result<()> {
    let client = Client::open_from_env()?;
    client.delete("basic:count")?;

    // Created if it does not exist; all who open it begin with the same value.
    let count: Atom<u64> = Atom::create(&client, "basic:count", 0)?;
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..25).try_for_each(|_| add_one(&count).map(drop)).expect("all counts are counted"));
        }
    });
    println!("four threads counted to {}", count.deref()?);

    // A step that is allowed from one value only. Not to match is no error.
    let answer = count.compare_and_set(&100, 1000)?;
    println!("100 became 1000: {}; now it is {}", answer.swapped, answer.standing);
    let answer = count.compare_and_set(&100, 2000)?;
    println!("100 became 2000: {}; now it is {}", answer.swapped, answer.standing);

    // A validator judges what is proposed through its handle.
    let small = OpenOptions::new().validator(|n: &u64| if *n < 5000 { Ok(()) } else { Err("too many") });
    let count = small.open_atom(&client, "basic:count")?;
    match count.reset(9999) {
        Err(error) if error.kind() == ErrorKind::Validation => println!("refused: {error}"),
        other => panic!("not refused: {other:?}"),
    }
    client.close()
}

/// Counts. What certainly did not happen, and may succeed later, is tried again.
fn add_one(count: &Atom<u64>) -> exoref::Result<Value<u64>> {
    let mut tries = 1;
    loop {
        // The function runs again for each time that somebody else was faster, so it does nothing but compute.
        match count.swap(|n| n + 1) {
            Err(error) if error.class() == Class::Retry && tries < 10 => tries += 1,
            // With Class::Unknown it may have been counted: a counter can't tell.
            outcome => return outcome,
        }
    }
}
