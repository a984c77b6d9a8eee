#include "support/lateness.hpp"

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <random>

namespace exo::support {

void Lateness::happened(Clock::time_point due) {
    const double late = std::chrono::duration<double, std::milli>(Clock::now() - due).count();
    const std::lock_guard<std::mutex> lock(mutex_);
    late_ms_.push_back(late);
}

std::size_t Lateness::count() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return late_ms_.size();
}

double Lateness::quantile(double q) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (late_ms_.empty()) {
        return 0;
    }
    const auto last = static_cast<double>(late_ms_.size() - 1);
    const auto nth = late_ms_.begin() + static_cast<std::ptrdiff_t>(q * last + 0.5);
    std::nth_element(late_ms_.begin(), nth, late_ms_.end());
    return *nth;
}

std::string Lateness::show() const {
    char text[160];
    std::snprintf(text, sizeof text,
                  "%zu samples: first %.2f ms, p50 %.2f ms, p99 %.2f ms, p99.9 %.2f ms, worst %.2f ms", count(),
                  quantile(0), quantile(0.5), quantile(0.99), quantile(0.999), quantile(1));
    return text;
}

WaitingThreads::WaitingThreads(int count) {
    for (int i = 0; i < count; ++i) {
        threads_.emplace_back([this, i] { run(static_cast<unsigned>(i)); });
    }
}

WaitingThreads::~WaitingThreads() {
    stop_ = true;
    for (std::thread &thread : threads_) {
        thread.join();
    }
}

void WaitingThreads::run(unsigned seed) {
    std::mt19937 random(seed);
    std::uniform_int_distribution<int> length(5, 50);
    std::mutex mutex;
    std::condition_variable never;
    std::unique_lock<std::mutex> lock(mutex);
    while (!stop_) {
        const auto due = Lateness::Clock::now() + std::chrono::milliseconds(length(random));
        never.wait_until(lock, due, [] { return false; });
        lateness_.happened(due);
    }
}

}  // namespace exo::support
