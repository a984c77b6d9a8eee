//! Delays: computed once, by one of all who could.

mod support;

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use exoref::{BodyFailure, BoxError, Claim, Delay, ErrorKind, OpenOptions};
use support::{client, panic_of, two_clients, SOON};

#[test]
fn a_body_runs_once_when_somebody_asks() {
    let (here, there) = two_clients();
    let runs = Arc::new(AtomicU32::new(0));
    let counted = runs.clone();
    let delay: Delay<String> = Delay::open_with_body(&here, "d", move |lease| {
        assert!(!lease.lost());
        Ok(format!("run {}", counted.fetch_add(1, Ordering::SeqCst) + 1))
    })
    .unwrap();
    assert!(delay.created());
    assert!(!delay.realized().unwrap());
    assert_eq!(runs.load(Ordering::SeqCst), 0);
    let asks: Delay<String> = Delay::open(&there, "d").unwrap();
    assert_eq!(*asks.within(SOON).deref().unwrap(), "run 1");
    assert_eq!(*delay.deref().unwrap(), "run 1");
    assert!(std::ptr::eq(&*delay.deref().unwrap(), &*delay.deref().unwrap()), "decoded once");
    assert_eq!(runs.load(Ordering::SeqCst), 1);
}

#[test]
fn many_threads_that_ask_at_once_cause_one_run() {
    let client = client();
    let runs = Arc::new(AtomicU32::new(0));
    let counted = runs.clone();
    let delay: Delay<u32> = Delay::open_with_body(&client, "d", move |_| Ok(counted.fetch_add(1, Ordering::SeqCst))).unwrap();
    std::thread::scope(|scope| {
        let asks: Vec<_> = (0..8).map(|_| scope.spawn(|| *delay.within(SOON).deref().unwrap())).collect();
        assert!(asks.into_iter().all(|ask| ask.join().unwrap() == 0));
    });
    assert_eq!(runs.load(Ordering::SeqCst), 1);
}

#[test]
fn a_failure_is_kept_and_told_to_everybody() {
    let (here, there) = two_clients();
    let delay: Delay<u32> = Delay::open_with_body(&here, "d", |_| Err(BodyFailure::new("io", "no such file").payload(*b"/\0/"))).unwrap();
    let asks: Delay<u32> = Delay::open(&there, "d").unwrap();
    for error in [delay.within(SOON).deref().unwrap_err(), asks.within(SOON).deref().unwrap_err()] {
        assert_eq!((error.kind(), error.body_kind(), error.body_payload()), (ErrorKind::Body, "io".into(), &b"/\0/"[..]));
        assert_eq!(error.to_string(), "no such file");
    }
    assert!(delay.realized().unwrap());
}

#[test]
fn any_error_is_a_failure() {
    let client = client();
    let delay: Delay<u32> = Delay::open_with_body(&client, "d", |_| Ok("x".parse::<u32>()?)).unwrap();
    let error = delay.deref().unwrap_err();
    assert_eq!(error.to_string(), "invalid digit found in string");
    let source = std::error::Error::source(&error).expect("it was run by this deref");
    assert!(source.is::<std::num::ParseIntError>());
    assert!(std::error::Error::source(&delay.deref().unwrap_err()).is_none(), "it was kept, and not run");
    let load = || -> Result<u32, BoxError> { Err("boxed".into()) };
    let boxed: Delay<u32> = Delay::open_with_body(&client, "e", move |_| load().map_err(BodyFailure::from_error)).unwrap();
    assert_eq!(boxed.deref().unwrap_err().to_string(), "boxed");
}

#[test]
fn the_failure_of_another_delay_is_passed_on_as_it_is() {
    let client = client();
    let inner: Delay<u32> = Delay::open_with_body(&client, "inner", |_| Err(BodyFailure::new("io", "no file").payload("/x"))).unwrap();
    let outer: Delay<u32> = Delay::open_with_body(&client, "outer", move |_| Ok(*inner.deref()?)).unwrap();
    let error = outer.deref().unwrap_err();
    assert_eq!((error.body_kind(), error.body_payload(), error.to_string()), ("io".into(), &b"/x"[..], "no file".into()));
}

#[test]
fn what_can_not_be_published_is_a_failure_of_the_kind_size() {
    let client = support::options().set("max_value_size", "64KiB").open(&support::url()).unwrap();
    let runs = Arc::new(AtomicU32::new(0));
    let counted = runs.clone();
    let too_big = move |_: &_| {
        counted.fetch_add(1, Ordering::SeqCst);
        Ok("x".repeat(100_000))
    };
    let delay: Delay<String> = Delay::open_with_body(&client, "d", too_big).unwrap();
    let failure = |_: &_| Err(BodyFailure::new("own", "own").payload(vec![0; 100_000]));
    let fails: Delay<String> = Delay::open_with_body(&client, "e", failure).unwrap();
    for delay in [&delay, &delay, &fails] {
        assert_eq!(delay.within(SOON).deref().unwrap_err().body_kind(), "size");
    }
    assert_eq!(runs.load(Ordering::SeqCst), 1);
}

#[test]
fn a_panic_is_a_failure_for_all_and_comes_out_of_the_deref_that_ran_the_body() {
    let (here, there) = two_clients();
    let delay: Delay<u32> = Delay::open_with_body(&here, "d", |_| panic!("the disk is full")).unwrap();
    assert_eq!(panic_of(|| delay.deref()), "the disk is full");
    let asks: Delay<u32> = Delay::open(&there, "d").unwrap();
    let error = asks.within(SOON).deref().unwrap_err();
    assert_eq!((error.body_kind(), error.to_string()), ("panic".into(), "the body panicked: the disk is full".into()));
    let error = delay.deref().unwrap_err();
    assert_eq!(error.body_kind(), "panic", "later it is told like any failure");
}

#[test]
fn a_refused_result_is_a_failure_of_its_own_kind() {
    let client = client();
    let even = OpenOptions::<u32>::new().validator(|n| n % 2 == 0);
    let delay = even.open_delay_with_body(&client, "d", |_| Ok(3)).unwrap();
    let error = delay.deref().unwrap_err();
    assert_eq!((error.kind(), error.body_kind()), (ErrorKind::Body, "validation".into()));
    let not_a_number = OpenOptions::<f64>::new().open_delay_with_body(&client, "e", |_| Ok(f64::NAN)).unwrap();
    assert_eq!(not_a_number.deref().unwrap_err().body_kind(), "codec");
}

#[test]
fn with_retry_the_next_deref_tries_again() {
    let client = client();
    let runs = AtomicU32::new(0);
    let delay = OpenOptions::new()
        .retry(true)
        .open_delay_with_body(&client, "d", move |_| match runs.fetch_add(1, Ordering::SeqCst) {
            0 => Err(BodyFailure::new("once", "not yet")),
            n => Ok(n),
        })
        .unwrap();
    assert_eq!(delay.deref().unwrap_err().body_kind(), "once");
    assert_eq!(delay.deref().unwrap(), 1);
}

#[test]
fn who_declines_leaves_it_to_another() {
    let (here, there) = two_clients();
    let declines: Delay<u32> = Delay::open_with_body(&here, "d", |_| Err(BodyFailure::declined())).unwrap();
    let wait = declines.within(SOON).deref_async();
    let computes: Delay<u32> = Delay::open_with_body(&there, "d", |_| Ok(5)).unwrap();
    assert_eq!(computes.within(SOON).deref().unwrap(), 5);
    assert_eq!(wait.wait().unwrap(), 5);
}

#[test]
fn a_claim_gives_the_lease_or_the_value() {
    let client = client();
    let options = OpenOptions::<u32>::new().validator(|n| *n < 100);
    let delay = options.open_delay(&client, "d").unwrap();
    let Claim::Lease(lease) = delay.claim().unwrap() else { panic!("nobody computes") };
    assert!(!lease.lost());
    assert!(lease.renew().unwrap() > std::time::Duration::from_secs(5));
    assert_eq!(lease.deliver(1000).unwrap_err().kind(), ErrorKind::Validation);
    let token = lease.token();
    lease.give_back().unwrap();
    assert_eq!(lease.deliver(1).unwrap_err().kind(), ErrorKind::Lease);

    let Claim::Lease(lease) = delay.claim().unwrap() else { panic!("it was given back") };
    assert!(lease.token() > token);
    let lost = lease.lost_async();
    assert_eq!(lease.deliver(42).unwrap(), 42);
    assert!(!lost.wait().unwrap(), "it ended otherwise");
    let Claim::Value(value) = delay.claim().unwrap() else { panic!("it is computed") };
    assert_eq!(value, 42);
}

#[test]
fn a_lease_that_is_dropped_is_given_back() {
    let (here, there) = two_clients();
    let (mine, theirs): (Delay<u32>, Delay<u32>) = (Delay::open(&here, "d").unwrap(), Delay::open(&there, "d").unwrap());
    // Neither who waited for it nor who could have cancelled it has it still.
    let mut waited = mine.claim_async();
    let control = waited.control();
    let Some(Ok(Claim::Lease(lease))) = waited.wait_for(SOON) else { panic!("nobody computes") };
    let next = theirs.within(SOON).claim_async();
    drop(lease);
    let Claim::Lease(lease) = next.wait().unwrap() else { panic!("nobody computed") };
    drop((waited, control));
    lease.fail(BodyFailure::declined().payload("x")).unwrap();
    let Claim::Lease(lease) = theirs.within(SOON).claim().unwrap() else { panic!("it was declined") };
    lease.fail(std::fmt::Error).unwrap();
    assert_eq!(mine.deref().unwrap_err().kind(), ErrorKind::Body);
}

#[test]
fn a_body_that_asks_for_its_own_value_is_told_so() {
    let client = client();
    let place = Arc::new(Mutex::new(None::<Delay<u32>>));
    let own = place.clone();
    let delay: Delay<u32> = Delay::open_with_body(&client, "d", move |_| {
        let delay = own.lock().unwrap().clone().unwrap();
        Ok(*delay.deref()?)
    })
    .unwrap();
    *place.lock().unwrap() = Some(delay.clone());
    let error = delay.within(SOON).deref().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Body);
    assert!(error.to_string().contains("by its own body"), "{error}");
    place.lock().unwrap().take(); // else the delay would own its body, and the body the delay, for ever
}
