//! The client's option `timeout` as C will read it, for what takes several calls of C.

use std::borrow::Cow;

use crate::timeout::Timeout;

/// `option` is what the options say of it, which a URL overrules. What is wrong with either, C says when the client is opened.
pub(crate) fn of(option: &str, url: Option<&str>) -> Timeout {
    let from_environment = || ["EXOREF_URL", "REDIS_URL"].iter().find_map(|name| std::env::var(name).ok().filter(|url| !url.is_empty()));
    let url = url.map(Cow::Borrowed).or_else(|| from_environment().map(Cow::Owned));
    let in_url = url.as_deref().and_then(in_query);
    parsed(in_url.as_deref().unwrap_or(option)).unwrap_or(Timeout::DEFAULT)
}

fn in_query(url: &str) -> Option<String> {
    let (_, query) = url.split_once('?')?;
    query.split('&').find_map(|pair| {
        let (name, text) = pair.split_once('=')?;
        (percent_decoded(name)? == "timeout").then(|| percent_decoded(text))?
    })
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut parts = text.split('%');
    let mut decoded = parts.next()?.as_bytes().to_vec();
    for part in parts {
        let digits = part.get(..2).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
        decoded.push(u8::from_str_radix(digits, 16).ok()?);
        decoded.extend_from_slice(&part.as_bytes()[2..]);
    }
    String::from_utf8(decoded).ok()
}

fn parsed(text: &str) -> Option<Timeout> {
    match text {
        "none" => return Some(Timeout::NONE),
        "0" => return Some(Timeout::NO_WAIT),
        _ => {}
    }
    let unit = text.find(|c: char| !c.is_ascii_digit())?;
    let ms = match &text[unit..] {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return None,
    };
    Some(Timeout::from_millis(text[..unit].parse::<i64>().ok()?.saturating_mul(ms)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_read_as_c_reads_it() {
        for (option, url, ms) in [
            ("5s", "redis://h", 5000),
            ("none", "redis://h", -1),
            ("0", "local:d?prefix=a%3Ab", 0),
            ("2m", "local:d?prefix=x&timeout=7ms", 7),
            ("2m", "redis://h/0?time%6fut=%31h", 3_600_000),
            ("2m", "redis://h/0?timeout=none", -1),
            ("9223372036854775807h", "redis://h", i64::MAX),
        ] {
            assert_eq!(of(option, Some(url)).ms(), ms, "{option}, {url}");
        }
    }
}
