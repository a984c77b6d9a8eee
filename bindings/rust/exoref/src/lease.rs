use std::fmt;
use std::time::Duration;

use exoref_sys as ffi;

use crate::body::BodyFailure;
use crate::border::without_nul;
use crate::codec::SharedCodec;
use crate::error::{Error, Result};
use crate::handle::Handle;
use crate::pending::{Outcome, Pending};
use crate::timeout::Timeout;
use crate::validator::Validator;
use crate::value::Value;

/// The right to run a delay's body now: renewed by the library until it is used, lost, or dropped, which gives it back. Clones are the
/// same lease.
pub struct Lease<T> {
    handle: Handle<ffi::exoref_lease>,
    codec: SharedCodec<T>,
    validator: Option<Validator<T>>,
    timeout: Timeout,
}

impl<T: Send + Sync + 'static> Lease<T> {
    pub(crate) fn new(handle: Handle<ffi::exoref_lease>, codec: SharedCodec<T>, validator: Option<Validator<T>>) -> Lease<T> {
        Lease { handle, codec, validator, timeout: Timeout::DEFAULT }
    }

    /// The same lease, with another timeout for the calls on this handle.
    pub fn within(&self, timeout: impl Into<Timeout>) -> Lease<T> {
        Lease { timeout: timeout.into(), ..self.clone() }
    }

    /// Publishes the value, and ends the lease. [`ErrorKind::Lease`](crate::ErrorKind::Lease): it was lost or used before, and nothing was
    /// changed. A value that is refused by the validator or is too big leaves the lease held.
    pub fn deliver(&self, value: T) -> Result<Value<T>> {
        self.deliver_async(value).wait()
    }

    /// As [`deliver`](Lease::deliver), without waiting.
    pub fn deliver_async(&self, value: T) -> Pending<Value<T>> {
        let judged = self.validator.as_ref().map_or(Ok(()), |validator| validator.check(&value));
        let bytes = match judged.and_then(|()| self.codec.encode(&value).map_err(Error::encode)) {
            Ok(bytes) => bytes,
            Err(error) => return Pending::failed(error),
        };
        self.begin(
            |lease, timeout, out, error| {
                // SAFETY: we hold the lease, and the bytes are copied.
                unsafe { ffi::exoref_lease_deliver_async(lease, bytes.as_ptr().cast(), bytes.len(), timeout, out, error) }
            },
            |future| Ok(Value::new(value, future.some_value()?)),
        )
    }

    /// Publishes a failure, and ends the lease. One that [declined](BodyFailure::declined) gives it back.
    pub fn fail(&self, failure: impl Into<BodyFailure>) -> Result<()> {
        self.fail_async(failure).wait()
    }

    /// As [`fail`](Lease::fail), without waiting.
    pub fn fail_async(&self, failure: impl Into<BodyFailure>) -> Pending<()> {
        let failure = failure.into();
        if failure.declined {
            return self.give_back_async();
        }
        let (kind, message) = (without_nul(&failure.kind), without_nul(&failure.message));
        let (payload, size) = (failure.payload.as_ptr(), failure.payload.len());
        self.begin(
            |lease, timeout, out, error| {
                // SAFETY: we hold the lease, and texts and bytes are copied.
                unsafe { ffi::exoref_lease_fail_async(lease, kind.as_ptr(), message.as_ptr(), payload.cast(), size, timeout, out, error) }
            },
            |_| Ok(()),
        )
    }

    /// Renews the lease now, for who wants to be sure that it is still held. How long it lasts from now.
    pub fn renew(&self) -> Result<Duration> {
        self.renew_async().wait()
    }

    /// As [`renew`](Lease::renew), without waiting.
    pub fn renew_async(&self) -> Pending<Duration> {
        self.begin(
            // SAFETY: we hold the lease.
            |lease, timeout, out, error| unsafe { ffi::exoref_lease_renew_async(lease, timeout, out, error) },
            |future| Ok(Duration::from_millis(u64::try_from(future.number()).unwrap_or_default())),
        )
    }

    /// Gives the lease back, so that another may run the body at once: what the last drop does in the background.
    pub fn give_back(&self) -> Result<()> {
        self.give_back_async().wait()
    }

    /// As [`give_back`](Lease::give_back), without waiting.
    pub fn give_back_async(&self) -> Pending<()> {
        self.begin(
            // SAFETY: we hold the lease.
            |lease, timeout, out, error| unsafe { ffi::exoref_lease_give_back_async(lease, timeout, out, error) },
            |_| Ok(()),
        )
    }

    /// Whether the lease is lost, so that a result would be refused. From memory, cheap, for loops.
    pub fn lost(&self) -> bool {
        // SAFETY: we hold the lease.
        unsafe { ffi::exoref_lease_lost(self.handle.as_ptr()) }
    }

    /// Done when the lease is lost (`true`) or has ended otherwise (`false`).
    pub fn lost_async(&self) -> Pending<bool> {
        self.begin(
            // SAFETY: we hold the lease.
            |lease, _, out, error| unsafe { ffi::exoref_lease_lost_async(lease, out, error) },
            |future| Ok(future.flag()),
        )
        .ending_when_dropped()
    }

    /// The fencing token: raised by every claim of this delay. A system that the body writes to can refuse lower ones.
    pub fn token(&self) -> i64 {
        // SAFETY: we hold the lease.
        unsafe { ffi::exoref_lease_token(self.handle.as_ptr()) }
    }

    fn begin<R>(
        &self,
        start: impl FnOnce(*mut ffi::exoref_lease, i64, *mut *mut ffi::exoref_future, *mut *mut ffi::exoref_error) -> ffi::exoref_status,
        outcome: impl FnOnce(&crate::pending::CFuture) -> Result<R> + Send + 'static,
    ) -> Pending<R> {
        Pending::start(|out, error| start(self.handle.as_ptr(), self.timeout.ms(), out, error), outcome)
    }
}

impl<T> Clone for Lease<T> {
    fn clone(&self) -> Self {
        Lease { handle: self.handle.clone(), codec: self.codec.clone(), validator: self.validator.clone(), timeout: self.timeout }
    }
}

impl<T: Send + Sync + 'static> fmt::Debug for Lease<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Lease(token {}, {})", self.token(), if self.lost() { "lost" } else { "not lost" })
    }
}
