//! Delays, their bodies and leases.

use std::ffi::{c_char, c_void};

use crate::client::{exoref_client, exoref_future};
use crate::error::exoref_error;
use crate::options::exoref_options;
use crate::status::exoref_status;
use crate::value::{exoref_free_fn, exoref_sink, exoref_value};

crate::opaque!(exoref_delay, exoref_lease);

pub type exoref_body_fn = Option<unsafe extern "C" fn(ctx: *mut c_void, lease: *mut exoref_lease, result: *mut exoref_sink) -> i32>;

extern "C" {
    pub fn exoref_delay_open(
        client: *mut exoref_client,
        key: *const c_void,
        key_size: usize,
        options: *const exoref_options,
        timeout_ms: i64,
        out: *mut *mut exoref_delay,
        created: *mut bool,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_delay_open_async(
        client: *mut exoref_client,
        key: *const c_void,
        key_size: usize,
        options: *const exoref_options,
        timeout_ms: i64,
        out: *mut *mut exoref_future,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_sink_set_kind(sink: *mut exoref_sink, kind: *const c_char) -> exoref_status;
    pub fn exoref_delay_open_with_body(
        client: *mut exoref_client,
        key: *const c_void,
        key_size: usize,
        fn_: exoref_body_fn,
        ctx: *mut c_void,
        free_ctx: exoref_free_fn,
        token: u64,
        options: *const exoref_options,
        timeout_ms: i64,
        out: *mut *mut exoref_delay,
        created: *mut bool,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_delay_open_with_body_async(
        client: *mut exoref_client,
        key: *const c_void,
        key_size: usize,
        fn_: exoref_body_fn,
        ctx: *mut c_void,
        free_ctx: exoref_free_fn,
        token: u64,
        options: *const exoref_options,
        timeout_ms: i64,
        out: *mut *mut exoref_future,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_delay_key(delay: *const exoref_delay, size: *mut usize) -> *const c_char;
    pub fn exoref_delay_deref(
        delay: *mut exoref_delay,
        timeout_ms: i64,
        out: *mut *mut exoref_value,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_delay_deref_async(
        delay: *mut exoref_delay,
        timeout_ms: i64,
        out: *mut *mut exoref_future,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_delay_realized(
        delay: *mut exoref_delay,
        timeout_ms: i64,
        realized: *mut bool,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_delay_realized_async(
        delay: *mut exoref_delay,
        timeout_ms: i64,
        out: *mut *mut exoref_future,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_delay_claim(
        delay: *mut exoref_delay,
        timeout_ms: i64,
        lease: *mut *mut exoref_lease,
        value: *mut *mut exoref_value,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_delay_claim_async(
        delay: *mut exoref_delay,
        timeout_ms: i64,
        out: *mut *mut exoref_future,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_delay_retain(delay: *mut exoref_delay) -> *mut exoref_delay;
    pub fn exoref_delay_release(delay: *mut exoref_delay);
    pub fn exoref_lease_deliver(
        lease: *mut exoref_lease,
        data: *const c_void,
        size: usize,
        timeout_ms: i64,
        value: *mut *mut exoref_value,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_lease_deliver_async(
        lease: *mut exoref_lease,
        data: *const c_void,
        size: usize,
        timeout_ms: i64,
        out: *mut *mut exoref_future,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_lease_fail(
        lease: *mut exoref_lease,
        kind: *const c_char,
        message: *const c_char,
        payload: *const c_void,
        payload_size: usize,
        timeout_ms: i64,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_lease_fail_async(
        lease: *mut exoref_lease,
        kind: *const c_char,
        message: *const c_char,
        payload: *const c_void,
        payload_size: usize,
        timeout_ms: i64,
        out: *mut *mut exoref_future,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_lease_renew(lease: *mut exoref_lease, timeout_ms: i64, left_ms: *mut i64, error: *mut *mut exoref_error)
        -> exoref_status;
    pub fn exoref_lease_renew_async(
        lease: *mut exoref_lease,
        timeout_ms: i64,
        out: *mut *mut exoref_future,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_lease_lost(lease: *const exoref_lease) -> bool;
    pub fn exoref_lease_lost_async(lease: *mut exoref_lease, out: *mut *mut exoref_future, error: *mut *mut exoref_error) -> exoref_status;
    pub fn exoref_lease_give_back(lease: *mut exoref_lease, timeout_ms: i64, error: *mut *mut exoref_error) -> exoref_status;
    pub fn exoref_lease_give_back_async(
        lease: *mut exoref_lease,
        timeout_ms: i64,
        out: *mut *mut exoref_future,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_lease_token(lease: *const exoref_lease) -> i64;
    pub fn exoref_lease_retain(lease: *mut exoref_lease) -> *mut exoref_lease;
    pub fn exoref_lease_release(lease: *mut exoref_lease);
}
