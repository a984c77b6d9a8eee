// What a blocking call waits on. It belongs to the loop's room because a waiting caller may be the one who drives the
// loop (the design's baton); today it is a condition variable.
#pragma once

#include <condition_variable>
#include <mutex>

#include "base/clock.hpp"

namespace exo::loop {

class Completion {
public:
    /// Waits until `ready()` (called under `mutex`, which `lock` holds) or the deadline. True if ready.
    template <typename Ready>
    bool wait(std::unique_lock<std::mutex> &lock, base::TimePoint deadline, Ready ready) {
        if (deadline == base::kNever) {
            wake_.wait(lock, ready);
            return true;
        }
        return wake_.wait_until(lock, deadline, ready);
    }

    void signal() { wake_.notify_all(); }

private:
    std::condition_variable wake_;
};

}  // namespace exo::loop
