// How long to wait before the next attempt to connect: capped, with full jitter. Pure but for the dice.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/clock.hpp"
#include "base/random.hpp"

namespace exo::redis {

class Backoff {
public:
    /// A connection that stood for so long counts as good, whatever came before.
    static constexpr base::Millis kGoodAfter{1000};

    Backoff(base::Millis first, base::Millis most) : first_(first), most_(std::max(first, most)) {}

    /// Drawn from nothing to the bound, which doubles with each failure.
    base::Millis next() {
        auto bound = most_;
        if (failures_ < kMaxDoublings) bound = std::min(most_, first_ * (std::int64_t{1} << failures_));
        ++failures_;
        if (bound.count() <= 0) return base::Millis(0);
        return base::Millis(
            static_cast<std::int64_t>(base::random_jitter() % (static_cast<std::uint64_t>(bound.count()) + 1)));
    }

    /// A connection was lost after it had stood for `stood`. One that did some work is tried again soon, but one that
    /// breaks at once, time and again, must not become a hot loop.
    void lost(base::Millis stood, bool worked) {
        if (stood >= kGoodAfter) {
            failures_ = 0;
        } else if (worked) {
            failures_ = std::min(failures_, 2);
        }
    }

private:
    static constexpr int kMaxDoublings = 20;

    base::Millis first_;
    base::Millis most_;
    int failures_ = 0;
};

}  // namespace exo::redis
