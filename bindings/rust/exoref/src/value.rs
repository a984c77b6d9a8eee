use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use exoref_sys as ffi;

use crate::codec::Codec;
use crate::error::{Error, Result};
use crate::handle::{bytes, text, Handle};

/// The bytes that a reference held at one state, with the version and the identity of that state. Immutable and cheap to clone.
#[derive(Clone)]
pub struct RawValue(Handle<ffi::exoref_value>);

impl RawValue {
    pub(crate) fn new(handle: Handle<ffi::exoref_value>) -> RawValue {
        RawValue(handle)
    }

    /// Adopts what a call gave, if it gave one.
    ///
    /// # Safety
    /// As for [`Handle::adopt`].
    pub(crate) unsafe fn adopt(raw: *mut ffi::exoref_value) -> Option<RawValue> {
        // SAFETY: the caller's promise.
        unsafe { Handle::adopt(raw) }.map(RawValue)
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        // SAFETY: they live as long as the value, which we hold.
        unsafe { bytes(ffi::exoref_value_data(self.as_ptr()), ffi::exoref_value_size(self.as_ptr())) }
    }

    /// How many values the reference had had when it got this one: 1 for the initial one of an atom, 0 for metadata.
    pub fn version(&self) -> u64 {
        // SAFETY: we hold the value.
        unsafe { ffi::exoref_value_version(self.as_ptr()) }
    }

    /// The codec label of the reference, "" if it has none.
    pub fn codec(&self) -> String {
        // SAFETY: the text lives as long as the value, which we hold.
        unsafe { text(ffi::exoref_value_codec(self.as_ptr())) }.into_owned()
    }

    /// Whether both are the very same state of the same reference; equal bytes of another state are not.
    pub fn same_state(&self, other: &RawValue) -> bool {
        // SAFETY: we hold both values.
        unsafe { ffi::exoref_value_same_state(self.as_ptr(), other.as_ptr()) }
    }

    pub(crate) fn as_ptr(&self) -> *const ffi::exoref_value {
        self.0.as_ptr()
    }
}

impl Deref for RawValue {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl AsRef<[u8]> for RawValue {
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl fmt::Debug for RawValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawValue(\"{}\", version {})", self.as_bytes().escape_ascii(), self.version())
    }
}

/// What a reference held at one state: a `T`, to which it derefs, with the state that it came from. Immutable and cheap to clone.
pub struct Value<T>(Arc<Inner<T>>);

struct Inner<T> {
    value: T,
    raw: RawValue,
}

impl<T: 'static> Value<T> {
    pub(crate) fn new(value: T, raw: RawValue) -> Value<T> {
        Value(Arc::new(Inner { value, raw }))
    }

    pub(crate) fn decoded(codec: &dyn Codec<T>, raw: RawValue) -> Result<Value<T>> {
        match codec.decode(&raw) {
            Ok(value) => Ok(Value::new(value, raw)),
            Err(source) => Err(Error::decode(source, raw)),
        }
    }

    /// The bytes and the state.
    pub fn raw(&self) -> &RawValue {
        &self.0.raw
    }

    /// How many values the reference had had when it got this one: 1 for the initial one of an atom.
    pub fn version(&self) -> u64 {
        self.0.raw.version()
    }

    /// Whether both are the very same state of the same reference; an equal value of another state is not.
    pub fn same_state(&self, other: &Value<T>) -> bool {
        self.0.raw.same_state(&other.0.raw)
    }

    /// The `T`: moved out if nobody else holds it, else cloned.
    pub fn into_inner(self) -> T
    where
        T: Clone,
    {
        match Arc::try_unwrap(self.0) {
            Ok(inner) => inner.value,
            Err(shared) => shared.value.clone(),
        }
    }
}

impl<T> Clone for Value<T> {
    #[inline]
    fn clone(&self) -> Self {
        Value(self.0.clone())
    }
}

impl<T> Deref for Value<T> {
    type Target = T;
    #[inline]
    fn deref(&self) -> &T {
        &self.0.value
    }
}

impl<T> AsRef<T> for Value<T> {
    fn as_ref(&self) -> &T {
        &self.0.value
    }
}

impl<T: PartialEq> PartialEq for Value<T> {
    fn eq(&self, other: &Value<T>) -> bool {
        **self == **other
    }
}

impl<T: Eq> Eq for Value<T> {}

impl<T: PartialEq> PartialEq<T> for Value<T> {
    fn eq(&self, other: &T) -> bool {
        **self == *other
    }
}

impl<T: fmt::Display> fmt::Display for Value<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
    }
}

impl<T: fmt::Debug> fmt::Debug for Value<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

/// What one change made of what.
#[derive(Debug, Clone)]
pub struct Values<T> {
    /// The exact value before the change.
    pub old: Value<T>,
    /// The value that it made.
    pub new: Value<T>,
}

/// What compare-and-set answers.
#[derive(Debug, Clone)]
pub struct Compared<T> {
    /// Whether the value was set.
    pub swapped: bool,
    /// The value that stands now: the new one, or the one that did not match.
    pub standing: Value<T>,
}
