// Version, statuses, reasons.
#include "base/status.hpp"

#include <exoref/exoref.h>

#include "base/stats.hpp"

#define EXOREF_STATUS_ENTRY(name, number, status_class, sentence)                            \
    static_assert(EXOREF_##name == (number), "the header and the table of statuses differ"); \
    static_assert(static_cast<int>(exo::base::StatusClass::status_class) == EXOREF_CLASS_##status_class);
#include "base/status.def"
#undef EXOREF_STATUS_ENTRY

namespace {

#define EXOREF_TEXT_OF(number) #number
#define EXOREF_TEXT(number) EXOREF_TEXT_OF(number)
constexpr char kVersion[] =
    EXOREF_TEXT(EXOREF_VERSION_MAJOR) "." EXOREF_TEXT(EXOREF_VERSION_MINOR) "." EXOREF_TEXT(EXOREF_VERSION_PATCH);

}  // namespace

extern "C" {

const char *exoref_version(void) { return kVersion; }

int32_t exoref_version_number(void) {
    return EXOREF_VERSION_MAJOR * 10000 + EXOREF_VERSION_MINOR * 100 + EXOREF_VERSION_PATCH;
}

const char *exoref_status_name(exoref_status status) {
    return exo::base::status_name(static_cast<exo::base::Status>(status));
}

const char *exoref_status_text(exoref_status status) {
    return exo::base::status_sentence(static_cast<exo::base::Status>(status));
}

int32_t exoref_status_class(exoref_status status) {
    return static_cast<int32_t>(exo::base::status_class(static_cast<exo::base::Status>(status)));
}

const char *exoref_reason_name(int32_t reason) {
    return exo::base::reason_name(static_cast<exo::base::Reason>(reason));
}

size_t exoref_stat_count(void) { return exo::base::kStatCount; }
const char *exoref_stat_name(size_t n) { return exo::base::stat_name(n); }
const char *exoref_stat_meaning(size_t n) { return exo::base::stat_meaning(n); }

}  // extern "C"
