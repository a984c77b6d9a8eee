// The bodies that cases name: what they do, how often they were called, and when one that waits may end.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>

#include "step.hpp"

namespace agent {

class Body {
public:
    // The body of a step that opens a delay; none if it has none.
    static std::shared_ptr<Body> take(Step &step);

    std::optional<std::string> run(exoref::lease &lease);
    std::int64_t calls(std::int64_t at_least, std::chrono::milliseconds time);
    void end();
    exoref::lease running();

private:
    std::string does_, value_, kind_, message_, payload_;
    std::int64_t times_ = 0;

    std::mutex mutex_;
    std::condition_variable changed_;
    std::int64_t calls_ = 0;
    bool end_ = false;
    exoref::lease running_;
};

}  // namespace agent
