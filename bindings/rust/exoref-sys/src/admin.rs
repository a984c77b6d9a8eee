//! Administration: functions for any reference by its key, listings, and private servers.

use std::ffi::{c_char, c_void};

use crate::client::{exoref_client, exoref_future};
use crate::error::exoref_error;
use crate::status::exoref_status;
use crate::value::exoref_value;

crate::opaque!(exoref_info, exoref_scan);

pub const EXOREF_TTL_NONE: i64 = -1;

extern "C" {
    pub fn exoref_delete(
        client: *mut exoref_client,
        key: *const c_void,
        key_size: usize,
        timeout_ms: i64,
        deleted: *mut bool,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_delete_async(
        client: *mut exoref_client,
        key: *const c_void,
        key_size: usize,
        timeout_ms: i64,
        out: *mut *mut exoref_future,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_expire(
        client: *mut exoref_client,
        key: *const c_void,
        key_size: usize,
        ttl_ms: i64,
        timeout_ms: i64,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_expire_async(
        client: *mut exoref_client,
        key: *const c_void,
        key_size: usize,
        ttl_ms: i64,
        timeout_ms: i64,
        out: *mut *mut exoref_future,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_realized(
        client: *mut exoref_client,
        key: *const c_void,
        key_size: usize,
        type_: *const c_char,
        timeout_ms: i64,
        realized: *mut bool,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_realized_async(
        client: *mut exoref_client,
        key: *const c_void,
        key_size: usize,
        type_: *const c_char,
        timeout_ms: i64,
        out: *mut *mut exoref_future,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_inspect(
        client: *mut exoref_client,
        key: *const c_void,
        key_size: usize,
        timeout_ms: i64,
        out: *mut *mut exoref_info,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_inspect_async(
        client: *mut exoref_client,
        key: *const c_void,
        key_size: usize,
        timeout_ms: i64,
        out: *mut *mut exoref_future,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_info_text(info: *const exoref_info, name: *const c_char) -> *const c_char;
    pub fn exoref_info_key(info: *const exoref_info, size: *mut usize) -> *const c_char;
    pub fn exoref_info_value(info: *const exoref_info) -> *mut exoref_value;
    pub fn exoref_info_meta(info: *const exoref_info) -> *mut exoref_value;
    pub fn exoref_info_change_count(info: *const exoref_info) -> usize;
    pub fn exoref_info_change_version(info: *const exoref_info, n: usize) -> u64;
    pub fn exoref_info_change_value(info: *const exoref_info, n: usize) -> *mut exoref_value;
    pub fn exoref_info_release(info: *mut exoref_info);
    pub fn exoref_scan_new(
        client: *mut exoref_client,
        pattern: *const c_void,
        pattern_size: usize,
        type_: *const c_char,
        out: *mut *mut exoref_scan,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_scan_next(
        scan: *mut exoref_scan,
        timeout_ms: i64,
        out: *mut *mut exoref_info,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_scan_next_async(
        scan: *mut exoref_scan,
        timeout_ms: i64,
        out: *mut *mut exoref_future,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_scan_release(scan: *mut exoref_scan);
    pub fn exoref_local_start(directory: *const c_char, timeout_ms: i64, error: *mut *mut exoref_error) -> exoref_status;
    pub fn exoref_local_stop(directory: *const c_char, timeout_ms: i64, stopped: *mut bool, error: *mut *mut exoref_error)
        -> exoref_status;
    pub fn exoref_local_status(
        directory: *const c_char,
        timeout_ms: i64,
        out: *mut *mut exoref_value,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
}
