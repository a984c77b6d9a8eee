//! Futures that are polled, waited for, cancelled, interrupted and dropped at any time, from several threads, with the client closed in
//! the middle: nothing hangs, and all is freed.

mod support;

use std::future::Future;
use std::pin::Pin;
use std::sync::{mpsc, Arc, Mutex};
use std::task::{Context, Wake};
use std::time::Duration;

use exoref::*;
use support::{client, SOON};

struct Nobody;
impl Wake for Nobody {
    fn wake(self: Arc<Self>) {}
}

fn is_ready<R>(pending: &mut Pending<R>) -> bool {
    let waker = Arc::new(Nobody).into();
    Pin::new(pending).poll(&mut Context::from_waker(&waker)).is_ready()
}

/// Does to a future one of the things that can be done.
fn treat<R: Send>(mut pending: Pending<R>, how: u32) {
    let control = pending.control();
    match how % 7 {
        0 => drop(pending),
        1 => pending.cancel(),
        2 => {
            is_ready(&mut pending);
        }
        3 if !is_ready(&mut pending) => {
            control.cancel();
            let _ = pending.wait_for(Duration::from_millis(1));
        }
        4 => {
            control.interrupt();
            let _ = pending.wait_for(Timeout::NO_WAIT);
        }
        5 => {
            let _ = pending.is_done();
        }
        6 => {
            let _ = pending.wait_for(Duration::from_millis(1));
        }
        _ => {} // it was ready when it was polled
    }
}

/// Tells by its drop that a function was freed.
type Held = Arc<Mutex<mpsc::Sender<()>>>;

fn one_of_all(client: &Client, atom: &Atom<u32>, promise: &Promise<u32>, delay: &Delay<u32>, held: &Held, n: u32) {
    let (what, how) = (n % 11, n / 11);
    let own = held.clone();
    match what {
        0 => treat(atom.deref_async(), how),
        1 => treat(atom.swap_async(move |n| n.wrapping_add(Arc::strong_count(&own) as u32)), how),
        2 => treat(atom.reset_vals_async(n), how),
        3 => treat(atom.changes_async(), how),
        4 => treat(atom.add_watch_async(format!("w{}", n % 3), move |_| drop(own.clone())), how),
        5 => treat(atom.alter_meta_async(move |old| Ok::<_, Error>(vec![old.len() as u8, Arc::strong_count(&own) as u8])), how),
        6 => treat(promise.deref_async(), how),
        7 => treat(delay.claim_async(), how),
        8 => treat(delay.deref_async(), how),
        9 => treat(OpenOptions::new().open_delay_with_body_async(client, "e", move |_| Ok(Arc::strong_count(&own) as u32)), how),
        _ => treat(client.inspect_async("n"), how),
    }
}

#[test]
fn nothing_hangs_and_all_is_freed() {
    for round in 0..4u32 {
        let client = client();
        let (tell, freed) = mpsc::channel();
        let held: Held = Arc::new(Mutex::new(tell));
        let atom = Atom::create(&client, "n", 0u32).unwrap();
        let promise: Promise<u32> = Promise::open(&client, "p").unwrap();
        let delay: Delay<u32> = Delay::open(&client, "d").unwrap();
        std::thread::scope(|scope| {
            for thread in 0..3u32 {
                let (client, atom, promise, delay, held) = (&client, &atom, &promise, &delay, &held);
                scope.spawn(move || {
                    let mut random = 1 + thread + 10 * round;
                    for step in 0..300 {
                        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                        one_of_all(client, atom, promise, delay, held, random >> 8);
                        if round % 2 == 1 && thread == 0 && step == 150 {
                            client.close().unwrap();
                        }
                    }
                });
            }
        });
        drop((held, atom, promise, delay));
        client.within(SOON).close().unwrap();
        drop(client);
        assert_eq!(freed.recv_timeout(SOON), Err(mpsc::RecvTimeoutError::Disconnected), "round {round}");
    }
}
