// Names, sentences and classes of the statuses.
#include "base/status.hpp"

namespace exo::base {

const char *status_name(Status status) noexcept {
    switch (status) {
#define EXOREF_STATUS_ENTRY(name, number, status_class, sentence) \
    case Status::EXOREF_##name:                                   \
        return "EXOREF_" #name;
#include "base/status.def"
#undef EXOREF_STATUS_ENTRY
    }
    return "EXOREF_E?";
}

const char *status_sentence(Status status) noexcept {
    switch (status) {
#define EXOREF_STATUS_ENTRY(name, number, status_class, sentence) \
    case Status::EXOREF_##name:                                   \
        return sentence;
#include "base/status.def"
#undef EXOREF_STATUS_ENTRY
    }
    return "a status that this version of the library does not know";
}

StatusClass status_class(Status status) noexcept {
    switch (status) {
#define EXOREF_STATUS_ENTRY(name, number, the_class, sentence) \
    case Status::EXOREF_##name:                                \
        return StatusClass::the_class;
#include "base/status.def"
#undef EXOREF_STATUS_ENTRY
    }
    return StatusClass::UNKNOWN;
}

const char *reason_name(Reason reason) noexcept {
    switch (reason) {
        case Reason::none: return "";
        case Reason::timeout: return "timeout";
        case Reason::cancelled: return "cancelled";
        case Reason::closed: return "closed";
        case Reason::history_dropped: return "history dropped";
        case Reason::data_lost: return "data lost";
    }
    return "";
}

}  // namespace exo::base
