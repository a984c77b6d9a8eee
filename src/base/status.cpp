// Names, sentences and classes of the statuses.
#include "base/status.hpp"

#include <algorithm>
#include <iterator>

namespace exo::base {

namespace {

struct Row {
    Status status;
    const char *name;
    const char *sentence;
    StatusClass status_class;
};

constexpr Row kRows[] = {
#define EXOREF_STATUS_ENTRY(name, number, the_class, sentence) \
    {Status::EXOREF_##name, "EXOREF_" #name, sentence, StatusClass::the_class},
#include "base/status.def"
#undef EXOREF_STATUS_ENTRY
};

/// What stands for a status of a newer version.
constexpr Row kStrange{Status::EXOREF_EUNKNOWN, "EXOREF_E?", "a status that this version of the library does not know",
                       StatusClass::UNKNOWN};

const Row &row_of(Status status) noexcept {
    const auto *const row =
        std::find_if(std::begin(kRows), std::end(kRows), [status](const Row &one) { return one.status == status; });
    return row == std::end(kRows) ? kStrange : *row;
}

}  // namespace

const char *status_name(Status status) noexcept { return row_of(status).name; }
const char *status_sentence(Status status) noexcept { return row_of(status).sentence; }
StatusClass status_class(Status status) noexcept { return row_of(status).status_class; }

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
