//! What the Rust binding adds to the C call, and what redis-rs needs for the same job. The URL of a local: folder is in EXOREF_URL.
//!
//! Each figure is the least of several rounds; a round is short, so that the whole takes seconds.

use std::ffi::c_void;
use std::ptr::null_mut;
use std::time::{Duration, Instant};

use exoref::{codec, Atom, Client, OpenOptions, Promise};
use exoref_sys as ffi;

const VALUE: &[u8] = b"sixteen bytes ok";

/// Nanoseconds of one call, the least of the rounds.
fn measure(rounds: u32, calls: u32, mut call: impl FnMut()) -> f64 {
    (0..rounds)
        .map(|_| {
            let start = Instant::now();
            (0..calls).for_each(|_| call());
            start.elapsed() / calls
        })
        .min()
        .unwrap_or(Duration::ZERO)
        .as_nanos() as f64
}

/// Nanoseconds with a fraction, for what takes few.
fn measure_fine(rounds: u32, calls: u32, mut call: impl FnMut()) -> f64 {
    let least = (0..rounds).map(|_| {
        let start = Instant::now();
        (0..calls).for_each(|_| call());
        start.elapsed().as_nanos() as f64 / f64::from(calls)
    });
    least.fold(f64::INFINITY, f64::min)
}

unsafe extern "C" fn add_one_in_c(_: *mut c_void, old: *const ffi::exoref_value, sink: *mut ffi::exoref_sink) -> i32 {
    // SAFETY: value and sink live during the callback.
    unsafe {
        let old = std::slice::from_raw_parts(ffi::exoref_value_data(old).cast(), ffi::exoref_value_size(old));
        let next = add_one(old);
        ffi::exoref_sink_write(sink, next.as_ptr().cast(), next.len());
    }
    ffi::EXOREF_CALL_OK
}

fn add_one(old: &[u8]) -> Vec<u8> {
    let old: u64 = std::str::from_utf8(old).ok().and_then(|text| text.parse().ok()).unwrap_or_default();
    (old + 1).to_string().into_bytes()
}

fn row(what: &str, c: f64, rust: f64) {
    println!("| {what} | {c:.1} | {rust:.1} | {:+.1} | {:.2} |", rust - c, rust / c);
}

fn deref(client: &Client) -> exoref::Result<()> {
    let promise: Promise<Vec<u8>> = OpenOptions::with_codec(codec::Bytes).open_promise(client, "bench:promise")?;
    promise.deliver(VALUE.to_vec())?;
    let mut raw = null_mut();
    // SAFETY: client and key live during the call.
    let status = unsafe {
        ffi::exoref_promise_open(client.as_ptr(), b"bench:promise".as_ptr().cast(), 13, null_mut(), -2, &mut raw, null_mut(), null_mut())
    };
    assert_eq!(status, ffi::EXOREF_OK);
    let in_c = || {
        let mut value = null_mut();
        // SAFETY: the promise is held, and so is the value until it is released.
        unsafe {
            assert_eq!(ffi::exoref_promise_deref(raw, -2, &mut value, null_mut()), ffi::EXOREF_OK);
            std::hint::black_box((ffi::exoref_value_data(value), ffi::exoref_value_size(value)));
            ffi::exoref_value_release(value);
        }
    };
    let in_rust = || {
        let value = promise.deref().expect("it is delivered");
        std::hint::black_box((value.as_ptr(), value.len()));
    };
    // Taken in turns: what else the machine does concerns both.
    let (mut c, mut rust) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..5 {
        c = c.min(measure_fine(2, 200_000, in_c));
        rust = rust.min(measure_fine(2, 200_000, in_rust));
    }
    row("deref of a realized promise, 16 bytes", c, rust);
    // SAFETY: it was opened above, and released once.
    unsafe { ffi::exoref_promise_release(raw) };
    Ok(())
}

fn swap(client: &Client) -> exoref::Result<f64> {
    client.delete("bench:atom")?;
    let atom: Atom<Vec<u8>> = OpenOptions::with_codec(codec::Bytes).create_atom(client, "bench:atom", b"0".to_vec())?;
    let mut raw = null_mut();
    // SAFETY: client and key live during the call.
    let status = unsafe {
        ffi::exoref_atom_open(client.as_ptr(), b"bench:atom".as_ptr().cast(), 10, null_mut(), -2, &mut raw, null_mut())
    };
    assert_eq!(status, ffi::EXOREF_OK);
    let in_c = || {
        // SAFETY: the atom is held.
        let status = unsafe { ffi::exoref_atom_swap(raw, Some(add_one_in_c), null_mut(), -2, null_mut(), null_mut()) };
        assert_eq!(status, ffi::EXOREF_OK);
    };
    let in_rust = || drop(atom.swap(|old| add_one(&old)).expect("it is swapped"));
    let (mut c, mut rust) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..5 {
        c = c.min(measure(1, 2000, in_c));
        rust = rust.min(measure(1, 2000, in_rust));
    }
    row("swap on the server", c, rust);
    // SAFETY: it was opened above, and released once.
    unsafe { ffi::exoref_atom_release(raw) };
    Ok(rust)
}

/// The same count with redis-rs: optimistically, and in Lua.
fn peers(socket: &str, exoref: f64) -> redis::RedisResult<()> {
    let mut connection = redis::Client::open(format!("redis+unix://{socket}"))?.get_connection()?;
    let optimistic = measure(5, 1000, || {
        let counted: redis::RedisResult<(i64,)> = redis::transaction(&mut connection, &["bench:peer"], |connection, pipe| {
            let old: Option<i64> = redis::Commands::get(connection, "bench:peer")?;
            pipe.set("bench:peer", old.unwrap_or(0) + 1).ignore().get("bench:peer").query(connection)
        });
        counted.expect("it is counted");
    });
    let script = redis::Script::new("local n = (redis.call('GET', KEYS[1]) or 0) + 1 redis.call('SET', KEYS[1], n) return n");
    let lua = measure(5, 1000, || {
        script.key("bench:peer").invoke::<i64>(&mut connection).expect("it is counted");
    });
    println!("\n| the same count | µs | of exoref's swap |\n| --- | --- | --- |");
    for (what, time) in [("exoref", exoref), ("redis-rs, WATCH/MULTI/EXEC", optimistic), ("redis-rs, Lua", lua)] {
        println!("| {what} | {:.1} | {:.2} |", time / 1000.0, time / exoref);
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::open_from_env()?;
    println!("| ns | C | Rust | added | ratio |\n| --- | --- | --- | --- | --- |");
    deref(&client)?;
    let ours = swap(&client)?;
    let url = client.server();
    let folder = url.strip_prefix("local:").ok_or("EXOREF_URL must be local:DIR, where redis-rs finds the same server")?;
    peers(&format!("{folder}/redis.sock"), ours)?;
    Ok(())
}
