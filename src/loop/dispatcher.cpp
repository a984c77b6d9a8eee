// The two queues, their lanes, and taking by hand.
#include "loop/dispatcher.hpp"

#include <pthread.h>
#include <unistd.h>

#include <array>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <new>

#include "loop/thread.hpp"

namespace exo::loop {

namespace {

constexpr std::size_t kLanes = 2;
constexpr std::array<const char *, kLanes> kLaneNames = {"exoref-done", "exoref-watch"};

void run_resolved(const EventPtr &event) {
    if (EventPtr resolved = event->resolve(event)) resolved->run();
}

}  // namespace

struct Dispatcher::Impl : std::enable_shared_from_this<Dispatcher::Impl> {
    struct LaneState {
        std::deque<EventPtr> queue;
        pthread_t thread{};
        bool running = false;
        bool left = false;
    };

    explicit Impl(bool with_lanes) : lanes(with_lanes) {}

    void push(Lane lane, EventPtr event);
    void start_lane(std::size_t n);
    void run_lane(std::size_t n);
    EventPtr pop();
    void abandon();
    void announce() const;
    bool idle() const { return !states[0].running && !states[1].running; }

    const bool lanes;
    mutable std::mutex mutex;
    std::condition_variable changed;
    std::array<LaneState, kLanes> states;
    bool ending = false;
    std::weak_ptr<void> taker;
    bool abandoned = false;
    int fd = -1;
};

void Dispatcher::Impl::start_lane(std::size_t n) {
    LaneState &state = states[n];
    // The thread takes the mutex before it looks at anything, so what is written here is there by then. Without a thread
    // to be had, what is queued waits for the next try.
    const int status = start_thread(
        kLaneNames[n], [self = shared_from_this(), n] { self->run_lane(n); }, &state.thread);
    if (status != 0) return;
    state.running = true;
    pthread_detach(state.thread);
}

void Dispatcher::Impl::run_lane(std::size_t n) {
    std::unique_lock lock(mutex);
    LaneState &state = states[n];
    for (;;) {
        changed.wait(lock, [&] { return !state.queue.empty() || ending; });
        if (state.queue.empty()) break;
        EventPtr event = std::move(state.queue.front());
        state.queue.pop_front();
        lock.unlock();
        run_resolved(event);
        event.reset();  // what it holds may be the application's
        lock.lock();
    }
    state.running = false;
    state.left = true;
    changed.notify_all();
}

void Dispatcher::Impl::push(Lane lane, EventPtr event) {
    const auto n = static_cast<std::size_t>(lane);
    const std::lock_guard lock(mutex);
    LaneState &state = states[n];
    if (lanes && (state.left || (ending && !state.running))) {
        start_detached(kLaneNames[n], [event = std::move(event)] { run_resolved(event); });
        return;
    }
    if (abandoned && !lanes) return;  // the event goes with the argument, after the lock
    const bool was_empty = states[0].queue.empty() && states[1].queue.empty();
    if (lanes && !state.running) start_lane(n);  // may find no memory, so before anything has happened
    state.queue.push_back(std::move(event));
    if (!lanes && was_empty) announce();
    changed.notify_all();
}

void Dispatcher::Impl::announce() const {
    if (fd < 0) return;
    const std::uint64_t one = 1;
    // A full pipe or eventfd means that it is readable already, which is all that is to be told.
    [[maybe_unused]] const ssize_t written = write(fd, &one, sizeof one);
}

EventPtr Dispatcher::Impl::pop() {
    for (LaneState &state : states) {
        if (state.queue.empty()) continue;
        EventPtr event = std::move(state.queue.front());
        state.queue.pop_front();
        return event;
    }
    return nullptr;
}

void Dispatcher::Impl::abandon() {
    for (;;) {
        EventPtr dropped;  // outside the lock: events hold what they are about. One by one: this needs no memory
        const std::lock_guard lock(mutex);
        if (lanes || !taker.expired()) return;
        abandoned = true;
        dropped = pop();
        if (!dropped) return;
    }
}

namespace {

struct Taker {
    explicit Taker(std::shared_ptr<Dispatcher::Impl> of) : impl(std::move(of)) {}
    ~Taker() { impl->abandon(); }
    Taker(const Taker &) = delete;
    Taker &operator=(const Taker &) = delete;
    const std::shared_ptr<Dispatcher::Impl> impl;
};

}  // namespace

std::shared_ptr<Dispatcher> Dispatcher::create(bool lanes) {
    return std::shared_ptr<Dispatcher>(new Dispatcher(std::make_shared<Impl>(lanes)));
}

Dispatcher::Dispatcher(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
Dispatcher::~Dispatcher() { end(); }

void Dispatcher::push(Lane lane, EventPtr event) { impl_->push(lane, std::move(event)); }
bool Dispatcher::has_lanes() const noexcept { return impl_->lanes; }

bool Dispatcher::on_lane() const noexcept {
    const std::lock_guard lock(impl_->mutex);
    for (const Impl::LaneState &state : impl_->states) {
        if (state.running && pthread_equal(state.thread, pthread_self())) return true;
    }
    return false;
}

EventPtr Dispatcher::take(base::TimePoint deadline) {
    for (;;) {
        EventPtr event;
        {
            std::unique_lock lock(impl_->mutex);
            const auto ready = [this] {
                return !impl_->states[0].queue.empty() || !impl_->states[1].queue.empty() || impl_->ending;
            };
            if (deadline == base::kNever) {
                impl_->changed.wait(lock, ready);
            } else if (!impl_->changed.wait_until(lock, deadline, ready)) {
                return nullptr;
            }
            event = impl_->pop();
        }
        if (!event) return nullptr;
        if (EventPtr resolved = event->resolve(event)) return resolved;
    }
}

bool Dispatcher::ended() const {
    const std::lock_guard lock(impl_->mutex);
    return impl_->ending && impl_->states[0].queue.empty() && impl_->states[1].queue.empty();
}

std::shared_ptr<void> Dispatcher::taker() {
    const std::lock_guard lock(impl_->mutex);
    if (auto there = impl_->taker.lock()) return there;
    std::shared_ptr<void> taker = std::make_shared<Taker>(impl_);
    impl_->taker = taker;
    impl_->abandoned = false;
    return taker;
}

void Dispatcher::set_fd(int fd) {
    const std::lock_guard lock(impl_->mutex);
    impl_->fd = fd;
    if (!impl_->states[0].queue.empty() || !impl_->states[1].queue.empty()) impl_->announce();
}

void Dispatcher::end() {
    const std::lock_guard lock(impl_->mutex);
    // What found no thread to run on has its last try.
    for (std::size_t n = 0; n < kLanes; ++n) {
        if (!impl_->lanes || impl_->states[n].running || impl_->states[n].queue.empty()) continue;
        try {
            impl_->start_lane(n);
        } catch (const std::bad_alloc &) {
            break;  // then it goes with the client
        }
    }
    impl_->ending = true;
    if (!impl_->lanes) impl_->announce();
    impl_->changed.notify_all();
}

bool Dispatcher::wait_ended(base::TimePoint deadline) {
    std::unique_lock lock(impl_->mutex);
    const auto ready = [this] { return impl_->idle(); };
    if (deadline == base::kNever) {
        impl_->changed.wait(lock, ready);
        return true;
    }
    return impl_->changed.wait_until(lock, deadline, ready);
}

}  // namespace exo::loop
