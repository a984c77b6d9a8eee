// Timers by one uv_timer_t: a sorted map of deadlines, of which only the nearest is known to libuv. Private to the loop's
// room.
#pragma once

#include <uv.h>

#include <unordered_map>

#include "base/fork.hpp"
#include "loop/timers.hpp"

namespace exo::loop {

class TimerQueue final : public Timers {
public:
    /// 0 or a libuv error. `natively` runs what calls libuv where that may be done; `due` is called back by libuv, and calls fire().
    int open(uv_loop_t *loop, std::function<void(std::function<void()>)> natively, std::function<void()> due);
    void fire();
    /// Drops all timers and closes the handle; `closed` is called when libuv has let go of it.
    void close(std::function<void()> closed);

    Id at(base::TimePoint when, std::function<void()> task) override;
    void cancel(Id id) override;

private:
    using Key = std::pair<base::TimePoint, Id>;

    void arm(base::TimePoint when);
    void start_timer();

    uv_timer_t timer_{};
    const std::uint32_t generation_ = base::fork_generation();
    bool open_ = false;
    bool firing_ = false;
    base::TimePoint armed_ = base::kNever;
    Id last_id_ = 0;
    std::map<Key, std::function<void()>> queue_;
    std::unordered_map<Id, base::TimePoint> when_;
    std::function<void(std::function<void()>)> natively_;
    std::function<void()> due_;
    std::function<void()> closed_;
};

}  // namespace exo::loop
