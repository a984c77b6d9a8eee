// The inside of a loop: the inbox, the one uv_async_t that announces it, and how all of it ends. Private to the loop's room.
//
//   open --end()--> ending --inbox empty, last task has run--> closing --libuv has let go--> ended
//
// The mutex that guards `stage` is the one under which uv_async_send is called: once the stage is "ending", nobody can
// send any more, so closing the handle races with no sender.
#pragma once

#include <pthread.h>
#include <uv.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <vector>

#include "base/fork.hpp"
#include "loop/loop.hpp"
#include "loop/timer_queue.hpp"

namespace exo::loop {

struct Loop::Impl : std::enable_shared_from_this<Loop::Impl> {
    enum class Stage { open, ending, closing, ended };
    enum class Thread { none, running, being_joined, gone };

    base::Outcome open(uv_loop_t *borrowed);
    base::Outcome start_own_thread();
    bool post(Task task);
    bool end(Task task);
    bool wait_ended(base::TimePoint deadline);
    void detach_thread();
    bool on_loop() const noexcept;
    bool forked() const noexcept { return generation != base::fork_generation(); }

    void drain();
    void run_own();
    void close_handles();
    void handle_closed();
    void announce_end();

    uv_loop_t own{};
    uv_loop_t *loop = nullptr;
    uv_async_t async{};
    TimerQueue timers;
    int open_handles = 0;  ///< only on the loop
    std::vector<Task> batch;

    std::mutex mutex;
    std::condition_variable changed;
    std::vector<Task> inbox;
    bool awake = false;          ///< the loop will look at the inbox again without being told
    Stage stage = Stage::ended;  ///< until open() has gone well
    Task last;
    Thread thread_state = Thread::none;
    pthread_t thread{};

    std::atomic<pthread_t> driver{};
    std::atomic<bool> driven{false};
    const std::uint32_t generation = base::fork_generation();

    /// Keeps this object until the loop has ended; in a forked child for ever, because nothing of it may be closed there.
    std::shared_ptr<Impl> self;
};

}  // namespace exo::loop
