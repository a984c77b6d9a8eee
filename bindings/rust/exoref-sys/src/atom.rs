//! Atoms, swaps in steps, changes and watches.

use std::ffi::{c_char, c_void};

use crate::client::{exoref_client, exoref_future};
use crate::error::exoref_error;
use crate::future::exoref_change;
use crate::options::{exoref_options, exoref_validator_fn};
use crate::status::exoref_status;
use crate::value::{exoref_free_fn, exoref_sink, exoref_value};

crate::opaque!(exoref_atom, exoref_swap);

pub type exoref_swap_fn = Option<unsafe extern "C" fn(ctx: *mut c_void, old_value: *const exoref_value, result: *mut exoref_sink) -> i32>;
pub type exoref_watch_fn = Option<unsafe extern "C" fn(ctx: *mut c_void, change: *const exoref_change) -> i32>;
pub const EXOREF_CHANGE_REWOUND: i32 = 1;
pub const EXOREF_CHANGE_DELETED: i32 = 2;
pub const EXOREF_CHANGE_RECREATED: i32 = 4;
pub const EXOREF_CHANGE_UNCERTAIN: i32 = 8;

extern "C" {
    pub fn exoref_atom_open(
        client: *mut exoref_client,
        key: *const c_void,
        key_size: usize,
        options: *const exoref_options,
        timeout_ms: i64,
        out: *mut *mut exoref_atom,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_atom_open_async(
        client: *mut exoref_client,
        key: *const c_void,
        key_size: usize,
        options: *const exoref_options,
        timeout_ms: i64,
        out: *mut *mut exoref_future,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_atom_create(
        client: *mut exoref_client,
        key: *const c_void,
        key_size: usize,
        initial: *const c_void,
        initial_size: usize,
        options: *const exoref_options,
        timeout_ms: i64,
        out: *mut *mut exoref_atom,
        created: *mut bool,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_atom_create_async(
        client: *mut exoref_client,
        key: *const c_void,
        key_size: usize,
        initial: *const c_void,
        initial_size: usize,
        options: *const exoref_options,
        timeout_ms: i64,
        out: *mut *mut exoref_future,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_atom_key(atom: *const exoref_atom, size: *mut usize) -> *const c_char;
    pub fn exoref_atom_deref(
        atom: *mut exoref_atom,
        timeout_ms: i64,
        out: *mut *mut exoref_value,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_atom_deref_async(
        atom: *mut exoref_atom,
        timeout_ms: i64,
        out: *mut *mut exoref_future,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_atom_reset(
        atom: *mut exoref_atom,
        data: *const c_void,
        size: usize,
        timeout_ms: i64,
        out: *mut *mut exoref_value,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_atom_reset_vals(
        atom: *mut exoref_atom,
        data: *const c_void,
        size: usize,
        timeout_ms: i64,
        old_value: *mut *mut exoref_value,
        new_value: *mut *mut exoref_value,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_atom_reset_async(
        atom: *mut exoref_atom,
        data: *const c_void,
        size: usize,
        want_old: bool,
        timeout_ms: i64,
        out: *mut *mut exoref_future,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_atom_compare_and_set(
        atom: *mut exoref_atom,
        expected: *const c_void,
        expected_size: usize,
        next: *const c_void,
        next_size: usize,
        timeout_ms: i64,
        swapped: *mut bool,
        standing: *mut *mut exoref_value,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_atom_compare_and_set_async(
        atom: *mut exoref_atom,
        expected: *const c_void,
        expected_size: usize,
        next: *const c_void,
        next_size: usize,
        timeout_ms: i64,
        out: *mut *mut exoref_future,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_atom_compare_and_set_at(
        atom: *mut exoref_atom,
        state: *const exoref_value,
        next: *const c_void,
        next_size: usize,
        timeout_ms: i64,
        swapped: *mut bool,
        standing: *mut *mut exoref_value,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_atom_compare_and_set_at_async(
        atom: *mut exoref_atom,
        state: *const exoref_value,
        next: *const c_void,
        next_size: usize,
        timeout_ms: i64,
        out: *mut *mut exoref_future,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_atom_swap(
        atom: *mut exoref_atom,
        fn_: exoref_swap_fn,
        ctx: *mut c_void,
        timeout_ms: i64,
        out: *mut *mut exoref_value,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_atom_swap_vals(
        atom: *mut exoref_atom,
        fn_: exoref_swap_fn,
        ctx: *mut c_void,
        timeout_ms: i64,
        old_value: *mut *mut exoref_value,
        new_value: *mut *mut exoref_value,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_atom_swap_async(
        atom: *mut exoref_atom,
        fn_: exoref_swap_fn,
        ctx: *mut c_void,
        free_ctx: exoref_free_fn,
        timeout_ms: i64,
        out: *mut *mut exoref_future,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_atom_swap_begin(
        atom: *mut exoref_atom,
        timeout_ms: i64,
        out: *mut *mut exoref_swap,
        old_value: *mut *mut exoref_value,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_atom_swap_begin_async(
        atom: *mut exoref_atom,
        timeout_ms: i64,
        out: *mut *mut exoref_future,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_swap_offer(
        swap: *mut exoref_swap,
        data: *const c_void,
        size: usize,
        timeout_ms: i64,
        done: *mut bool,
        value: *mut *mut exoref_value,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_swap_offer_async(
        swap: *mut exoref_swap,
        data: *const c_void,
        size: usize,
        timeout_ms: i64,
        out: *mut *mut exoref_future,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_swap_confirm(
        swap: *mut exoref_swap,
        timeout_ms: i64,
        done: *mut bool,
        value: *mut *mut exoref_value,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_swap_confirm_async(
        swap: *mut exoref_swap,
        timeout_ms: i64,
        out: *mut *mut exoref_future,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_swap_release(swap: *mut exoref_swap);
    pub fn exoref_atom_set_validator(
        atom: *mut exoref_atom,
        fn_: exoref_validator_fn,
        ctx: *mut c_void,
        free_ctx: exoref_free_fn,
        timeout_ms: i64,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_change_watch_key(change: *const exoref_change, size: *mut usize) -> *const c_char;
    pub fn exoref_change_key(change: *const exoref_change, size: *mut usize) -> *const c_char;
    pub fn exoref_change_old_value(change: *const exoref_change) -> *const exoref_value;
    pub fn exoref_change_new_value(change: *const exoref_change) -> *const exoref_value;
    pub fn exoref_change_version(change: *const exoref_change) -> u64;
    pub fn exoref_change_missed(change: *const exoref_change) -> u64;
    pub fn exoref_change_flags(change: *const exoref_change) -> i32;
    pub fn exoref_atom_add_watch(
        atom: *mut exoref_atom,
        watch_key: *const c_void,
        watch_key_size: usize,
        fn_: exoref_watch_fn,
        ctx: *mut c_void,
        free_ctx: exoref_free_fn,
        token: u64,
        timeout_ms: i64,
        since: *mut *mut exoref_value,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_atom_add_watch_async(
        atom: *mut exoref_atom,
        watch_key: *const c_void,
        watch_key_size: usize,
        fn_: exoref_watch_fn,
        ctx: *mut c_void,
        free_ctx: exoref_free_fn,
        token: u64,
        timeout_ms: i64,
        out: *mut *mut exoref_future,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_atom_remove_watch(
        atom: *mut exoref_atom,
        watch_key: *const c_void,
        watch_key_size: usize,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_atom_meta(
        atom: *mut exoref_atom,
        timeout_ms: i64,
        out: *mut *mut exoref_value,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_atom_meta_async(
        atom: *mut exoref_atom,
        timeout_ms: i64,
        out: *mut *mut exoref_future,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_atom_reset_meta(
        atom: *mut exoref_atom,
        data: *const c_void,
        size: usize,
        timeout_ms: i64,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_atom_reset_meta_async(
        atom: *mut exoref_atom,
        data: *const c_void,
        size: usize,
        timeout_ms: i64,
        out: *mut *mut exoref_future,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_atom_alter_meta(
        atom: *mut exoref_atom,
        fn_: exoref_swap_fn,
        ctx: *mut c_void,
        timeout_ms: i64,
        out: *mut *mut exoref_value,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_atom_alter_meta_async(
        atom: *mut exoref_atom,
        fn_: exoref_swap_fn,
        ctx: *mut c_void,
        free_ctx: exoref_free_fn,
        timeout_ms: i64,
        out: *mut *mut exoref_future,
        error: *mut *mut exoref_error,
    ) -> exoref_status;
    pub fn exoref_atom_retain(atom: *mut exoref_atom) -> *mut exoref_atom;
    pub fn exoref_atom_release(atom: *mut exoref_atom);
}
