// Deadlines on the monotonic clock and waiting for a condition by asking again in short steps.
// Knows nothing of what is waited for.
#pragma once

#include <chrono>
#include <functional>

namespace exo::support {

using Millis = std::chrono::milliseconds;

// Times the factor of the build (sanitizers, valgrind), or the environment's EXOREF_TEST_TIME_SCALE: how much
// longer every wait of the tests may take on a slow machine.
Millis scaled(Millis time);

class Deadline {
public:
    explicit Deadline(Millis time) : at_(std::chrono::steady_clock::now() + scaled(time)) {}

    bool passed() const { return std::chrono::steady_clock::now() >= at_; }
    std::chrono::steady_clock::time_point at() const { return at_; }
    // What is left, in the form that poll() takes: rounded up, never negative, at most `cap`.
    int poll_ms(int cap = 3600 * 1000) const;

private:
    std::chrono::steady_clock::time_point at_;
};

// Waits some milliseconds without a sleep function: a poll() of nothing.
void pause_for(Millis time);

// Asks until the predicate is true or the time is over; the last answer is given back.
bool eventually(Millis time, const std::function<bool()> &predicate);

}  // namespace exo::support
