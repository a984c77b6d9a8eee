use std::fmt;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::ptr::null;
use std::time::Duration;

use exoref_sys as ffi;

use crate::admin::{Info, RefType, Scan};
use crate::default_timeout;
use crate::error::{Error, ErrorKind, Result};
use crate::handle::{c_text, call, call_for, text, Handle};
use crate::options::ClientOptions;
use crate::pending::{CFuture, Outcome, Pending};
use crate::table::{stats, Stat};
use crate::timeout::{whole_ms, Timeout};

/// A connection to one server, for any number of references and threads. It reconnects by itself. Clones are the same client.
///
/// It is closed, in the background, when the last clone and the last reference of it is dropped. What its callbacks use is freed
/// with them; [`close`](Client::close) tells when nothing of them runs any more.
#[derive(Clone)]
pub struct Client {
    handle: Handle<ffi::exoref_client>,
    timeout: Timeout,
    default_timeout: Timeout,
}

/// A server's sign of life.
#[derive(Clone, Debug)]
pub struct Pong {
    /// There and back.
    pub round_trip: Duration,
    /// The server's version; "" where it hides it.
    pub server_version: String,
}

impl ClientOptions {
    /// Opens a client and waits until the server has answered: `redis://[[user]:password@]host[:port][/database][?option=value]`,
    /// `redis+unix:///path/to/socket`, or `local:DIR`, a private server in a folder.
    pub fn open(&self, url: &str) -> Result<Client> {
        self.open_async(url).wait()
    }

    /// As [`open`](ClientOptions::open), without waiting.
    pub fn open_async(&self, url: &str) -> Pending<Client> {
        self.begin(Some(url), Timeout::DEFAULT)
    }

    /// As [`open`](ClientOptions::open), for so long. [`Timeout::NO_WAIT`] goes on connecting in the background.
    pub fn open_within(&self, url: &str, timeout: impl Into<Timeout>) -> Result<Client> {
        self.open_within_async(url, timeout).wait()
    }

    /// As [`open`](ClientOptions::open), with the URL in the environment's `EXOREF_URL`, else `REDIS_URL`, else `redis://127.0.0.1:6379`.
    pub fn open_from_env(&self) -> Result<Client> {
        self.open_from_env_async().wait()
    }

    /// As [`open_from_env`](ClientOptions::open_from_env), without waiting.
    pub fn open_from_env_async(&self) -> Pending<Client> {
        self.begin(None, Timeout::DEFAULT)
    }

    /// As [`open_within`](ClientOptions::open_within), without waiting.
    pub fn open_within_async(&self, url: &str, timeout: impl Into<Timeout>) -> Pending<Client> {
        self.begin(Some(url), timeout.into())
    }

    fn begin(&self, given: Option<&str>, timeout: Timeout) -> Pending<Client> {
        let made = self.applied().and_then(|options| Ok((options, given.map(|url| c_text(url, "the URL")).transpose()?)));
        let (options, url) = match made {
            Ok(both) => both,
            Err(error) => return Pending::failed(error),
        };
        let default_timeout = match self.get("timeout") {
            Ok(option) => default_timeout::of(&option, given),
            Err(error) => return Pending::failed(error),
        };
        let url = url.as_ref().map_or(null(), |url| url.as_ptr());
        Pending::start(
            // SAFETY: URL and options live during the call.
            |out, error| unsafe { ffi::exoref_client_open_async(url, options.as_ptr(), timeout.ms(), out, error) },
            move |future| {
                // SAFETY: what comes out is ours.
                let handle = unsafe { Handle::adopt(ffi::exoref_future_client(future.as_ptr())) };
                let handle = handle.ok_or_else(|| Error::internal("an opening went well and gave no client"))?;
                Ok(Client { handle, timeout: Timeout::DEFAULT, default_timeout })
            },
        )
    }
}

impl Client {
    /// Opens a client with the defaults: [`ClientOptions::open`].
    pub fn open(url: &str) -> Result<Client> {
        ClientOptions::new().open(url)
    }

    /// As [`open`](Client::open), with the URL in the environment's `EXOREF_URL`, else `REDIS_URL`, else `redis://127.0.0.1:6379`.
    pub fn open_from_env() -> Result<Client> {
        ClientOptions::new().open_from_env()
    }

    /// As [`open_from_env`](Client::open_from_env), without waiting.
    pub fn open_from_env_async() -> Pending<Client> {
        ClientOptions::new().open_from_env_async()
    }

    /// As [`open`](Client::open), without waiting.
    pub fn open_async(url: &str) -> Pending<Client> {
        ClientOptions::new().open_async(url)
    }

    /// The same client, with another timeout for the calls on this handle, opening references among them.
    pub fn within(&self, timeout: impl Into<Timeout>) -> Client {
        Client { timeout: timeout.into(), ..self.clone() }
    }

    /// Closes the client, for all who use it: pending calls end, watches are called no more, connections end. Waits for functions of
    /// yours that run just now, up to the timeout; idempotent.
    pub fn close(&self) -> Result<()> {
        // SAFETY: we hold the client.
        call(|error| unsafe { ffi::exoref_client_close(self.as_ptr(), self.timeout.ms(), error) })
    }

    /// Asks the server for a sign of life.
    pub fn ping(&self) -> Result<Pong> {
        self.ping_async().wait()
    }

    /// As [`ping`](Client::ping), without waiting.
    pub fn ping_async(&self) -> Pending<Pong> {
        Pending::start(
            // SAFETY: we hold the client.
            |out, error| unsafe { ffi::exoref_client_ping_async(self.as_ptr(), self.timeout.ms(), out, error) },
            |future| {
                Ok(Pong {
                    round_trip: Duration::from_micros(future.number().unsigned_abs()),
                    server_version: String::from_utf8_lossy(&future.some_value()?).into_owned(),
                })
            },
        )
    }

    /// The server as messages name it: the URL without secrets.
    pub fn server(&self) -> String {
        // SAFETY: the text lives as long as the client, which we hold.
        unsafe { text(ffi::exoref_client_server(self.as_ptr())) }.into_owned()
    }

    /// What this client has counted so far.
    pub fn stats(&self) -> Vec<Stat> {
        stats(self.as_ptr())
    }

    /// Deletes the reference, of whatever type; whoever watches is told. Whether there was one.
    pub fn delete(&self, key: impl AsRef<[u8]>) -> Result<bool> {
        self.delete_async(key).wait()
    }

    /// As [`delete`](Client::delete), without waiting.
    pub fn delete_async(&self, key: impl AsRef<[u8]>) -> Pending<bool> {
        let key = key.as_ref();
        Pending::start(
            // SAFETY: we hold the client, and the key is copied.
            |out, error| unsafe { ffi::exoref_delete_async(self.as_ptr(), key.as_ptr().cast(), key.len(), self.timeout.ms(), out, error) },
            |future| Ok(future.flag()),
        )
    }

    /// Sets the time that the reference lives from now, and anew from each change; `None`: for ever.
    pub fn expire(&self, key: impl AsRef<[u8]>, ttl: Option<Duration>) -> Result<()> {
        self.expire_async(key, ttl).wait()
    }

    /// As [`expire`](Client::expire), without waiting.
    pub fn expire_async(&self, key: impl AsRef<[u8]>, ttl: Option<Duration>) -> Pending<()> {
        let key = key.as_ref();
        let ttl = ttl.map_or(ffi::EXOREF_TTL_NONE, whole_ms);
        Pending::start(
            // SAFETY: we hold the client, and the key is copied.
            |out, error| unsafe {
                ffi::exoref_expire_async(self.as_ptr(), key.as_ptr().cast(), key.len(), ttl, self.timeout.ms(), out, error)
            },
            |_| Ok(()),
        )
    }

    /// Whether the promise or delay under the key is realized; false where there is none, and nothing is created. `only`: an error
    /// for the other type.
    pub fn realized(&self, key: impl AsRef<[u8]>, only: Option<RefType>) -> Result<bool> {
        self.realized_async(key, only).wait()
    }

    /// As [`realized`](Client::realized), without waiting.
    pub fn realized_async(&self, key: impl AsRef<[u8]>, only: Option<RefType>) -> Pending<bool> {
        let key = key.as_ref();
        let only = only.map_or(null(), |only| only.word().as_ptr());
        Pending::start(
            // SAFETY: we hold the client, and key and word are copied.
            |out, error| unsafe {
                ffi::exoref_realized_async(self.as_ptr(), key.as_ptr().cast(), key.len(), only, self.timeout.ms(), out, error)
            },
            |future| Ok(future.flag()),
        )
    }

    /// All that is known about a reference.
    pub fn inspect(&self, key: impl AsRef<[u8]>) -> Result<Info> {
        self.inspect_async(key).wait()
    }

    /// As [`inspect`](Client::inspect), without waiting.
    pub fn inspect_async(&self, key: impl AsRef<[u8]>) -> Pending<Info> {
        let key = key.as_ref();
        Pending::start(
            // SAFETY: we hold the client, and the key is copied.
            |out, error| unsafe { ffi::exoref_inspect_async(self.as_ptr(), key.as_ptr().cast(), key.len(), self.timeout.ms(), out, error) },
            |future| Info::from_future(future)?.ok_or_else(|| Error::internal("an inspection went well and gave nothing")),
        )
    }

    /// References in no order, by a pattern of Redis (`*`, `user:?`, `[ab]*`; "": all) and a type, `None` for any. Asks the server as it
    /// goes on. One that is changed meanwhile may come twice or be missed.
    pub fn list(&self, pattern: impl AsRef<[u8]>, only: Option<RefType>) -> Result<Scan> {
        let pattern = pattern.as_ref();
        let data = if pattern.is_empty() { null() } else { pattern.as_ptr() };
        let only = only.map_or(null(), |only| only.word().as_ptr());
        let scan = call_for(|out, error| {
            // SAFETY: we hold the client, and pattern and word are copied.
            unsafe { ffi::exoref_scan_new(self.as_ptr(), data.cast(), pattern.len(), only, out, error) }
        })?;
        Ok(Scan::new(scan, self.timeout))
    }

    /// With the option `events=take`: calls what is to be called on this thread, `most` events at most (0: no bound). How many there
    /// were. It waits for the first one only on a handle with a timeout of its own: `client.within(time).poll(0)`.
    ///
    /// A task that awaits a [`Pending`] of such a client is woken here, and nowhere else.
    pub fn poll(&self, most: usize) -> Result<usize> {
        let mut ran = 0;
        let timeout = if self.timeout == Timeout::DEFAULT { Timeout::NO_WAIT } else { self.timeout };
        // SAFETY: we hold the client. No panic comes through C: each function is guarded.
        match call(|error| unsafe { ffi::exoref_client_poll(self.as_ptr(), most, timeout.ms(), &mut ran, error) }) {
            Err(error) if error.kind() != ErrorKind::Timeout => Err(error),
            _ => Ok(ran),
        }
    }

    /// With the option `events=take`: takes one event, waiting for it; `None` if none came in the time.
    pub fn next_event(&self) -> Result<Option<Event>> {
        // SAFETY: we hold the client.
        match call_for(|out, error| unsafe { ffi::exoref_client_next_event(self.as_ptr(), self.timeout.ms(), out, error) }) {
            Ok(event) => Ok(Some(Event(event))),
            Err(error) if error.kind() == ErrorKind::Timeout => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// With the option `events=take`: a descriptor (an eventfd, or the writing end of a non-blocking pipe) that gets eight bytes
    /// each time the queue of events turns from empty to not empty. `None` takes it back.
    ///
    /// # Safety
    /// The descriptor stays open until it is taken back or the client is closed.
    pub unsafe fn set_event_fd(&self, fd: Option<BorrowedFd<'_>>) -> Result<()> {
        let fd = fd.map_or(-1, |fd| fd.as_raw_fd());
        // SAFETY: we hold the client; the caller's promise.
        call(|error| unsafe { ffi::exoref_client_set_event_fd(self.as_ptr(), fd, error) })
    }

    /// The client as the crate `exoref-sys` knows it, for what that has beside this crate. It stays the client's: do not release it.
    pub fn as_ptr(&self) -> *mut ffi::exoref_client {
        self.handle.as_ptr()
    }

    pub(crate) fn timeout(&self) -> Timeout {
        self.timeout
    }

    /// The option `timeout`.
    pub(crate) fn default_timeout(&self) -> Timeout {
        self.default_timeout
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("server", &self.server()).finish_non_exhaustive()
    }
}

/// What an [`Event`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EventKind {
    /// An operation is done.
    Completion,
    /// A change under watch.
    Watch,
    /// What a function used is to be freed.
    Release,
    /// The function of an asynchronous change of metadata is to be called.
    Step,
    /// The body of a delay is to be called.
    Body,
    /// Another, of a newer library.
    Other,
}

/// Something that happened, for clients with `events=take`. One that is dropped without [`run`](Event::run) is not called, only freed.
pub struct Event(Handle<ffi::exoref_event>);

impl Event {
    /// What it is about.
    pub fn kind(&self) -> EventKind {
        // SAFETY: we hold the event.
        match unsafe { ffi::exoref_event_kind(self.0.as_ptr()) } {
            ffi::EXOREF_EVENT_COMPLETION => EventKind::Completion,
            ffi::EXOREF_EVENT_WATCH => EventKind::Watch,
            ffi::EXOREF_EVENT_RELEASE => EventKind::Release,
            ffi::EXOREF_EVENT_STEP => EventKind::Step,
            ffi::EXOREF_EVENT_BODY => EventKind::Body,
            _ => EventKind::Other,
        }
    }

    /// Calls what is to be called, on this thread.
    pub fn run(self) {
        // SAFETY: we hold the event. No panic comes through C: each function is guarded.
        unsafe { ffi::exoref_event_run(self.0.as_ptr()) };
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Event({:?})", self.kind())
    }
}

/// The library's version, such as "1.0.0".
pub fn version() -> String {
    // SAFETY: a static text.
    unsafe { text(ffi::exoref_version()) }.into_owned()
}

/// The library's version as a number: major * 10000 + minor * 100 + patch.
pub fn version_number() -> i32 {
    // SAFETY: a pure function.
    unsafe { ffi::exoref_version_number() }
}

/// The future's handle of a reference, which it always has when the opening went well.
pub(crate) fn opened<C: crate::handle::Counted>(
    future: &CFuture,
    read: unsafe extern "C" fn(*const ffi::exoref_future) -> *mut C,
) -> Result<Handle<C>> {
    // SAFETY: we hold the future, and what it gives is ours.
    unsafe { Handle::adopt(read(future.as_ptr())) }.ok_or_else(|| Error::internal("an opening went well and gave nothing"))
}
