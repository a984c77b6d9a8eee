// What a blocking call waits on: eight bytes and a futex. Who waits sleeps in one system call, and who signals wakes in one, or
// in none if nobody waits. It belongs to the loop's room because a waiting caller may be the one who drives the loop.
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
#include <utility>

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

    static void wake(const std::uint32_t *word) noexcept {
        WakesLater *const later = current();
        if (later == nullptr) return wake_now(word);
        if (later->count_ == later->words_.size()) later->flush();
        later->words_[later->count_++] = word;
    }

    /// Around a function of the application: it may wait for somebody who is to be woken, before it or by it.
    class Suspended {
    public:
        Suspended() noexcept : before_(std::exchange(current(), nullptr)) {
            if (before_ != nullptr) before_->flush();
        }
        ~Suspended() { current() = before_; }
        Suspended(const Suspended &) = delete;
        Suspended &operator=(const Suspended &) = delete;

    private:
        WakesLater *const before_;
    };

private:
    static WakesLater *&current() noexcept {
        thread_local WakesLater *one = nullptr;
        return one;
    }

    // The word may be gone by now, if who waited on it had another reason to go on. Only its address is used: at worst, a waiter
    // of something else is woken in vain, which all of them bear, or there is nothing at the address.
    static void wake_now(const std::uint32_t *word) noexcept {
        syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0);
    }

    void flush() noexcept {
        for (std::size_t i = 0; i < count_; ++i) wake_now(words_[i]);
        count_ = 0;
    }

    WakesLater *const before_;
    std::array<const std::uint32_t *, 32> words_{};
    std::size_t count_ = 0;
};

class Completion {
public:
    /// Where one waits: a loop, which has something better to do with who waits than to let him sleep.
    class Place {
    public:
        virtual void waits() noexcept = 0;  ///< one more
        /// Returns after another signal than the one seen, or at the deadline (false), or now and then for nothing.
        virtual bool wait_for(const Completion &completion, std::uint32_t seen, base::TimePoint deadline) = 0;
        /// So many fewer; from any thread: one of them may be driving.
        virtual void wait_no_more(int fewer) noexcept = 0;

    protected:
        ~Place() = default;
    };

    /// Waits until `ready()` (called under `mutex`, which `lock` holds) or the deadline. True if ready. What makes it ready is changed
    /// under the mutex, and signalled then or after.
    template <typename Ready>
    bool wait(std::unique_lock<std::mutex> &lock, base::TimePoint deadline, Ready ready, Place *place = nullptr) {
        bool in_time = true;
        while (!ready()) {
            if (!in_time) return false;
            if (place != nullptr) place->waits();
            const std::uint32_t seen = signals_of(state_.fetch_add(1));
            lock.unlock();
            in_time = place != nullptr ? place->wait_for(*this, seen, deadline) : sleep(seen, deadline);
            lock.lock();
            if (leave(seen) && place != nullptr) place->wait_no_more(1);
        }
        return true;
    }

    /// Wakes all who wait. After the mutex was let go of, so that they find it free.
    void signal(Place *place = nullptr) {
        std::uint64_t state = state_.load();
        while (!state_.compare_exchange_weak(state, (state | kWaiting) + 1)) {
        }
        const auto waiting = static_cast<int>(state & kWaiting);
        if (waiting == 0) return;
        ++signalled_here();
        if (place != nullptr) place->wait_no_more(waiting);
        WakesLater::wake(word());
    }

    /// How often this thread has signalled somebody who waited.
    static std::uint64_t &signalled_here() noexcept {
        thread_local std::uint64_t count = 0;
        return count;
    }

    /// Wakes who sleeps, for nothing: he looks at his place again.
    void stir() const noexcept { WakesLater::wake(word()); }

    std::uint32_t signals() const noexcept { return signals_of(state_.load()); }

    /// Until another signal than the one seen; false at the deadline.
    bool sleep(std::uint32_t seen, base::TimePoint deadline) const {
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

private:
    // How many wait, below; above it the number of signals, on which they sleep. A signal takes those who wait off the count.
    static constexpr std::uint64_t kWaiting = 0xffffffff;
    static std::uint32_t signals_of(std::uint64_t state) noexcept { return static_cast<std::uint32_t>(state >> 32); }

    const std::uint32_t *word() const noexcept {
        static_assert(sizeof state_ == sizeof(std::uint64_t));
        constexpr int kUpper = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 1 : 0;
        return reinterpret_cast<const std::uint32_t *>(&state_) + kUpper;
    }

    /// One who waited goes on. False if a signal has taken him off the count already.
    bool leave(std::uint32_t seen) noexcept {
        std::uint64_t state = state_.load();
        while (signals_of(state) == seen) {
            if (state_.compare_exchange_weak(state, state - 1)) return true;
        }
        return false;
    }

    void sleep_until(std::uint32_t seen, const timespec *until) const {
        syscall(SYS_futex, word(), FUTEX_WAIT_BITSET_PRIVATE, seen, until, nullptr, FUTEX_BITSET_MATCH_ANY);
    }

    std::atomic<std::uint64_t> state_{0};
};

}  // namespace exo::loop
