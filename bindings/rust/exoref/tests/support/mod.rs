//! What tests share: a private server for all of a run, and keys of their own.
#![allow(dead_code)] // each test program uses a part of it

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::Receiver;
use std::time::Duration;

use exoref::{Client, ClientOptions};

/// What must come comes within this.
pub const SOON: Duration = Duration::from_secs(8);

/// The folder of the server that all tests of this build share. It ends by itself when nobody uses it.
pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("redis")
}

pub fn url() -> String {
    format!("local:{}", folder().display())
}

/// Options with which keys are the test's own.
pub fn options() -> ClientOptions {
    static LAST: AtomicU32 = AtomicU32::new(0);
    let number = LAST.fetch_add(1, Ordering::Relaxed);
    let started = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_micros();
    ClientOptions::new().set("prefix", format!("{}-{started}-{number}:", std::process::id()))
}

pub fn client() -> Client {
    options().open(&url()).unwrap()
}

/// Two clients that see the same keys, as two processes would.
pub fn two_clients() -> (Client, Client) {
    let options = options();
    (options.open(&url()).unwrap(), options.open(&url()).unwrap())
}

/// The next thing that is told.
pub fn next<T>(told: &Receiver<T>) -> T {
    told.recv_timeout(SOON).expect("nothing was told in the time")
}
