// Counters of one client, readable by name.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

namespace exo::base {

enum class Stat : std::size_t {
#define EXOREF_STAT_ENTRY(name, meaning) name,
#include "base/stats.def"
#undef EXOREF_STAT_ENTRY
    kCount
};

inline constexpr std::size_t kStatCount = static_cast<std::size_t>(Stat::kCount);

const char *stat_name(std::size_t n) noexcept;     ///< nullptr beyond the end
const char *stat_meaning(std::size_t n) noexcept;  ///< nullptr beyond the end

class Stats {
public:
    void add(Stat stat, std::int64_t n = 1) noexcept { at(stat).fetch_add(n, std::memory_order_relaxed); }
    void set(Stat stat, std::int64_t n) noexcept { at(stat).store(n, std::memory_order_relaxed); }
    std::int64_t get(std::size_t n) const noexcept {
        return n < kStatCount ? counters_[n].load(std::memory_order_relaxed) : 0;
    }
    std::int64_t get(Stat stat) const noexcept { return get(static_cast<std::size_t>(stat)); }

private:
    std::atomic<std::int64_t> &at(Stat stat) noexcept { return counters_[static_cast<std::size_t>(stat)]; }
    std::array<std::atomic<std::int64_t>, kStatCount> counters_{};
};

}  // namespace exo::base
