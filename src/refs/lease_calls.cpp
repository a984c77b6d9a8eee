// What is done with a lease: publishing a result, renewing, giving back.
#include "refs/lease_calls.hpp"

#include <algorithm>

#include "refs/operation.hpp"
#include "store/scripts.gen.hpp"

namespace exo::refs {

using base::Reason;
using base::Stat;
using base::Status;
using Answer = store::DelayAnswer::Kind;

namespace {

constexpr char kNoun[] = "delay";
constexpr char kLost[] = "the lease was lost: another runs the body, or has run it; nothing was changed";

class LeaseOperation : public Operation {
public:
    LeaseOperation(std::shared_ptr<DelayCell> cell, store::LeaseId id, const char *verb, std::int64_t timeout_ms)
        : Operation(cell->client_ptr(), Subject{verb, kNoun, std::string(cell->shown_key())}, timeout_ms),
          cell_(std::move(cell)),
          id_(std::move(id)) {}

protected:
    DelayCell &cell() const noexcept { return *cell_; }
    const store::LeaseId &id() const noexcept { return id_; }

    template <typename Arguments>
    void fill(Arguments &args, std::uint64_t number) {
        cell_->fill(args, counter_, number);
        args.token = id_.token;
        args.owner = id_.owner;
        composed_ = true;
    }
    bool composed() const noexcept { return composed_; }

    using Parse = base::Result<store::DelayAnswer> (*)(redis::ReplyView, std::string_view);

    void call(const store::ScriptDef &script, Parse parse, Plan plan) {
        counter_ = client().next_counter();
        plan.script = &script;
        plan.write = true;
        plan.on_answer = [self = self<LeaseOperation>(), parse](redis::ReplyView reply, const store::Sending &sending) {
            const auto answer = parse(reply, store::op_text(self->client().session(), self->counter_, sending.number));
            if (answer) return self->answered(*answer, sending.only);
            // It was executed in some way that we can't read: nobody knows what it did.
            self->client().node().reconnect("an answer could not be understood");
            self->fail_unknown(Reason::history_dropped,
                               "the server's answer could not be understood (" + answer.error()->message + ")");
        };
        attempt(std::move(plan));
    }

    virtual void answered(const store::DelayAnswer &answer, bool only) = 0;

private:
    const std::shared_ptr<DelayCell> cell_;
    const store::LeaseId id_;
    std::uint64_t counter_ = 0;
    bool composed_ = false;
};

/// Keeps the client open until the server has it back.
class ReleaseOperation : public LeaseOperation {
public:
    ReleaseOperation(std::shared_ptr<DelayCell> cell, store::LeaseId id, LeasePtr lease, ClientLifePtr life, bool last,
                     std::int64_t timeout_ms)
        : LeaseOperation(std::move(cell), std::move(id), "give back the lease of", timeout_ms),
          lease_(std::move(lease)),
          life_(std::move(life)),
          last_(last) {}

private:
    void run() override {
        if (lease_ && !lease_->held()) return succeed({});
        Plan plan;
        plan.size = cell().key().size();
        plan.compose = [this](redis::CommandWriter &out, const redis::Peer &, std::uint64_t number) {
            store::DelayReleaseArgs args;
            fill(args, number);
            args.db = client().settings().database;
            store::write_delay_release(out, args);
        };
        call(store::kDelayReleaseScript, store::parse_delay_release, std::move(plan));
    }

    // Whatever it is: the lease is not ours any more.
    void answered(const store::DelayAnswer &, bool) override { succeed({}); }

    void ended() override {
        // One that nobody holds any more is not renewed either, though the server could not be told.
        if (lease_ && lease_->held() && (composed() || last_)) lease_->end();
        life_ = nullptr;
    }

    const LeasePtr lease_;
    ClientLifePtr life_;
    const bool last_;
};

class RenewOperation : public LeaseOperation {
public:
    RenewOperation(LeasePtr lease, std::int64_t timeout_ms)
        : LeaseOperation(lease->cell(), lease->id(), "renew the lease of", timeout_ms), lease_(std::move(lease)) {}

private:
    void run() override {
        lease_->expire();
        if (!lease_->held()) return fail_with(lease_->refusal());
        Plan plan;
        plan.size = cell().key().size();
        plan.compose = [this](redis::CommandWriter &out, const redis::Peer &, std::uint64_t number) {
            sent_ = base::Clock::now();
            store::DelayRenewArgs args;
            fill(args, number);
            store::write_delay_renew(out, args);
        };
        call(store::kDelayRenewScript, store::parse_delay_renew, std::move(plan));
    }

    void answered(const store::DelayAnswer &answer, bool) override {
        if (answer.kind == Answer::renewed && !lease_->lost()) {
            lease_->renewed(sent_);
            Results results;
            const auto left = std::chrono::duration_cast<base::Millis>(lease_->expires() - base::Clock::now());
            results.number = std::max<std::int64_t>(left.count(), 0);
            return succeed(std::move(results));
        }
        if (lease_->held()) lease_->lose();
        if (answer.kind == Answer::gone || answer.kind == Answer::format) return fail_with(cell().gone(answer.there));
        fail(Status::ELEASE, kLost);
    }

    const LeasePtr lease_;
    base::TimePoint sent_;
};

/// Keeps the client open: a body's result leaves after the body has ended.
class PublishOperation : public LeaseOperation {
public:
    PublishOperation(LeasePtr lease, ClientLifePtr life, const char *verb, std::int64_t timeout_ms)
        : LeaseOperation(lease->cell(), lease->id(), verb, timeout_ms),
          lease_(std::move(lease)),
          life_(std::move(life)) {}

protected:
    const LeasePtr &lease() const noexcept { return lease_; }
    virtual void send() = 0;
    /// It stands, by this operation: told to those who wait here, before the lease ends.
    virtual void applied(const store::DelayAnswer &answer) = 0;

private:
    void run() override {
        if (const auto error = lease_->begin_publishing()) return fail_with(error);
        begun_ = true;
        send();
    }

    void answered(const store::DelayAnswer &answer, bool only) override {
        answered_ = true;
        if (answer.kind == Answer::applied) {
            client().stats().add(answer.repeat ? Stat::resends_recorded : Stat::commits);
            return applied(answer);
        }
        switch (answer.kind) {
            case Answer::realized: cell().realize(answer.there.state); break;
            case Answer::failed: cell().keep_failure(cell().error_of(*answer.delay.failure)); break;
            default: break;
        }
        lease_->lose();
        if (answer.kind != Answer::gone && answer.kind != Answer::format) return fail(Status::ELEASE, kLost);
        const auto error = cell().gone(answer.there);
        if (only) return fail_with(error);
        fail_unknown(Reason::data_lost, "it was sent again after a lost connection, and the delay is gone now");
    }

    void ended() override {
        if (begun_ && !answered_) unanswered();
        life_ = nullptr;
    }

    void unanswered() {
        if (!composed()) return lease_->take_back_publishing();
        // Whatever became of it, the delay does not wait for the lease to run out.
        release_lease(lease_->cell(), lease_->id());
        lease_->end();
    }

    const LeasePtr lease_;
    ClientLifePtr life_;
    bool begun_ = false;
    bool answered_ = false;
};

class DeliverOperation : public PublishOperation {
public:
    DeliverOperation(LeasePtr lease, ClientLifePtr life, std::string value, std::int64_t timeout_ms)
        : PublishOperation(std::move(lease), std::move(life), "deliver", timeout_ms), value_(std::move(value)) {}

private:
    void send() override {
        Plan plan;
        plan.size = value_.size() + cell().key().size();
        plan.compose = [this](redis::CommandWriter &out, const redis::Peer &peer, std::uint64_t number) {
            const std::string server = store::server_identity(peer);
            store::DelayDeliverArgs args;
            fill(args, number);
            args.value = value_;
            args.server = server;
            args.message_limit = client().settings().message_value_limit;
            args.db = client().settings().database;
            store::write_delay_deliver(out, args);
        };
        call(store::kDelayDeliverScript, store::parse_delay_deliver, std::move(plan));
    }

    void applied(const store::DelayAnswer &answer) override {
        auto made = std::make_shared<store::State>(*answer.there.state);
        made->value = value_;
        cell().realize(made);
        lease()->end();
        Results results;
        results.value = cell().result();
        succeed(std::move(results));
    }

    const std::string value_;
};

class FailOperation : public PublishOperation {
public:
    FailOperation(LeasePtr lease, ClientLifePtr life, std::string kind, std::string message,
                  std::optional<std::string> payload, std::int64_t timeout_ms)
        : PublishOperation(std::move(lease), std::move(life), "publish the failure of", timeout_ms),
          kind_(std::move(kind)),
          message_(std::move(message)),
          payload_(std::move(payload)) {}

private:
    void send() override {
        Plan plan;
        plan.size = kind_.size() + message_.size() + (payload_ ? payload_->size() : 0) + cell().key().size();
        plan.compose = [this](redis::CommandWriter &out, const redis::Peer &peer, std::uint64_t number) {
            const std::string server = store::server_identity(peer);
            store::DelayFailArgs args;
            fill(args, number);
            args.kind = kind_;
            args.message = message_;
            args.payload = payload_;
            args.retry = lease()->rules().retry;
            args.server = server;
            args.db = client().settings().database;
            store::write_delay_fail(out, args);
        };
        call(store::kDelayFailScript, store::parse_delay_fail, std::move(plan));
    }

    void applied(const store::DelayAnswer &answer) override {
        const auto error = body_error(cell(), kind_, message_, payload_.value_or(""));
        const bool kept = answer.delay.phase == store::DelayState::Phase::failed;
        kept ? cell().keep_failure(error) : cell().attempt_failed_here(error);
        lease()->end();
        Results results;
        results.failure = error;
        succeed(std::move(results));
    }

    const std::string kind_;
    const std::string message_;
    const std::optional<std::string> payload_;
};

}  // namespace

void release_lease(const std::shared_ptr<DelayCell> &cell, const store::LeaseId &id) {
    std::make_shared<ReleaseOperation>(cell, id, nullptr, nullptr, false, cell->client().settings().timeout_ms)
        ->start();
}

HeldLease::~HeldLease() {
    const std::int64_t timeout = lease_->length().count();
    std::make_shared<ReleaseOperation>(lease_->cell(), lease_->id(), lease_, life_, true, timeout)->start();
}

FuturePtr HeldLease::deliver(std::string value, std::int64_t timeout_ms) {
    base::ErrorPtr error = client().unusable();
    if (!error) error = check_value(value, client().settings().max_value_size, lease_->rules().validator.get());
    if (!error) error = lease_->rules().may_not_write;
    if (error) {
        const std::string shown(lease_->cell()->shown_key());
        return client().failed_future(
            with_context(error, "could not deliver delay " + base::quoted(shown) + " on " + client().server(), shown));
    }
    return std::make_shared<DeliverOperation>(lease_, life_, std::move(value), timeout_ms)->start();
}

FuturePtr HeldLease::fail(std::string kind, std::string message, std::optional<std::string> payload,
                          std::int64_t timeout_ms) {
    const std::size_t size = kind.size() + message.size() + (payload ? payload->size() : 0);
    if (size > client().settings().max_value_size) {
        return client().failed_future(base::make_error(
            Status::ETOOBIG, "the failure has " + std::to_string(size) + " bytes, more than max_value_size"));
    }
    return std::make_shared<FailOperation>(lease_, life_, std::move(kind), std::move(message), std::move(payload),
                                           timeout_ms)
        ->start();
}

FuturePtr HeldLease::renew(std::int64_t timeout_ms) {
    return std::make_shared<RenewOperation>(lease_, timeout_ms)->start();
}

FuturePtr HeldLease::give_back(std::int64_t timeout_ms) {
    return std::make_shared<ReleaseOperation>(lease_->cell(), lease_->id(), lease_, life_, false, timeout_ms)->start();
}

}  // namespace exo::refs
