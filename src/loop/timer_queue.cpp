// The map of deadlines and the one uv_timer_t beneath it.
#include "loop/timer_queue.hpp"

#include <utility>

namespace exo::loop {

int TimerQueue::open(uv_loop_t *loop, std::function<void(std::function<void()>)> natively, std::function<void()> due) {
    natively_ = std::move(natively);
    due_ = std::move(due);
    const int status = uv_timer_init(loop, &timer_);
    timer_.data = this;
    open_ = status == 0;
    return status;
}

void TimerQueue::close(std::function<void()> closed) {
    open_ = false;
    queue_.clear();
    when_.clear();
    closed_ = std::move(closed);
    uv_close(reinterpret_cast<uv_handle_t *>(&timer_), [](uv_handle_t *handle) {
        // The queue may be destroyed by what it calls here.
        const auto done = std::move(static_cast<TimerQueue *>(handle->data)->closed_);
        if (done) done();
    });
}

Timers::Id TimerQueue::at(base::TimePoint when, std::function<void()> task) {
    if (!open_ || when == base::kNever) return 0;
    const Id id = ++last_id_;
    queue_.emplace(Key(when, id), std::move(task));
    when_.emplace(id, when);
    if (!firing_ && when < armed_) arm(when);
    return id;
}

// libuv's timer is left as it is: if it fires for a timer that is gone, it is set anew. Most deadlines are cancelled.
void TimerQueue::cancel(Id id) {
    const auto found = when_.find(id);
    if (found == when_.end()) return;
    const Key key(found->second, id);
    when_.erase(found);
    auto node = queue_.extract(key);
}

void TimerQueue::arm(base::TimePoint when) {
    armed_ = when;
    natively_([this] { start_timer(); });
}

void TimerQueue::start_timer() {
    if (!open_ || armed_ == base::kNever) return;
    const auto now = base::Clock::now();
    const auto wait = armed_ > now ? std::chrono::ceil<base::Millis>(armed_ - now).count() : 0;
    // libuv counts from the time at which the iteration began, which may be long ago.
    uv_update_time(timer_.loop);
    uv_timer_start(
        &timer_, [](uv_timer_t *timer) { static_cast<TimerQueue *>(timer->data)->due_(); },
        static_cast<std::uint64_t>(wait), 0);
}

void TimerQueue::fire() {
    if (generation_ != base::fork_generation()) return;
    armed_ = base::kNever;
    firing_ = true;
    const auto now = base::Clock::now();
    // Timers that a task sets for "now" wait for the next round: I/O comes first.
    const Id newest = last_id_;
    for (auto next = queue_.begin(); next != queue_.end() && next->first.first <= now; next = queue_.begin()) {
        if (next->first.second > newest) break;
        const auto task = std::move(next->second);
        when_.erase(next->first.second);
        queue_.erase(next);
        task();
        if (!open_) return;
    }
    firing_ = false;
    if (!queue_.empty()) arm(queue_.begin()->first.first);
}

}  // namespace exo::loop
