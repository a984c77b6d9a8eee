//! Values: what the codecs write and read, and what they refuse.

mod support;

use std::collections::BTreeMap;

use exoref::codec::{Bytes, Codec, Json, Text};
use exoref::{Atom, Class, ErrorKind, OpenOptions};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use support::client;

fn encode<T: Serialize + serde::de::DeserializeOwned>(value: &T) -> Result<String, String> {
    Json.encode(value).map(|bytes| String::from_utf8(bytes).unwrap()).map_err(|error| error.to_string())
}

fn decode<T: Serialize + serde::de::DeserializeOwned>(text: impl AsRef<[u8]>) -> Result<T, String> {
    Json.decode(text.as_ref()).map_err(|error| error.to_string())
}

/// A text of the table: a string, bytes, or parts with how often each stands there.
fn text_of(case: &Value) -> Vec<u8> {
    if let Some(text) = case.as_str() {
        return text.into();
    }
    if let Some(parts) = case["parts"].as_array() {
        return parts.iter().flat_map(|part| part[0].as_str().unwrap().repeat(part[1].as_u64().unwrap() as usize).into_bytes()).collect();
    }
    from_base64(case["base64"].as_str().unwrap())
}

fn from_base64(text: &str) -> Vec<u8> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bits, mut count, mut out) = (0u32, 0, Vec::new());
    for digit in text.bytes().filter(|digit| *digit != b'=') {
        bits = bits << 6 | DIGITS.iter().position(|one| *one == digit).unwrap() as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    out
}

/// The table that all languages share: what is read is written as its canonical form, or is refused.
#[test]
fn every_case_of_the_table_is_canonical_or_refused() {
    let table = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../tests/conformance/json_cases.json")).unwrap();
    let table: Value = serde_json::from_slice(&table).unwrap();
    let (mut written, mut refused) = (0, BTreeMap::new());
    for case in table["cases"].as_array().unwrap() {
        let (name, input) = (case["name"].as_str().unwrap(), text_of(&case["input"]));
        let read = decode::<Value>(&input);
        if !case["error"].is_null() {
            assert!(read.is_err(), "{name}: not refused");
            continue;
        }
        match read {
            Ok(value) => {
                assert_eq!(encode(&value).unwrap().as_bytes(), text_of(&case["canonical"]), "{name}");
                written += 1;
            }
            Err(error) => {
                let why = ["does not fit exactly", "recursion limit", "number out of range"].into_iter().find(|why| error.contains(why));
                *refused.entry(why.unwrap_or_else(|| panic!("{name}: {error}"))).or_insert(0) += 1;
            }
        }
    }
    assert!(written >= 140, "{written} were written; refused: {refused:?}");
    assert!(refused.values().sum::<i32>() <= 30, "{refused:?}");
}

#[test]
fn numbers_are_exact_or_refused() {
    assert_eq!(encode(&u64::MAX).unwrap(), "18446744073709551615");
    assert_eq!(encode(&i128::MIN).unwrap(), "-170141183460469231731687303715884105728");
    assert_eq!(decode::<i128>("-170141183460469231731687303715884105728").unwrap(), i128::MIN);
    assert_eq!(decode::<Vec<u128>>("[18446744073709551616,1]").unwrap(), [1 << 64, 1]);
    assert!(decode::<Value>("[18446744073709551616]").unwrap_err().contains("18446744073709551616 does not fit exactly"));
    assert!(decode::<f64>("123456789012345678901").unwrap_err().contains("does not fit exactly"));
    assert!(decode::<u64>("18446744073709551616").is_err());
    for lost in ["9007199254740993", "-9007199254740993", "18446744073709551615", "[[1,9007199254740992.0],[2,9007199254740993]]"] {
        let error = if lost.starts_with('[') { decode::<Vec<(u64, f64)>>(lost).err() } else { decode::<f64>(lost).err() };
        assert!(error.unwrap_or_else(|| panic!("{lost} was altered")).contains("does not fit exactly"));
    }
    assert!(decode::<f32>("16777217").unwrap_err().contains("does not fit exactly"));
    assert!(decode::<Vec<f64>>("[9007199254740992,9007199254740993]").is_err());
    assert_eq!(decode::<f64>("9007199254740994").unwrap(), 9007199254740994.0);
    assert_eq!(decode::<Vec<f64>>("[9007199254740992,-9223372036854775808,7]").unwrap(), [9007199254740992.0, i64::MIN as f64, 7.0]);
    assert_eq!(decode::<f32>("16777216").unwrap(), 16777216.0);
    // Neither is what the type leaves out, or has in another order.
    #[derive(Serialize, Deserialize)]
    struct Small {
        a: f64,
    }
    assert_eq!(decode::<Small>(r#"{"a":0.5,"big":123456789012345678901234,"of":{"a":9007199254740993}}"#).unwrap().a, 0.5);
    let set: std::collections::BTreeSet<u64> = decode("[9007199254740995,9007199254740993,9007199254740993]").unwrap();
    assert_eq!(set.len(), 2);
    let times: Value = decode(r#"[{"t\"":1764329000123456789,"x":1.5},{"t\"":1764329000123456790,"x":1764329000123456790}]"#).unwrap();
    assert_eq!(times[1]["x"], 1764329000123456790u64);
    assert_eq!(decode::<Value>(r#"{"1e999":"18446744073709551616"}"#).unwrap()["1e999"], "18446744073709551616", "no number");

    assert_eq!(encode(&1.0).unwrap(), "1.0");
    assert_eq!(encode(&1e308).unwrap(), "1e+308");
    assert_eq!(encode(&0.1f32).unwrap(), "0.1");
    assert_eq!(encode(&-0.0).unwrap(), "-0.0");
    assert!(decode::<f64>("-0.0").unwrap().is_sign_negative());
    assert_eq!(decode::<f64>("5e-324").unwrap(), 5e-324);
    for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let error = encode(&BTreeMap::from([("a", vec![Some(number)])].map(|(key, list)| (key.to_owned(), list)))).unwrap_err();
        assert_eq!(error, format!("JSON has no number {number}"));
    }
    assert!(encode(&f32::NAN).is_err());
}

#[test]
fn what_could_not_be_read_again_is_not_written() {
    let nested = |deep| (0..deep).fold(Value::Null, |inner, _| Value::Array(vec![inner]));
    let deepest = encode(&nested(127)).unwrap();
    assert_eq!(decode::<Value>(&deepest).unwrap(), nested(127));
    assert!(encode(&nested(128)).unwrap_err().contains("nested 128 deep"));
    let brackets = "[".repeat(200);
    assert_eq!(encode(&brackets).unwrap(), format!("\"{brackets}\""), "no list");
}

#[derive(Serialize, Deserialize, PartialEq, Debug, Default)]
struct Everything {
    unit: (),
    option: Option<f64>,
    tuple: (u8, String),
    list: Vec<Shape>,
    map: BTreeMap<String, Everything>,
}

#[derive(Serialize, Deserialize, PartialEq, Debug)]
enum Shape {
    Point,
    Circle(f64),
    Line(f64, f64),
    Square { side: f64 },
}

#[test]
fn whatever_serde_writes_is_read_again() {
    let shapes = || vec![Shape::Point, Shape::Circle(1.0), Shape::Line(0.5, -0.0), Shape::Square { side: 1e-7 }];
    let inner = Everything { list: shapes(), ..Everything::default() };
    let all = Everything {
        option: Some(0.25),
        tuple: (7, "\u{0}\u{7f}\"\\é\u{2028}😀".into()),
        map: [("b".to_owned(), inner), ("".to_owned(), Everything::default())].into(),
        ..Everything::default()
    };
    let text = encode(&all).unwrap();
    assert!(text.starts_with(r#"{"list":[],"map":{"":{"list""#), "keys are sorted: {text}");
    assert_eq!(decode::<Everything>(&text).unwrap(), all);
    let nan = Everything { list: vec![Shape::Square { side: f64::NAN }], ..Everything::default() };
    assert!(encode(&nan).is_err());
}

#[test]
fn all_of_unicode_goes_through_json_and_text() {
    let all: String = (0..=0x10ffff).filter_map(char::from_u32).collect();
    let json = Json.encode(&all).unwrap();
    assert_eq!(Codec::<String>::decode(&Json, &json).unwrap(), all);
    let text = Text.encode(&all).unwrap();
    assert_eq!(text, all.as_bytes());
    assert_eq!(Text.decode(&text).unwrap(), all);
    assert!(decode::<String>(r#""\ud800""#).is_err(), "half a surrogate is no character");
    assert!(Text.decode(b"\xed\xa0\x80").is_err());
}

#[test]
fn text_and_bytes_have_their_own_labels() {
    let client = client();
    let text: Atom<String> = OpenOptions::with_codec(Text).create_atom(&client, "text", "a\0é".into()).unwrap();
    assert_eq!(text.deref().unwrap().raw().codec(), "string");
    assert_eq!(*text.deref().unwrap(), "a\0é");
    let bytes = OpenOptions::with_codec(Bytes).create_atom(&client, "bytes", vec![0, 255]).unwrap();
    let value = bytes.deref().unwrap();
    assert_eq!((value.raw().codec().as_str(), value.raw().as_bytes()), ("", &[0, 255][..]));
    assert!(bytes.reset(vec![]).unwrap().is_empty());
    let reads = OpenOptions::with_codec(Bytes).open_atom(&client, "text").unwrap();
    assert_eq!(*reads.deref().unwrap(), "a\0é".as_bytes());
    assert_eq!(reads.reset(vec![1]).unwrap_err().kind(), ErrorKind::Codec, "bytes may not be written where there is a label");
    let error = Atom::<String>::open(&client, "text").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Codec);
    assert!(error.to_string().contains("json") && error.to_string().contains("string"), "{error}");
}

#[test]
fn what_can_not_be_decoded_is_at_hand_as_bytes() {
    let client = client();
    OpenOptions::with_codec(Bytes).create_atom(&client, "k", b"no json".to_vec()).unwrap();
    let atom: Atom<u32> = Atom::open(&client, "k").unwrap();
    let error = atom.deref().unwrap_err();
    assert_eq!((error.kind(), error.class()), (ErrorKind::Decode, Class::Final));
    assert_eq!(error.raw_value().unwrap().as_bytes(), b"no json");
    assert!(std::error::Error::source(&error).unwrap().to_string().contains("line 1"), "{error:?}");
    assert_eq!(atom.swap(|n| n).unwrap_err().kind(), ErrorKind::Decode);
    let (tell, told) = std::sync::mpsc::channel();
    let error = atom.add_watch("w", move |change| tell.send(change.version()).unwrap()).unwrap_err();
    assert_eq!((error.kind(), error.class()), (ErrorKind::Decode, Class::Unknown), "the watch was added");
    assert_eq!(error.raw_value().unwrap().as_bytes(), b"no json");
    let error = atom.reset_vals(1).unwrap_err();
    assert_eq!((error.kind(), error.class()), (ErrorKind::Decode, Class::Unknown), "it was set: not to be done again");
    assert_eq!(atom.deref().unwrap(), 1);
    assert_eq!(support::next(&told), 2);
    let nan = Atom::<f64>::create(&client, "nan", f64::NAN).unwrap_err();
    assert_eq!((nan.kind(), nan.class()), (ErrorKind::Encode, Class::Final));
}

#[test]
fn a_value_is_compared_shown_and_taken_out() {
    let client = client();
    let atom = Atom::create(&client, "k", vec![1, 2]).unwrap();
    let value = atom.deref().unwrap();
    let same = value.clone();
    assert_eq!(value, same);
    assert_eq!(value, vec![1, 2]);
    assert_eq!(format!("{value:?}"), "[1, 2]");
    assert_eq!(value.into_inner(), [1, 2], "cloned, since another holds it");
    assert_eq!(same.into_inner(), [1, 2]);
    let text = Atom::create(&client, "t", "hello".to_owned()).unwrap().deref().unwrap();
    assert_eq!(format!("{text}, {}", text.len()), "hello, 5");
}
