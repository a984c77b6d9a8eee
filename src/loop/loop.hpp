// The loop: who drives the I/O is hidden here. Other rooms post work to it, set timers on it, and wait for it through
// Completion; whether a thread of its own, the application's loop or a waiting caller drives is not theirs to know.
#pragma once

#include <functional>
#include <memory>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "loop/completion.hpp"

struct uv_loop_s;

namespace exo::loop {

class Timers;

using Task = std::function<void()>;

class Loop : public std::enable_shared_from_this<Loop> {
public:
    struct Impl;

    /// A loop with a thread of its own: all signals blocked, named "exoref".
    static base::Result<std::shared_ptr<Loop>> own_thread();
    /// A loop that the application drives. Must be called on that loop's thread, or before the loop runs.
    static base::Result<std::shared_ptr<Loop>> borrowed(uv_loop_s *loop);
    ~Loop();

    /// Who may run a task: who drives the loop, its own thread or a waiting caller; or a visitor, too (then it must not
    /// call libuv but by natively()).
    enum class Where { driver, anywhere };

    /// Runs `task` on the loop, in order of posting. From any thread, also from the loop itself (then later, never inside
    /// this call). False when the loop has ended: the task was dropped.
    bool post(Task task, Where where = Where::driver);

    /// Whether the calling thread holds the loop's turn now, as its driver or as a visitor.
    bool on_loop() const noexcept;

    /// Where a caller waits for what this loop does.
    Completion::Place &place() noexcept;

    Timers &timers() noexcept;  ///< only on the loop
    uv_loop_s *uv() noexcept;   ///< only by who drives the loop

    /// On the loop: does what calls libuv, at once if this thread drives it, else there soon.
    void natively(Task task);

    /// What libuv calls back begins with this: one thread at a time is on the loop.
    class Turn;

    /// A blocking call: what it posts need not wake the loop's thread, because it runs it itself before it waits. Stands around
    /// the beginning of an operation on the calling thread, and around no function of the application (see Pause).
    class Visit {
    public:
        explicit Visit(Loop &loop) noexcept;
        ~Visit();
        Visit(const Visit &) = delete;
        Visit &operator=(const Visit &) = delete;
        /// Keeps the promise of the visit that this thread is on, if it is on one: before it waits for something.
        static void keep() noexcept;

    private:
        Impl *const before_;
    };

    /// Around a function of the application that is called within a visit: it may take as long as it likes.
    class Pause {
    public:
        Pause() noexcept;
        ~Pause();
        Pause(const Pause &) = delete;
        Pause &operator=(const Pause &) = delete;

    private:
        Impl *const before_;
    };

    /// Ends the loop after the tasks posted so far: `last` runs on the loop as the last task (close sockets in it), then every
    /// handle of ours is closed. False, and `last` is dropped, if somebody else has ended it already. Never blocks, needs no
    /// memory. From any thread.
    bool end(Task last);

    /// Waits until the loop has ended (all handles closed; the own thread is gone). False at the deadline, and at once for
    /// who drives it. In a forked child there is nothing to wait for: true.
    bool wait_ended(base::TimePoint deadline);

private:
    friend class Turn;
    explicit Loop(std::shared_ptr<Impl> impl);
    std::shared_ptr<Impl> impl_;  ///< shared with its own thread and with libuv's handles, which outlive this object
};

}  // namespace exo::loop
