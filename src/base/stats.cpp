// Names and meanings of the counters.
#include "base/stats.hpp"

namespace exo::base {

namespace {

struct Entry {
    const char *name;
    const char *meaning;
};

constexpr Entry kEntries[] = {
#define EXOREF_STAT_ENTRY(name, meaning) {#name, meaning},
#include "base/stats.def"
#undef EXOREF_STAT_ENTRY
};

}  // namespace

const char *stat_name(std::size_t n) noexcept { return n < kStatCount ? kEntries[n].name : nullptr; }
const char *stat_meaning(std::size_t n) noexcept { return n < kStatCount ? kEntries[n].meaning : nullptr; }

}  // namespace exo::base
