// What a blocking call waits on. It belongs to the loop's room because a waiting caller may be the one who drives the
// loop (the design's baton); today it is eight bytes and a futex: who waits sleeps in one system call, and who signals wakes in
// one, or in none if nobody waits.
#pragma once

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <climits>
#include <cstdint>
#include <ctime>
#include <mutex>

#include "base/clock.hpp"

namespace exo::loop {

class Completion {
public:
    /// Waits until `ready()` (called under `mutex`, which `lock` holds) or the deadline. True if ready. What makes it ready is changed
    /// under the mutex, and signalled then or after.
    template <typename Ready>
    bool wait(std::unique_lock<std::mutex> &lock, base::TimePoint deadline, Ready ready) {
        waiting_.fetch_add(1);
        bool is_ready = ready();
        for (bool in_time = true; !is_ready && in_time; is_ready = ready()) {
            const std::uint32_t seen = signals_.load();
            lock.unlock();
            in_time = sleep(seen, deadline);
            lock.lock();
        }
        waiting_.fetch_sub(1);
        return is_ready;
    }

    /// Wakes all who wait. After the mutex was let go of, so that they find it free.
    void signal() {
        signals_.fetch_add(1);
        if (waiting_.load() > 0) futex(FUTEX_WAKE_PRIVATE, INT_MAX, nullptr);
    }

private:
    /// Until another signal than the one seen; false at the deadline.
    bool sleep(std::uint32_t seen, base::TimePoint deadline) {
        if (deadline == base::kNever) {
            futex(FUTEX_WAIT_BITSET_PRIVATE, seen, nullptr);
            return true;
        }
        const auto since_boot =
            std::chrono::duration_cast<std::chrono::nanoseconds>(deadline.time_since_epoch()).count();
        if (since_boot <= 0) return false;
        constexpr std::int64_t kSecond = 1000000000;
        const timespec until{static_cast<time_t>(since_boot / kSecond), static_cast<long>(since_boot % kSecond)};
        futex(FUTEX_WAIT_BITSET_PRIVATE, seen, &until);
        return base::Clock::now() < deadline;
    }

    long futex(int operation, std::uint32_t value, const timespec *until) {
        return syscall(SYS_futex, reinterpret_cast<std::uint32_t *>(&signals_), operation, value, until, nullptr,
                       FUTEX_BITSET_MATCH_ANY);
    }

    std::atomic<std::uint32_t> signals_{0};
    std::atomic<std::uint32_t> waiting_{0};
};

}  // namespace exo::loop
