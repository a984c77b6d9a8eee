// What a blocking call waits on. It belongs to the loop's room because a waiting caller may be the one who drives the
// loop (the design's baton); today it is eight bytes and a futex: who waits sleeps in one system call, and who signals wakes in
// one, or in none if nobody waits.
#pragma once

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <mutex>

#include "base/clock.hpp"

namespace exo::loop {

/// While it stands, this thread wakes nobody; at its end all at once. For whoever is on the loop: a caller that is woken
/// before the waker has left the loop comes back with its next command, finds the loop taken, and has to wake a thread for it.
class WakesLater {
public:
    WakesLater() noexcept : before_(current()) { current() = this; }
    ~WakesLater() {
        flush();
        current() = before_;
    }
    WakesLater(const WakesLater &) = delete;
    WakesLater &operator=(const WakesLater &) = delete;

    using Word = std::atomic<std::uint32_t>;

    static void wake(Word *word) noexcept {
        WakesLater *const later = current();
        if (later == nullptr) return wake_now(word);
        if (later->count_ == later->words_.size()) later->flush();
        later->words_[later->count_++] = word;
    }

    /// Before a function of the application is called: it may wait for somebody who is to be woken.
    static void wake_all() noexcept {
        if (current() != nullptr) current()->flush();
    }

private:
    static WakesLater *&current() noexcept {
        thread_local WakesLater *one = nullptr;
        return one;
    }

    // The word may be gone by now, if who waited on it had another reason to go on. Only its address is used: at worst, a waiter
    // of something else is woken in vain, which all of them bear, or there is nothing at the address.
    static void wake_now(Word *word) noexcept {
        syscall(SYS_futex, reinterpret_cast<std::uint32_t *>(word), FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0);
    }

    void flush() noexcept {
        for (std::size_t i = 0; i < count_; ++i) wake_now(words_[i]);
        count_ = 0;
    }

    WakesLater *const before_;
    std::array<Word *, 32> words_{};
    std::size_t count_ = 0;
};

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
        if (waiting_.load() > 0) WakesLater::wake(&signals_);
    }

private:
    /// Until another signal than the one seen; false at the deadline.
    bool sleep(std::uint32_t seen, base::TimePoint deadline) {
        if (deadline == base::kNever) {
            sleep_until(seen, nullptr);
            return true;
        }
        const auto since_boot =
            std::chrono::duration_cast<std::chrono::nanoseconds>(deadline.time_since_epoch()).count();
        if (since_boot <= 0) return false;
        constexpr std::int64_t kSecond = 1000000000;
        const timespec until{static_cast<time_t>(since_boot / kSecond), static_cast<long>(since_boot % kSecond)};
        sleep_until(seen, &until);
        return base::Clock::now() < deadline;
    }

    void sleep_until(std::uint32_t seen, const timespec *until) {
        syscall(SYS_futex, reinterpret_cast<std::uint32_t *>(&signals_), FUTEX_WAIT_BITSET_PRIVATE, seen, until,
                nullptr, FUTEX_BITSET_MATCH_ANY);
    }

    WakesLater::Word signals_{0};
    std::atomic<std::uint32_t> waiting_{0};
};

}  // namespace exo::loop
