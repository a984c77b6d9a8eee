//! Canonical JSON: serde makes the text, the library its one form.

use serde::de::DeserializeOwned;
use serde::Serialize;

use crate::codec::Codec;
use crate::error::BoxError;
use crate::exactness;
use crate::handle::call_for;
use crate::value::RawValue;
use crate::Result;

/// Canonical JSON, with the label `json`: the codec of whatever serde can write and read. Equal values are equal bytes, in all
/// languages.
///
/// What JSON has no text for is refused and not altered: NaN and infinities; integers that the type that is read can't hold exactly
/// (beyond 2^53 `f64` holds some, and beyond 64 bits only `i128` and `u128` hold any); what is nested more than 127 deep, which
/// serde_json would not read again.
#[derive(Clone, Copy, Debug, Default)]
pub struct Json;

impl<T: Serialize + DeserializeOwned> Codec<T> for Json {
    fn label(&self) -> &str {
        "json"
    }

    fn encode(&self, value: &T) -> Result<Vec<u8>, BoxError> {
        exactness::refuse_non_finite(value)?;
        let text = json_canonical(&serde_json::to_vec(value)?)?.to_vec();
        exactness::refuse_too_deep(&text)?;
        Ok(text)
    }

    fn decode(&self, bytes: &[u8]) -> Result<T, BoxError> {
        let text = json_canonical(bytes)?;
        let value = serde_json::from_slice(&text)?;
        exactness::refuse_lost_integers(&text, || Ok(json_canonical(&serde_json::to_vec(&value)?)?))?;
        Ok(value)
    }
}

/// The one text of a JSON value that references with the codec `json` hold.
///
/// ```
/// let text = exoref::json_canonical(br#"{ "b": 1e2, "a": [true] }"#)?;
/// assert_eq!(text.as_bytes(), br#"{"a":[true],"b":100.0}"#);
/// # Ok::<(), exoref::Error>(())
/// ```
pub fn json_canonical(text: &[u8]) -> Result<RawValue> {
    // SAFETY: the bytes are read during the call.
    let json = call_for(|out, error| unsafe { exoref_sys::exoref_json_canonical(text.as_ptr().cast(), text.len(), out, error) })?;
    Ok(RawValue::new(json))
}
