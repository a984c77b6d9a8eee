//! Being told of each change: as a stream in async code, and by a function.
//!
//! EXOREF_URL=local:/tmp/exoref-data cargo run --example watch

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::mpsc;

use exoref::{Atom, Change, Changes, Client};
use futures_core::Stream;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Clone, PartialEq, Debug)]
struct Config {
    workers: u32,
    color: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> exoref::Result<()> {
    let client = Client::open_from_env()?;
    client.delete("watch:config")?;
    let first = Config { workers: 1, color: "blue".into() };
    let config = Atom::create(&client, "watch:config", first)?;

    // A function, called on a thread of the client in the order of versions.
    let (tell, told) = mpsc::channel();
    config.add_watch("print", move |change| {
        let _ = tell.send(describe(change));
    })?;

    // The same as a stream. With the crate `futures` it is `while let Some(change) = changes.next().await`.
    let mut changes = config.changes_async().await?;
    println!("since: {:?}", changes.since());

    // Anybody, anywhere, may change it.
    for workers in [4, 8] {
        config.swap_async(move |old| Config { workers, ..old }).await?;
    }
    client.delete_async("watch:config").await?;

    while let Some(change) = next(&mut changes).await {
        println!("the stream: {}", describe(&change)?);
        println!("the function: {}", told.recv().expect("it is told, too")?);
        if change.deleted() {
            break;
        }
    }
    config.remove_watch("print")
}

async fn next(changes: &mut Changes<Config>) -> Option<Change<Config>> {
    poll_fn(|context| Pin::new(&mut *changes).poll_next(context)).await
}

fn describe(change: &Change<Config>) -> exoref::Result<String> {
    Ok(match change.new_value()? {
        Some(config) => format!("version {} has {} workers", change.version(), config.workers),
        None => "deleted".into(),
    })
}
