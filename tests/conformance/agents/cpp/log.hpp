// What watches were told, or the lines of a client's log, in the order in which they came.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "step.hpp"

namespace agent {

class Log {
public:
    void add(json event) {
        const std::lock_guard lock(mutex_);
        events_.push_back(std::move(event));
        changed_.notify_all();
    }
    // All events, once there are so many, or when the time is over.
    json read(std::size_t count, std::chrono::milliseconds time) {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, time, [&] { return events_.size() >= count; });
        return events_;
    }

    // Whether a line has the text, at the latest when the time is over.
    bool has(const std::string &text, std::chrono::milliseconds time) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, time, [&] {
            return std::any_of(events_.begin(), events_.end(), [&](const json &line) {
                return line.get_ref<const std::string &>().find(text) != std::string::npos;
            });
        });
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    json events_ = json::array();
};

}  // namespace agent
