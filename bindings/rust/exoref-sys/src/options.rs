//! Options by name and text, and the hooks for log lines and validators.

use std::ffi::{c_char, c_void};

use crate::error::exoref_error;
use crate::status::exoref_status;
use crate::value::{exoref_free_fn, exoref_sink, exoref_value};

crate::opaque!(exoref_options);

pub type exoref_log_fn = Option<unsafe extern "C" fn(ctx: *mut c_void, level: i32, category: *const c_char, line: *const c_char)>;
pub type exoref_validator_fn =
    Option<unsafe extern "C" fn(ctx: *mut c_void, data: *const c_void, size: usize, sink: *mut exoref_sink) -> i32>;
pub const EXOREF_LOG_ERROR: i32 = 1;
pub const EXOREF_LOG_WARNING: i32 = 2;
pub const EXOREF_LOG_INFO: i32 = 3;
pub const EXOREF_LOG_DEBUG: i32 = 4;

pub const EXOREF_OPTION_NAME: i32 = 0;
pub const EXOREF_OPTION_SCOPE: i32 = 1;
pub const EXOREF_OPTION_TYPE: i32 = 2;
pub const EXOREF_OPTION_DEFAULT: i32 = 3;
pub const EXOREF_OPTION_RANGE: i32 = 4;
pub const EXOREF_OPTION_MEANING: i32 = 5;
pub const EXOREF_OPTION_ALIAS: i32 = 6;
pub const EXOREF_OPTION_SINCE: i32 = 7;
pub const EXOREF_OPTION_DEPRECATED: i32 = 8;
pub const EXOREF_OPTION_SECRET: i32 = 9;
pub const EXOREF_OPTION_UNSUPPORTED: i32 = 10;

extern "C" {
    pub fn exoref_options_new(out: *mut *mut exoref_options, error: *mut *mut exoref_error) -> exoref_status;
    pub fn exoref_options_set(
        options: *mut exoref_options,
        name: *const c_char,
        value: *const c_char,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_options_get(
        options: *const exoref_options,
        name: *const c_char,
        out: *mut *mut exoref_value,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_options_dump(options: *const exoref_options, out: *mut *mut exoref_value, error: *mut *mut exoref_error)
        -> exoref_status;
    pub fn exoref_options_set_loop(options: *mut exoref_options, loop_: *mut c_void, error: *mut *mut exoref_error) -> exoref_status;
    pub fn exoref_options_set_log(
        options: *mut exoref_options,
        level: i32,
        fn_: exoref_log_fn,
        ctx: *mut c_void,
        free_ctx: exoref_free_fn,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_options_set_validator(
        options: *mut exoref_options,
        fn_: exoref_validator_fn,
        ctx: *mut c_void,
        free_ctx: exoref_free_fn,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_options_retain(options: *mut exoref_options) -> *mut exoref_options;
    pub fn exoref_options_release(options: *mut exoref_options);
    pub fn exoref_option_count() -> usize;
    pub fn exoref_option_text(n: usize, property: i32) -> *const c_char;
}
