// Sending, sending again, and knowing how often.
#include "store/attempt.hpp"

#include <algorithm>

#include "base/random.hpp"
#include "store/commands.hpp"
#include "store/refusals.hpp"

namespace exo::store {

using base::Stat;

namespace {

/// So often in a row a script is loaded without waiting in between.
constexpr std::uint32_t kLoadsAtOnce = 8;

/// SCRIPT LOAD on behalf of an attempt, which goes on whatever the answer is: if it failed, NOSCRIPT comes again, or the
/// same refusal.
class ScriptLoad : public redis::Request {
public:
    explicit ScriptLoad(const ScriptDef &script) : script_(script) {}

    void write(redis::CommandWriter &out, const redis::Peer &) override { write_script_load(out, script_.source); }
    void replied(redis::ReplyView, const redis::Peer &) override {}
    void failed(const base::ErrorPtr &, bool) override {}
    std::size_t size_hint() const noexcept override { return script_.source.size(); }

private:
    const ScriptDef &script_;
};

}  // namespace

std::shared_ptr<Attempt> Attempt::start(const Context &context, Plan plan) {
    auto attempt = std::make_shared<Attempt>(context, std::move(plan));
    attempt->submit();
    return attempt;
}

void Attempt::submit() {
    const base::ErrorPtr refused = context_.node->submit(shared_from_this());
    if (!refused) return;
    // Never from inside start(): whoever starts an attempt has not got hold of it yet.
    context_.loop->post([self = shared_from_this(), refused] {
        if (!self->over_) self->finish(*refused);
    });
}

void Attempt::submit_later() {
    constexpr std::uint64_t kFirstMs = 10;
    constexpr std::uint64_t kMostMs = 500;
    const std::uint64_t most = std::min(kMostMs, kFirstMs << std::min<std::uint32_t>(refusals_, 10));
    const base::Millis wait(static_cast<std::int64_t>(most / 2 + base::random_jitter() % (most / 2 + 1)));
    ++refusals_;
    timer_ = context_.loop->timers().at(base::Clock::now() + wait, [self = shared_from_this()] {
        self->timer_ = 0;
        if (!self->over_) self->submit();
    });
}

void Attempt::abandon() {
    if (over_) return;
    if (!written_) context_.node->withdraw(shared_from_this());
    forget();
}

/// The plan's functions hold whoever has this attempt: letting go of them ends the circle.
void Attempt::forget() {
    over_ = true;
    context_.loop->timers().cancel(timer_);
    plan_.compose = nullptr;
    plan_.on_answer = nullptr;
    plan_.on_failure = nullptr;
}

void Attempt::write(redis::CommandWriter &out, const redis::Peer &peer) {
    if (sendings_ > 0 && uncertain_ > 0 && plan_.write) context_.stats->add(Stat::resends);
    ++sendings_;
    written_ = true;
    plan_.compose(out, peer, sendings_);
}

void Attempt::replied(redis::ReplyView reply, const redis::Peer &peer) {
    written_ = false;
    if (over_) return;
    if (reply.is_error()) {
        const std::string_view text = reply.text();
        switch (refusal_kind(text)) {
            case RefusalKind::no_script:
                if (plan_.script != nullptr) return load_script();
                return refused(text);
            case RefusalKind::wrong_node:
                context_.node->reconnect("the server answered READONLY: it is no primary (any more)");
                [[fallthrough]];
            case RefusalKind::passing:
                last_refusal_ = text;
                context_.stats->add(Stat::retries);
                return submit_later();
            case RefusalKind::wrong_type:
                if (plan_.wrong_type_is_answer) break;
                return refused(text);
            case RefusalKind::final: return refused(text);
        }
    }
    const auto keep = shared_from_this();
    const auto on_answer = std::move(plan_.on_answer);
    forget();
    on_answer(reply, Sending{sendings_, uncertain_ == 0, peer});
}

void Attempt::failed(const base::ErrorPtr &why, bool written) {
    written_ = false;
    if (written) ++uncertain_;
    if (over_) return;
    switch (why->status) {
        case base::Status::ECONNECTION: return submit();
        default: return finish(*why);
    }
}

void Attempt::load_script() {
    context_.stats->add(Stat::script_loads);
    auto loading = std::make_shared<ScriptLoad>(*plan_.script);
    if (const base::ErrorPtr error = context_.node->submit(std::move(loading))) return finish(*error);
    // Right behind it, so that nothing of this connection comes between. A server whose scripts are flushed all the time
    // is asked less often.
    ++script_loads_;
    script_loads_ <= kLoadsAtOnce ? submit() : submit_later();
}

void Attempt::refused(std::string_view text) {
    base::Error error;
    error.status = refusal_kind(text) == RefusalKind::wrong_type ? base::Status::ETYPE : refusal_status(text);
    error.server_text = text;
    error.message = "the server refused it: " + std::string(text);
    finish(std::move(error));
}

void Attempt::finish(base::Error error) {
    error.sent = sent();
    if (plan_.write && (uncertain_ > 0) && error.status != base::Status::EUNKNOWN) {
        error.reason = error.status == base::Status::ECLOSED ? base::Reason::closed : base::Reason::history_dropped;
        error.status = base::Status::EUNKNOWN;
    }
    const auto keep = shared_from_this();
    const auto on_failure = std::move(plan_.on_failure);
    forget();
    on_failure(base::make_error(std::move(error)));
}

}  // namespace exo::store
