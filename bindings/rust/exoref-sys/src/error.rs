//! Errors: everything about one failure.

use std::ffi::c_char;

use crate::status::exoref_status;

crate::opaque!(exoref_error);

extern "C" {
    pub fn exoref_error_status(error: *const exoref_error) -> exoref_status;
    pub fn exoref_error_message(error: *const exoref_error) -> *const c_char;
    pub fn exoref_error_reason(error: *const exoref_error) -> i32;
    pub fn exoref_error_server_text(error: *const exoref_error) -> *const c_char;
    pub fn exoref_error_key(error: *const exoref_error, size: *mut usize) -> *const c_char;
    pub fn exoref_error_sent(error: *const exoref_error) -> bool;
    pub fn exoref_error_kind(error: *const exoref_error) -> *const c_char;
    pub fn exoref_error_payload(error: *const exoref_error, size: *mut usize) -> *const c_char;
    pub fn exoref_error_retain(error: *mut exoref_error) -> *mut exoref_error;
    pub fn exoref_error_release(error: *mut exoref_error);
}
