// The inside of a loop: the inbox, the descriptor that announces it, and how all of it ends. Private to the loop's room.
//
//   open --end()--> ending --inbox empty, last task has run--> closing --libuv has let go--> ended
//
// One thread at a time is on the loop: the one that drives it, in what libuv calls back, or a visitor: a thread that is about to wait
// for what it posted, and runs it itself before (sends its command, that is), which saves waking another thread for it. Both hold
// `turn` meanwhile. A visitor never calls libuv: what must is left to who drives, see natively(). Who drives, that is, calls uv_run(),
// is the loop's own thread or a waiting caller: see baton.hpp.
//
// The bell is an eventfd of our own and not a uv_async_t: a loop that wakes up before the sender has left uv_async_send() waits for it
// in a spin, which on few cores takes the processor from the very thread it waits for. The mutex that guards `stage` is the
// one under which the descriptor is written to: once the stage is "ending", nobody can any more, so closing it races with nobody.
#pragma once

#include <pthread.h>
#include <uv.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <vector>

#include "base/fork.hpp"
#include "loop/baton.hpp"
#include "loop/completion.hpp"
#include "loop/loop.hpp"
#include "loop/timer_queue.hpp"

namespace exo::loop {

struct Loop::Impl final : std::enable_shared_from_this<Loop::Impl>, Completion::Place {
    enum class Stage { open, ending, closing, ended };
    struct Posted {
        Task task;
        Where where;
    };
    enum class Thread { none, running, being_joined, gone };

    Impl() = default;
    virtual ~Impl();
    Impl(const Impl &) = delete;
    Impl &operator=(const Impl &) = delete;

    base::Outcome open(uv_loop_t *borrowed);
    base::Outcome start_own_thread();
    bool post(Task task, Where where);
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
    void ring();       ///< under the mutex: wakes who drives, or else the own thread
    void mark_bell();  ///< under the mutex: who drives next will look at the inbox
    bool drives_here() const noexcept;
    void natively(Task task);
    void visit();
    void waits() noexcept override { baton.count_sleepers(1); }
    bool wait_for(const Completion &completion, std::uint32_t seen, base::TimePoint deadline) override;
    void wait_no_more(int fewer) noexcept override;
    /// An exception may not pass libuv: where memory runs out the process ends, as on the loop's own thread.
    bool drive(const Completion &completion, std::uint32_t seen, base::TimePoint deadline) noexcept;
    bool take_for_visitor();

    uv_loop_t own{};
    uv_loop_t *loop = nullptr;
    int bell = -1;         ///< eventfd: the inbox has something, or the end has begun
    uv_poll_t listener{};  ///< on the bell
    TimerQueue timers;
    int open_handles = 0;  ///< only on the loop
    std::vector<Posted> batch;

    std::mutex mutex;
    std::condition_variable changed;
    std::vector<Posted> inbox;
    bool awake = false;          ///< the loop will look at the inbox again without being told
    Stage stage = Stage::ended;  ///< until open() has gone well
    Task last;
    Thread thread_state = Thread::none;
    pthread_t thread{};

    std::mutex turn;  ///< who is on the loop holds it. Taken before `mutex`
    std::atomic<pthread_t> visitor{};
    std::atomic<pthread_t> driver{};
    std::atomic<bool> driven{false};
    Baton baton;
    const std::uint32_t generation = base::fork_generation();

    /// Keeps this object until the loop has ended; in a forked child for ever, because nothing of it may be closed there.
    std::shared_ptr<Impl> self;
};

class Loop::Turn {
public:
    explicit Turn(std::shared_ptr<Impl> impl) : impl_(std::move(impl)), lock_(impl_->turn) {}
    explicit Turn(const Loop &loop) : Turn(loop.impl_) {}

private:
    const std::shared_ptr<Impl> impl_;
    const WakesLater wakes_;  ///< until the turn has ended
    const std::lock_guard<std::mutex> lock_;
};

}  // namespace exo::loop
