// How late things come: samples from any thread, their quantiles, and what the machine itself does to a thread that only waits
// for a while, as the measure of what can be asked of others.
#pragma once

#include <atomic>
#include <chrono>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace exo::support {

class Lateness {
public:
    using Clock = std::chrono::steady_clock;

    // What was to happen at `due` has happened now.
    void happened(Clock::time_point due);
    std::size_t count() const;
    // In milliseconds; 0 <= q <= 1. Negative if it came too early.
    double quantile(double q) const;
    // "12000 samples: p50 0.1 ms, p99 0.4 ms, p99.9 0.9 ms, worst 2.1 ms"
    std::string show() const;

private:
    mutable std::mutex mutex_;
    mutable std::vector<double> late_ms_;
};

// Threads that wait for 5 to 50 ms again and again, while this object lives.
class WaitingThreads {
public:
    explicit WaitingThreads(int count);
    ~WaitingThreads();
    WaitingThreads(const WaitingThreads &) = delete;
    WaitingThreads &operator=(const WaitingThreads &) = delete;

    const Lateness &lateness() const { return lateness_; }

private:
    void run(unsigned seed);

    Lateness lateness_;
    std::atomic<bool> stop_{false};
    std::vector<std::thread> threads_;
};

}  // namespace exo::support
