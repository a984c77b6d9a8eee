// The outcome of one operation, now or later. Completed exactly once, on the loop or (when nothing needs to be sent) by the
// caller's own thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "loop/completion.hpp"
#include "loop/dispatcher.hpp"
#include "loop/loop.hpp"
#include "refs/callback.hpp"
#include "store/schema.hpp"

namespace exo::refs {

class Atom;
class ClientLife;
class Delay;
class DelayCell;
class HeldLease;
class Promise;
class Swap;
struct Info;

/// What came out of an operation; each sets what it has.
struct Results {
    bool flag = false;
    std::int64_t number = 0;
    store::StatePtr value;
    store::StatePtr old_value;
    std::shared_ptr<ClientLife> client;
    std::shared_ptr<Atom> atom;
    std::shared_ptr<Swap> swap;
    std::shared_ptr<Promise> promise;
    std::shared_ptr<Delay> delay;
    std::shared_ptr<HeldLease> lease;
    base::ErrorPtr failure;  ///< of a delay: what was published instead of a value
    std::shared_ptr<const Info> info;
};

class Future : public std::enable_shared_from_this<Future> {
public:
    using Listener = std::function<void(Future &)>;

    /// What all futures of a client share. There may be very many futures at once: they are kept small.
    struct Home {
        std::shared_ptr<loop::Loop> loop;
        std::shared_ptr<loop::Dispatcher> dispatcher;
        std::int64_t default_timeout = 0;  ///< ms
    };

    explicit Future(std::shared_ptr<const Home> home) : home_(std::move(home)) {}

    std::int64_t default_timeout() const noexcept { return home_->default_timeout; }  ///< of its client, in ms

    /// Completing it needs no memory from now on.
    void reserve() { outcome_ = std::make_unique<Outcome>(); }
    /// The first outcome counts; the others are dropped (false).
    bool complete(Results results);
    bool fail(base::ErrorPtr error);

    /// Null error: it is done. ETIMEOUT, EINTERRUPTED.
    base::Status wait(base::TimePoint deadline);
    void interrupt();
    void cancel();
    /// What cancel does; forgotten when done.
    void on_cancel(std::function<void()> cancel);

    bool done() const;
    base::Status status() const;  ///< EAGAIN while not done
    base::ErrorPtr error() const;
    /// Of a future that is done and went well; empty results otherwise.
    Results results() const;

    /// What is done next within the library, by the thread that completes it, under no lock; at once if it is done. One at most.
    void then(Listener next);

    /// It can only be done once the completion lane has run something: waiting for it there would never end.
    void mark_needs_lane() noexcept { needs_lane_ = true; }
    bool waits_for_this_thread() const noexcept {
        return home_->loop->on_loop() || (needs_lane_ && home_->dispatcher->on_lane());
    }

    /// A wait for this delay: its own body would wait for ever. Set before anybody else has the future.
    void mark_needs_body_of(const DelayCell &cell) noexcept { needs_body_of_ = &cell; }
    const DelayCell *needs_body_of() const noexcept { return needs_body_of_; }

    /// Sets who is told on the completion lane, or what token the event has; false if set before.
    bool listen(Callback<Future &> callback, std::uint64_t token);

private:
    friend class CompletionEvent;
    struct Outcome {
        Results results;
        base::ErrorPtr error;
    };
    bool finish(Outcome outcome);
    void announce();  ///< under the lock, when done and somebody listens

    struct Listening {
        Callback<Future &> callback;
        std::uint64_t token = 0;
    };

    const std::shared_ptr<const Home> home_;
    mutable std::mutex mutex_;
    bool done_ = false;
    bool interrupted_ = false;
    bool listened_ = false;
    bool needs_lane_ = false;  ///< set before anybody else has the future
    const DelayCell *needs_body_of_ = nullptr;
    std::unique_ptr<Outcome> outcome_;  ///< once it is done, or from reserve() on
    loop::Completion wake_;
    std::function<void()> cancel_;
    std::unique_ptr<Listener> next_;        ///< rare, so small
    std::unique_ptr<Listening> listening_;  ///< from listen() until it is announced
};

using FuturePtr = std::shared_ptr<Future>;

/// A future that is done, as an event.
class CompletionEvent : public loop::Event {
public:
    CompletionEvent(FuturePtr future, Callback<Future &> callback, std::uint64_t token)
        : future_(std::move(future)), callback_(std::move(callback)), token_(token) {}
    void run() override;
    const FuturePtr &future() const noexcept { return future_; }
    std::uint64_t token() const noexcept { return token_; }

private:
    FuturePtr future_;
    Callback<Future &> callback_;
    std::uint64_t token_;
};

}  // namespace exo::refs
