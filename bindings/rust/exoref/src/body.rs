use std::ffi::c_void;
use std::fmt;

use exoref_sys as ffi;

use crate::border::{self, panic_words, without_nul};
use crate::codec::SharedCodec;
use crate::error::Error;
use crate::handle::Handle;
use crate::lease::Lease;
use crate::validator::Validator;

/// Why a body gives no value: it failed, which everybody is told who asks for it, or it declined. Any error converts into one, so
/// `?` works in bodies; its words become the message.
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
#[derive(Clone, PartialEq, Eq)]
pub struct BodyFailure {
    pub(crate) kind: String,
    pub(crate) message: String,
    pub(crate) payload: Vec<u8>,
    declined: bool,
}

impl BodyFailure {
    /// A failure: its kind, a short word for programs, and a message for people.
    pub fn new(kind: impl Into<String>, message: impl Into<String>) -> BodyFailure {
        BodyFailure { kind: kind.into(), message: message.into(), payload: Vec::new(), declined: false }
    }

    /// Adds any bytes that say more.
    pub fn payload(mut self, payload: impl Into<Vec<u8>>) -> BodyFailure {
        self.payload = payload.into();
        self
    }

    /// Gives the lease back, for another process to take: this handle has no body any more.
    pub fn declined() -> BodyFailure {
        BodyFailure { declined: true, ..BodyFailure::new("", "declined") }
    }
}

impl<E: std::error::Error> From<E> for BodyFailure {
    fn from(error: E) -> BodyFailure {
        BodyFailure::new("", error.to_string())
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
            validator.check(&value).map_err(|error| BodyFailure::new("validation", error.to_string()))?;
        }
        self.codec.encode(&value).map_err(|source| BodyFailure::new("encode", Error::encode(source).to_string()))
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
        let failure = match outcome {
            Ok(Ok(bytes)) => {
                // SAFETY: the sink lives during the call.
                match unsafe { ffi::exoref_sink_write(sink, bytes.as_ptr().cast(), bytes.len()) } {
                    ffi::EXOREF_OK => return ffi::EXOREF_CALL_OK,
                    status => BodyFailure::new("size", Error::from_c(status, None).to_string()),
                }
            }
            Ok(Err(failure)) if failure.declined => return ffi::EXOREF_CALL_DECLINED,
            Ok(Err(failure)) => failure,
            Err(panic) => {
                let failure = BodyFailure::new("panic", format!("the body panicked: {}", panic_words(&panic)));
                border::carry(panic);
                failure
            }
        };
        let kind = without_nul(&failure.kind);
        // SAFETY: the sink lives during the call. Without memory the failure stands without kind, message or payload.
        unsafe {
            ffi::exoref_sink_write(sink, failure.payload.as_ptr().cast(), failure.payload.len());
            ffi::exoref_sink_set_kind(sink, kind.as_ptr());
            border::set_message(sink, &failure.message);
        }
        ffi::EXOREF_CALL_FAILED
    }
}
