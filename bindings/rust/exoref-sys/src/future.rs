//! Futures and events: outcomes, now or later.

use std::ffi::c_void;

use crate::admin::exoref_info;
use crate::atom::{exoref_atom, exoref_swap};
use crate::client::{exoref_client, exoref_future};
use crate::delay::{exoref_delay, exoref_lease};
use crate::error::exoref_error;
use crate::promise::exoref_promise;
use crate::status::exoref_status;
use crate::value::{exoref_free_fn, exoref_value};

crate::opaque!(exoref_event, exoref_change);

pub type exoref_future_fn = Option<unsafe extern "C" fn(ctx: *mut c_void, future: *mut exoref_future)>;
pub const EXOREF_EVENT_COMPLETION: i32 = 1;
pub const EXOREF_EVENT_WATCH: i32 = 2;
pub const EXOREF_EVENT_RELEASE: i32 = 3;
pub const EXOREF_EVENT_STEP: i32 = 4;
pub const EXOREF_EVENT_BODY: i32 = 5;

extern "C" {
    pub fn exoref_future_wait(future: *mut exoref_future, timeout_ms: i64, error: *mut *mut exoref_error) -> exoref_status;
    pub fn exoref_future_interrupt(future: *mut exoref_future);
    pub fn exoref_future_cancel(future: *mut exoref_future);
    pub fn exoref_future_done(future: *const exoref_future) -> bool;
    pub fn exoref_future_status(future: *const exoref_future) -> exoref_status;
    pub fn exoref_future_error(future: *const exoref_future) -> *mut exoref_error;
    pub fn exoref_future_value(future: *const exoref_future) -> *mut exoref_value;
    pub fn exoref_future_old_value(future: *const exoref_future) -> *mut exoref_value;
    pub fn exoref_future_flag(future: *const exoref_future) -> bool;
    pub fn exoref_future_number(future: *const exoref_future) -> i64;
    pub fn exoref_future_client(future: *const exoref_future) -> *mut exoref_client;
    pub fn exoref_future_atom(future: *const exoref_future) -> *mut exoref_atom;
    pub fn exoref_future_swap(future: *const exoref_future) -> *mut exoref_swap;
    pub fn exoref_future_info(future: *const exoref_future) -> *mut exoref_info;
    pub fn exoref_future_promise(future: *const exoref_future) -> *mut exoref_promise;
    pub fn exoref_future_delay(future: *const exoref_future) -> *mut exoref_delay;
    pub fn exoref_future_lease(future: *const exoref_future) -> *mut exoref_lease;
    pub fn exoref_future_set_callback(
        future: *mut exoref_future,
        fn_: exoref_future_fn,
        ctx: *mut c_void,
        free_ctx: exoref_free_fn,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_future_set_token(future: *mut exoref_future, token: u64, error: *mut *mut exoref_error) -> exoref_status;
    pub fn exoref_future_retain(future: *mut exoref_future) -> *mut exoref_future;
    pub fn exoref_future_release(future: *mut exoref_future);
    pub fn exoref_client_next_event(
        client: *mut exoref_client,
        timeout_ms: i64,
        out: *mut *mut exoref_event,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_client_poll(
        client: *mut exoref_client,
        max: usize,
        timeout_ms: i64,
        ran: *mut usize,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_client_set_event_fd(client: *mut exoref_client, fd: i32, error: *mut *mut exoref_error) -> exoref_status;
    pub fn exoref_event_kind(event: *const exoref_event) -> i32;
    pub fn exoref_event_token(event: *const exoref_event) -> u64;
    pub fn exoref_event_future(event: *const exoref_event) -> *mut exoref_future;
    pub fn exoref_event_change(event: *const exoref_event) -> *const exoref_change;
    pub fn exoref_event_lease(event: *const exoref_event) -> *mut exoref_lease;
    pub fn exoref_event_run(event: *mut exoref_event);
    pub fn exoref_event_release(event: *mut exoref_event);
}
