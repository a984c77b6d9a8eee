use std::borrow::Cow;

use exoref_sys as ffi;

use crate::handle::text;

/// What the library says of one of its options.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct OptionInfo {
    /// Its name.
    pub name: Cow<'static, str>,
    /// `client` or `reference`.
    pub scope: Cow<'static, str>,
    /// `text`, `duration`, `size`, `count`, `truth` or `choice`.
    pub value_type: Cow<'static, str>,
    /// As text; "" if there is none.
    pub default: Cow<'static, str>,
    /// Such as `1s..1h` or `lanes|take`; "" for any.
    pub range: Cow<'static, str>,
    /// A sentence or two.
    pub meaning: Cow<'static, str>,
    /// Another name that is accepted, or "".
    pub alias: Cow<'static, str>,
    /// The version it came in.
    pub since: Cow<'static, str>,
    /// "", or what to use instead.
    pub deprecated: Cow<'static, str>,
    /// Whether its value is never shown.
    pub secret: bool,
    /// "", or why this build of the library does not have it.
    pub unsupported: Cow<'static, str>,
}

/// All options of clients and references.
pub fn options_table() -> impl Iterator<Item = OptionInfo> {
    // SAFETY: a pure function.
    let count = unsafe { ffi::exoref_option_count() };
    (0..count).map(|n| {
        // SAFETY: static texts.
        let property = |property| unsafe { text(ffi::exoref_option_text(n, property)) };
        OptionInfo {
            name: property(ffi::EXOREF_OPTION_NAME),
            scope: property(ffi::EXOREF_OPTION_SCOPE),
            value_type: property(ffi::EXOREF_OPTION_TYPE),
            default: property(ffi::EXOREF_OPTION_DEFAULT),
            range: property(ffi::EXOREF_OPTION_RANGE),
            meaning: property(ffi::EXOREF_OPTION_MEANING),
            alias: property(ffi::EXOREF_OPTION_ALIAS),
            since: property(ffi::EXOREF_OPTION_SINCE),
            deprecated: property(ffi::EXOREF_OPTION_DEPRECATED),
            secret: property(ffi::EXOREF_OPTION_SECRET) == "true",
            unsupported: property(ffi::EXOREF_OPTION_UNSUPPORTED),
        }
    })
}

/// A counter of a client.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Stat {
    /// Its name.
    pub name: Cow<'static, str>,
    /// What is counted.
    pub meaning: Cow<'static, str>,
    /// The number now.
    pub value: i64,
}

/// All counters of a client.
pub(crate) fn stats(client: *const ffi::exoref_client) -> Vec<Stat> {
    // SAFETY: a pure function, static texts, and the caller holds the client.
    unsafe {
        (0..ffi::exoref_stat_count())
            .map(|n| Stat {
                name: text(ffi::exoref_stat_name(n)),
                meaning: text(ffi::exoref_stat_meaning(n)),
                value: ffi::exoref_client_stat(client, n),
            })
            .collect()
    }
}
