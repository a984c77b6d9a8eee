//! What JSON would alter without a word, found and refused: numbers that are none, integers too long for a type, and what is too deep.

use std::collections::HashMap;
use std::fmt;

use serde::ser::{self, Serialize};

use crate::error::BoxError;
use crate::value::RawValue;

/// serde_json writes NaN and infinities as null.
pub(crate) fn refuse_non_finite<T: Serialize + ?Sized>(value: &T) -> Result<(), NotExact> {
    value.serialize(Finite)
}

/// serde_json reads nothing that is deeper.
const DEEPEST: usize = 127;

/// What nobody could read again must not be written.
pub(crate) fn refuse_too_deep(text: &[u8]) -> Result<(), NotExact> {
    let (mut at, mut depth, mut deepest) = (0, 0usize, 0);
    while at < text.len() {
        match text[at] {
            b'"' => at = after_string(text, at) - 1,
            b'{' | b'[' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
    }
    if deepest <= DEEPEST {
        return Ok(());
    }
    Err(NotExact(format!("it is nested {deepest} deep, and more than {DEEPEST} would not be read again")))
}

/// What is read as a float may have lost digits of an integer without a word. `again` writes what was read, in the canonical form: an
/// integer in whose place a float of nearly its value stands then was altered. What the type leaves out is not looked at.
pub(crate) fn refuse_lost_integers(text: &[u8], again: impl FnOnce() -> Result<RawValue, BoxError>) -> Result<(), BoxError> {
    let mut long = Vec::new();
    each_number(text, |place, number| {
        if is_long_integer(number) {
            long.push((place.to_vec(), number));
        }
    });
    if long.is_empty() {
        return Ok(());
    }
    let again = again()?;
    let mut floats = HashMap::new();
    each_number(&again, |place, number| {
        if is_float(number) {
            *floats.entry((place.to_vec(), bits(number))).or_insert(0) += 1;
        }
    });
    if floats.is_empty() {
        return Ok(());
    }
    // Floats that say exactly what stood there are accounted for.
    each_number(text, |place, number| {
        if let Some(count) = exact_bits(number).and_then(|same| floats.get_mut(&(place.to_vec(), same))) {
            *count -= 1;
        }
    });
    for (place, integer) in long {
        for near in near_bits(integer) {
            if floats.get(&(place.clone(), near)).is_some_and(|count| *count > 0) {
                return Err(format!("the integer {integer} does not fit exactly into the type that it was to be read as").into());
            }
        }
    }
    Ok(())
}

/// Tells of each number of a canonical text, with its place: the names on the way to it. Those of one list have the same place, since
/// sets are written in any order.
fn each_number<'a>(text: &'a [u8], mut tell: impl FnMut(&[u8], &'a str)) {
    let (mut at, mut place, mut opened) = (0, Vec::new(), Vec::new());
    while at < text.len() {
        match text[at] {
            b'{' | b'[' => {
                opened.push(place.len());
                place.push(text[at]);
            }
            b'}' | b']' => place.truncate(opened.pop().unwrap_or_default()),
            b'"' => {
                let end = after_string(text, at);
                if text.get(end) == Some(&b':') {
                    place.truncate(opened.last().map_or(0, |length| length + 1));
                    place.extend_from_slice(&text[at..end]);
                }
                at = end;
                continue;
            }
            b'-' | b'0'..=b'9' => {
                let start = at;
                while at < text.len() && !matches!(text[at], b',' | b']' | b'}') {
                    at += 1;
                }
                tell(&place, std::str::from_utf8(&text[start..at]).unwrap_or_default());
                continue;
            }
            _ => {}
        }
        at += 1;
    }
}

fn after_string(text: &[u8], quote: usize) -> usize {
    let mut at = quote + 1;
    while at < text.len() && text[at] != b'"' {
        at += if text[at] == b'\\' { 2 } else { 1 };
    }
    at + 1
}

fn is_float(number: &str) -> bool {
    number.contains(['.', 'e', 'E'])
}

/// Whether there is a type of floats that may not hold it.
fn is_long_integer(number: &str) -> bool {
    const EXACT_IN_ALL: u64 = 1 << f32::MANTISSA_DIGITS;
    !is_float(number) && !number.parse().is_ok_and(|integer: i64| integer.unsigned_abs() <= EXACT_IN_ALL)
}

fn bits(number: &str) -> u64 {
    number.parse::<f64>().unwrap_or_default().to_bits()
}

/// The double that is exactly the number. Of integers beyond 64 bits there is none: `serde_json::Value` writes those as floats again.
fn exact_bits(number: &str) -> Option<u64> {
    if is_float(number) {
        return Some(bits(number));
    }
    let integer: i128 = number.parse().ok().filter(|integer| (i64::MIN.into()..=u64::MAX.into()).contains(integer))?;
    let double = integer as f64;
    (double as i128 == integer).then(|| double.to_bits())
}

/// As which doubles it may be written when it was read as an `f64` or as an `f32`.
fn near_bits(integer: &str) -> [u64; 2] {
    let single = integer.parse::<f32>().unwrap_or_default();
    [bits(integer), bits(&single.to_string())]
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
