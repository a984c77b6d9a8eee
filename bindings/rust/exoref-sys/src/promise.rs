//! Promises.

use std::ffi::{c_char, c_void};

use crate::client::{exoref_client, exoref_future};
use crate::error::exoref_error;
use crate::options::exoref_options;
use crate::status::exoref_status;
use crate::value::exoref_value;

crate::opaque!(exoref_promise);

extern "C" {
    pub fn exoref_promise_open(
        client: *mut exoref_client,
        key: *const c_void,
        key_size: usize,
        options: *const exoref_options,
        timeout_ms: i64,
        out: *mut *mut exoref_promise,
        created: *mut bool,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_promise_open_async(
        client: *mut exoref_client,
        key: *const c_void,
        key_size: usize,
        options: *const exoref_options,
        timeout_ms: i64,
        out: *mut *mut exoref_future,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_promise_key(promise: *const exoref_promise, size: *mut usize) -> *const c_char;
    pub fn exoref_promise_deliver(
        promise: *mut exoref_promise,
        data: *const c_void,
        size: usize,
        timeout_ms: i64,
        delivered: *mut bool,
        standing: *mut *mut exoref_value,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_promise_deliver_async(
        promise: *mut exoref_promise,
        data: *const c_void,
        size: usize,
        timeout_ms: i64,
        out: *mut *mut exoref_future,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_promise_deref(
        promise: *mut exoref_promise,
        timeout_ms: i64,
        out: *mut *mut exoref_value,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_promise_deref_async(
        promise: *mut exoref_promise,
        timeout_ms: i64,
        out: *mut *mut exoref_future,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_promise_realized(
        promise: *mut exoref_promise,
        timeout_ms: i64,
        realized: *mut bool,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_promise_realized_async(
        promise: *mut exoref_promise,
        timeout_ms: i64,
        out: *mut *mut exoref_future,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_promise_retain(promise: *mut exoref_promise) -> *mut exoref_promise;
    pub fn exoref_promise_release(promise: *mut exoref_promise);
}
