use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use exoref_sys as ffi;

use crate::client::{opened, Client};
use crate::codec::SharedCodec;
use crate::error::{Error, ErrorKind, Result};
use crate::handle::{sized, Handle};
use crate::options::OpenOptions;
use crate::pending::{CFuture, Outcome, Pending};
use crate::timeout::Timeout;
use crate::validator::{Validator, Verdict};
use crate::value::{Compared, RawValue, Value, Values};

/// One value that changes by functions from old to new: Clojure's atom. Clones are the same handle, with the same validator.
///
/// What asks the server waits up to the handle's timeout ([`within`](Atom::within)) and has a form `..._async`, too, that gives
/// a [`Pending`].
pub struct Atom<T> {
    pub(crate) state: Arc<State<T>>,
    pub(crate) timeout: Timeout,
}

pub(crate) struct State<T> {
    pub(crate) handle: Handle<ffi::exoref_atom>,
    pub(crate) codec: SharedCodec<T>,
    validator: RwLock<Option<Validator<T>>>,
    created: bool,
    pub(crate) default_timeout: Timeout,
}

impl<T: 'static> State<T> {
    pub(crate) fn key(&self) -> &[u8] {
        // SAFETY: the bytes live as long as the atom, which we hold.
        unsafe { sized(|size| ffi::exoref_atom_key(self.handle.as_ptr(), size)) }
    }

    fn validator(&self) -> Option<Validator<T>> {
        self.validator.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The bytes of a value that may be proposed. The validator runs here, outside all locks.
    pub(crate) fn proposed(&self, verb: &str, value: &T) -> Result<Vec<u8>> {
        if let Some(validator) = self.validator() {
            validator.check(value).map_err(|error| error.about(verb, self.key()))?;
        }
        self.encoded(verb, value)
    }

    fn encoded(&self, verb: &str, value: &T) -> Result<Vec<u8>> {
        self.codec.encode(value).map_err(|source| Error::encode(source).about(verb, self.key()))
    }

    pub(crate) fn decoded(&self, raw: RawValue) -> Result<Value<T>> {
        Value::decoded(&*self.codec, raw)
    }

    /// The value before something that was done; `what` says what.
    pub(crate) fn decoded_after(&self, what: &str, raw: RawValue) -> Result<Value<T>> {
        match self.codec.decode(&raw) {
            Ok(value) => Ok(Value::new(value, raw)),
            Err(source) => Err(Error::decode_after(what, source, raw)),
        }
    }

    pub(crate) fn before_change(&self, raw: RawValue) -> Result<Value<T>> {
        self.decoded_after("the new value was set, but the one before it", raw)
    }
}

impl<T: Send + Sync + 'static> OpenOptions<T> {
    /// Opens the atom, which must exist unless the option [`absent`](OpenOptions::absent) says otherwise. Changes nothing.
    pub fn open_atom(&self, client: &Client, key: impl AsRef<[u8]>) -> Result<Atom<T>> {
        self.open_atom_async(client, key).wait()
    }

    /// As [`open_atom`](OpenOptions::open_atom), without waiting.
    pub fn open_atom_async(&self, client: &Client, key: impl AsRef<[u8]>) -> Pending<Atom<T>> {
        let key = key.as_ref();
        self.begin_atom(client, |options, out, error| {
            // SAFETY: client and options live during the call, and the key is copied.
            unsafe {
                ffi::exoref_atom_open_async(client.as_ptr(), key.as_ptr().cast(), key.len(), options, client.timeout().ms(), out, error)
            }
        })
    }

    /// Opens the atom, and creates it with the initial value if it does not exist; [`Atom::created`] tells. One that exists is not changed.
    pub fn create_atom(&self, client: &Client, key: impl AsRef<[u8]>, initial: T) -> Result<Atom<T>> {
        self.create_atom_async(client, key, initial).wait()
    }

    /// As [`create_atom`](OpenOptions::create_atom), without waiting.
    pub fn create_atom_async(&self, client: &Client, key: impl AsRef<[u8]>, initial: T) -> Pending<Atom<T>> {
        let key = key.as_ref();
        let judged = self.validator.as_ref().map_or(Ok(()), |validator| validator.check(&initial));
        let bytes = match judged.and_then(|()| self.codec.encode(&initial).map_err(Error::encode)) {
            Ok(bytes) => bytes,
            Err(error) => return Pending::failed(error.about("create atom", key)),
        };
        self.begin_atom(client, |options, out, error| {
            let (client, timeout) = (client.as_ptr(), client.timeout().ms());
            let (key, size) = (key.as_ptr().cast(), key.len());
            // SAFETY: client and options live during the call, and the bytes are copied.
            unsafe { ffi::exoref_atom_create_async(client, key, size, bytes.as_ptr().cast(), bytes.len(), options, timeout, out, error) }
        })
    }

    fn begin_atom(
        &self,
        client: &Client,
        start: impl FnOnce(*const ffi::exoref_options, *mut *mut ffi::exoref_future, *mut *mut ffi::exoref_error) -> ffi::exoref_status,
    ) -> Pending<Atom<T>> {
        let options = match self.applied() {
            Ok(options) => options,
            Err(error) => return Pending::failed(error),
        };
        let (codec, validator, default_timeout) = (self.codec.clone(), self.validator.clone(), client.default_timeout());
        Pending::start(
            |out, error| start(options.as_ptr(), out, error),
            move |future| {
                let handle = opened(future, ffi::exoref_future_atom)?;
                let state = State { handle, codec, validator: RwLock::new(validator), created: future.flag(), default_timeout };
                Ok(Atom { state: Arc::new(state), timeout: Timeout::DEFAULT })
            },
        )
    }
}

#[cfg(feature = "json")]
impl<T: serde::Serialize + serde::de::DeserializeOwned + Send + Sync + 'static> Atom<T> {
    /// Opens the atom of JSON values, which must exist: [`OpenOptions::open_atom`].
    pub fn open(client: &Client, key: impl AsRef<[u8]>) -> Result<Atom<T>> {
        OpenOptions::new().open_atom(client, key)
    }

    /// As [`open`](Atom::open), without waiting.
    pub fn open_async(client: &Client, key: impl AsRef<[u8]>) -> Pending<Atom<T>> {
        OpenOptions::new().open_atom_async(client, key)
    }

    /// Opens the atom of JSON values, and creates it with the initial value if it does not exist: [`OpenOptions::create_atom`].
    pub fn create(client: &Client, key: impl AsRef<[u8]>, initial: T) -> Result<Atom<T>> {
        OpenOptions::new().create_atom(client, key, initial)
    }

    /// As [`create`](Atom::create), without waiting.
    pub fn create_async(client: &Client, key: impl AsRef<[u8]>, initial: T) -> Pending<Atom<T>> {
        OpenOptions::new().create_atom_async(client, key, initial)
    }
}

impl<T: Send + Sync + 'static> Atom<T> {
    /// The same atom, with another timeout for the calls on this handle.
    pub fn within(&self, timeout: impl Into<Timeout>) -> Atom<T> {
        Atom { state: self.state.clone(), timeout: timeout.into() }
    }

    /// Whether the opening created it.
    pub fn created(&self) -> bool {
        self.state.created
    }

    /// The key as given at opening.
    pub fn key(&self) -> &[u8] {
        self.state.key()
    }

    /// The value, asked from the server.
    pub fn deref(&self) -> Result<Value<T>> {
        self.deref_async().wait()
    }

    /// As [`deref`](Atom::deref), without waiting.
    pub fn deref_async(&self) -> Pending<Value<T>> {
        self.begin(
            // SAFETY: we hold the atom.
            |atom, timeout, out, error| unsafe { ffi::exoref_atom_deref_async(atom, timeout, out, error) },
            |state, future| state.decoded(future.some_value()?),
        )
    }

    /// Sets the value, whatever it was: Clojure's `reset!`.
    pub fn reset(&self, next: T) -> Result<Value<T>> {
        self.reset_async(next).wait()
    }

    /// As [`reset`](Atom::reset), without waiting.
    pub fn reset_async(&self, next: T) -> Pending<Value<T>> {
        self.begin_reset(next, false, |_, future, next| Ok(Value::new(next, future.some_value()?)))
    }

    /// As [`reset`](Atom::reset), and gives the exact value before it: Clojure's `reset-vals!`.
    pub fn reset_vals(&self, next: T) -> Result<Values<T>> {
        self.reset_vals_async(next).wait()
    }

    /// As [`reset_vals`](Atom::reset_vals), without waiting.
    pub fn reset_vals_async(&self, next: T) -> Pending<Values<T>> {
        self.begin_reset(next, true, |state, future, next| {
            let new = Value::new(next, future.some_value()?);
            let old = future.old_value().ok_or_else(|| Error::internal("a change went well and gave no old value"))?;
            Ok(Values { old: state.before_change(old)?, new })
        })
    }

    /// Sets the value if it is `expected`, byte for byte in the codec's form, at the instant it takes effect: Clojure's
    /// `compare-and-set!`. Not to match is no error.
    pub fn compare_and_set(&self, expected: &T, next: T) -> Result<Compared<T>> {
        self.compare_and_set_async(expected, next).wait()
    }

    /// As [`compare_and_set`](Atom::compare_and_set), without waiting.
    pub fn compare_and_set_async(&self, expected: &T, next: T) -> Pending<Compared<T>> {
        const VERB: &str = "compare and set atom";
        let both = self.state.proposed(VERB, &next).and_then(|bytes| Ok((self.state.encoded(VERB, expected)?, bytes)));
        let (expected, bytes) = match both {
            Ok(both) => both,
            Err(error) => return Pending::failed(error),
        };
        self.begin(
            |atom, timeout, out, error| {
                let (expected, expected_size) = (expected.as_ptr().cast(), expected.len());
                let (next, size) = (bytes.as_ptr().cast(), bytes.len());
                // SAFETY: we hold the atom, and the bytes are copied.
                unsafe { ffi::exoref_atom_compare_and_set_async(atom, expected, expected_size, next, size, timeout, out, error) }
            },
            |state, future| compared(state, future, next),
        )
    }

    /// Sets the value if the atom is still at the very state that `state`, a value of this atom, came from: also safe if the value
    /// went away and came back.
    pub fn compare_and_set_at(&self, state: &Value<T>, next: T) -> Result<Compared<T>> {
        self.compare_and_set_at_async(state, next).wait()
    }

    /// As [`compare_and_set_at`](Atom::compare_and_set_at), without waiting.
    pub fn compare_and_set_at_async(&self, state: &Value<T>, next: T) -> Pending<Compared<T>> {
        let bytes = match self.state.proposed("compare and set atom", &next) {
            Ok(bytes) => bytes,
            Err(error) => return Pending::failed(error),
        };
        self.begin(
            |atom, timeout, out, error| {
                let (at, data, size) = (state.raw().as_ptr(), bytes.as_ptr().cast(), bytes.len());
                // SAFETY: we hold the atom and the value, and the bytes are copied.
                unsafe { ffi::exoref_atom_compare_and_set_at_async(atom, at, data, size, timeout, out, error) }
            },
            |state, future| compared(state, future, next),
        )
    }

    /// Sets the validator of this handle and its clones. The current value is judged first: if it is refused the old validator stays.
    pub fn set_validator<V: Verdict>(&self, judge: impl Fn(&T) -> V + Send + Sync + 'static) -> Result<()> {
        let validator = Validator::new(judge);
        match self.deref() {
            Ok(value) => validator.check(&value).map_err(|error| error.about("set the validator of atom", self.key()))?,
            Err(error) if error.kind() == ErrorKind::NotFound => {} // no value to refuse
            Err(error) => return Err(error),
        }
        self.place_validator(Some(validator));
        Ok(())
    }

    /// Takes the validator away.
    pub fn clear_validator(&self) {
        self.place_validator(None);
    }

    fn place_validator(&self, validator: Option<Validator<T>>) {
        let mut place = self.state.validator.write().unwrap_or_else(PoisonError::into_inner);
        let old = std::mem::replace(&mut *place, validator);
        drop(place);
        drop(old); // outside the lock: what it captured may do anything
    }

    fn begin_reset<R: Send + 'static>(
        &self,
        next: T,
        want_old: bool,
        outcome: impl FnOnce(&State<T>, &CFuture, T) -> Result<R> + Send + 'static,
    ) -> Pending<R> {
        let bytes = match self.state.proposed("reset atom", &next) {
            Ok(bytes) => bytes,
            Err(error) => return Pending::failed(error),
        };
        self.begin(
            |atom, timeout, out, error| {
                // SAFETY: we hold the atom, and the bytes are copied.
                unsafe { ffi::exoref_atom_reset_async(atom, bytes.as_ptr().cast(), bytes.len(), want_old, timeout, out, error) }
            },
            move |state, future| outcome(state, future, next),
        )
    }

    pub(crate) fn begin<R: Send + 'static>(
        &self,
        start: impl FnOnce(*mut ffi::exoref_atom, i64, *mut *mut ffi::exoref_future, *mut *mut ffi::exoref_error) -> ffi::exoref_status,
        outcome: impl FnOnce(&State<T>, &CFuture) -> Result<R> + Send + 'static,
    ) -> Pending<R> {
        let state = self.state.clone();
        Pending::start(|out, error| start(self.state.handle.as_ptr(), self.timeout.ms(), out, error), move |future| outcome(&state, future))
    }
}

fn compared<T: 'static>(state: &State<T>, future: &CFuture, next: T) -> Result<Compared<T>> {
    let (swapped, standing) = (future.flag(), future.some_value()?);
    let standing = if swapped { Value::new(next, standing) } else { state.decoded(standing)? };
    Ok(Compared { swapped, standing })
}

impl<T> Clone for Atom<T> {
    fn clone(&self) -> Self {
        Atom { state: self.state.clone(), timeout: self.timeout }
    }
}

impl<T: 'static> fmt::Debug for Atom<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Atom('{}')", self.state.key().escape_ascii())
    }
}
