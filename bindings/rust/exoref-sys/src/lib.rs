//! The C API of exoref, declared as it stands in `exoref/exoref.h`, which is the manual: nothing is explained here twice.
//!
//! The crate [`exoref`](https://docs.rs/exoref) is what programs use. This one is for who builds upon C itself: all functions are
//! `unsafe`, handles are counted by hand, and callbacks must not unwind.
#![allow(non_camel_case_types)]

/// A type that Rust sees through pointers alone.
macro_rules! opaque {
    ($($name:ident),+) => {$(
        #[repr(C)]
        pub struct $name {
            _bytes: [u8; 0],
            _neither_send_nor_sync_nor_unpin: core::marker::PhantomData<(*mut u8, core::marker::PhantomPinned)>,
        }
    )+};
}
pub(crate) use opaque;

mod admin;
mod atom;
mod client;
mod delay;
mod error;
mod future;
mod options;
mod promise;
mod status;
mod value;

pub use admin::*;
pub use atom::*;
pub use client::*;
pub use delay::*;
pub use error::*;
pub use future::*;
pub use options::*;
pub use promise::*;
pub use status::*;
pub use value::*;
