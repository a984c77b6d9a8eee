#include "support/deadline.hpp"

#include <poll.h>

#include <algorithm>
#include <cstdlib>

namespace exo::support {

#ifndef EXOREF_TEST_TIMEOUT_FACTOR
#define EXOREF_TEST_TIMEOUT_FACTOR 1
#endif

Millis scaled(Millis time) {
    static const int scale = [] {
        const char *text = std::getenv("EXOREF_TEST_TIME_SCALE");
        return text == nullptr ? EXOREF_TEST_TIMEOUT_FACTOR : std::clamp(std::atoi(text), 1, 100);
    }();
    return time * scale;
}

int Deadline::poll_ms(int cap) const {
    const auto left = at_ - std::chrono::steady_clock::now();
    if (left <= left.zero()) {
        return 0;
    }
    const auto ms = std::chrono::ceil<Millis>(left).count();
    return static_cast<int>(std::min<long long>(ms, cap));
}

void pause_for(Millis time) {
    const auto end = std::chrono::steady_clock::now() + time;
    for (auto now = std::chrono::steady_clock::now(); now < end; now = std::chrono::steady_clock::now()) {
        ::poll(nullptr, 0, static_cast<int>(std::chrono::ceil<Millis>(end - now).count()));
    }
}

bool eventually(Millis time, const std::function<bool()> &predicate) {
    const Deadline deadline(time);
    int step = 1;
    for (;;) {
        if (predicate()) {
            return true;
        }
        if (deadline.passed()) {
            return predicate();
        }
        ::poll(nullptr, 0, deadline.poll_ms(step));
        step = std::min(step * 2, 20);
    }
}

}  // namespace exo::support
