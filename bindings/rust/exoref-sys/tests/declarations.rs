//! Compares what this crate declares with the header, word for word, and with the list of symbols: nothing is missing, nothing is
//! other than it is there, nothing is too much.

use std::collections::{BTreeMap, BTreeSet};

const TOP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../..");

fn read(path: &str) -> String {
    std::fs::read_to_string(format!("{TOP}/{path}")).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Without comments, and each stretch of white space one space.
fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("/*").into_iter().chain(rest.find("//")).min() {
        out.push_str(&rest[..start]);
        out.push(' ');
        let end = if rest[start..].starts_with("/*") { "*/" } else { "\n" };
        rest = rest[start..].split_once(end).map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The text between the bracket that opens at the beginning and its partner.
fn in_brackets(text: &str) -> &str {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' if depth == 1 => return &text[1..at],
            ')' => depth -= 1,
            _ => {}
        }
    }
    panic!("no end: {text}")
}

/// A type of C, as Rust writes it.
fn rust_type(c: &str) -> String {
    let c = c.replace("struct ", "");
    let stars = c.matches('*').count();
    let words = c.replace('*', " ");
    let is_const = words.starts_with("const ");
    let base = words.trim_start_matches("const ").trim();
    let base = match base {
        "int32_t" => "i32",
        "int64_t" => "i64",
        "uint64_t" => "u64",
        "size_t" => "usize",
        "char" => "c_char",
        "void" if stars == 0 => return String::new(),
        "void" => "c_void",
        other => other,
    };
    let innermost = if is_const { "*const " } else { "*mut " };
    let pointers = (1..=stars).rev().map(|level| if level == 1 { innermost } else { "*mut " }).collect::<String>();
    format!("{pointers}{base}")
}

/// Parameters of C as `name: type`.
fn rust_parameters(c: &str) -> Vec<String> {
    if c.trim() == "void" {
        return Vec::new();
    }
    let one = |parameter: &str| {
        let parameter = parameter.trim();
        let name_at = parameter.rfind(|c: char| !c.is_alphanumeric() && c != '_').unwrap() + 1;
        format!("{}: {}", &parameter[name_at..], rust_type(&parameter[..name_at]))
    };
    c.split(',').map(one).collect()
}

fn signature(parameters: Vec<String>, result: &str) -> String {
    let result = if result.is_empty() { String::new() } else { format!(" -> {result}") };
    format!("({}){result}", parameters.join(", "))
}

type Declared = BTreeMap<String, String>;

/// Functions, types of callbacks, constants and opaque types of the header.
fn in_header() -> [Declared; 4] {
    let header = plain(&read("include/exoref/exoref.h"));
    let (mut functions, mut callbacks, mut constants, mut opaque) = <(Declared, Declared, Declared, Declared)>::default();
    for declared in header.split("EXOREF_API ").skip(1).filter(|declared| declared.contains("exoref_")) {
        let Some(bracket) = declared.find('(') else { continue };
        let head = &declared[..bracket];
        let name_at = head.rfind(|c: char| !c.is_alphanumeric() && c != '_').unwrap() + 1;
        let parameters = rust_parameters(in_brackets(&declared[bracket..]));
        functions.insert(head[name_at..].into(), signature(parameters, &rust_type(&head[..name_at])));
    }
    for declared in header.split("typedef ").skip(1) {
        let declared = declared.split(';').next().unwrap();
        if let Some(name) = declared.strip_prefix("struct ") {
            opaque.insert(name.split(' ').next().unwrap().into(), String::new());
        } else if let Some((result, rest)) = declared.split_once(" (*") {
            let (name, rest) = rest.split_once(')').unwrap();
            callbacks.insert(name.into(), signature(rust_parameters(in_brackets(rest)), &rust_type(result)));
        }
    }
    for list in header.split("enum {").skip(1) {
        for entry in list.split('}').next().unwrap().split(',').filter_map(|entry| entry.split_once('=')) {
            constants.insert(entry.0.trim().into(), entry.1.trim().into());
        }
    }
    for define in read("include/exoref/exoref.h").lines().filter_map(|line| line.strip_prefix("#define ")) {
        let define = plain(define);
        if let Some((name, value)) = define.split_once(' ').filter(|(name, _)| !name.contains("API")) {
            let value = value.trim_start_matches("INT64_C(").trim_end_matches(')');
            constants.insert(name.into(), value.into());
        }
    }
    [functions, callbacks, constants, opaque]
}

/// The same, as this crate declares them.
fn in_rust() -> [Declared; 4] {
    let mut sources = String::new();
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src")).unwrap() {
        sources.push_str(&std::fs::read_to_string(entry.unwrap().path()).unwrap());
        sources.push('\n');
    }
    let rust = plain(&sources);
    let (mut functions, mut callbacks, mut constants, mut opaque) = <(Declared, Declared, Declared, Declared)>::default();
    // What is a word of Rust ends with an underline here.
    let parameters = |list: &str| -> Vec<String> {
        let one = |parameter: &str| parameter.trim().replace("fn_:", "fn:").replace("type_:", "type:").replace("loop_:", "loop:");
        list.split(',').map(one).filter(|parameter| !parameter.is_empty()).collect()
    };
    let signature_of = |declared: &str| {
        let inside = in_brackets(declared);
        let result = declared[inside.len() + 2..].strip_prefix(" -> ");
        signature(parameters(inside), result.map_or("", |result| result.split([';', '>']).next().unwrap_or_default()))
    };
    for declared in rust.split("pub fn ").skip(1) {
        let bracket = declared.find('(').unwrap();
        functions.insert(declared[..bracket].into(), signature_of(&declared[bracket..]));
    }
    for declared in rust.split("pub type ").skip(1) {
        let (name, declared) = declared.split_once(" = ").unwrap();
        if let Some(bracket) = declared.split(';').next().unwrap().find("fn(") {
            callbacks.insert(name.into(), signature_of(&declared[bracket + 2..]));
        }
    }
    for declared in rust.split("pub const ").skip(1) {
        let (name, declared) = declared.split_once(':').unwrap();
        let value = declared.split_once('=').unwrap().1.split(';').next().unwrap();
        constants.insert(name.into(), value.trim().into());
    }
    for declared in rust.split("crate::opaque!(").skip(1) {
        opaque.extend(declared.split(')').next().unwrap().split(',').map(|name| (name.trim().into(), String::new())));
    }
    [functions, callbacks, constants, opaque]
}

#[test]
fn all_is_declared_as_the_header_has_it() {
    let kinds = ["function", "callback", "constant", "opaque type"];
    for ((kind, header), rust) in kinds.into_iter().zip(in_header()).zip(in_rust()) {
        assert!(header.len() > 6, "{}: {kind}", header.len());
        let names: BTreeSet<_> = header.keys().chain(rust.keys()).collect();
        for name in names {
            assert_eq!(rust.get(name), header.get(name), "{kind} {name}");
        }
    }
}

#[test]
fn every_symbol_of_the_library_is_declared() {
    let symbols = read("abi/symbols");
    let symbols: BTreeSet<_> =
        symbols.lines().filter(|line| line.starts_with("exoref_")).map(|line| line.split(' ').next().unwrap()).collect();
    let [functions, ..] = in_rust();
    assert_eq!(functions.keys().map(String::as_str).collect::<BTreeSet<_>>(), symbols);
}

#[test]
fn the_library_is_linked_and_is_the_one_that_is_declared() {
    // SAFETY: a pure function.
    let number = unsafe { exoref_sys::exoref_version_number() };
    assert_eq!(number / 10_000, exoref_sys::EXOREF_VERSION_MAJOR);
    assert!(number >= exoref_sys::EXOREF_VERSION_MAJOR * 10_000 + exoref_sys::EXOREF_VERSION_MINOR * 100);
}
