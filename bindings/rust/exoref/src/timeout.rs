use std::time::{Duration, Instant};

use exoref_sys as ffi;

/// How long a call may take. Of a [`Duration`], a part of a millisecond counts as a whole one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Timeout(i64);

impl Timeout {
    /// The client's option `timeout`.
    pub const DEFAULT: Timeout = Timeout(ffi::EXOREF_TIMEOUT_DEFAULT);
    /// For ever.
    pub const NONE: Timeout = Timeout(ffi::EXOREF_TIMEOUT_NONE);
    /// Does not wait: the call answers from memory, or with [`ErrorKind::Timeout`](crate::ErrorKind::Timeout), and sends nothing.
    pub const NO_WAIT: Timeout = Timeout(0);

    /// As the C API takes it: a number of milliseconds, -1 for ever, -2 the client's option. Calls refuse other negative numbers.
    pub const fn from_millis(ms: i64) -> Timeout {
        Timeout(ms)
    }

    pub(crate) fn ms(self) -> i64 {
        self.0
    }

    /// The client's option in its place.
    pub(crate) fn or_default(self, default: Timeout) -> Timeout {
        if self == Timeout::DEFAULT {
            default
        } else {
            self
        }
    }

    /// For what waits for something to come: for ever, unless a time was named.
    pub(crate) fn or_none(self) -> Timeout {
        self.or_default(Timeout::NONE)
    }
}

impl Default for Timeout {
    fn default() -> Self {
        Timeout::DEFAULT
    }
}

impl From<Duration> for Timeout {
    fn from(time: Duration) -> Self {
        Timeout(whole_ms(time))
    }
}

/// In milliseconds, and not less than it is.
pub(crate) fn whole_ms(time: Duration) -> i64 {
    let ms = time.as_nanos().div_ceil(1_000_000);
    i64::try_from(ms).unwrap_or(i64::MAX)
}

/// The end of a timeout, for what takes several calls.
#[derive(Clone, Copy)]
pub(crate) enum Deadline {
    At { end: Instant, whole: i64 },
    Each(Timeout),
}

impl Deadline {
    pub(crate) fn of(timeout: Timeout) -> Deadline {
        match u64::try_from(timeout.0) {
            Ok(ms) if ms > 0 => match Instant::now().checked_add(Duration::from_millis(ms)) {
                Some(end) => Deadline::At { end, whole: timeout.0 },
                None => Deadline::Each(Timeout::NONE),
            },
            _ => Deadline::Each(timeout),
        }
    }

    /// All of it, in milliseconds, where it has an end.
    pub(crate) fn whole(self) -> Option<i64> {
        match self {
            Deadline::At { whole, .. } => Some(whole),
            Deadline::Each(_) => None,
        }
    }

    /// The timeout of the next call.
    pub(crate) fn left(self) -> Timeout {
        match self {
            Deadline::At { end, .. } => end.saturating_duration_since(Instant::now()).into(),
            Deadline::Each(timeout) => timeout,
        }
    }
}
