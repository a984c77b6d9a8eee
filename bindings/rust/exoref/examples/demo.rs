//! One process of several, in several languages, that count together, hear one call, and share one computation: script/demo runs them.
//!
//! cargo run --example demo local:/tmp/exoref-data rust 10

use std::time::Duration;

use exoref::{Atom, Client, Delay, Promise};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().collect();
    let [_, url, name, count] = &words[..] else {
        return Err("demo URL NAME COUNT".into());
    };
    let (name, count): (String, u64) = (name.clone(), count.parse()?);
    let client = Client::open(url)?;

    let languages: Atom<u64> = Atom::create(&client, "demo:languages", 0)?;
    for _ in 0..count {
        languages.swap(|n| n + 1)?;
    }
    println!("counted {count}"); // a line is flushed at its end, also into a pipe

    const A_MINUTE: Duration = Duration::from_secs(60);
    let go: Promise<String> = Promise::open(&client, "demo:go")?;
    println!("heard {}", go.within(A_MINUTE).deref()?);

    // Whoever is asked first computes it, and all have the same answer.
    let answer: Delay<String> = Delay::open_with_body(&client, "demo:answer", move |_| Ok(format!("computed by {name}")))?;
    println!("has {}", answer.within(A_MINUTE).deref()?);
    Ok(())
}
