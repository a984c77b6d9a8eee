//! Promises: delivered once, waited for anywhere.

mod support;

use std::time::Duration;

use exoref::{ErrorKind, OpenOptions, Promise, RefType, Timeout};
use support::{client, two_clients, SOON};

#[test]
fn the_first_delivery_counts_and_all_who_wait_have_it() {
    let (here, there) = two_clients();
    let wanted: Promise<String> = Promise::open(&here, "p").unwrap();
    assert!(wanted.created());
    assert!(!wanted.realized().unwrap());
    let other: Promise<String> = Promise::open(&there, "p").unwrap();
    assert!(!other.created());
    std::thread::scope(|scope| {
        let waits = [wanted.within(SOON), other.within(SOON)].map(|promise| scope.spawn(move || promise.deref().unwrap()));
        assert!(other.deliver("first".into()).unwrap().delivered);
        for wait in waits {
            assert_eq!(*wait.join().unwrap(), "first");
        }
    });
    let late = wanted.deliver("second".into()).unwrap();
    assert!(!late.delivered);
    assert_eq!(*late.standing, "first");
    assert!(here.realized("p", Some(RefType::Promise)).unwrap());
}

#[test]
fn a_wait_may_run_out_of_time_and_the_promise_is_as_before() {
    let client = client();
    let promise: Promise<u32> = Promise::open(&client, "p").unwrap();
    let error = promise.within(Duration::from_millis(20)).deref().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(promise.within(Timeout::NO_WAIT).deref().unwrap_err().kind(), ErrorKind::Timeout);
    promise.deliver(7).unwrap();
    assert_eq!(promise.deref().unwrap(), 7);
    assert_eq!(promise.within(Timeout::NO_WAIT).deref().unwrap(), 7, "from memory");
}

#[test]
fn what_was_read_is_decoded_once_and_stays_the_same_value() {
    let client = client();
    let promise: Promise<Vec<u32>> = Promise::open(&client, "p").unwrap();
    promise.deliver(vec![1, 2, 3]).unwrap();
    let first = promise.deref().unwrap();
    let second = promise.deref().unwrap();
    assert!(std::ptr::eq(&*first, &*second));
    client.delete("p").unwrap();
    assert_eq!(*promise.deref().unwrap(), [1, 2, 3], "what this process has read stays readable");
}

#[test]
fn a_promise_that_is_deleted_ends_its_waits() {
    let (here, there) = two_clients();
    let promise: Promise<u32> = Promise::open(&here, "p").unwrap();
    let wait = promise.within(SOON).deref_async();
    there.delete("p").unwrap();
    assert_eq!(wait.wait().unwrap_err().kind(), ErrorKind::Deleted);
}

#[test]
fn a_validator_judges_what_is_delivered() {
    let client = client();
    let promise = OpenOptions::<i32>::new().validator(|n| *n > 0).open_promise(&client, "p").unwrap();
    let error = promise.deliver(-1).unwrap_err();
    assert_eq!((error.kind(), error.key()), (ErrorKind::Validation, &b"p"[..]));
    assert!(promise.deliver(1).unwrap().delivered);
}
