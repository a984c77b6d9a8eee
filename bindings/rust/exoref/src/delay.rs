use std::fmt;
use std::panic::resume_unwind;
use std::ptr::null_mut;
use std::sync::Arc;

use exoref_sys as ffi;

use crate::body::{Body, BodyFailure};
use crate::border::{self, Ended};
use crate::client::{opened, Client};
use crate::codec::SharedCodec;
use crate::error::{Error, ErrorKind, Result};
use crate::handle::{call, sized, Handle};
use crate::lease::Lease;
use crate::options::OpenOptions;
use crate::pending::{CFuture, Outcome, Pending};
use crate::promise::Known;
use crate::timeout::Timeout;
use crate::validator::Validator;
use crate::value::{RawValue, Value};

/// A value that is computed when somebody first asks for it, once among all processes: Clojure's delay. Clones are the same handle.
///
/// What asks the server waits up to the handle's timeout ([`within`](Delay::within)) and has a form `..._async`, too, that gives
/// a [`Pending`].
pub struct Delay<T> {
    state: Arc<State<T>>,
    timeout: Timeout,
}

struct State<T> {
    handle: Handle<ffi::exoref_delay>,
    codec: SharedCodec<T>,
    validator: Option<Validator<T>>,
    created: bool,
    known: Known<T>,
}

/// What [`Delay::claim`] answers.
#[derive(Debug, Clone)]
pub enum Claim<T: Send + Sync + 'static> {
    /// It is the caller who computes.
    Lease(Lease<T>),
    /// It was computed.
    Value(Value<T>),
}

impl<T: Send + Sync + 'static> OpenOptions<T> {
    /// Opens the delay without a body: others compute. Creates it, unrealized, if it does not exist; [`Delay::created`] tells.
    pub fn open_delay(&self, client: &Client, key: impl AsRef<[u8]>) -> Result<Delay<T>> {
        self.open_delay_async(client, key).wait()
    }

    /// As [`open_delay`](OpenOptions::open_delay), without waiting.
    pub fn open_delay_async(&self, client: &Client, key: impl AsRef<[u8]>) -> Pending<Delay<T>> {
        let key = key.as_ref();
        self.begin_delay(|options, out, error| {
            // SAFETY: client and options live during the call, and the key is copied.
            unsafe {
                ffi::exoref_delay_open_async(client.as_ptr(), key.as_ptr().cast(), key.len(), options, client.timeout().ms(), out, error)
            }
        })
    }

    /// Opens the delay with a body. It runs when somebody asks for the value, here or in another process: on the thread of the
    /// deref that came first here, else on a thread of the client. What it gives is published, and a failure of it, too. A panic is a
    /// failure of the kind `panic`; if it is a deref of this process that runs the body, it comes out of that deref.
    ///
    /// A long body looks at [`Lease::lost`] now and then.
    pub fn open_delay_with_body(
        &self,
        client: &Client,
        key: impl AsRef<[u8]>,
        body: impl Fn(&Lease<T>) -> Result<T, BodyFailure> + Send + Sync + 'static,
    ) -> Result<Delay<T>> {
        self.open_delay_with_body_async(client, key, body).wait()
    }

    /// As [`open_delay_with_body`](OpenOptions::open_delay_with_body), without waiting.
    pub fn open_delay_with_body_async<F>(&self, client: &Client, key: impl AsRef<[u8]>, body: F) -> Pending<Delay<T>>
    where
        F: Fn(&Lease<T>) -> Result<T, BodyFailure> + Send + Sync + 'static,
    {
        let key = key.as_ref();
        let body = Body { function: body, codec: self.codec.clone(), validator: self.validator.clone() };
        self.begin_delay(|options, out, error| {
            let (client, timeout) = (client.as_ptr(), client.timeout().ms());
            let (key, size) = (key.as_ptr().cast(), key.len());
            let (run, ctx, free) = (Body::<T, F>::run, border::boxed(body), border::free::<Body<T, F>>);
            // SAFETY: client and options live during the call, and the key is copied; the box is freed by C, also if this fails.
            unsafe {
                ffi::exoref_delay_open_with_body_async(client, key, size, Some(run), ctx, Some(free), 0, options, timeout, out, error)
            }
        })
    }

    fn begin_delay(
        &self,
        start: impl FnOnce(*const ffi::exoref_options, *mut *mut ffi::exoref_future, *mut *mut ffi::exoref_error) -> ffi::exoref_status,
    ) -> Pending<Delay<T>> {
        let options = match self.applied() {
            Ok(options) => options,
            Err(error) => return Pending::failed(error),
        };
        let (codec, validator) = (self.codec.clone(), self.validator.clone());
        Pending::start(
            |out, error| start(options.as_ptr(), out, error),
            move |future| {
                let handle = opened(future, ffi::exoref_future_delay)?;
                let state = State { handle, codec, validator, created: future.flag(), known: Known::new() };
                Ok(Delay { state: Arc::new(state), timeout: Timeout::DEFAULT })
            },
        )
    }
}

#[cfg(feature = "json")]
impl<T: serde::Serialize + serde::de::DeserializeOwned + Send + Sync + 'static> Delay<T> {
    /// Opens the delay of a JSON value without a body: [`OpenOptions::open_delay`].
    pub fn open(client: &Client, key: impl AsRef<[u8]>) -> Result<Delay<T>> {
        OpenOptions::new().open_delay(client, key)
    }

    /// As [`open`](Delay::open), without waiting.
    pub fn open_async(client: &Client, key: impl AsRef<[u8]>) -> Pending<Delay<T>> {
        OpenOptions::new().open_delay_async(client, key)
    }

    /// Opens the delay of a JSON value with a body: [`OpenOptions::open_delay_with_body`].
    pub fn open_with_body(
        client: &Client,
        key: impl AsRef<[u8]>,
        body: impl Fn(&Lease<T>) -> Result<T, BodyFailure> + Send + Sync + 'static,
    ) -> Result<Delay<T>> {
        OpenOptions::new().open_delay_with_body(client, key, body)
    }

    /// As [`open_with_body`](Delay::open_with_body), without waiting.
    pub fn open_with_body_async<F>(client: &Client, key: impl AsRef<[u8]>, body: F) -> Pending<Delay<T>>
    where
        F: Fn(&Lease<T>) -> Result<T, BodyFailure> + Send + Sync + 'static,
    {
        OpenOptions::new().open_delay_with_body_async(client, key, body)
    }
}

impl<T: Send + Sync + 'static> Delay<T> {
    /// The same delay, with another timeout for the calls on this handle.
    pub fn within(&self, timeout: impl Into<Timeout>) -> Delay<T> {
        Delay { state: self.state.clone(), timeout: timeout.into() }
    }

    /// Whether the opening created it.
    pub fn created(&self) -> bool {
        self.state.created
    }

    /// The key as given at opening.
    pub fn key(&self) -> &[u8] {
        // SAFETY: the bytes live as long as the delay, which we hold.
        unsafe { sized(|size| ffi::exoref_delay_key(self.as_ptr(), size)) }
    }

    /// The value, computed if it is not yet: by this handle's body on this thread if nobody runs one, else by whoever has one; where
    /// nobody has, it waits until somebody comes. The timeout bounds the waiting and no body.
    ///
    /// [`ErrorKind::Body`]: the body failed, here or elsewhere, now or earlier. What it failed with is the error's source where it was
    /// this call that ran it.
    pub fn deref(&self) -> Result<Value<T>> {
        if let Some(known) = self.state.known.get() {
            // C is asked all the same: it knows of a closed client and a forked process. The value itself is not needed.
            // SAFETY: we hold the delay.
            call(|error| unsafe { ffi::exoref_delay_deref(self.as_ptr(), self.timeout.ms(), null_mut(), error) })?;
            return Ok(known.clone());
        }
        let mut out = null_mut();
        let (outcome, ended) = border::catching(|| {
            // SAFETY: we hold the delay. No panic of the body comes through C.
            call(|error| unsafe { ffi::exoref_delay_deref(self.as_ptr(), self.timeout.ms(), &mut out, error) })
        });
        // SAFETY: what comes out is ours.
        let raw = unsafe { RawValue::adopt(out) };
        match (outcome, ended) {
            (_, Some(Ended::Panic(panic))) => resume_unwind(panic),
            (Err(error), Some(Ended::Error(source))) if error.kind() == ErrorKind::Body => return Err(error.with_source(source)),
            (outcome, _) => outcome?,
        }
        self.state.realized(raw)
    }

    /// As [`deref`](Delay::deref), without waiting; for ever, unless the handle has a timeout. A body of this process runs on a thread of
    /// the client. To drop it ends the wait, and no body.
    pub fn deref_async(&self) -> Pending<Value<T>> {
        self.begin(
            // SAFETY: we hold the delay.
            |delay, out, error| unsafe { ffi::exoref_delay_deref_async(delay, self.timeout.or_none().ms(), out, error) },
            |state, future| state.realized(future.value()),
        )
        .ending_when_dropped()
    }

    /// Whether there is a result, a value or a kept failure. Starts nothing.
    pub fn realized(&self) -> Result<bool> {
        self.realized_async().wait()
    }

    /// As [`realized`](Delay::realized), without waiting.
    pub fn realized_async(&self) -> Pending<bool> {
        self.begin(
            // SAFETY: we hold the delay.
            |delay, out, error| unsafe { ffi::exoref_delay_realized_async(delay, self.timeout.ms(), out, error) },
            |_, future| Ok(future.flag()),
        )
    }

    /// The pull form of deref, for who computes in a way of his own: ends with the value, or with the lease when nobody holds it.
    pub fn claim(&self) -> Result<Claim<T>> {
        self.begin_claim(self.timeout).wait()
    }

    /// As [`claim`](Delay::claim), without waiting; for ever, unless the handle has a timeout. A lease that nobody takes is given back.
    pub fn claim_async(&self) -> Pending<Claim<T>> {
        self.begin_claim(self.timeout.or_none()).ending_when_dropped()
    }

    fn begin_claim(&self, timeout: Timeout) -> Pending<Claim<T>> {
        self.begin(
            // SAFETY: we hold the delay.
            |delay, out, error| unsafe { ffi::exoref_delay_claim_async(delay, timeout.ms(), out, error) },
            |state, future| {
                // SAFETY: we hold the future, and what it gives is ours.
                match unsafe { Handle::adopt(ffi::exoref_future_lease(future.as_ptr())) } {
                    Some(lease) => Ok(Claim::Lease(Lease::new(lease, state.codec.clone(), state.validator.clone()))),
                    None => state.realized(future.value()).map(Claim::Value),
                }
            },
        )
    }

    fn begin<R: Send + 'static>(
        &self,
        start: impl FnOnce(*mut ffi::exoref_delay, *mut *mut ffi::exoref_future, *mut *mut ffi::exoref_error) -> ffi::exoref_status,
        outcome: impl FnOnce(&State<T>, &CFuture) -> Result<R> + Send + 'static,
    ) -> Pending<R> {
        let state = self.state.clone();
        Pending::start(|out, error| start(self.as_ptr(), out, error), move |future| outcome(&state, future))
    }

    fn as_ptr(&self) -> *mut ffi::exoref_delay {
        self.state.handle.as_ptr()
    }
}

impl<T: 'static> State<T> {
    fn realized(&self, raw: Option<RawValue>) -> Result<Value<T>> {
        let raw = raw.ok_or_else(|| Error::internal("a delay is realized without a value"))?;
        self.known.decoded(&self.codec, raw)
    }
}

impl<T> Clone for Delay<T> {
    fn clone(&self) -> Self {
        Delay { state: self.state.clone(), timeout: self.timeout }
    }
}

impl<T: Send + Sync + 'static> fmt::Debug for Delay<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Delay('{}')", self.key().escape_ascii())
    }
}
