//! The version, statuses, their classes and reasons.

use std::ffi::c_char;

pub type exoref_status = i32;

pub const EXOREF_VERSION_MAJOR: i32 = 1;
pub const EXOREF_VERSION_MINOR: i32 = 0;
pub const EXOREF_VERSION_PATCH: i32 = 0;
pub const EXOREF_TIMEOUT_NONE: i64 = -1;
pub const EXOREF_TIMEOUT_DEFAULT: i64 = -2;
pub const EXOREF_OK: exoref_status = 0;
pub const EXOREF_ETIMEOUT: exoref_status = 1;
pub const EXOREF_EAGAIN: exoref_status = 2;
pub const EXOREF_ECONNECTION: exoref_status = 3;
pub const EXOREF_EBUSY: exoref_status = 4;
pub const EXOREF_EINTERRUPTED: exoref_status = 5;
pub const EXOREF_EINVAL: exoref_status = 20;
pub const EXOREF_ENOTFOUND: exoref_status = 21;
pub const EXOREF_ETYPE: exoref_status = 22;
pub const EXOREF_ECODEC: exoref_status = 23;
pub const EXOREF_EFORMAT: exoref_status = 24;
pub const EXOREF_EVALIDATION: exoref_status = 25;
pub const EXOREF_EFUNCTION: exoref_status = 26;
pub const EXOREF_ECANCELLED: exoref_status = 27;
pub const EXOREF_ECLOSED: exoref_status = 28;
pub const EXOREF_EDELETED: exoref_status = 29;
pub const EXOREF_EFORK: exoref_status = 30;
pub const EXOREF_ETOOBIG: exoref_status = 31;
pub const EXOREF_EAUTH: exoref_status = 32;
pub const EXOREF_EPERMISSION: exoref_status = 33;
pub const EXOREF_EPROTOCOL: exoref_status = 34;
pub const EXOREF_EVERSION: exoref_status = 35;
pub const EXOREF_ESERVER: exoref_status = 36;
pub const EXOREF_EDEADLOCK: exoref_status = 37;
pub const EXOREF_ENOMEM: exoref_status = 38;
pub const EXOREF_ELOCAL: exoref_status = 39;
pub const EXOREF_EINTERNAL: exoref_status = 40;
pub const EXOREF_EBODY: exoref_status = 41;
pub const EXOREF_ELEASE: exoref_status = 42;
pub const EXOREF_EUNKNOWN: exoref_status = 60;

pub const EXOREF_CLASS_OK: i32 = 0;
pub const EXOREF_CLASS_NOT_APPLIED_RETRY: i32 = 1;
pub const EXOREF_CLASS_NOT_APPLIED_FINAL: i32 = 2;
pub const EXOREF_CLASS_UNKNOWN: i32 = 3;

pub const EXOREF_REASON_NONE: i32 = 0;
pub const EXOREF_REASON_TIMEOUT: i32 = 1;
pub const EXOREF_REASON_CANCELLED: i32 = 2;
pub const EXOREF_REASON_CLOSED: i32 = 3;
pub const EXOREF_REASON_HISTORY_DROPPED: i32 = 4;
pub const EXOREF_REASON_DATA_LOST: i32 = 5;

extern "C" {
    pub fn exoref_version() -> *const c_char;
    pub fn exoref_version_number() -> i32;
    pub fn exoref_status_name(status: exoref_status) -> *const c_char;
    pub fn exoref_status_text(status: exoref_status) -> *const c_char;
    pub fn exoref_status_class(status: exoref_status) -> i32;
    pub fn exoref_reason_name(reason: i32) -> *const c_char;
}
