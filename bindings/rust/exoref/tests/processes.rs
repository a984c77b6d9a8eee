//! Forks, signals, and processes that end without closing. One test at a time: a fork takes the whole process along.

mod support;

use std::os::unix::process::ExitStatusExt;
use std::process::Command;
use std::sync::Mutex;

use exoref::{Atom, Client, ErrorKind, Promise};
use support::{client, options, url, SOON};

static ALONE: Mutex<()> = Mutex::new(());

/// Runs the work in a forked child; whether it said yes there.
fn in_child(work: impl FnOnce() -> bool) -> bool {
    // SAFETY: the child does its work and ends by _exit, so nothing of the parent is run or freed twice.
    match unsafe { libc::fork() } {
        0 => {
            let said = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).unwrap_or(false);
            // SAFETY: as above.
            unsafe { libc::_exit(i32::from(!said)) }
        }
        child => {
            let mut status = 0;
            // SAFETY: it is our child.
            assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
            std::process::ExitStatus::from_raw(status).success()
        }
    }
}

#[test]
fn a_forked_child_is_told_so_and_opens_a_client_of_its_own() {
    let _alone = ALONE.lock().unwrap();
    let options = options();
    let client = options.open(&url()).unwrap();
    let atom = Atom::create(&client, "n", 1u32).unwrap();
    let promise = Promise::open(&client, "p").unwrap();
    promise.deliver(1u32).unwrap();
    promise.deref().unwrap();
    assert!(in_child(|| {
        let kinds = [atom.deref().unwrap_err().kind(), atom.swap(|n| n + 1).unwrap_err().kind(), promise.deref().unwrap_err().kind()];
        drop(atom.clone());
        kinds == [ErrorKind::Fork; 3]
    }));
    assert!(in_child(|| {
        let own = options.open(&url()).unwrap();
        let atom: Atom<u32> = Atom::open(&own, "n").unwrap();
        atom.swap(|n| n + 1).unwrap() == 2
    }));
    assert_eq!(atom.deref().unwrap(), 2, "the parent goes on");
}

#[test]
fn a_signal_during_a_wait_does_not_end_it() {
    let _alone = ALONE.lock().unwrap();
    extern "C" fn nothing(_: i32) {}
    // SAFETY: a handler that does nothing, without SA_RESTART: system calls are interrupted.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = nothing as extern "C" fn(i32) as usize;
        assert_eq!(libc::sigaction(libc::SIGUSR1, &action, std::ptr::null_mut()), 0);
    }
    let client = client();
    let promise: Promise<u32> = Promise::open(&client, "p").unwrap();
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::scope(|scope| {
        let wait = scope.spawn(|| {
            // SAFETY: it asks who runs.
            tell.send(unsafe { libc::pthread_self() }).unwrap();
            promise.within(SOON).deref()
        });
        let thread = support::next(&told);
        for n in 0..50 {
            // SAFETY: the thread waits for the promise, which is delivered below.
            assert_eq!(unsafe { libc::pthread_kill(thread, libc::SIGUSR1) }, 0);
            assert!(client.ping().is_ok(), "{n}");
        }
        promise.deliver(1).unwrap();
        assert_eq!(*wait.join().unwrap().unwrap(), 1);
    });
}

const CHILD: &str = "EXOREF_TEST_CHILD_URL";

/// What the next test runs in a process of its own.
#[test]
fn child_that_leaves_everything_open() {
    let Ok(url) = std::env::var(CHILD) else { return };
    let client = Client::open(&url).unwrap();
    let atom = Atom::create(&client, "left open", 0u32).unwrap();
    atom.add_watch("w", |_| ()).unwrap();
    let promise: Promise<u32> = Promise::open(&client, "never delivered").unwrap();
    let wait = promise.deref_async();
    std::mem::forget((atom.reset_async(1), wait, atom, promise, client));
    std::process::exit(7);
}

#[test]
fn a_process_may_end_without_closing() {
    let _alone = ALONE.lock().unwrap();
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child_that_leaves_everything_open"])
        .env(CHILD, url())
        .output()
        .unwrap();
    assert_eq!(child.status.code(), Some(7), "{child:?}");
    assert!(child.stderr.is_empty(), "{child:?}");
}
