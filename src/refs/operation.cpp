// Deadlines, cancels, and the words for how an operation ended.
#include "refs/operation.hpp"

#include "refs/sightings.hpp"
#include "store/commands.hpp"

namespace exo::refs {

using base::Reason;
using base::Stat;
using base::Status;

namespace {

Stat stat_of(Reason reason) {
    switch (reason) {
        case Reason::timeout: return Stat::unknown_timeout;
        case Reason::cancelled: return Stat::unknown_cancelled;
        case Reason::closed: return Stat::unknown_closed;
        case Reason::data_lost: return Stat::unknown_data_lost;
        default: return Stat::unknown_history_dropped;
    }
}

Reason reason_of(Status stopped) {
    switch (stopped) {
        case Status::ETIMEOUT: return Reason::timeout;
        case Status::ECANCELLED: return Reason::cancelled;
        default: return Reason::closed;
    }
}

}  // namespace

base::ErrorPtr with_context(const base::ErrorPtr &cause, const std::string &attempted, const std::string &key) {
    base::Error error = *cause;
    error.message = attempted + ": " + error.message;
    error.key = key;
    return base::make_error(std::move(error));
}

Operation::Operation(std::shared_ptr<Client> client, Subject subject, std::int64_t timeout_ms)
    : client_(std::move(client)),
      subject_(std::move(subject)),
      timeout_ms_(timeout_ms),
      deadline_(base::deadline_after(timeout_ms)),
      future_(client_->make_future()) {}

FuturePtr Operation::start() {
    if (const base::ErrorPtr error = client_->unusable()) {
        future_->fail(with_context(error, attempted(), subject_.key));
    } else if (timeout_ms_ == 0) {
        future_->fail(base::make_error(make(Status::ETIMEOUT, "the timeout is 0, so nothing was sent")));
    } else {
        future_->on_cancel([weak = weak_from_this(), loop = client_->context().loop] {
            loop->post([weak] {
                if (const auto operation = weak.lock()) operation->stop(Status::ECANCELLED);
            });
        });
        post();
    }
    return future_;
}

void Operation::post() {
    if (!client_->loop().post([self = shared_from_this()] { self->arm(); }, loop::Loop::Where::anywhere)) {
        future_->fail(base::make_error(make(Status::ECLOSED, "the client is closed")));
    }
}

void Operation::arm() {
    if (over_) return;
    alive_ = shared_from_this();
    client_->live().insert(this);
    if (client_->closed()) return stop(Status::ECLOSED);
    if (deadline_ != base::kNever) {
        timer_ = client_->loop().timers().at(deadline_, [weak = weak_from_this()] {
            if (const auto operation = weak.lock()) operation->stop(Status::ETIMEOUT);
        });
    }
    run();
}

void Operation::stop(Status status) {
    if (over_ || ends_with_another(status)) return;
    const auto keep = shared_from_this();
    base::Error error = describe_stop(status);
    if (error.status == Status::EUNKNOWN) client_->stats().add(stat_of(error.reason));
    finish();
    future_->fail(base::make_error(std::move(error)));
}

base::Error Operation::describe_stop(Status status) const {
    const std::string when = status == Status::ETIMEOUT     ? "within " + std::to_string(timeout_ms_) + " ms"
                             : status == Status::ECANCELLED ? "before it was cancelled"
                                                            : "before the client was closed";
    base::Error error;
    const bool unknown = attempt_ && attempt_->maybe_applied();
    if (unknown) {
        error = make(Status::EUNKNOWN, "it was sent, but no answer came " + when +
                                           ", so it may or may not have taken effect; look before you do it again");
        error.reason = reason_of(status);
    } else if (status == Status::ETIMEOUT && attempt_ && !attempt_->last_refusal().empty()) {
        error = make(Status::EXOREF_EBUSY, "the server did not take it " + when + ": " + attempt_->last_refusal());
        error.server_text = attempt_->last_refusal();
    } else {
        const base::ErrorPtr trouble = client_->node().last_error();
        const bool never = status == Status::ETIMEOUT && !client_->node().ever_connected();
        error = make(never ? Status::ECONNECTION : status,
                     status == Status::ECLOSED      ? "the client was closed"
                     : status == Status::ECANCELLED ? "it was cancelled before it was sent"
                     : trouble                      ? "no answer came " + when + ": " + trouble->message
                                                    : "no answer came " + when);
    }
    error.sent = attempt_ && attempt_->sent();
    return error;
}

base::Error Operation::make(Status status, const std::string &detail) const {
    base::Error error;
    error.status = status;
    error.message = attempted() + ": " + detail;
    error.key = subject_.key;
    error.sent = attempt_ && attempt_->sent();
    return error;
}

std::string Operation::attempted() const {
    std::string text = "could not " + subject_.verb;
    if (!subject_.noun.empty()) text += " " + subject_.noun;
    if (!subject_.key.empty()) text += " " + base::quoted(subject_.key);
    return text + " on " + client_->server();
}

void Operation::finish() {
    over_ = true;
    if (attempt_) attempt_->abandon();
    client_->loop().timers().cancel(timer_);
    client_->live().erase(this);
    ended();
    alive_ = nullptr;
}

void Operation::succeed(Results results) {
    if (over_) return;
    const auto keep = shared_from_this();
    finish();
    future_->complete(std::move(results));
}

void Operation::fail(base::ErrorPtr error) {
    if (over_) return;
    if (error->status == Status::EUNKNOWN) client_->stats().add(stat_of(error->reason));
    pass_on(std::move(error));
}

void Operation::pass_on(base::ErrorPtr error) {
    if (over_) return;
    const auto keep = shared_from_this();
    finish();
    future_->fail(std::move(error));
}

void Operation::fail(Status status, const std::string &detail) { fail(base::make_error(make(status, detail))); }

void Operation::fail_unknown(Reason reason, const std::string &detail) {
    base::Error error = make(Status::EUNKNOWN, detail);
    error.reason = reason;
    fail(base::make_error(std::move(error)));
}

void Operation::fail_unreadable(const base::ErrorPtr &why) {
    client_->node().reconnect("an answer could not be understood");
    fail_unknown(Reason::history_dropped,
                 "the server's answer could not be understood (" + why->message + "); look before you do it again");
}

void Operation::fail_with(const base::ErrorPtr &cause) { fail(with_context(cause, attempted(), subject_.key)); }

void Operation::fail_with_type(const std::string &redis_key) {
    Plan plan;
    plan.compose = [redis_key](redis::CommandWriter &out, const redis::Peer &, std::uint64_t) {
        store::write_type(out, redis_key);
    };
    plan.on_answer = [self = shared_from_this()](redis::ReplyView reply, const store::Sending &) {
        self->fail_with_type_name(std::string(reply.text()));
    };
    attempt(std::move(plan));
}

void Operation::fail_with_type_name(const std::string &type) {
    if (type == "none")
        return fail(Status::ENOTFOUND, "there is no " + subject_.noun + " under this key; create it first");
    fail_with(foreign_error(subject_.noun, type));
}

void Operation::attempt(Plan plan) {
    plan.what = attempted();
    plan.on_failure = [self = shared_from_this()](const base::ErrorPtr &error) { self->fail_with(error); };
    attempt_ = store::Attempt::start(client_->context(), std::move(plan));
}

}  // namespace exo::refs
