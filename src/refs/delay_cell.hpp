// What a client knows of one delay of one epoch: who waits, which bodies are offered here, and the lease if this process has it.
// One question to the server is under way at a time:
//
//   a wait that has just begun --read--> settled: the last failure before it is known, and none but later ones will be told to it
//   a body or a claimer is there --claim--> granted: the lease goes to it | held: again when it ends
//   else --request--> wanted: again when the lease ends
//
// asked anew when something is due: a wait begins, a message comes, a lease ends, a thread for bodies is free, the sweep. While the
// lease is ours nothing is asked: how it ends decides what comes next.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "refs/body.hpp"
#include "refs/once_cell.hpp"
#include "store/delay.hpp"

namespace exo::refs {

/// What one wait is beside a promise's: there may be very many of those.
struct DelayWait {
    bool pull = false;                     ///< takes the lease itself
    bool here = false;                     ///< its body runs on the thread that waits
    BodyPtr body;                          ///< that it keeps offering
    bool read_sent = false;                ///< a read that was begun after it is under way
    std::optional<store::FailureId> knew;  ///< the last failure before it; none: not read yet
};

class DelayCell : public OnceCell {
public:
    enum class How {
        value,  ///< whoever computes it
        here,   ///< by the handle's own body, on the thread that waits: then the future has the lease
        pull    ///< the future has the lease, if nobody holds it
    };

    DelayCell(std::shared_ptr<Client> client, std::string key, const store::State &state)
        : OnceCell(std::move(client), std::move(key), "delay", state) {}

    std::shared_ptr<DelayCell> self() { return std::static_pointer_cast<DelayCell>(shared_from_this()); }

    // From any thread.

    base::ErrorPtr failure() const override { return over() ? failure_ : nullptr; }
    FuturePtr want(How how, const BodyPtr &body, std::int64_t timeout_ms);

    // On the loop.

    /// There will never be a value: the error is what everybody is told.
    void keep_failure(const base::ErrorPtr &failure);
    void add_body(const BodyPtr &body);
    /// A handle went: perhaps there is nothing to listen for any more.
    void drop_body() { settle(); }
    /// A body has ended, or there is a thread for one.
    void body_free() { ask(); }
    void lease_over(const Lease &lease);
    /// A failure of our own lease that is not kept: who waits is told.
    void attempt_failed_here(const base::ErrorPtr &error);
    /// An answer shows that it is not there any more, or in a newer format. Who waits is told.
    base::ErrorPtr gone(const store::Sighting &there);
    base::ErrorPtr error_of(const store::DelayFailure &failure) const;

    /// What all scripts of a delay begin with.
    template <typename Arguments>
    void fill(Arguments &args, std::uint64_t counter, std::uint64_t sending) const {
        args.key = key();
        args.session = client().session();
        args.counter = counter;
        args.sending = sending;
        args.epoch = epoch();
    }

    void close() override;

private:
    enum class Asking { nothing, read, request, claim };

    bool needed() const override;
    void ask() override;
    void other_message(const store::Message *message) override;
    void disengaged() override;

    void proceed();
    void read();
    void read_answered(const store::DelaySighting &sighting);
    void request();
    void claim(const Body &claimant);
    void start(Asking what, store::Attempt::Plan plan);
    void answered(const base::Result<store::DelayAnswer> &answer, const store::FailureId &seen);
    void take(const store::DelayAnswer &answer);
    void grant(const store::DelayAnswer &answer);
    void run_offered(const BodyPtr &body, const HeldLeasePtr &lease);
    void attempt_failed(const store::DelayFailure &failure);

    static bool can_take(const Wait &wait);
    store::FailureId least_known() const;
    BodyPtr offered() const;
    BodyPtr claimant();
    void free_place();
    void watch_lease(const store::DelayState &delay);
    void wake_at(base::TimePoint when);

    base::ErrorPtr failure_;  ///< written once, before it is over
    std::vector<std::weak_ptr<Body>> bodies_;
    LeasePtr own_;
    std::shared_ptr<store::Attempt> asking_;
    Asking what_ = Asking::nothing;
    base::TimePoint sent_;  ///< the newest sending of the claim
    bool due_ = false;
    bool gone_ = false;
    bool place_ = false;  ///< a thread for a body is reserved
    loop::Timers::Id timer_ = 0;

    // The lease of another as we know it, and since when by our own clock.
    store::LeaseId there_;
    std::uint64_t there_renewals_ = 0;
    base::TimePoint there_since_;
    base::Millis there_length_{0};
};

}  // namespace exo::refs
