//! How values become bytes, and bytes values.

use std::sync::Arc;

use crate::error::BoxError;

#[cfg(feature = "json")]
pub use crate::json::Json;

/// A way to write a `T` as bytes. All who share a reference must use the same one: its label is kept with the reference, and
/// whoever opens it with another is refused.
///
/// ```
/// use exoref::{codec::Codec, BoxError};
///
/// /// A point in eight bytes.
/// struct Point;
///
/// impl Codec<(f32, f32)> for Point {
///     fn label(&self) -> &str {
///         "point"
///     }
///     fn encode(&self, (x, y): &(f32, f32)) -> Result<Vec<u8>, BoxError> {
///         Ok([x.to_le_bytes(), y.to_le_bytes()].concat())
///     }
///     fn decode(&self, bytes: &[u8]) -> Result<(f32, f32), BoxError> {
///         let all: [u8; 8] = bytes.try_into()?;
///         let (x, y) = all.split_at(4);
///         Ok((f32::from_le_bytes(x.try_into()?), f32::from_le_bytes(y.try_into()?)))
///     }
/// }
/// ```
pub trait Codec<T>: Send + Sync + 'static {
    /// The label that references with this codec carry; "" for none.
    fn label(&self) -> &str;
    /// The bytes of a value. Equal values must be equal bytes: compare-and-set compares those.
    fn encode(&self, value: &T) -> Result<Vec<u8>, BoxError>;
    /// The value of bytes, which anybody may have written.
    fn decode(&self, bytes: &[u8]) -> Result<T, BoxError>;
}

/// Text in UTF-8, with the label `string`: the codec of `String`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Text;

impl Codec<String> for Text {
    fn label(&self) -> &str {
        "string"
    }
    fn encode(&self, value: &String) -> Result<Vec<u8>, BoxError> {
        Ok(value.clone().into_bytes())
    }
    fn decode(&self, bytes: &[u8]) -> Result<String, BoxError> {
        Ok(std::str::from_utf8(bytes)?.to_owned())
    }
}

/// Bytes as they are, without a label: the codec of `Vec<u8>`. It reads references of any codec.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bytes;

impl Codec<Vec<u8>> for Bytes {
    fn label(&self) -> &str {
        ""
    }
    fn encode(&self, value: &Vec<u8>) -> Result<Vec<u8>, BoxError> {
        Ok(value.clone())
    }
    fn decode(&self, bytes: &[u8]) -> Result<Vec<u8>, BoxError> {
        Ok(bytes.to_vec())
    }
}

/// A codec that was chosen for a reference.
pub(crate) type SharedCodec<T> = Arc<dyn Codec<T>>;
