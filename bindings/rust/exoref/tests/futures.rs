//! Futures and streams, on tokio and on the smallest executor there is.

mod support;

use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use exoref::{Atom, Class, Delay, ErrorKind, Pending, Promise, Reason};
use support::{block_on, client, next_of, panic_of, two_clients, SOON};

#[test]
fn a_minimal_executor_runs_every_kind() {
    block_on(async {
        let client = support::options().open_async(&support::url()).await.unwrap();
        let atom: Atom<u32> = Atom::create_async(&client, "n", 1).await.unwrap();
        assert!(!Atom::<u32>::open_async(&client, "n").await.unwrap().created());
        assert_eq!(atom.deref_async().await.unwrap(), 1);
        assert_eq!(atom.swap_async(|n| n + 1).await.unwrap(), 2);
        assert_eq!(*atom.swap_vals_async(|n| n * 10).await.unwrap().old, 2);
        assert_eq!(*atom.reset_vals_async(3).await.unwrap().old, 20);
        assert!(atom.compare_and_set_async(&3, 4).await.unwrap().swapped);
        let promise: Promise<String> = Promise::open_async(&client, "p").await.unwrap();
        let wait = promise.deref_async();
        assert!(promise.deliver_async("x".into()).await.unwrap().delivered);
        assert_eq!(*wait.await.unwrap(), "x");
        let delay: Delay<u32> = Delay::open_with_body_async(&client, "d", |_| Ok(7)).await.unwrap();
        assert_eq!(Delay::<u32>::open_async(&client, "d").await.unwrap().deref_async().await.unwrap(), 7);
        assert_eq!(delay.deref_async().await.unwrap(), 7);
        assert!(client.ping_async().await.unwrap().round_trip < SOON);
        let mut scan = client.list("", None).unwrap().stream();
        let mut keys = Vec::new();
        while let Some(info) = next_of(&mut scan).await {
            keys.push(String::from_utf8_lossy(info.unwrap().key()).into_owned());
        }
        keys.sort();
        assert_eq!(keys, ["d", "n", "p"]);
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tokio_tasks_share_an_atom() {
    let client = client();
    let atom: Atom<u32> = Atom::create(&client, "n", 0).unwrap();
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let atom = atom.clone();
            tokio::spawn(async move {
                for _ in 0..5 {
                    atom.swap_async(|n| n + 1).await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(atom.deref_async().await.unwrap(), 100);
}

#[tokio::test]
async fn a_stream_tells_each_change_and_ends_with_the_client() {
    let (here, there) = two_clients();
    let atom: Atom<u32> = Atom::create(&here, "n", 0).unwrap();
    let mut changes = atom.changes_async().await.unwrap();
    assert_eq!(*changes.since().unwrap(), 0);
    let other: Atom<u32> = Atom::open(&there, "n").unwrap();
    for n in 1..=50 {
        other.reset_async(n).await.unwrap();
    }
    for n in 1..=50 {
        let change = next_of(&mut changes).await.unwrap();
        assert_eq!((*change.old_value().unwrap().unwrap(), *change.new_value().unwrap().unwrap()), (n - 1, n));
        assert_eq!((change.missed(), change.version()), (0, u64::from(n) + 1));
    }
    here.close().unwrap();
    assert!(next_of(&mut changes).await.is_none());
}

#[test]
fn a_stream_that_is_read_late_tells_what_it_let_go() {
    let client = client();
    let atom: Atom<u32> = Atom::create(&client, "n", 0).unwrap();
    let mut changes = atom.changes().unwrap();
    let (tell, told) = std::sync::mpsc::channel();
    atom.add_watch("after the stream", move |change| tell.send(change.version()).unwrap()).unwrap();
    for n in 1..=1500 {
        atom.reset(n).unwrap();
    }
    while support::next(&told) < 1501 {}
    let first = block_on(next_of(&mut changes)).unwrap();
    assert_eq!(first.missed() + 1, first.version() - 1, "told or missed, all are there");
    assert!(first.version() > 2);
    let mut last = first;
    while last.version() < 1501 {
        let next = block_on(next_of(&mut changes)).unwrap();
        assert_eq!(next.version(), last.version() + 1 + next.missed());
        last = next;
    }
    assert_eq!(last.new_value().unwrap().unwrap(), 1500);
}

/// Tells when nobody uses it any more.
struct Counted(std::sync::mpsc::Sender<()>);

impl exoref::codec::Codec<Vec<u8>> for Counted {
    fn label(&self) -> &str {
        ""
    }
    fn encode(&self, value: &Vec<u8>) -> Result<Vec<u8>, exoref::BoxError> {
        self.0.send(())?;
        Ok(value.clone())
    }
    fn decode(&self, bytes: &[u8]) -> Result<Vec<u8>, exoref::BoxError> {
        Ok(bytes.to_vec())
    }
}

#[test]
fn a_stream_that_is_dropped_ends_its_watch() {
    let client = client();
    // Watches live as long as any handle of the atom: this one stays.
    let stays = exoref::OpenOptions::with_codec(exoref::codec::Bytes).create_atom(&client, "n", vec![]).unwrap();
    let (held, freed) = std::sync::mpsc::channel();
    let atom = exoref::OpenOptions::with_codec(Counted(held)).open_atom(&client, "n").unwrap();
    for _ in 0..20 {
        drop(atom.changes().unwrap());
        drop(atom.changes_async()); // before anybody took it
        let mut polled = atom.changes_async();
        block_on(std::future::poll_fn(|context| std::task::Poll::Ready(std::pin::Pin::new(&mut polled).poll(context).is_ready())));
        drop(polled);
    }
    drop(atom);
    assert_eq!(freed.recv_timeout(SOON), Err(std::sync::mpsc::RecvTimeoutError::Disconnected));
    assert_eq!(stays.deref().unwrap().version(), 1);
}

#[tokio::test]
async fn to_drop_a_wait_ends_it_and_to_drop_a_write_does_not() {
    let client = client();
    let promise: Promise<u32> = Promise::open(&client, "p").unwrap();
    // What waits holds its waker.
    struct Held(#[allow(dead_code)] std::sync::mpsc::Sender<()>);
    impl std::task::Wake for Held {
        fn wake(self: Arc<Self>) {}
    }
    let (held, let_go) = std::sync::mpsc::channel();
    let mut wait = promise.deref_async();
    let waker = Arc::new(Held(held)).into();
    assert!(std::pin::Pin::new(&mut wait).poll(&mut std::task::Context::from_waker(&waker)).is_pending());
    drop(waker);
    assert_eq!(let_go.try_recv(), Err(std::sync::mpsc::TryRecvError::Empty), "it waits");
    drop(wait);
    assert_eq!(let_go.recv_timeout(SOON), Err(std::sync::mpsc::RecvTimeoutError::Disconnected), "the wait has ended");
    let elapsed = tokio::time::timeout(Duration::from_millis(10), promise.deref_async()).await;
    assert!(elapsed.is_err());
    drop(promise.deliver_async(1));
    assert_eq!(promise.within(SOON).deref().unwrap(), 1, "it was delivered all the same");
}

#[test]
fn a_swap_that_is_dropped_before_its_function_ran_changes_nothing() {
    let client = client();
    let atom: Atom<u32> = Atom::create(&client, "n", 0).unwrap();
    let (held, freed) = std::sync::mpsc::channel::<()>();
    for _ in 0..10 {
        let held = held.clone();
        drop(atom.swap_async(move |n| n + u32::from(held.send(()).is_ok())));
    }
    drop(held);
    assert_eq!(freed.recv_timeout(SOON), Err(std::sync::mpsc::RecvTimeoutError::Disconnected), "never called, and freed");
    assert_eq!(atom.deref().unwrap(), 0);
}

/// A waker that waits for what its task is behind, as that of an executor may that polls at once.
struct Locks(Arc<Mutex<Option<exoref::Changes<u32>>>>, std::sync::mpsc::Sender<()>);

impl std::task::Wake for Locks {
    fn wake(self: Arc<Self>) {
        self.1.send(()).unwrap();
        drop(self.0.lock().unwrap());
    }
}

#[test]
fn a_stream_is_dropped_while_its_waker_waits_for_who_drops_it() {
    let client = client();
    let atom: Atom<u32> = Atom::create(&client, "n", 0).unwrap();
    let place = Arc::new(Mutex::new(Some(atom.changes().unwrap())));
    let (tell, told) = std::sync::mpsc::channel();
    let waker = Arc::new(Locks(place.clone(), tell)).into();
    let (done, ends) = std::sync::mpsc::channel();
    let thread = std::thread::spawn(move || {
        let mut stream = place.lock().unwrap();
        let pinned = std::pin::Pin::new(stream.as_mut().unwrap());
        assert!(futures_core::Stream::poll_next(pinned, &mut std::task::Context::from_waker(&waker)).is_pending());
        atom.reset(1).unwrap();
        support::next(&told); // the waker runs, and waits
        drop(stream.take());
        drop(stream);
        done.send(()).unwrap();
    });
    support::next(&ends);
    thread.join().unwrap();
}

#[test]
fn a_listing_ends_after_an_error_that_stays() {
    let client = client();
    let (mut scan, mut stream) = (client.list("", None).unwrap(), client.list("", None).unwrap().stream());
    client.close().unwrap();
    assert_eq!(scan.next().unwrap().unwrap_err().kind(), ErrorKind::Closed);
    assert!(scan.next().is_none());
    assert_eq!(block_on(next_of(&mut stream)).unwrap().unwrap_err().kind(), ErrorKind::Closed);
    assert!(block_on(next_of(&mut stream)).is_none());
}

#[test]
fn to_cancel_is_to_say_so() {
    let client = client();
    let promise: Promise<u32> = Promise::open(&client, "p").unwrap();
    let wait = promise.deref_async();
    let control = wait.control();
    let canceller = std::thread::spawn(move || control.cancel());
    let error = wait.wait().unwrap_err();
    assert_eq!((error.kind(), error.class()), (ErrorKind::Cancelled, Class::Final));
    canceller.join().unwrap();
    // A write ends as one of the three: applied, certainly not, or unknown with the reason.
    let write = promise.deliver_async(1);
    write.cancel();
    match write.wait() {
        Ok(delivery) => assert!(delivery.delivered),
        Err(error) if error.kind() == ErrorKind::Unknown => assert_eq!(error.reason(), Some(Reason::Cancelled)),
        Err(error) => assert_eq!(error.kind(), ErrorKind::Cancelled),
    }
}

#[test]
fn a_swap_that_is_cancelled_between_two_steps_sends_no_more() {
    let client = client();
    let atom: Atom<u32> = Atom::create(&client, "n", 1).unwrap();
    let control = std::sync::OnceLock::<exoref::PendingControl>::new();
    let control = Arc::new(control);
    let own = control.clone();
    let swap = atom.swap_async(move |n| {
        own.get().unwrap().cancel();
        n + 1
    });
    control.set(swap.control()).unwrap();
    assert_eq!(swap.wait().unwrap_err().kind(), ErrorKind::Cancelled);
    assert_eq!(atom.deref().unwrap(), 1);
}

#[test]
fn a_swap_in_steps_needs_no_thread_to_wait() {
    let client = client();
    let atom: Atom<u32> = Atom::create(&client, "n", 1).unwrap();
    block_on(async {
        let swap = atom.swap_begin_async().await.unwrap();
        atom.reset_async(10).await.unwrap();
        let (done, swap) = swap.confirm_async().await.unwrap();
        assert_eq!((done, **swap.value()), (false, 10));
        atom.reset_async(20).await.unwrap();
        let (done, swap) = swap.offer_async(11).await.unwrap();
        assert_eq!((done, **swap.value()), (false, 20));
        let (done, swap) = swap.offer_async(21).await.unwrap();
        assert_eq!((done, **swap.value(), swap.value().version()), (true, 21, 4));
        let (done, _) = atom.swap_begin_async().await.unwrap().confirm_async().await.unwrap();
        assert!(done);
    });
    assert_eq!(atom.deref().unwrap(), 21);
}

#[test]
fn an_interrupt_ends_a_wait_and_the_operation_goes_on() {
    let client = client();
    let promise: Promise<u32> = Promise::open(&client, "p").unwrap();
    let mut wait = promise.deref_async();
    let control = wait.control();
    let interrupts = std::thread::spawn(move || control.interrupt());
    let error = wait.wait_for(SOON).unwrap().unwrap_err();
    assert_eq!((error.kind(), error.class()), (ErrorKind::Interrupted, Class::Retry));
    interrupts.join().unwrap();
    assert!(wait.wait_for(Duration::from_millis(1)).is_none());
    assert!(!wait.is_done());
    promise.deliver(3).unwrap();
    assert_eq!(wait.wait().unwrap(), 3);
}

#[test]
fn a_panic_of_a_swap_comes_out_where_it_is_awaited() {
    let client = client();
    let atom: Atom<u32> = Atom::create(&client, "n", 1).unwrap();
    assert_eq!(panic_of(|| block_on(atom.swap_async(|_| panic!("no")))), "no");
    assert_eq!(panic_of(|| atom.swap_async(|_| panic!("no")).wait()), "no");
    assert_eq!(atom.swap(|n| n + 1).unwrap(), 2);
}

#[test]
fn a_future_may_move_from_one_task_to_another() {
    let client = client();
    let promise: Promise<u32> = Promise::open(&client, "p").unwrap();
    let mut wait = promise.deref_async();
    // Polled here, with a waker that nobody needs any more ...
    block_on(std::future::poll_fn(|context| {
        assert!(std::pin::Pin::new(&mut wait).poll(context).is_pending());
        std::task::Poll::Ready(())
    }));
    // ... and awaited there.
    let there = std::thread::spawn(move || block_on(wait));
    promise.deliver(1).unwrap();
    assert_eq!(there.join().unwrap().unwrap(), 1);
}

#[test]
fn ten_thousand_promises_are_awaited_at_once() {
    let client = client();
    let promises: Vec<Promise<u32>> = (0..10_000)
        .map(|n| exoref::OpenOptions::new().open_promise_async(&client, format!("p{n}")))
        .collect::<Vec<_>>()
        .into_iter()
        .map(|opening| opening.wait().unwrap())
        .collect();
    let waits: Vec<_> = promises.iter().map(Promise::deref_async).collect();
    let deliveries: Vec<Pending<_>> = promises.iter().zip(0..).map(|(promise, n)| promise.deliver_async(n)).collect();
    assert!(deliveries.into_iter().all(|delivery| delivery.wait().unwrap().delivered));
    for (n, wait) in (0..).zip(waits) {
        assert_eq!(block_on(wait).unwrap(), n);
    }
}
