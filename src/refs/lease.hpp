// The lease of a delay: the right of this process to run its body now. Known to the keeper, which renews it, and to its cell. What
// the application and the bodies hold is a HeldLease: the last of them gives an unused lease back.
//
//   held --deliver, fail--> publishing --applied, refused, unknown--> ended
//    |  ^--certainly not sent------'
//    |--given back--> ended
//    `--not renewed in time, taken over, deleted, client closed--> lost
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "refs/client.hpp"
#include "refs/future.hpp"
#include "refs/validator.hpp"
#include "store/attempt.hpp"
#include "store/delay.hpp"

namespace exo::refs {

class DelayCell;

/// What a handle says of the results that its leases publish.
struct ResultRules {
    ValidatorPtr validator;
    base::ErrorPtr may_not_write;  ///< C9: null if it may
    std::optional<bool> retry;     ///< none: as the delay was created
};

class Lease : public std::enable_shared_from_this<Lease> {
public:
    Lease(std::shared_ptr<DelayCell> cell, store::LeaseId id, base::Millis length, base::TimePoint expires,
          std::shared_ptr<const ResultRules> rules);

    // From any thread.

    const store::LeaseId &id() const noexcept { return id_; }
    const std::shared_ptr<DelayCell> &cell() const noexcept { return cell_; }
    const ResultRules &rules() const noexcept { return *rules_; }
    base::Millis length() const noexcept { return length_; }
    bool lost() const noexcept { return lost_.load(std::memory_order_acquire); }
    /// Done when it is lost (flag) or has ended otherwise.
    FuturePtr when_lost();

    // On the loop.

    bool held() const noexcept { return state_ == State::held; }
    /// Neither ended nor lost.
    bool alive() const noexcept { return state_ == State::held || state_ == State::publishing; }
    base::TimePoint expires() const noexcept { return expires_; }
    base::TimePoint renewed_at() const noexcept { return expires_ - length_; }

    /// A result is about to be sent. Null, or ELEASE.
    base::ErrorPtr begin_publishing();
    /// Why it is not held any more.
    base::ErrorPtr refusal() const;
    /// It was certainly not sent: the lease is as it was.
    void take_back_publishing();
    void end();
    void lose();
    /// Lost, if its time has run out by our own clock.
    void expire();
    /// The server has renewed it in answer to what was sent then.
    void renewed(base::TimePoint sent);
    /// Renews it, in the background.
    void renew();

private:
    enum class State : unsigned char { held, publishing, ended, lost };
    void leave(State state);
    void renewal_answered(const base::Result<store::DelayAnswer> &answer, base::TimePoint sent);

    const std::shared_ptr<DelayCell> cell_;
    const store::LeaseId id_;
    const base::Millis length_;
    const std::shared_ptr<const ResultRules> rules_;
    std::atomic<bool> lost_{false};

    // On the loop.
    State state_ = State::held;
    base::TimePoint expires_;
    std::shared_ptr<store::Attempt> renewal_;
    std::vector<FuturePtr> watchers_;
};
using LeasePtr = std::shared_ptr<Lease>;

class HeldLease {
public:
    HeldLease(ClientLifePtr life, LeasePtr lease) : life_(std::move(life)), lease_(std::move(lease)) {}
    ~HeldLease();
    HeldLease(const HeldLease &) = delete;
    HeldLease &operator=(const HeldLease &) = delete;

    const LeasePtr &lease() const noexcept { return lease_; }
    Client &client() const noexcept { return *life_->client(); }
    std::int64_t token() const noexcept { return static_cast<std::int64_t>(lease_->id().token); }

    FuturePtr deliver(std::string value, std::int64_t timeout_ms);
    FuturePtr fail(std::string kind, std::string message, std::optional<std::string> payload, std::int64_t timeout_ms);
    FuturePtr renew(std::int64_t timeout_ms);
    FuturePtr give_back(std::int64_t timeout_ms);

private:
    const ClientLifePtr life_;
    const LeasePtr lease_;
};
using HeldLeasePtr = std::shared_ptr<HeldLease>;

/// Renews the leases of a client, all that are due in one go, three times in the time that the shortest lasts. On the loop.
class LeaseKeeper {
public:
    explicit LeaseKeeper(Client &client) : client_(client) {}
    void add(LeasePtr lease);
    void remove(const Lease &lease);
    void stop();

private:
    void plan();
    void tick();

    Client &client_;
    std::vector<LeasePtr> leases_;
    base::TimePoint next_ = base::kNever;
    loop::Timers::Id timer_ = 0;
};

}  // namespace exo::refs
