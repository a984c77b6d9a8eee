//! Clients: the connection to one server.

use std::ffi::c_char;

use crate::error::exoref_error;
use crate::options::exoref_options;
use crate::status::exoref_status;
use crate::value::exoref_value;

crate::opaque!(exoref_client, exoref_future);

extern "C" {
    pub fn exoref_client_open(
        url: *const c_char,
        options: *const exoref_options,
        timeout_ms: i64,
        out: *mut *mut exoref_client,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_client_open_async(
        url: *const c_char,
        options: *const exoref_options,
        timeout_ms: i64,
        out: *mut *mut exoref_future,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_client_close(client: *mut exoref_client, timeout_ms: i64, error: *mut *mut exoref_error) -> exoref_status;
    pub fn exoref_client_ping(
        client: *mut exoref_client,
        timeout_ms: i64,
        round_trip_us: *mut i64,
        version: *mut *mut exoref_value,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_client_ping_async(
        client: *mut exoref_client,
        timeout_ms: i64,
        out: *mut *mut exoref_future,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_client_server(client: *const exoref_client) -> *const c_char;
    pub fn exoref_stat_count() -> usize;
    pub fn exoref_stat_name(n: usize) -> *const c_char;
    pub fn exoref_stat_meaning(n: usize) -> *const c_char;
    pub fn exoref_client_stat(client: *const exoref_client, n: usize) -> i64;
    pub fn exoref_client_retain(client: *mut exoref_client) -> *mut exoref_client;
    pub fn exoref_client_release(client: *mut exoref_client);
}
