//! Clojure's reference types, shared between processes, machines and languages; the values are kept on Redis.
//!
//! A reference is an identity that holds a succession of immutable values. Readers never block writers; a change is a function from
//! the old value to the new one; whoever watches is told of each change.
//!
//! ```no_run
//! use exoref::{Atom, Client};
//!
//! let client = Client::open("redis://localhost")?;
//! let visits: Atom<u64> = Atom::create(&client, "visits", 0)?;
//! let now = visits.swap(|n| n + 1)?;
//! println!("{now} visits");
//! # Ok::<(), exoref::Error>(())
//! ```
//!
//! - [`Atom`]: a value that changes by functions. [`Promise`]: one that comes once. [`Delay`]: one that is computed once, when it
//!   is first asked for.
//! - What asks the server has two forms: one that waits, up to the timeout of its handle ([`Atom::within`]), and one named `..._async` that
//!   gives a [`Pending`], a `Future` for any executor.
//! - Values are JSON through serde (feature `json`, on by default), text, bytes, or of a [codec](codec::Codec) of yours.
//! - Every operation ends as applied, as certainly not applied, or as unknown: [`Error::class`].
//! - Handles are `Send`, `Sync`, and cheap to clone. To drop one never waits.
#![warn(missing_docs)]

mod admin;
mod atom;
mod body;
mod border;
mod changes;
mod client;
pub mod codec;
mod default_timeout;
mod delay;
mod error;
#[cfg(feature = "json")]
mod exactness;
mod handle;
#[cfg(feature = "json")]
mod json;
mod lease;
pub mod local;
mod meta;
mod options;
mod pending;
mod promise;
mod swap;
mod table;
mod timeout;
mod validator;
mod value;
mod watch;

pub use admin::{Info, RefType, Scan, ScanStream};
pub use atom::Atom;
pub use body::BodyFailure;
pub use changes::Changes;
pub use client::{version, version_number, Client, Event, EventKind, Pong};
pub use delay::{Claim, Delay};
pub use error::{BoxError, Class, Error, ErrorKind, Reason, Result};
#[cfg(feature = "json")]
pub use json::json_canonical;
pub use lease::Lease;
pub use options::{Absent, ClientOptions, LogLevel, LogLine, OpenOptions};
pub use pending::{Pending, PendingControl};
pub use promise::{Delivery, Promise};
pub use swap::Swap;
pub use table::{options_table, OptionInfo, Stat};
pub use timeout::Timeout;
pub use validator::Verdict;
pub use value::{Compared, RawValue, Value, Values};
pub use watch::Change;
