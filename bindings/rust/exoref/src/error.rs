use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use exoref_sys as ffi;

use crate::handle::{sized, text, Handle};
use crate::value::RawValue;

/// What calls of this crate give.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of any type, as codecs, validators and functions of swaps may give.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What an error means for the state on the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// Certainly nothing was changed; the same call may succeed later.
    Retry,
    /// Certainly nothing was changed; the same call will fail again.
    Final,
    /// It may have been applied: look at the value before doing it again.
    Unknown,
}

/// Why it is not known whether a write was applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// Sent, and no answer in time.
    Timeout,
    /// Sent, then cancelled.
    Cancelled,
    /// Sent, then the client was closed.
    Closed,
    /// Sent again after a lost connection, and the record that would tell is gone.
    HistoryDropped,
    /// Sent again, and the server has lost data meanwhile.
    DataLost,
}

macro_rules! kinds {
    ($($(#[$doc:meta])+ $kind:ident = $status:ident,)+) => {
        /// What went wrong. Each kind but the last three is a status of the C API.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorKind {
            $($(#[$doc])+ $kind,)+
            /// The codec could not encode a value; nothing was sent.
            Encode,
            /// The codec could not decode a value. Its bytes are at [`Error::raw_value`].
            Decode,
            /// A status that this version of the crate does not know.
            Other,
        }

        impl ErrorKind {
            fn of(status: ffi::exoref_status) -> ErrorKind {
                match status {
                    $(ffi::$status => ErrorKind::$kind,)+
                    _ => ErrorKind::Other,
                }
            }
        }
    };
}

kinds! {
    /// The time ran out, and certainly nothing was changed.
    Timeout = EXOREF_ETIMEOUT,
    /// A queue of the client is full.
    Again = EXOREF_EAGAIN,
    /// No usable connection to the server.
    Connection = EXOREF_ECONNECTION,
    /// The server can not take the command now.
    Busy = EXOREF_EBUSY,
    /// The wait was interrupted; the operation goes on: of [`Class::Unknown`], unless it is a mere wait.
    Interrupted = EXOREF_EINTERRUPTED,
    /// An argument is not valid.
    Invalid = EXOREF_EINVAL,
    /// There is no reference under this key.
    NotFound = EXOREF_ENOTFOUND,
    /// The key holds something of another type.
    Type = EXOREF_ETYPE,
    /// The reference carries another codec label.
    Codec = EXOREF_ECODEC,
    /// The reference is of a newer format than this library knows.
    Format = EXOREF_EFORMAT,
    /// The validator refused the value; what it gave is the error's source.
    Validation = EXOREF_EVALIDATION,
    /// The function of the caller failed; what it gave is the error's source.
    Function = EXOREF_EFUNCTION,
    /// Cancelled before it was sent.
    Cancelled = EXOREF_ECANCELLED,
    /// The client is closed.
    Closed = EXOREF_ECLOSED,
    /// The reference was deleted or has expired.
    Deleted = EXOREF_EDELETED,
    /// The handle belongs to the parent of this forked process.
    Fork = EXOREF_EFORK,
    /// A key or value is larger than the limit.
    TooBig = EXOREF_ETOOBIG,
    /// The server refused the user or password.
    Auth = EXOREF_EAUTH,
    /// The server does not permit this command or key to this user.
    Permission = EXOREF_EPERMISSION,
    /// The peer did not answer as a Redis server does.
    Protocol = EXOREF_EPROTOCOL,
    /// The server is too old.
    Version = EXOREF_EVERSION,
    /// The server refused the command.
    Server = EXOREF_ESERVER,
    /// A wait on this thread could never end.
    Deadlock = EXOREF_EDEADLOCK,
    /// Memory ran out.
    NoMemory = EXOREF_ENOMEM,
    /// The private server of a `local:` directory can not be used.
    Local = EXOREF_ELOCAL,
    /// exoref itself failed; please report it.
    Internal = EXOREF_EINTERNAL,
    /// The body of the delay failed, here or elsewhere: [`Error::body_kind`], [`Error::body_payload`].
    Body = EXOREF_EBODY,
    /// The lease was lost or has ended; the result was refused.
    Lease = EXOREF_ELEASE,
    /// The operation may or may not have taken effect: [`Error::reason`].
    Unknown = EXOREF_EUNKNOWN,
}

/// Everything about one failure. Cheap to clone. It never contains a password.
#[derive(Clone)]
pub struct Error(Arc<Inner>);

struct Inner {
    kind: ErrorKind,
    status: ffi::exoref_status,
    class: Class,
    // Of what C tells: its own object. Of what this crate tells: the words.
    c: Option<Handle<ffi::exoref_error>>,
    words: String,
    key: Vec<u8>,
    source: Option<BoxError>,
    value: Option<RawValue>,
}

impl Error {
    #[cold]
    pub(crate) fn from_c(status: ffi::exoref_status, c: Option<Handle<ffi::exoref_error>>) -> Error {
        let mut inner = Inner::new(ErrorKind::of(status), status, String::new());
        inner.c = c;
        Error(Arc::new(inner))
    }

    pub(crate) fn invalid(words: impl Into<String>) -> Error {
        Error(Arc::new(Inner::new(ErrorKind::Invalid, ffi::EXOREF_EINVAL, words.into())))
    }

    pub(crate) fn internal(words: &str) -> Error {
        Error(Arc::new(Inner::new(ErrorKind::Internal, ffi::EXOREF_EINTERNAL, words.into())))
    }

    pub(crate) fn cancelled() -> Error {
        let words = "the operation was cancelled before its next step was sent";
        Error(Arc::new(Inner::new(ErrorKind::Cancelled, ffi::EXOREF_ECANCELLED, words.into())))
    }

    pub(crate) fn not_done_within(ms: i64) -> Error {
        Error(Arc::new(Inner::new(ErrorKind::Timeout, ffi::EXOREF_ETIMEOUT, format!("it was not done within {ms} ms"))))
    }

    pub(crate) fn refused(source: Option<BoxError>) -> Error {
        Error::of_user(ErrorKind::Validation, ffi::EXOREF_EVALIDATION, "the validator refused the value", source)
    }

    pub(crate) fn function(source: BoxError) -> Error {
        Error::of_user(ErrorKind::Function, ffi::EXOREF_EFUNCTION, "the function failed", Some(source))
    }

    pub(crate) fn encode(source: BoxError) -> Error {
        Error::of_user(ErrorKind::Encode, ffi::EXOREF_EINVAL, "the value could not be encoded", Some(source))
    }

    pub(crate) fn decode(source: BoxError, value: RawValue) -> Error {
        Error::decoding("the value could not be decoded", Class::Final, source, value)
    }

    /// It was done, and the value before it can't be read: to do it again would be wrong.
    pub(crate) fn decode_after(what: &str, source: BoxError, value: RawValue) -> Error {
        Error::decoding(&format!("{what} could not be decoded"), Class::Unknown, source, value)
    }

    fn decoding(words: &str, class: Class, source: BoxError, value: RawValue) -> Error {
        let mut inner = Inner::new(ErrorKind::Decode, ffi::EXOREF_ECODEC, format!("{words}: {source}"));
        inner.class = class;
        inner.source = Some(source);
        inner.value = Some(value);
        Error(Arc::new(inner))
    }

    fn of_user(kind: ErrorKind, status: ffi::exoref_status, words: &str, source: Option<BoxError>) -> Error {
        let words = match &source {
            Some(source) => format!("{words}: {source}"),
            None => words.into(),
        };
        let mut inner = Inner::new(kind, status, words);
        inner.source = source;
        Error(Arc::new(inner))
    }

    /// Says of an error that this crate made what was attempted on which key.
    pub(crate) fn about(mut self, verb: &str, key: &[u8]) -> Error {
        if let Some(inner) = Arc::get_mut(&mut self.0).filter(|inner| inner.c.is_none()) {
            inner.words = format!("could not {verb} '{}': {}", key.escape_ascii(), inner.words);
            inner.key = key.to_vec();
        }
        self
    }

    /// Says of an error of a function that the server could not be asked whether it stood for the newest value.
    pub(crate) fn unconfirmed(mut self, why: &Error) -> Error {
        if let Some(inner) = Arc::get_mut(&mut self.0) {
            inner.words = format!("{} (it may have stood for an older value: {why})", inner.words);
        }
        self
    }

    /// Of a wait that was given up: nothing is known of what it was for.
    pub(crate) fn of_unknown_outcome(mut self) -> Error {
        if let Some(inner) = Arc::get_mut(&mut self.0) {
            inner.class = Class::Unknown;
        }
        self
    }

    /// Adds what a function of the caller gave to an error that C made of it.
    pub(crate) fn with_source(mut self, source: BoxError) -> Error {
        if let Some(inner) = Arc::get_mut(&mut self.0) {
            inner.source = Some(source);
        }
        self
    }

    /// What went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What it means for the state on the server: try again, give up, or look.
    pub fn class(&self) -> Class {
        self.0.class
    }

    /// The number of the status in the C API.
    pub fn status(&self) -> i32 {
        self.0.status
    }

    /// The name of the status in the C API, such as `EXOREF_ETIMEOUT`.
    pub fn status_name(&self) -> &'static str {
        // SAFETY: a static text, in ASCII.
        unsafe { std::ffi::CStr::from_ptr(ffi::exoref_status_name(self.0.status)) }.to_str().unwrap_or_default()
    }

    /// One line: what was attempted on which key and server, what went wrong, what to do.
    pub fn message(&self) -> Cow<'_, str> {
        match &self.0.c {
            // SAFETY: the text lives as long as the error, which we hold.
            Some(c) => unsafe { text(ffi::exoref_error_message(c.as_ptr())) },
            None if self.0.words.is_empty() => {
                // SAFETY: a static text.
                unsafe { text(ffi::exoref_status_text(self.0.status)) }
            }
            None => self.0.words.as_str().into(),
        }
    }

    /// Why the outcome is unknown, if it is.
    pub fn reason(&self) -> Option<Reason> {
        // SAFETY: it takes any error, and NULL.
        match unsafe { ffi::exoref_error_reason(self.c()) } {
            ffi::EXOREF_REASON_TIMEOUT => Some(Reason::Timeout),
            ffi::EXOREF_REASON_CANCELLED => Some(Reason::Cancelled),
            ffi::EXOREF_REASON_CLOSED => Some(Reason::Closed),
            ffi::EXOREF_REASON_HISTORY_DROPPED => Some(Reason::HistoryDropped),
            ffi::EXOREF_REASON_DATA_LOST => Some(Reason::DataLost),
            _ => None,
        }
    }

    /// The server's own words, or "".
    pub fn server_text(&self) -> Cow<'_, str> {
        // SAFETY: the text lives as long as the error, which we hold.
        unsafe { text(ffi::exoref_error_server_text(self.c())) }
    }

    /// The key it was about, or nothing.
    pub fn key(&self) -> &[u8] {
        match &self.0.c {
            // SAFETY: the bytes live as long as the error, which we hold.
            Some(c) => unsafe { sized(|size| ffi::exoref_error_key(c.as_ptr(), size)) },
            None => &self.0.key,
        }
    }

    /// Whether a request may have reached the server.
    pub fn sent(&self) -> bool {
        // SAFETY: it takes any error, and NULL.
        unsafe { ffi::exoref_error_sent(self.c()) }
    }

    /// Of a failed body: the kind that it gave, a word for programs, or "".
    pub fn body_kind(&self) -> Cow<'_, str> {
        // SAFETY: the text lives as long as the error, which we hold.
        unsafe { text(ffi::exoref_error_kind(self.c())) }
    }

    /// Of a failed body: the payload that it gave, or nothing.
    pub fn body_payload(&self) -> &[u8] {
        // SAFETY: the bytes live as long as the error, which we hold.
        unsafe { sized(|size| ffi::exoref_error_payload(self.c(), size)) }
    }

    /// The value that could not be decoded.
    pub fn raw_value(&self) -> Option<&RawValue> {
        self.0.value.as_ref()
    }

    fn c(&self) -> *const ffi::exoref_error {
        self.0.c.as_ref().map_or(std::ptr::null(), |c| c.as_ptr().cast_const())
    }
}

impl Inner {
    fn new(kind: ErrorKind, status: ffi::exoref_status, words: String) -> Inner {
        // SAFETY: a pure function of the number.
        let class = match unsafe { ffi::exoref_status_class(status) } {
            ffi::EXOREF_CLASS_NOT_APPLIED_RETRY => Class::Retry,
            ffi::EXOREF_CLASS_NOT_APPLIED_FINAL => Class::Final,
            _ => Class::Unknown,
        };
        Inner { kind, status, class, c: None, words, key: Vec::new(), source: None, value: None }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut all = f.debug_struct("Error");
        all.field("kind", &self.kind()).field("class", &self.class()).field("message", &self.message());
        if let Some(reason) = self.reason() {
            all.field("reason", &reason);
        }
        if let Some(source) = &self.0.source {
            all.field("source", source);
        }
        all.finish_non_exhaustive()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}
