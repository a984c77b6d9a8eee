//! What must not be done, and what happens then.

mod support;

use std::io::Read;
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{mpsc, Arc};
use std::time::Duration;

use exoref::*;
use support::{client, next, options, url, SOON};

fn kinds_of_a_closed_client(client: &Client, atom: &Atom<u32>, promise: &Promise<u32>, delay: &Delay<u32>) -> Vec<ErrorKind> {
    [
        atom.deref().err(),
        atom.reset(1).err(),
        atom.swap(|n| n + 1).err(),
        atom.swap_async(|n| n + 1).wait().err(),
        atom.compare_and_set(&1, 2).err(),
        atom.add_watch("w", |_| ()).err(),
        atom.changes().err(),
        atom.meta().err(),
        atom.alter_meta(|old| Ok::<_, Error>(old.to_vec())).err(),
        promise.deref().err(),
        promise.deliver(1).err(),
        delay.deref().err(),
        delay.claim().err(),
        client.ping().err(),
        client.delete("n").err(),
        client.list("", None).and_then(|mut scan| scan.next().transpose()).err(),
        Atom::<u32>::open(client, "n").err(),
    ]
    .into_iter()
    .map(|error| error.expect("the client is closed").kind())
    .collect()
}

#[test]
fn a_closed_client_answers_everything_with_closed() {
    let client = client();
    let atom = Atom::create(&client, "n", 1u32).unwrap();
    let promise = Promise::open(&client, "p").unwrap();
    promise.deliver(1u32).unwrap();
    promise.deref().unwrap();
    let delay = Delay::open_with_body(&client, "d", |_| Ok(1u32)).unwrap();
    delay.deref().unwrap();
    client.close().unwrap();
    client.close().unwrap();
    let kinds = kinds_of_a_closed_client(&client, &atom, &promise, &delay);
    assert!(kinds.iter().all(|kind| *kind == ErrorKind::Closed), "{kinds:?}");
    assert_eq!(atom.key(), b"n", "what is in memory is still there");
}

#[test]
fn to_close_ends_waits_and_what_functions_used_is_freed() {
    let client = client();
    let (held, freed) = mpsc::channel::<()>();
    let atom = Atom::create(&client, "n", 0u32).unwrap();
    let own = held.clone();
    atom.add_watch("w", move |_| own.send(()).unwrap()).unwrap();
    let delay: Delay<u32> = Delay::open_with_body(&client, "d", move |_| Ok(held.send(()).map(|()| 1)?)).unwrap();
    let promise: Promise<u32> = Promise::open(&client, "p").unwrap();
    let wait = promise.deref_async();
    let mut changes = atom.changes().unwrap();
    client.close().unwrap();
    assert_eq!(wait.wait().unwrap_err().kind(), ErrorKind::Closed);
    assert!(support::block_on(support::next_of(&mut changes)).is_none());
    drop((client, atom, delay, promise, changes));
    assert_eq!(freed.recv_timeout(SOON), Err(mpsc::RecvTimeoutError::Disconnected), "never called, and freed");
}

#[test]
fn a_watch_that_panics_is_told_to_the_log_and_goes_on() {
    let (tell_log, log) = mpsc::channel();
    let client = options()
        .log(LogLevel::Warning, move |line| {
            let _ = tell_log.send((line.level, line.category.to_owned()));
        })
        .open(&url())
        .unwrap();
    let atom = Atom::create(&client, "n", 0u32).unwrap();
    let (tell, told) = mpsc::channel();
    atom.add_watch("panics", |_| panic!("in a watch")).unwrap();
    atom.add_watch("tells", move |change| tell.send(change.version()).unwrap()).unwrap();
    atom.reset(1).unwrap();
    atom.reset(2).unwrap();
    assert_eq!((next(&told), next(&told)), (2, 3));
    assert_eq!(next(&log).1, "watch");
}

#[test]
fn what_a_panic_carries_may_panic_when_it_is_dropped() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            std::panic::panic_any(Bomb2)
        }
    }
    struct Bomb2;
    impl Drop for Bomb2 {
        fn drop(&mut self) {
            panic!("in the drop of what a drop panicked with")
        }
    }
    let throw = || std::panic::panic_any(Bomb);
    let client = options().log(LogLevel::Debug, move |_| throw()).open(&url()).unwrap();
    let atom = Atom::create(&client, "n", 0u32).unwrap();
    let (tell, told) = mpsc::channel();
    atom.add_watch("panics", move |_| throw()).unwrap();
    atom.add_watch("tells", move |change| tell.send(change.version()).unwrap()).unwrap();
    atom.reset(1).unwrap();
    assert_eq!(next(&told), 2);
    let delay: Delay<u32> = Delay::open_with_body(&client, "d", move |_| std::panic::panic_any(Bomb)).unwrap();
    assert_eq!(delay.deref_async().wait().unwrap_err().body_kind(), "panic", "on a thread for bodies, where nobody is told");
    struct Throws;
    impl std::task::Wake for Throws {
        fn wake(self: Arc<Self>) {
            std::panic::panic_any(Bomb)
        }
    }
    let promise: Promise<u32> = Promise::open(&client, "p").unwrap();
    let mut wait = promise.deref_async();
    let waker = Arc::new(Throws).into();
    assert!(std::future::Future::poll(std::pin::Pin::new(&mut wait), &mut std::task::Context::from_waker(&waker)).is_pending());
    promise.deliver(1).unwrap();
    assert_eq!(wait.wait().unwrap(), 1);
    assert!(client.ping().is_ok());
}

#[test]
fn an_error_whose_words_panic_goes_no_further_than_a_panic() {
    #[derive(Debug)]
    struct Mute;
    impl std::fmt::Display for Mute {
        fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            panic!("no words")
        }
    }
    impl std::error::Error for Mute {}
    let client = client();
    let atom = Atom::create(&client, "n", 0u32).unwrap();
    assert_eq!(support::panic_of(|| atom.alter_meta(|_| Err(Mute))), "no words");
    assert_eq!(support::panic_of(|| atom.alter_meta_async(|_| Err(Mute)).wait()), "no words");
    assert_eq!(support::panic_of(|| atom.try_swap(|_| Err(Mute))), "no words");
    assert_eq!(support::panic_of(|| Delay::<u32>::open_with_body(&client, "d", |_| Err(Mute)?).unwrap().deref()), "no words");
    assert_eq!(atom.swap(|n| n + 1).unwrap(), 1);
}

#[test]
fn a_log_function_that_panics_harms_nobody() {
    let calls = Arc::new(AtomicU32::new(0));
    let counted = calls.clone();
    let client = options()
        .log(LogLevel::Debug, move |_| {
            counted.fetch_add(1, Ordering::SeqCst);
            panic!("in the log")
        })
        .open(&url())
        .unwrap();
    assert!(client.ping().is_ok());
    client.close().unwrap();
    assert!(calls.load(Ordering::SeqCst) > 0);
}

#[test]
fn ten_thousand_handles_are_dropped_and_freed() {
    let client = client();
    let used = Arc::new(());
    let openings: Vec<_> = (0..10_000)
        .map(|n| {
            let held = used.clone();
            let body = move |_: &Lease<u32>| Ok(Arc::strong_count(&held) as u32);
            OpenOptions::new().open_delay_with_body_async(&client, format!("d{}", n % 100), body)
        })
        .collect();
    assert_eq!(Arc::strong_count(&used), 10_001);
    let delays: Vec<Delay<u32>> = openings.into_iter().map(|opening| opening.wait().unwrap()).collect();
    drop(delays);
    client.close().unwrap();
    assert_eq!(Arc::strong_count(&used), 1);
}

#[test]
fn a_watch_may_use_its_atom_and_remove_itself() {
    let client = client();
    let atom = Atom::create(&client, "n", 0u32).unwrap();
    let own = atom.clone();
    let (tell, told) = mpsc::channel();
    atom.add_watch("w", move |change| {
        own.remove_watch(change.watch_key()).unwrap();
        own.remove_watch("another").unwrap();
        tell.send(*own.deref().unwrap()).unwrap();
    })
    .unwrap();
    atom.reset(1).unwrap();
    assert_eq!(next(&told), 1);
    atom.reset(2).unwrap();
    assert!(told.recv().is_err(), "freed, and not called again");
}

#[test]
fn who_takes_events_himself_is_called_on_his_own_thread() {
    let client = options().set("events", "take").open(&url()).unwrap();
    let atom = Atom::create(&client, "n", 0u32).unwrap();
    let (tell, told) = mpsc::channel();
    atom.add_watch("w", move |change| tell.send((std::thread::current().id(), change.version())).unwrap()).unwrap();
    atom.reset(1).unwrap();
    assert!(told.try_recv().is_err());
    let poll = client.within(SOON);
    while told.try_recv().map_or(true, |told| told != (std::thread::current().id(), 2)) {
        assert!(poll.poll(1).unwrap() > 0, "no event came");
    }
    atom.reset(2).unwrap();
    let event = loop {
        let event = poll.next_event().unwrap().expect("an event comes");
        if event.kind() == EventKind::Watch {
            break event;
        }
        event.run();
    };
    drop(event); // not called, only freed
    assert!(told.try_recv().is_err());
    assert_eq!(client.within(Timeout::NO_WAIT).poll(0).unwrap(), 0);
}

#[test]
fn a_descriptor_tells_that_there_are_events() {
    let client = options().set("events", "take").open(&url()).unwrap();
    let atom = Atom::create(&client, "n", 0u32).unwrap();
    atom.add_watch("w", |_| ()).unwrap();
    while client.within(Timeout::NO_WAIT).poll(0).unwrap() > 0 {}
    let (mut read, write) = std::os::unix::net::UnixStream::pair().unwrap();
    write.set_nonblocking(true).unwrap();
    read.set_read_timeout(Some(SOON)).unwrap();
    // SAFETY: it stays open until it is taken back.
    unsafe { client.set_event_fd(Some(write.as_fd())).unwrap() };
    atom.reset(1).unwrap();
    let mut told = [0; 8];
    read.read_exact(&mut told).unwrap();
    assert_eq!(u64::from_ne_bytes(told), 1);
    assert!(client.within(Timeout::NO_WAIT).poll(0).unwrap() > 0);
    // SAFETY: nothing is given.
    unsafe { client.set_event_fd(None).unwrap() };
}

#[test]
fn an_outcome_is_taken_once() {
    let client = client();
    let mut ping = client.ping_async();
    assert!(ping.wait_for(SOON).unwrap().is_ok());
    assert!(ping.is_done());
    assert!(support::panic_of(|| ping.wait_for(SOON)).contains("was taken before"));
}

#[test]
fn texts_that_c_could_not_see_the_end_of_are_refused() {
    let client = client();
    assert_eq!(options().open("local:a\0b").unwrap_err().kind(), ErrorKind::Invalid);
    assert_eq!(ClientOptions::new().set("na\0me", "x").open(&url()).unwrap_err().kind(), ErrorKind::Invalid);
    assert_eq!(local::status("a\0b", Timeout::DEFAULT).unwrap_err().kind(), ErrorKind::Invalid);
    let atom = Atom::create(&client, "k\0\u{ff}", 1u32).unwrap();
    assert_eq!(atom.key(), "k\0\u{ff}".as_bytes(), "keys are any bytes");
    let delay: Delay<u32> = Delay::open_with_body(&client, "d", |_| Err(BodyFailure::new("a\0b", "c\0d"))).unwrap();
    let error = delay.deref().unwrap_err();
    assert_eq!((error.body_kind(), error.to_string()), ("ab".into(), "cd".into()));
}

#[test]
fn wrong_options_say_what_is_right() {
    let client = client();
    let error = OpenOptions::<u32>::new().set("histroy", "3").create_atom(&client, "n", 1).unwrap_err();
    assert!(error.kind() == ErrorKind::Invalid && error.to_string().contains("history"), "{error}");
    let error = OpenOptions::<u32>::new().history(1).create_atom(&client, "n", 1).unwrap_err();
    assert!(error.to_string().contains("from 2 to 4096"), "{error}");
    let error = Atom::<u32>::open(&client, "absent").unwrap_err();
    assert_eq!((error.kind(), error.key()), (ErrorKind::NotFound, &b"absent"[..]));
    assert!(Atom::<u32>::open(&client, "").is_err());
    assert_eq!(Client::open("http://x").unwrap_err().kind(), ErrorKind::Invalid);
    let secret = ClientOptions::new().set("password", "hunter2");
    assert!(!format!("{secret:?}").contains("hunter2"));
}

#[test]
fn a_connection_that_is_not_to_be_had_is_said_in_time() {
    let error = ClientOptions::new().open_within("redis+unix:///nowhere/redis.sock", Duration::from_millis(50)).unwrap_err();
    assert_eq!((error.kind(), error.class()), (ErrorKind::Connection, Class::Retry));
    let client = ClientOptions::new().open_within("redis+unix:///nowhere/redis.sock", Timeout::NO_WAIT).unwrap();
    let error = client.within(Duration::from_millis(20)).ping().unwrap_err();
    assert_eq!(error.class(), Class::Retry, "{error}");
    client.close().unwrap();
}

#[test]
fn handles_go_to_other_threads() {
    fn shared<T: Send + Sync + Clone>() {}
    fn sent<T: Send>() {}
    shared::<(Client, Atom<u32>, Promise<u32>, Delay<u32>, Lease<u32>)>();
    shared::<(Value<u32>, RawValue, Error, PendingControl, Change<u32>)>();
    sent::<(Pending<Value<u32>>, Changes<u32>, Scan, Swap<u32>, Info, Event, OpenOptions<u32>)>();
}
