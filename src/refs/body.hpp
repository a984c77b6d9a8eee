// What a handle of a delay brings along: perhaps a function that computes the value, and the rules for what it publishes. And the
// threads for bodies that others ask for.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "loop/dispatcher.hpp"
#include "refs/lease.hpp"

namespace exo::refs {

class DelayCell;

/// What a body made.
struct BodyResult {
    enum class Kind { value, failed, declined };
    Kind kind = Kind::value;
    std::string bytes;  ///< the value, or the failure's payload
    std::string word;   ///< the failure's kind
    std::string message;
    base::ErrorPtr refused;  ///< the bytes could not be taken whole
};

class Body : public std::enable_shared_from_this<Body> {
public:
    using Function = std::function<BodyResult(const HeldLeasePtr &lease)>;

    struct What {
        Function function;  ///< null: none, or, if it `offers`, the event carries the lease alone
        ContextPtr context;
        std::uint64_t token = 0;
        bool offers = false;
        std::optional<std::uint64_t> lease_ms;  ///< none: as the delay has it
        ResultRules rules;
    };

    Body(const ClientLifePtr &life, What what);
    ~Body();
    Body(const Body &) = delete;
    Body &operator=(const Body &) = delete;

    ClientLifePtr life() const { return life_.lock(); }
    std::shared_ptr<const ResultRules> rules() const noexcept { return rules_; }
    /// C9, as the opening found it; before anybody else has this.
    void set_write_refusal(base::ErrorPtr why) { rules_->may_not_write = std::move(why); }
    std::optional<std::uint64_t> lease_ms() const noexcept { return what_.lease_ms; }
    std::uint64_t token() const noexcept { return what_.token; }
    bool has_function() const noexcept { return what_.function != nullptr; }

    /// Whether it can be asked to compute. From any thread.
    bool offers() const noexcept { return what_.offers && !declined_.load(std::memory_order_relaxed); }
    void decline() noexcept { declined_ = true; }

    // On the loop: it runs at most once at a time.
    bool free() const noexcept { return offers() && !busy_; }
    void begin() noexcept { busy_ = true; }
    void finish() noexcept { busy_ = false; }

    /// Runs it on this thread. Blocks.
    BodyResult run(const HeldLeasePtr &lease);
    /// Whether this thread is in the middle of a body of this delay.
    static bool runs_here(const DelayCell &cell) noexcept;

private:
    const std::weak_ptr<Client> client_;
    const std::weak_ptr<ClientLife> life_;
    What what_;
    const std::shared_ptr<ResultRules> rules_;
    std::atomic<bool> declined_{false};
    bool busy_ = false;  // on the loop
};
using BodyPtr = std::shared_ptr<Body>;

/// What a body made is sent; a value that may not be is a failure too. The future is that of the publishing.
FuturePtr publish(const HeldLeasePtr &lease, BodyResult result);
/// What everybody is told of a failure.
base::ErrorPtr body_error(const DelayCell &cell, std::string kind, std::string message, std::string payload);

/// A body that was begun for a lease; when this goes it may be begun again.
class BodyRun {
public:
    BodyRun(BodyPtr body, HeldLeasePtr lease) : body_(std::move(body)), lease_(std::move(lease)) {}
    ~BodyRun();
    BodyRun(const BodyRun &) = delete;
    BodyRun &operator=(const BodyRun &) = delete;

    const BodyPtr &body() const noexcept { return body_; }
    const HeldLeasePtr &lease() const noexcept { return lease_; }
    /// Runs it and has the result published.
    void run();

private:
    const BodyPtr body_;
    const HeldLeasePtr lease_;
};

/// A body for the application to run, or its lease to use, where it takes events. Passed over, it offers no more.
class BodyEvent : public loop::Event {
public:
    explicit BodyEvent(std::unique_ptr<BodyRun> run) : run_(std::move(run)) {}
    ~BodyEvent() override;
    void run() override;
    std::uint64_t token() const noexcept { return run_->body()->token(); }
    HeldLeasePtr take_lease() const;

private:
    const std::unique_ptr<BodyRun> run_;
    mutable std::atomic<bool> used_{false};
};

/// At most so many bodies at a time, each on a thread of its own.
class BodyPool {
public:
    explicit BodyPool(std::size_t most) : state_(std::make_shared<State>()), free_(most) {}

    // On the loop.

    /// A place for one more body. False: the cell is asked again once there is one.
    bool reserve(const std::shared_ptr<DelayCell> &cell);
    void give_back(Client &client);
    /// In a place that was reserved. False: there is no thread; the place is free again.
    bool start(const std::shared_ptr<Client> &client, std::shared_ptr<BodyRun> run);

    bool on_thread() const noexcept;
    /// Waits until no body runs any more. False at the deadline.
    bool wait_idle(base::TimePoint deadline);

private:
    struct State {
        std::mutex mutex;
        std::condition_variable ended;
        std::size_t running = 0;
    };

    const std::shared_ptr<State> state_;
    std::size_t free_;                              // on the loop
    std::deque<std::weak_ptr<DelayCell>> waiting_;  // on the loop
};

}  // namespace exo::refs
