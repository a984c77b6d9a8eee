//! Bytes and values, the sink that callbacks write into, and canonical JSON.

use std::ffi::{c_char, c_void};

use crate::error::exoref_error;
use crate::status::exoref_status;

crate::opaque!(exoref_value, exoref_sink);

pub type exoref_free_fn = Option<unsafe extern "C" fn(ctx: *mut c_void)>;
pub const EXOREF_CALL_OK: i32 = 0;
pub const EXOREF_CALL_FAILED: i32 = -1;
pub const EXOREF_CALL_DECLINED: i32 = -2;

extern "C" {
    pub fn exoref_value_data(value: *const exoref_value) -> *const c_void;
    pub fn exoref_value_size(value: *const exoref_value) -> usize;
    pub fn exoref_value_version(value: *const exoref_value) -> u64;
    pub fn exoref_value_codec(value: *const exoref_value) -> *const c_char;
    pub fn exoref_value_same_state(a: *const exoref_value, b: *const exoref_value) -> bool;
    pub fn exoref_value_retain(value: *const exoref_value) -> *mut exoref_value;
    pub fn exoref_value_release(value: *mut exoref_value);
    pub fn exoref_sink_write(sink: *mut exoref_sink, data: *const c_void, size: usize) -> exoref_status;
    pub fn exoref_sink_set_message(sink: *mut exoref_sink, message: *const c_char) -> exoref_status;
    pub fn exoref_json_canonical(
        data: *const c_void,
        size: usize,
        out: *mut *mut exoref_value,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
}
