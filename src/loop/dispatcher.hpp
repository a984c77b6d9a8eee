// Where callbacks run: two queues of events, each with a lane (a thread) that runs them, or taken by the application. Knows
// nothing of what an event is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace exo::loop {

class Event {
public:
    virtual ~Event() = default;
    /// The event to be run in its place: itself, or, for one that stands for a row of others, the next of the row; null if
    /// there is nothing (any more). Called when its turn has come.
    virtual std::shared_ptr<Event> resolve(std::shared_ptr<Event> self) { return self; }
    virtual void run() = 0;
};
using EventPtr = std::shared_ptr<Event>;

class Dispatcher {
public:
    enum class Lane : std::size_t { completions, watches };

    /// `lanes`: each lane's thread is started with its first event. Else the application takes the events.
    static std::shared_ptr<Dispatcher> create(bool lanes);
    ~Dispatcher();
    Dispatcher(const Dispatcher &) = delete;
    Dispatcher &operator=(const Dispatcher &) = delete;

    /// From any thread. After the end an event still runs, on a thread of its own, or waits to be taken.
    void push(Lane lane, EventPtr event);

    bool has_lanes() const noexcept;
    /// Whether the calling thread is one of the lanes.
    bool on_lane() const noexcept;

    /// Takes the next event of either queue (completions first); null at the deadline or at the end of a dispatcher without more.
    EventPtr take(base::TimePoint deadline);
    bool ended() const;

    /// Held by whoever may take events. When the last one lets go nobody can any more: what is queued is dropped, and so is what
    /// comes later. (Lanes go on.)
    std::shared_ptr<void> taker();

    /// Writes the number 1 as eight bytes into `fd` when the queues turn from empty to not empty; -1: into nothing.
    void set_fd(int fd);

    /// The lanes run what is queued and then end. Never blocks.
    void end();
    /// Waits until no event runs any more. False at the deadline.
    bool wait_ended(base::TimePoint deadline);

    struct Impl;

private:
    explicit Dispatcher(std::shared_ptr<Impl> impl);
    std::shared_ptr<Impl> impl_;
};

}  // namespace exo::loop
