// A bounded, cancellable wait: what every step of finding or starting a server asks between two looks.
// Knows nothing of what is waited for.
#pragma once

#include <poll.h>

#include <algorithm>
#include <atomic>
#include <string>

#include "base/clock.hpp"
#include "base/error.hpp"

namespace exo::redis::local {

class Wait {
public:
    Wait(base::Millis time, const std::atomic<bool> &cancelled)
        : deadline_(base::deadline_after(time.count())), cancelled_(cancelled) {}

    bool over() const { return cancelled_.load() || base::Clock::now() >= deadline_; }

    /// Waits a little (longer each time, up to 20 ms); false when the time is over or the wait was cancelled.
    bool pause() {
        if (over()) return false;
        ::poll(nullptr, 0, std::min(step_, left_ms()));
        step_ = std::min(step_ + 1, 20);
        return !over();
    }

    /// Milliseconds to the deadline, at most `cap`, as poll() takes them.
    int left_ms(int cap = 20) const {
        if (deadline_ == base::kNever) return cap;
        const auto left = std::chrono::ceil<base::Millis>(deadline_ - base::Clock::now()).count();
        return static_cast<int>(std::clamp<std::int64_t>(left, 0, cap));
    }

    /// The error of a wait that is over.
    base::ErrorPtr error(const std::string &what, const std::string &why) const {
        if (cancelled_.load()) return base::make_error(base::Status::ECANCELLED, what + " was cancelled");
        return base::make_error(base::Status::ETIMEOUT, what + " took too long: " + why);
    }

private:
    base::TimePoint deadline_;
    const std::atomic<bool> &cancelled_;
    int step_ = 1;
};

}  // namespace exo::redis::local
