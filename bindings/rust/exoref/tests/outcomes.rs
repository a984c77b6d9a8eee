//! What came of an operation is told truly, also where a wait is given up, the time is over, or the server can't be asked.

mod support;

use std::error::Error as _;
use std::sync::mpsc;
use std::time::Duration;

use exoref::*;
use support::{client, next, SOON};

#[test]
fn an_interrupt_does_not_make_a_write_one_that_was_not_applied() {
    let client = client();
    let atom = Atom::create(&client, "n", 0u32).unwrap();
    let (go, gone) = mpsc::channel::<()>();
    let mut write = atom.alter_meta_async(move |_| gone.recv().map(|()| b"x".to_vec()));
    write.control().interrupt();
    let error = write.wait_for(SOON).expect("it is interrupted").unwrap_err();
    assert_eq!((error.kind(), error.class()), (ErrorKind::Interrupted, Class::Unknown));
    write.control().interrupt();
    let waits = std::thread::spawn(move || write.wait());
    go.send(()).unwrap();
    assert_eq!(waits.join().unwrap().unwrap().as_bytes(), b"x");
}

#[test]
fn who_waits_for_the_outcome_is_not_interrupted() {
    let client = client();
    let promise: Promise<u32> = Promise::open(&client, "p").unwrap();
    let wait = promise.deref_async();
    wait.control().interrupt();
    let (begins, begun) = mpsc::channel();
    let waits = std::thread::spawn(move || {
        begins.send(()).unwrap();
        wait.wait()
    });
    next(&begun);
    promise.deliver(1).unwrap();
    assert_eq!(waits.join().unwrap().unwrap(), 1);
}

#[test]
fn a_wait_that_could_never_end_ends_the_operation_or_says_that_it_is_not_known() {
    let client = client();
    let atom = Atom::create(&client, "n", 0u32).unwrap();
    let other = Atom::create(&client, "other", 0u32).unwrap();
    let (inner, (tell, told)) = (other.clone(), mpsc::channel());
    // On the client's thread for completions, which would have to call the inner function, too.
    let outer = atom.alter_meta_async(move |_| {
        let outcome = inner.alter_meta_async(|_| Ok::<_, Error>(b"applied".to_vec())).wait();
        tell.send(outcome.map_err(|error| (error.class(), error.to_string()))).map(|()| Vec::new())
    });
    outer.wait().unwrap();
    let (class, words) = next(&told).expect_err("it can't be waited for there");
    assert!(words.contains("thread"), "{words}");
    // What was begun before this has ended with it.
    other.alter_meta_async(|old| Ok::<_, Error>(old.to_vec())).wait().unwrap();
    let applied = !other.meta().unwrap().is_empty();
    assert!(!applied || class == Class::Unknown, "{class:?} was told: {words}");
}

#[derive(Debug)]
struct Mine;
impl std::fmt::Display for Mine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("my own error")
    }
}
impl std::error::Error for Mine {}

fn assert_is_mine(error: &Error) {
    assert_eq!((error.kind(), error.class()), (ErrorKind::Function, Class::Final), "{error}");
    assert!(error.source().unwrap().is::<Mine>(), "{error}");
    assert!(error.to_string().contains("my own error"), "{error}");
}

#[test]
fn the_error_of_a_function_comes_out_also_when_the_server_can_not_be_asked() {
    // By a closed client ...
    let (first, second, third, fourth) = (client(), client(), client(), client());
    let [a, b, c, d] = [&first, &second, &third, &fourth].map(|client| Atom::create(client, "n", 0u32).unwrap());
    let closes = first.clone();
    let fails = move |_| -> Result<Option<u32>, Mine> {
        closes.close().unwrap();
        Err(Mine)
    };
    assert_is_mine(&a.try_swap(fails).unwrap_err());
    let closes = second.clone();
    let fails = move |_| -> Result<Option<u32>, Mine> {
        closes.close().unwrap();
        Err(Mine)
    };
    assert_is_mine(&b.try_swap_async(fails).wait().unwrap_err());
    c.set_validator(|n| *n != 7).unwrap();
    let error = c.try_swap(|_| third.close().map(|()| Some(7))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Validation, "{error}");
    // ... by a cancel ...
    let control = std::sync::Arc::new(std::sync::OnceLock::<PendingControl>::new());
    let own = control.clone();
    let swap = d.try_swap_async(move |_| {
        own.get().unwrap().cancel();
        Err::<Option<u32>, _>(Mine)
    });
    control.set(swap.control()).unwrap();
    assert_is_mine(&swap.wait().unwrap_err());
    // ... and by the time.
    let fails = |_| {
        std::thread::sleep(Duration::from_millis(30)); // the time is to run out
        Err::<Option<u32>, _>(Mine)
    };
    assert_is_mine(&d.within(Duration::from_millis(20)).try_swap(fails).unwrap_err());
    assert_eq!(d.deref().unwrap(), 0);
}

#[test]
fn a_swap_that_has_no_time_left_names_the_time_that_it_had() {
    let client = client();
    let atom = Atom::create(&client, "n", 0u32).unwrap();
    let slow = |n: u32| {
        std::thread::sleep(Duration::from_millis(30)); // the time is to run out
        n + 1
    };
    let short = atom.within(Duration::from_millis(20));
    let of_the_client = support::options().open_within(&format!("{}?timeout=%32%30ms", support::url()), SOON).unwrap();
    let by_default = Atom::create(&of_the_client.within(SOON), "n", 0u32).unwrap();
    for error in [short.swap(slow).unwrap_err(), short.swap_async(slow).wait().unwrap_err(), by_default.swap(slow).unwrap_err()] {
        assert_eq!((error.kind(), error.class(), error.key()), (ErrorKind::Timeout, Class::Retry, &b"n"[..]));
        assert!(error.to_string().contains("not done within 20 ms"), "{error}");
    }
    assert_eq!(atom.deref().unwrap(), 0);
}

#[test]
fn metadata_that_is_too_big_leaves_what_was_there() {
    let client = support::options().set("max_value_size", "64KiB").open(&support::url()).unwrap();
    let atom = Atom::create(&client, "n", 0u32).unwrap();
    atom.reset_meta("precious").unwrap();
    let too_big = |old: &[u8]| Ok::<_, Error>([old, &[b'x'; 100_000]].concat());
    for error in [atom.alter_meta(too_big).unwrap_err(), atom.alter_meta_async(too_big).wait().unwrap_err()] {
        assert_eq!((error.kind(), error.class()), (ErrorKind::TooBig, Class::Final), "{error}");
        assert_eq!(atom.meta().unwrap().as_bytes(), b"precious");
    }
}
