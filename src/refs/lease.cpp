// A lease's states, and the keeper of all of them.
#include "refs/lease.hpp"

#include <algorithm>

#include "refs/delay_cell.hpp"
#include "store/scripts.gen.hpp"

namespace exo::refs {

using base::Stat;
using base::Status;

Lease::Lease(std::shared_ptr<DelayCell> cell, store::LeaseId id, base::Millis length, base::TimePoint expires,
             std::shared_ptr<const ResultRules> rules)
    : cell_(std::move(cell)), id_(std::move(id)), length_(length), rules_(std::move(rules)), expires_(expires) {}

FuturePtr Lease::when_lost() {
    auto future = cell_->client().make_future();
    const bool taken = cell_->client().loop().post([self = shared_from_this(), future] {
        if (self->alive()) return self->watchers_.push_back(future);
        Results results;
        results.flag = self->lost();
        future->complete(std::move(results));
    });
    if (taken) return future;
    Results results;
    results.flag = true;
    future->complete(std::move(results));
    return future;
}

base::ErrorPtr Lease::begin_publishing() {
    expire();
    if (state_ == State::held) {
        state_ = State::publishing;
        return nullptr;
    }
    return refusal();
}

base::ErrorPtr Lease::refusal() const {
    return base::make_error(
        Status::ELEASE, lost() ? "the lease was lost: it was not renewed in time, another took it, or the delay is gone"
                               : "the lease was used before, or given back");
}

void Lease::take_back_publishing() {
    if (state_ == State::publishing) state_ = State::held;
}

void Lease::expire() {
    // What is being published is the server's to judge.
    if (state_ == State::held && base::Clock::now() >= expires_) lose();
}

void Lease::end() { leave(State::ended); }

void Lease::lose() {
    if (!alive()) return;
    lost_.store(true, std::memory_order_release);
    cell_->client().stats().add(Stat::leases_lost);
    leave(State::lost);
}

void Lease::leave(State state) {
    if (!alive()) return;
    const auto keep = shared_from_this();
    state_ = state;
    if (renewal_) renewal_->abandon();
    renewal_ = nullptr;
    cell_->client().lease_keeper().remove(*this);
    for (const FuturePtr &watcher : std::exchange(watchers_, {})) {
        Results results;
        results.flag = lost();
        watcher->complete(std::move(results));
    }
    cell_->lease_over(*this);
}

void Lease::renewed(base::TimePoint sent) {
    if (sent + length_ > expires_) expires_ = sent + length_;
}

void Lease::renew() {
    if (renewal_ || !alive()) return;
    const std::uint64_t counter = cell_->client().next_counter();
    const auto sent = std::make_shared<base::TimePoint>();
    store::Attempt::Plan plan;
    plan.what = "renew the lease of delay " + base::quoted(std::string(cell_->shown_key()));
    plan.script = &store::kDelayRenewScript;
    plan.write = true;
    plan.size = cell_->key().size();
    plan.compose = [self = shared_from_this(), counter, sent](redis::CommandWriter &out, const redis::Peer &,
                                                              std::uint64_t number) {
        *sent = base::Clock::now();
        store::DelayRenewArgs args;
        self->cell_->fill(args, counter, number);
        args.token = self->id_.token;
        args.owner = self->id_.owner;
        store::write_delay_renew(out, args);
    };
    // What fails is tried again at the next turn; the lease's own time tells when that is too late.
    plan.on_failure = [self = shared_from_this()](const base::ErrorPtr &) { self->renewal_ = nullptr; };
    plan.on_answer = [self = shared_from_this(), counter, sent](redis::ReplyView reply, const store::Sending &sending) {
        self->renewal_ = nullptr;
        const auto &client = self->cell_->client();
        self->renewal_answered(
            store::parse_delay_renew(reply, store::op_text(client.session(), counter, sending.number)), *sent);
    };
    renewal_ = store::Attempt::start(cell_->client().context(), std::move(plan));
}

void Lease::renewal_answered(const base::Result<store::DelayAnswer> &answer, base::TimePoint sent) {
    if (!answer) return;
    if (answer->kind == store::DelayAnswer::Kind::renewed) return renewed(sent);
    // Of a result on its way this may be the trace: its own answer will tell.
    if (held()) lose();
}

void LeaseKeeper::add(LeasePtr lease) {
    leases_.push_back(std::move(lease));
    plan();
}

void LeaseKeeper::remove(const Lease &lease) {
    const auto found =
        std::find_if(leases_.begin(), leases_.end(), [&](const auto &one) { return one.get() == &lease; });
    if (found == leases_.end()) return;
    std::swap(*found, leases_.back());
    leases_.pop_back();
}

void LeaseKeeper::stop() {
    client_.loop().timers().cancel(timer_);
    timer_ = 0;
    for (const LeasePtr &lease : std::vector<LeasePtr>(leases_)) lease->lose();
}

void LeaseKeeper::plan() {
    if (leases_.empty()) return;
    const base::TimePoint now = base::Clock::now();
    base::TimePoint next = base::kNever;
    for (const LeasePtr &lease : leases_) {
        next = std::min(next, now + lease->length() / 3);
        // Its end is told when it comes, not at the turn after it.
        if (lease->held()) next = std::min(next, std::max(now, lease->expires()));
    }
    if (timer_ != 0 && next_ <= next) return;
    client_.loop().timers().cancel(timer_);
    next_ = next;
    timer_ = client_.loop().timers().at(next, [this] {
        timer_ = 0;
        tick();
    });
}

void LeaseKeeper::tick() {
    const base::TimePoint now = base::Clock::now();
    for (const LeasePtr &lease : std::vector<LeasePtr>(leases_)) {
        lease->expire();
        // With this turn rather than with one of its own, unless it was renewed just now.
        if (now - lease->renewed_at() > lease->length() / 6) lease->renew();
    }
    plan();
}

}  // namespace exo::refs
