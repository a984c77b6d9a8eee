use std::fmt;
use std::sync::Arc;

use crate::error::{BoxError, Error, Result};

/// What a validator answers: `true`, or `Ok(())`, accepts the value; `false`, or an error, refuses it.
pub trait Verdict: sealed::Sealed {
    #[doc(hidden)]
    fn refusal(self) -> Option<Option<BoxError>>;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for bool {}
    impl<E> Sealed for Result<(), E> {}
}

impl Verdict for bool {
    fn refusal(self) -> Option<Option<BoxError>> {
        (!self).then_some(None)
    }
}

impl<E: Into<BoxError>> Verdict for Result<(), E> {
    fn refusal(self) -> Option<Option<BoxError>> {
        self.err().map(|error| Some(error.into()))
    }
}

type Judge<T> = dyn Fn(&T) -> Option<Option<BoxError>> + Send + Sync;

/// A function that judges what is proposed through a handle, on the thread that proposes it.
pub(crate) struct Validator<T>(Arc<Judge<T>>);

impl<T> Validator<T> {
    pub(crate) fn new<V: Verdict>(judge: impl Fn(&T) -> V + Send + Sync + 'static) -> Validator<T> {
        Validator(Arc::new(move |value| judge(value).refusal()))
    }

    pub(crate) fn check(&self, value: &T) -> Result<()> {
        match (self.0)(value) {
            None => Ok(()),
            Some(source) => Err(Error::refused(source)),
        }
    }
}

impl<T> Clone for Validator<T> {
    fn clone(&self) -> Self {
        Validator(self.0.clone())
    }
}

impl<T> fmt::Debug for Validator<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Validator")
    }
}
