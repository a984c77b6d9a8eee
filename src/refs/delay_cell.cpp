// What is asked, and what the answers mean for those who wait.
#include "refs/delay_cell.hpp"

#include <algorithm>

#include "refs/lease_calls.hpp"
#include "refs/sightings.hpp"
#include "store/protocol_error.hpp"
#include "store/scripts.gen.hpp"

namespace exo::refs {

using base::Stat;
using base::Status;
using Answer = store::DelayAnswer::Kind;

FuturePtr DelayCell::want(How how, const BodyPtr &body, std::int64_t timeout_ms) {
    Wait wait;
    wait.of_delay = std::make_shared<DelayWait>();
    wait.of_delay->pull = how == How::pull;
    wait.of_delay->here = how == How::here;
    wait.of_delay->body = body;
    auto future = wait_as(std::move(wait), timeout_ms);
    future->mark_needs_body_of(*this);
    return future;
}

void DelayCell::keep_failure(const base::ErrorPtr &failure) {
    if (!over()) failure_ = failure;
    conclude();
}

void DelayCell::add_body(const BodyPtr &body) {
    std::erase_if(bodies_, [](const auto &one) { return one.expired(); });
    bodies_.push_back(body);
    const bool listened = engaged();
    engage();
    // Else when the subscription stands.
    if (listened) ask();
}

BodyPtr DelayCell::offered() const {
    for (const auto &one : bodies_) {
        auto body = one.lock();
        if (body && body->free()) return body;
    }
    return nullptr;
}

bool DelayCell::needed() const {
    // Who holds the lease hears of a deletion before the next renewal tells of it.
    if (!waits().empty() || own_) return true;
    if (gone_) return false;
    return std::any_of(bodies_.begin(), bodies_.end(), [](const auto &one) {
        const auto body = one.lock();
        return body && body->offers();
    });
}

bool DelayCell::can_take(const Wait &wait) {
    const DelayWait &of = *wait.of_delay;
    return of.pull || (of.here && of.body->free());
}

/// Who would take the lease if we had it: one who waits, else a body that a thread is free for.
BodyPtr DelayCell::claimant() {
    for (const Wait &wait : waits()) {
        if (can_take(wait)) return wait.of_delay->body;
    }
    auto body = offered();
    if (!body || !client().dispatcher().has_lanes()) return body;
    if (!client().bodies().reserve(self())) return nullptr;
    place_ = true;
    return body;
}

void DelayCell::free_place() {
    if (std::exchange(place_, false)) client().bodies().give_back(client());
}

void DelayCell::ask() {
    due_ = true;
    proceed();
}

void DelayCell::proceed() {
    if (!due_ || asking_ || own_ || over() || !engaged() || client().closed()) return;
    due_ = false;
    wake_at(base::kNever);
    const auto unsettled = [](const Wait &wait) { return !wait.of_delay->knew; };
    if (std::any_of(waits().begin(), waits().end(), unsettled)) return read();
    if (const BodyPtr body = claimant()) return claim(*body);
    if (!waits().empty()) request();
}

void DelayCell::start(Asking what, store::Attempt::Plan plan) {
    what_ = what;
    plan.what = "ask for delay " + base::quoted(std::string(shown_key()));
    // Not a write to those who wait: an error of it is no unknown outcome of theirs.
    plan.write = false;
    plan.size = key().size();
    plan.on_failure = [cell = self()](const base::ErrorPtr &error) {
        cell->asking_ = nullptr;
        cell->free_place();
        // What may pass is tried again by the sweep.
        if (base::status_class(error->status) != base::StatusClass::NOT_APPLIED_RETRY) cell->fail_all(error);
    };
    asking_ = store::Attempt::start(client().context(), std::move(plan));
}

void DelayCell::read() {
    for (const Wait &wait : waits()) wait.of_delay->read_sent = true;
    store::Attempt::Plan plan;
    plan.wrong_type_is_answer = true;
    plan.compose = [cell = self()](redis::CommandWriter &out, const redis::Peer &, std::uint64_t) {
        store::write_read_delay(out, cell->key());
    };
    plan.on_answer = [cell = self()](redis::ReplyView reply, const store::Sending &) {
        cell->asking_ = nullptr;
        const auto sighting = store::parse_read_delay(reply);
        sighting ? cell->read_answered(*sighting) : cell->fail_all(sighting.error());
    };
    start(Asking::read, std::move(plan));
}

void DelayCell::read_answered(const store::DelaySighting &sighting) {
    const store::Sighting &there = sighting.there;
    const bool mine = there.kind == store::Sighting::Kind::present && there.state->identity.epoch == epoch();
    if (!mine) {
        gone(there);
        return;
    }
    using Phase = store::DelayState::Phase;
    if (sighting.delay.phase == Phase::realized) return realize(there.state);
    const auto &failure = sighting.delay.failure;
    if (sighting.delay.phase == Phase::failed && failure) return keep_failure(error_of(*failure));
    if (failure) attempt_failed(*failure);
    for (const Wait &wait : waits()) {
        DelayWait &of = *wait.of_delay;
        if (of.knew || !of.read_sent) continue;
        of.knew.emplace();
        if (failure) *of.knew = failure->id();
    }
    ask();
}

/// What a question names as seen: of what those who wait know, the failure of the lowest number, so that the answer tells what is news
/// for any of them.
store::FailureId DelayCell::least_known() const {
    const auto lower = [](const Wait &one, const Wait &other) {
        return one.of_delay->knew->attempt < other.of_delay->knew->attempt;
    };
    const auto least = std::min_element(waits().begin(), waits().end(), lower);
    return least == waits().end() ? store::FailureId{} : *least->of_delay->knew;
}

void DelayCell::request() {
    const std::uint64_t counter = client().next_counter();
    store::Attempt::Plan plan;
    plan.script = &store::kDelayRequestScript;
    const store::FailureId seen = least_known();
    plan.compose = [cell = self(), counter, seen](redis::CommandWriter &out, const redis::Peer &,
                                                  std::uint64_t number) {
        store::DelayRequestArgs args;
        cell->fill(args, counter, number);
        args.seen_attempt = seen.attempt;
        args.seen_token = seen.by.token;
        args.seen_owner = seen.by.owner;
        args.db = cell->client().settings().database;
        store::write_delay_request(out, args);
    };
    plan.on_answer = [cell = self(), counter, seen](redis::ReplyView reply, const store::Sending &sending) {
        cell->answered(
            store::parse_delay_request(reply, store::op_text(cell->client().session(), counter, sending.number)), seen);
    };
    start(Asking::request, std::move(plan));
}

void DelayCell::claim(const Body &claimant) {
    const std::uint64_t counter = client().next_counter();
    const bool forcing = !waits().empty();
    const auto patience = there_length_ + there_length_ / 2;
    const bool stale = !there_.owner.empty() && base::Clock::now() - there_since_ >= patience;
    store::Attempt::Plan plan;
    plan.script = &store::kDelayClaimScript;
    const store::FailureId seen = least_known();
    plan.compose = [cell = self(), counter, forcing, seen, length = claimant.lease_ms(),
                    lease = stale ? there_ : store::LeaseId{},
                    renewals = there_renewals_](redis::CommandWriter &out, const redis::Peer &, std::uint64_t number) {
        cell->sent_ = base::Clock::now();
        store::DelayClaimArgs args;
        cell->fill(args, counter, number);
        args.forcing = forcing;
        args.seen_attempt = seen.attempt;
        args.seen_token = seen.by.token;
        args.seen_owner = seen.by.owner;
        args.lease_ms = length;
        args.stale_token = lease.token;
#ifndef EXOREF_BREAK_CLOCK
        args.stale_owner = lease.owner;
#endif
        args.stale_renewals = renewals;
        store::write_delay_claim(out, args);
    };
    plan.on_answer = [cell = self(), counter, seen](redis::ReplyView reply, const store::Sending &sending) {
        cell->answered(
            store::parse_delay_claim(reply, store::op_text(cell->client().session(), counter, sending.number)), seen);
    };
    start(Asking::claim, std::move(plan));
}

void DelayCell::answered(const base::Result<store::DelayAnswer> &answer, const store::FailureId &seen) {
    asking_ = nullptr;
    const auto keep = self();
    base::ErrorPtr wrong = answer ? nullptr : answer.error();
    if (answer && answer->kind == Answer::attempt_failed && !answer->delay.failure->news_after(seen)) {
        // Believed, it would be asked for and answered again for ever.
        wrong = store::protocol_error("an answer told of a failure that was known");
    }
    if (wrong) {
        free_place();
        return fail_all(wrong);
    }
    const bool news = answer->kind != Answer::wanted && answer->kind != Answer::held && answer->kind != Answer::idle;
    if (std::exchange(swept_, false) && news) client().stats().add(Stat::sweep_finds);
    take(*answer);
    free_place();
    proceed();
}

void DelayCell::take(const store::DelayAnswer &answer) {
    switch (answer.kind) {
        case Answer::realized: return realize(answer.there.state);
        case Answer::failed: return keep_failure(error_of(*answer.delay.failure));
        case Answer::attempt_failed:
            attempt_failed(*answer.delay.failure);
            due_ = !waits().empty();
            return;
        case Answer::granted: return grant(answer);
        case Answer::wanted:
        case Answer::held: return watch_lease(answer.delay);
        case Answer::gone:
        case Answer::format: gone(answer.there); return;
        default: return;
    }
}

void DelayCell::grant(const store::DelayAnswer &answer) {
    const auto found = std::find_if(waits().begin(), waits().end(), can_take);
    const bool waited_for = found != waits().end();
    BodyPtr body;
    if (waited_for) {
        body = found->of_delay->body;
    } else if (place_ || !client().dispatcher().has_lanes()) {
        body = offered();
    }
    const ClientLifePtr life = body ? body->life() : nullptr;
    if (!life || client().closed()) {
        release_lease(self(), answer.delay.lease);
        due_ = !waits().empty();
        return;
    }
    const base::Millis length(static_cast<std::int64_t>(answer.delay.lease_ms));
    own_ = std::make_shared<Lease>(self(), answer.delay.lease, length, sent_ + length, body->rules());
    client().lease_keeper().add(own_);
    const auto lease = std::make_shared<HeldLease>(life, own_);
    if (!waited_for) return run_offered(body, lease);
    const Wait wait = std::move(*found);
    waits().erase(found);
    client().loop().timers().cancel(wait.timer);
    if (wait.of_delay->here) body->begin();
    Results results;
    results.lease = lease;
    wait.future->complete(std::move(results));
}

void DelayCell::run_offered(const BodyPtr &body, const HeldLeasePtr &lease) {
    body->begin();
    if (!client().dispatcher().has_lanes()) {
        client().dispatcher().push(loop::Dispatcher::Lane::completions,
                                   std::make_shared<BodyEvent>(std::make_unique<BodyRun>(body, lease)));
        return;
    }
    place_ = false;
    if (client().bodies().start(client_ptr(), std::make_shared<BodyRun>(body, lease))) return;
    body->decline();
    client().context().log->write(base::LogLevel::error, "body",
                                  "no thread could be started for the body of delay " +
                                      base::quoted(std::string(shown_key())) + ": it is not offered here any more");
}

base::ErrorPtr DelayCell::error_of(const store::DelayFailure &failure) const {
    return body_error(*this, failure.kind, failure.message, failure.payload.value_or(""));
}

/// Told to those for whom it is news; who has not read yet may have begun after it.
void DelayCell::attempt_failed(const store::DelayFailure &failure) {
    const auto middle = std::stable_partition(waits().begin(), waits().end(), [&](const Wait &wait) {
        const auto &knew = wait.of_delay->knew;
        return !knew || !failure.news_after(*knew);
    });
    const std::vector<Wait> told(std::make_move_iterator(middle), std::make_move_iterator(waits().end()));
    waits().erase(middle, waits().end());
    tell(told, nullptr, error_of(failure));
    settle();
}

void DelayCell::attempt_failed_here(const base::ErrorPtr &error) {
    tell(std::exchange(waits(), {}), nullptr, error);
    settle();
}

base::ErrorPtr DelayCell::gone(const store::Sighting &there) {
    gone_ = true;
    auto error =
        there.kind == store::Sighting::Kind::newer_format
            ? sighting_error(there, type())
            : base::make_error(Status::EDELETED,
                               "the delay that this handle was opened on was deleted or has expired; open it again");
    fail_all(error);
    return error;
}

/// Asks again when the lease of another ends; or, whatever the server's clock says, when it has stood still for too long.
void DelayCell::watch_lease(const store::DelayState &delay) {
    const base::TimePoint now = base::Clock::now();
    if (delay.lease != there_ || delay.renewals != there_renewals_) {
        there_ = delay.lease;
        there_renewals_ = delay.renewals;
        there_since_ = now;
    }
    there_length_ = base::Millis(static_cast<std::int64_t>(delay.lease_ms));
    const std::uint64_t left = delay.lease_left_ms.value_or(0);
    if (left == 0) return;
    constexpr base::Millis kAfter{5};
    base::TimePoint when = now + base::Millis(static_cast<std::int64_t>(left)) + kAfter;
    const base::TimePoint patience = there_since_ + there_length_ + there_length_ / 2;
    if (patience > now) when = std::min(when, patience);
#ifndef EXOREF_BREAK_TAKEOVER
    wake_at(when);
#endif
}

void DelayCell::wake_at(base::TimePoint when) {
    client().loop().timers().cancel(timer_);
    timer_ = 0;
    if (when == base::kNever) return;
    timer_ = client().loop().timers().at(when, [weak = weak_from_this()] {
        const auto cell = std::static_pointer_cast<DelayCell>(weak.lock());
        if (!cell) return;
        cell->timer_ = 0;
        cell->ask();
    });
}

void DelayCell::other_message(const store::Message *message) {
    if (!own_) return ask();
    // Whether it is still ours is what a renewal tells.
    if (message == nullptr || message->kind != store::Message::Kind::wanted) own_->renew();
}

void DelayCell::lease_over(const Lease &lease) {
    if (own_.get() != &lease) return;
    own_ = nullptr;
    waits().empty() ? settle() : ask();
}

void DelayCell::disengaged() {
    OnceCell::disengaged();
    wake_at(base::kNever);
    due_ = false;
    // A claim that may be granted yet is waited for, and what it gives is given back.
    if (!asking_ || what_ == Asking::claim) return;
    asking_->abandon();
    asking_ = nullptr;
}

void DelayCell::close() {
    OnceCell::close();
    wake_at(base::kNever);
}

}  // namespace exo::refs
