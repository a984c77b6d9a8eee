// Monotonic time. Deadlines inside, durations at the borders.
#pragma once

#include <chrono>
#include <cstdint>

namespace exo::base {

using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;
using Millis = std::chrono::milliseconds;

inline constexpr TimePoint kNever = TimePoint::max();

inline TimePoint deadline_after(std::int64_t timeout_ms, TimePoint now = Clock::now()) {
    // A wait of three centuries and more would overflow the clock: it is for ever.
    constexpr std::int64_t kLongest = std::int64_t{1} << 43;
    return timeout_ms < 0 || timeout_ms > kLongest ? kNever : now + Millis(timeout_ms);
}

}  // namespace exo::base
