use std::fmt;
use std::ptr::null_mut;
use std::sync::{Arc, OnceLock};

use exoref_sys as ffi;

use crate::client::{opened, Client};
use crate::codec::SharedCodec;
use crate::error::{Error, Result};
use crate::handle::{call, sized, Handle};
use crate::options::OpenOptions;
use crate::pending::{Outcome, Pending};
use crate::timeout::Timeout;
use crate::validator::Validator;
use crate::value::{RawValue, Value};

/// A value that comes once, from whoever delivers it first, and is waited for anywhere: Clojure's promise. Clones are the same handle.
///
/// What asks the server waits up to the handle's timeout ([`within`](Promise::within)) and has a form `..._async`, too, that gives
/// a [`Pending`].
pub struct Promise<T> {
    state: Arc<State<T>>,
    timeout: Timeout,
}

struct State<T> {
    handle: Handle<ffi::exoref_promise>,
    codec: SharedCodec<T>,
    validator: Option<Validator<T>>,
    created: bool,
    known: Known<T>,
}

/// What [`Promise::deliver`] answers.
#[derive(Debug, Clone)]
pub struct Delivery<T> {
    /// Whether this call delivered.
    pub delivered: bool,
    /// The value that stands: this one, or the earlier one.
    pub standing: Value<T>,
}

/// The value of a promise or delay, once it is known here: it never changes, so it is decoded once.
pub(crate) struct Known<T>(OnceLock<Value<T>>);

impl<T: 'static> Known<T> {
    pub(crate) fn new() -> Known<T> {
        Known(OnceLock::new())
    }

    #[inline]
    pub(crate) fn get(&self) -> Option<&Value<T>> {
        self.0.get()
    }

    pub(crate) fn decoded(&self, codec: &SharedCodec<T>, raw: RawValue) -> Result<Value<T>> {
        if let Some(known) = self.0.get() {
            return Ok(known.clone());
        }
        let value = Value::decoded(&**codec, raw)?;
        Ok(self.0.get_or_init(|| value).clone())
    }
}

impl<T: Send + Sync + 'static> OpenOptions<T> {
    /// Opens the promise, and creates it, undelivered, if it does not exist; [`Promise::created`] tells.
    pub fn open_promise(&self, client: &Client, key: impl AsRef<[u8]>) -> Result<Promise<T>> {
        self.open_promise_async(client, key).wait()
    }

    /// As [`open_promise`](OpenOptions::open_promise), without waiting.
    pub fn open_promise_async(&self, client: &Client, key: impl AsRef<[u8]>) -> Pending<Promise<T>> {
        let options = match self.applied() {
            Ok(options) => options,
            Err(error) => return Pending::failed(error),
        };
        let key = key.as_ref();
        let (codec, validator) = (self.codec.clone(), self.validator.clone());
        Pending::start(
            |out, error| {
                let (client, timeout) = (client.as_ptr(), client.timeout().ms());
                // SAFETY: client and options live during the call, and the key is copied.
                unsafe { ffi::exoref_promise_open_async(client, key.as_ptr().cast(), key.len(), options.as_ptr(), timeout, out, error) }
            },
            move |future| {
                let handle = opened(future, ffi::exoref_future_promise)?;
                let state = State { handle, codec, validator, created: future.flag(), known: Known::new() };
                Ok(Promise { state: Arc::new(state), timeout: Timeout::DEFAULT })
            },
        )
    }
}

#[cfg(feature = "json")]
impl<T: serde::Serialize + serde::de::DeserializeOwned + Send + Sync + 'static> Promise<T> {
    /// Opens the promise of a JSON value: [`OpenOptions::open_promise`].
    pub fn open(client: &Client, key: impl AsRef<[u8]>) -> Result<Promise<T>> {
        OpenOptions::new().open_promise(client, key)
    }

    /// As [`open`](Promise::open), without waiting.
    pub fn open_async(client: &Client, key: impl AsRef<[u8]>) -> Pending<Promise<T>> {
        OpenOptions::new().open_promise_async(client, key)
    }
}

impl<T: Send + Sync + 'static> Promise<T> {
    /// The same promise, with another timeout for the calls on this handle.
    pub fn within(&self, timeout: impl Into<Timeout>) -> Promise<T> {
        Promise { state: self.state.clone(), timeout: timeout.into() }
    }

    /// Whether the opening created it.
    pub fn created(&self) -> bool {
        self.state.created
    }

    /// The key as given at opening.
    pub fn key(&self) -> &[u8] {
        // SAFETY: the bytes live as long as the promise, which we hold.
        unsafe { sized(|size| ffi::exoref_promise_key(self.as_ptr(), size)) }
    }

    /// Delivers the value, unless one was delivered before: that is no error, and changes nothing. Nobody need be waiting.
    pub fn deliver(&self, value: T) -> Result<Delivery<T>> {
        self.deliver_async(value).wait()
    }

    /// As [`deliver`](Promise::deliver), without waiting.
    pub fn deliver_async(&self, value: T) -> Pending<Delivery<T>> {
        let judged = self.state.validator.as_ref().map_or(Ok(()), |validator| validator.check(&value));
        let bytes = match judged.and_then(|()| self.state.codec.encode(&value).map_err(Error::encode)) {
            Ok(bytes) => bytes,
            Err(error) => return Pending::failed(error.about("deliver promise", self.key())),
        };
        let state = self.state.clone();
        Pending::start(
            |out, error| {
                let (data, size) = (bytes.as_ptr().cast(), bytes.len());
                // SAFETY: we hold the promise, and the bytes are copied.
                unsafe { ffi::exoref_promise_deliver_async(self.as_ptr(), data, size, self.timeout.ms(), out, error) }
            },
            move |future| {
                let (delivered, standing) = (future.flag(), future.some_value()?);
                let standing = if delivered { Value::new(value, standing) } else { state.known.decoded(&state.codec, standing)? };
                Ok(Delivery { delivered, standing })
            },
        )
    }

    /// The value; waits for it. Once this process has read it, it is answered from memory and decoded no more.
    #[inline]
    pub fn deref(&self) -> Result<Value<T>> {
        if let Some(known) = self.state.known.get() {
            // C is asked all the same: it knows of a closed client and a forked process. The value itself is not needed.
            // SAFETY: we hold the promise.
            call(|error| unsafe { ffi::exoref_promise_deref(self.as_ptr(), self.timeout.ms(), null_mut(), error) })?;
            return Ok(known.clone());
        }
        self.first_deref()
    }

    fn first_deref(&self) -> Result<Value<T>> {
        let mut out = null_mut();
        // SAFETY: we hold the promise, and what comes out is ours.
        let raw = unsafe {
            call(|error| ffi::exoref_promise_deref(self.as_ptr(), self.timeout.ms(), &mut out, error))?;
            RawValue::adopt(out)
        };
        let raw = raw.ok_or_else(|| Error::internal("a promise is realized without a value"))?;
        self.state.known.decoded(&self.state.codec, raw)
    }

    /// As [`deref`](Promise::deref), without waiting; for ever, unless the handle has a timeout. To drop it ends the wait.
    pub fn deref_async(&self) -> Pending<Value<T>> {
        let state = self.state.clone();
        Pending::start(
            // SAFETY: we hold the promise.
            |out, error| unsafe { ffi::exoref_promise_deref_async(self.as_ptr(), self.timeout.or_none().ms(), out, error) },
            move |future| state.known.decoded(&state.codec, future.some_value()?),
        )
        .ending_when_dropped()
    }

    /// Whether it was delivered, by anybody, anywhere. Does not wait for that.
    pub fn realized(&self) -> Result<bool> {
        self.realized_async().wait()
    }

    /// As [`realized`](Promise::realized), without waiting.
    pub fn realized_async(&self) -> Pending<bool> {
        Pending::start(
            // SAFETY: we hold the promise.
            |out, error| unsafe { ffi::exoref_promise_realized_async(self.as_ptr(), self.timeout.ms(), out, error) },
            |future| Ok(future.flag()),
        )
    }

    fn as_ptr(&self) -> *mut ffi::exoref_promise {
        self.state.handle.as_ptr()
    }
}

impl<T> Clone for Promise<T> {
    fn clone(&self) -> Self {
        Promise { state: self.state.clone(), timeout: self.timeout }
    }
}

impl<T: Send + Sync + 'static> fmt::Debug for Promise<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Promise('{}')", self.key().escape_ascii())
    }
}
