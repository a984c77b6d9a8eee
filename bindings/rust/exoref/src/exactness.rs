//! What JSON would alter without a word, found and refused: numbers that are none, and integers too long for a type.

use std::collections::HashMap;
use std::fmt;

use serde::ser::{self, Serialize};

use crate::error::BoxError;

/// serde_json writes NaN and infinities as null.
pub(crate) fn refuse_non_finite<T: Serialize + ?Sized>(value: &T) -> Result<(), NotExact> {
    value.serialize(Finite)
}

/// What reads integers beyond 64 bits as doubles has lost digits. `again` writes what was read; an integer of `text` that is not in
/// there was lost.
pub(crate) fn refuse_lost_integers(text: &[u8], again: impl FnOnce() -> Result<Vec<u8>, BoxError>) -> Result<(), BoxError> {
    let mut long = HashMap::new();
    for integer in long_integers(text) {
        *long.entry(integer).or_insert(0) += 1;
    }
    if long.is_empty() {
        return Ok(());
    }
    let again = again()?;
    for integer in long_integers(&again) {
        if let Some(count) = long.get_mut(integer) {
            *count -= 1;
        }
    }
    match long.into_iter().find(|(_, count)| *count > 0) {
        None => Ok(()),
        Some((integer, _)) => {
            let digits = String::from_utf8_lossy(integer);
            Err(format!("the integer {digits} does not fit exactly into the type that it was to be read as").into())
        }
    }
}

/// The integers of a JSON text without white space that neither `i64` nor `u64` can hold.
fn long_integers(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < text.len() {
            match text[at] {
                b'"' => at = after_string(text, at),
                b'-' | b'0'..=b'9' => {
                    let start = at;
                    while at < text.len() && !matches!(text[at], b',' | b']' | b'}' | b':') {
                        at += 1;
                    }
                    let number = &text[start..at];
                    if is_long_integer(number) {
                        return Some(number);
                    }
                }
                _ => at += 1,
            }
        }
        None
    })
}

fn after_string(text: &[u8], quote: usize) -> usize {
    let mut at = quote + 1;
    while at < text.len() && text[at] != b'"' {
        at += if text[at] == b'\\' { 2 } else { 1 };
    }
    at + 1
}

fn is_long_integer(number: &[u8]) -> bool {
    let is_integer = number.iter().all(|c| c.is_ascii_digit() || *c == b'-');
    let fits = std::str::from_utf8(number).is_ok_and(|digits| digits.parse::<i64>().is_ok() || digits.parse::<u64>().is_ok());
    is_integer && !fits
}

/// Why a value has no exact JSON.
#[derive(Debug)]
pub(crate) struct NotExact(String);

impl fmt::Display for NotExact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotExact {}

impl ser::Error for NotExact {
    fn custom<T: fmt::Display>(words: T) -> Self {
        NotExact(words.to_string())
    }
}

/// Walks through a value as serde_json does, and writes nothing.
#[derive(Clone, Copy)]
struct Finite;

type Walked = Result<(), NotExact>;

fn finite(number: f64) -> Walked {
    if number.is_finite() {
        Ok(())
    } else {
        Err(NotExact(format!("JSON has no number {number}")))
    }
}

macro_rules! leaves {
    ($($name:ident: $type:ty),+) => {$(
        fn $name(self, _: $type) -> Walked {
            Ok(())
        }
    )+};
}

impl ser::Serializer for Finite {
    type Ok = ();
    type Error = NotExact;
    type SerializeSeq = Finite;
    type SerializeTuple = Finite;
    type SerializeTupleStruct = Finite;
    type SerializeTupleVariant = Finite;
    type SerializeMap = Finite;
    type SerializeStruct = Finite;
    type SerializeStructVariant = Finite;

    leaves! {
        serialize_bool: bool, serialize_char: char, serialize_str: &str, serialize_bytes: &[u8],
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64, serialize_i128: i128,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64, serialize_u128: u128,
        serialize_unit_struct: &'static str
    }
    fn serialize_f32(self, number: f32) -> Walked {
        finite(number.into())
    }
    fn serialize_f64(self, number: f64) -> Walked {
        finite(number)
    }
    fn serialize_none(self) -> Walked {
        Ok(())
    }
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Walked {
        value.serialize(self)
    }
    fn serialize_unit(self) -> Walked {
        Ok(())
    }
    fn serialize_unit_variant(self, _: &'static str, _: u32, _: &'static str) -> Walked {
        Ok(())
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Walked {
        value.serialize(self)
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(self, _: &'static str, _: u32, _: &'static str, value: &T) -> Walked {
        value.serialize(self)
    }
    fn serialize_seq(self, _: Option<usize>) -> Result<Finite, NotExact> {
        Ok(self)
    }
    fn serialize_tuple(self, _: usize) -> Result<Finite, NotExact> {
        Ok(self)
    }
    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Finite, NotExact> {
        Ok(self)
    }
    fn serialize_tuple_variant(self, _: &'static str, _: u32, _: &'static str, _: usize) -> Result<Finite, NotExact> {
        Ok(self)
    }
    fn serialize_map(self, _: Option<usize>) -> Result<Finite, NotExact> {
        Ok(self)
    }
    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Finite, NotExact> {
        Ok(self)
    }
    fn serialize_struct_variant(self, _: &'static str, _: u32, _: &'static str, _: usize) -> Result<Finite, NotExact> {
        Ok(self)
    }
    fn collect_str<T: fmt::Display + ?Sized>(self, _: &T) -> Walked {
        Ok(())
    }
}

macro_rules! elements {
    ($($trait:ident $method:ident),+) => {$(
        impl ser::$trait for Finite {
            type Ok = ();
            type Error = NotExact;
            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Walked {
                value.serialize(*self)
            }
            fn end(self) -> Walked {
                Ok(())
            }
        }
    )+};
}
elements! {
    SerializeSeq serialize_element, SerializeTuple serialize_element,
    SerializeTupleStruct serialize_field, SerializeTupleVariant serialize_field
}

macro_rules! fields {
    ($($trait:ident),+) => {$(
        impl ser::$trait for Finite {
            type Ok = ();
            type Error = NotExact;
            fn serialize_field<T: Serialize + ?Sized>(&mut self, _: &'static str, value: &T) -> Walked {
                value.serialize(*self)
            }
            fn end(self) -> Walked {
                Ok(())
            }
        }
    )+};
}
fields!(SerializeStruct, SerializeStructVariant);

impl ser::SerializeMap for Finite {
    type Ok = ();
    type Error = NotExact;
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Walked {
        key.serialize(*self)
    }
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Walked {
        value.serialize(*self)
    }
    fn end(self) -> Walked {
        Ok(())
    }
}
