use std::ffi::c_void;
use std::fmt;

use exoref_sys as ffi;

use crate::border::{self, panic_words, without_nul, Ended};
use crate::codec::SharedCodec;
use crate::error::{BoxError, Error, ErrorKind};
use crate::handle::Handle;
use crate::lease::Lease;
use crate::validator::Validator;

/// Why a body gives no value: it failed, which everybody is told who asks for it, or it declined.
///
/// Any [`std::error::Error`] converts into one, so `?` works in bodies; its words become the message, and in the deref that ran the body
/// it is the source of the error. The failure of another delay's body is passed on with its kind and payload. Boxed errors, and those
/// of the crate anyhow, are no `std::error::Error`: `map_err(BodyFailure::from_error)`.
///
/// ```
/// use exoref::BodyFailure;
///
/// fn load() -> Result<String, BodyFailure> {
///     let text = std::fs::read_to_string("/nowhere")?;
///     if text.is_empty() {
///         return Err(BodyFailure::new("empty", "there is nothing in it").payload("/nowhere"));
///     }
///     Ok(text)
/// }
/// ```
pub struct BodyFailure {
    pub(crate) kind: String,
    pub(crate) message: String,
    pub(crate) payload: Vec<u8>,
    pub(crate) declined: bool,
    source: Option<BoxError>,
}

impl BodyFailure {
    /// A failure: its kind, a short word for programs, and a message for people.
    pub fn new(kind: impl Into<String>, message: impl Into<String>) -> BodyFailure {
        BodyFailure { kind: kind.into(), message: message.into(), payload: Vec::new(), declined: false, source: None }
    }

    /// Adds any bytes that say more.
    pub fn payload(mut self, payload: impl Into<Vec<u8>>) -> BodyFailure {
        self.payload = payload.into();
        self
    }

    /// A failure by an error of any type, what `?` makes of one.
    pub fn from_error(error: impl Into<BoxError>) -> BodyFailure {
        let source = error.into();
        let of_another_body = source.downcast_ref::<Error>().filter(|error| error.kind() == ErrorKind::Body);
        let failure = match of_another_body {
            Some(error) => BodyFailure::new(error.body_kind(), error.to_string()).payload(error.body_payload()),
            None => BodyFailure::new("", source.to_string()),
        };
        BodyFailure { source: Some(source), ..failure }
    }

    fn of_kind(kind: &str, error: Error) -> BodyFailure {
        BodyFailure { kind: kind.into(), ..BodyFailure::from_error(error) }
    }

    /// Gives the lease back, for another process to take: this handle has no body any more.
    pub fn declined() -> BodyFailure {
        BodyFailure { declined: true, ..BodyFailure::new("", "declined") }
    }
}

impl<E: std::error::Error + Send + Sync + 'static> From<E> for BodyFailure {
    fn from(error: E) -> BodyFailure {
        BodyFailure::from_error(error)
    }
}

impl fmt::Display for BodyFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for BodyFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BodyFailure").field("kind", &self.kind).field("message", &self.message).finish_non_exhaustive()
    }
}

/// A body, as C calls it.
pub(crate) struct Body<T, F> {
    pub(crate) function: F,
    pub(crate) codec: SharedCodec<T>,
    pub(crate) validator: Option<Validator<T>>,
}

impl<T, F> Body<T, F>
where
    T: Send + Sync + 'static,
    F: Fn(&Lease<T>) -> Result<T, BodyFailure>,
{
    fn bytes(&self, lease: &Lease<T>) -> Result<Vec<u8>, BodyFailure> {
        let value = (self.function)(lease)?;
        if let Some(validator) = &self.validator {
            validator.check(&value).map_err(|error| BodyFailure::of_kind("validation", error))?;
        }
        self.codec.encode(&value).map_err(|source| BodyFailure::of_kind("codec", Error::encode(source)))
    }

    /// Runs the body and writes what it gave. Its panic is a failure of the kind `panic`, and comes out of the deref that ran it.
    pub(crate) unsafe extern "C" fn run(ctx: *mut c_void, lease: *mut ffi::exoref_lease, sink: *mut ffi::exoref_sink) -> i32 {
        // SAFETY: ctx is the boxed body, which lives until it is freed; the lease lives during the call.
        let (body, lease) = unsafe { (&*ctx.cast::<Body<T, F>>(), Handle::share(lease)) };
        let Some(lease) = lease else { return ffi::EXOREF_CALL_DECLINED };
        let outcome = border::guarded(|| {
            let lease = Lease::new(lease, body.codec.clone(), body.validator.clone());
            body.bytes(&lease)
        });
        let mut failure = match outcome {
            Ok(Ok(bytes)) => {
                // SAFETY: the sink lives during the call.
                match unsafe { ffi::exoref_sink_write(sink, bytes.as_ptr().cast(), bytes.len()) } {
                    ffi::EXOREF_OK => return ffi::EXOREF_CALL_OK,
                    status => BodyFailure::of_kind("size", Error::from_c(status, None)),
                }
            }
            Ok(Err(failure)) if failure.declined => return ffi::EXOREF_CALL_DECLINED,
            Ok(Err(mut failure)) => {
                if let Some(source) = failure.source.take() {
                    border::carry(Ended::Error(source));
                }
                failure
            }
            Err(panic) => {
                let failure = BodyFailure::new("panic", format!("the body panicked: {}", panic_words(&panic)));
                border::carry(Ended::Panic(panic));
                failure
            }
        };
        // SAFETY: the sink lives during the call.
        let written = unsafe { ffi::exoref_sink_write(sink, failure.payload.as_ptr().cast(), failure.payload.len()) };
        if written != ffi::EXOREF_OK {
            failure = BodyFailure::new("size", format!("the payload of the failure \"{}\" is too big", failure.kind));
        }
        let kind = without_nul(&failure.kind);
        // SAFETY: the sink lives during the call. Without memory the failure stands without kind or message.
        unsafe {
            ffi::exoref_sink_set_kind(sink, kind.as_ptr());
            border::set_message(sink, &failure.message);
        }
        ffi::EXOREF_CALL_FAILED
    }
}
