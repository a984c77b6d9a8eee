// Statuses and their classes, made from status.def. Pure functions of the code.
#pragma once

#include <cstdint>

namespace exo::base {

enum class Status : std::int32_t {
// Named as in the public header: <cerrno> has macros EAGAIN, EBUSY, EINVAL, EDEADLOCK and ENOMEM, which pasting leaves alone.
#define EXOREF_STATUS_ENTRY(name, number, status_class, sentence) EXOREF_##name = (number),
#include "base/status.def"
#undef EXOREF_STATUS_ENTRY

    // Short forms of all the others.
    OK = EXOREF_OK,
    ETIMEOUT = EXOREF_ETIMEOUT,
    ECONNECTION = EXOREF_ECONNECTION,
    EINTERRUPTED = EXOREF_EINTERRUPTED,
    ENOTFOUND = EXOREF_ENOTFOUND,
    ETYPE = EXOREF_ETYPE,
    ECODEC = EXOREF_ECODEC,
    EFORMAT = EXOREF_EFORMAT,
    EVALIDATION = EXOREF_EVALIDATION,
    EFUNCTION = EXOREF_EFUNCTION,
    ECANCELLED = EXOREF_ECANCELLED,
    ECLOSED = EXOREF_ECLOSED,
    EDELETED = EXOREF_EDELETED,
    EFORK = EXOREF_EFORK,
    ETOOBIG = EXOREF_ETOOBIG,
    EAUTH = EXOREF_EAUTH,
    EPERMISSION = EXOREF_EPERMISSION,
    EPROTOCOL = EXOREF_EPROTOCOL,
    EVERSION = EXOREF_EVERSION,
    ESERVER = EXOREF_ESERVER,
    ELOCAL = EXOREF_ELOCAL,
    EINTERNAL = EXOREF_EINTERNAL,
    EBODY = EXOREF_EBODY,
    ELEASE = EXOREF_ELEASE,
    EUNKNOWN = EXOREF_EUNKNOWN,
};

enum class StatusClass : std::int32_t { OK = 0, NOT_APPLIED_RETRY = 1, NOT_APPLIED_FINAL = 2, UNKNOWN = 3 };

/// Why an outcome is unknown (or what ended a wait).
enum class Reason : std::int32_t {
    none = 0,
    timeout = 1,
    cancelled = 2,
    closed = 3,
    history_dropped = 4,
    data_lost = 5
};

const char *status_name(Status status) noexcept;      ///< "EXOREF_ETIMEOUT"; "EXOREF_E?" for a number not in the table
const char *status_sentence(Status status) noexcept;  ///< one sentence; a static text for a number not in the table
StatusClass status_class(Status status) noexcept;     ///< UNKNOWN for a number not in the table: the careful answer
const char *reason_name(Reason reason) noexcept;      ///< "timeout", "history dropped", ...; "" for none

}  // namespace exo::base
