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
    let prefix = format!("{}-{started}-{number}:", std::process::id());
    // A machine that is busy with other things fails no test.
    ClientOptions::new().default_timeout(Duration::from_secs(20)).set("prefix", prefix)
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

/// What the work panics with.
pub fn panic_of<R>(work: impl FnOnce() -> R) -> String {
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)) {
        Ok(_) => "no panic".into(),
        Err(panic) => match panic.downcast::<&'static str>() {
            Ok(words) => words.to_string(),
            Err(panic) => *panic.downcast::<String>().expect("a panic with words"),
        },
    }
}

/// The smallest executor: parks the thread between two polls.
pub fn block_on<F: std::future::Future>(future: F) -> F::Output {
    struct Unpark(std::thread::Thread);
    impl std::task::Wake for Unpark {
        fn wake(self: std::sync::Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = std::sync::Arc::new(Unpark(std::thread::current())).into();
    let mut context = std::task::Context::from_waker(&waker);
    let mut future = std::pin::pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            std::task::Poll::Ready(output) => return output,
            std::task::Poll::Pending => std::thread::park(),
        }
    }
}

/// The next of a stream.
pub async fn next_of<S: futures_core::Stream + Unpin>(stream: &mut S) -> Option<S::Item> {
    std::future::poll_fn(|context| std::pin::Pin::new(&mut *stream).poll_next(context)).await
}
