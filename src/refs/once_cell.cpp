// Waiting: the subscription, the looks, and who is told.
#include "refs/once_cell.hpp"

#include <algorithm>

#include "refs/client.hpp"
#include "refs/operation.hpp"
#include "refs/sightings.hpp"
#include "store/commands.hpp"
#include "store/message.hpp"

namespace exo::refs {

using base::Stat;
using base::Status;

OnceCell::OnceCell(std::shared_ptr<Client> client, std::string key, const char *type, const store::State &state)
    : Cell(std::move(client), std::move(key)),
      type_(type),
      epoch_and_codec_(state.identity.epoch + state.codec),
      epoch_size_(static_cast<std::uint32_t>(state.identity.epoch.size())) {}

std::string_view OnceCell::shown_key() const noexcept {
    return std::string_view(key()).substr(client().settings().prefix.size());
}

base::ErrorPtr OnceCell::describe(const base::ErrorPtr &cause) const {
    const std::string shown(shown_key());
    return with_context(
        cause, std::string("could not wait for ") + type_ + " " + base::quoted(shown) + " on " + client().server(),
        shown);
}

FuturePtr OnceCell::wait(std::int64_t timeout_ms) { return wait_as({}, timeout_ms); }

FuturePtr OnceCell::wait_as(Wait wait, std::int64_t timeout_ms) {
    auto future = client().make_future();
    if (const base::ErrorPtr error = client().unusable()) {
        future->fail(describe(error));
    } else if (auto known = result()) {
        Results results;
        results.value = std::move(known);
        future->complete(std::move(results));
    } else if (auto failed = failure()) {
        future->fail(std::move(failed));
    } else if (timeout_ms == 0) {
        future->fail(
            describe(base::make_error(Status::ETIMEOUT, "it is not known to be realized, and the timeout is 0")));
    } else {
        const std::uint32_t id = next_id_.fetch_add(1, std::memory_order_relaxed);
        future->on_cancel([weak = weak_from_this(), id] {
            const auto cell = std::static_pointer_cast<OnceCell>(weak.lock());
            if (cell) cell->client().loop().post([cell, id] { cell->give_up(id, Status::ECANCELLED, 0); });
        });
        const auto deadline = base::deadline_after(timeout_ms);
        wait.future = future;
        wait.id = id;
        const bool taken =
            client().loop().post([self = self(), wait = std::move(wait), timeout_ms, deadline]() mutable {
                self->begin(std::move(wait), timeout_ms, deadline);
            });
        if (!taken) future->fail(describe(base::make_error(Status::ECLOSED, "the client is closed")));
    }
    return future;
}

void OnceCell::begin(Wait wait, std::int64_t timeout_ms, base::TimePoint deadline) {
    if (client().closed()) {
        wait.future->fail(describe(base::make_error(Status::ECLOSED, "the client is closed")));
        return;
    }
    if (deadline != base::kNever) {
        wait.timer = client().loop().timers().at(deadline, [weak = weak_from_this(), id = wait.id, timeout_ms] {
            const auto cell = std::static_pointer_cast<OnceCell>(weak.lock());
            if (cell) cell->give_up(id, Status::ETIMEOUT, timeout_ms);
        });
    }
    waits_.push_back(std::move(wait));
    if (over()) return end_waits();
    engage();
    // Not only once the subscription stands: it may have been realized long ago.
    ask();
}

void OnceCell::engage() {
    if (waiting_ || over() || !needed() || client().closed()) return;
    waiting_ = true;
    client().node().subscribe(key(), self());
    client().sweeper().add(*this, Sweeper::Round::waited);
}

void OnceCell::give_up(std::uint32_t id, Status why, std::int64_t timeout_ms) {
    const auto found = std::find_if(waits_.begin(), waits_.end(), [&](const Wait &wait) { return wait.id == id; });
    if (found == waits_.end()) return;
    const Wait wait = std::move(*found);
    waits_.erase(found);
    client().loop().timers().cancel(wait.timer);
    std::string detail = "it was cancelled";
    if (why == Status::ETIMEOUT) {
        detail = "it was not realized within " + std::to_string(timeout_ms) + " ms";
        if (const auto trouble = client().node().last_error()) detail += "; " + trouble->message;
    }
    wait.future->fail(describe(base::make_error(why, detail)));
    settle();
}

void OnceCell::realize(const store::StatePtr &state) {
    if (!over()) result_ = state;
    conclude();
}

void OnceCell::conclude() {
    realized_.store(true, std::memory_order_release);
    end_waits();
}

void OnceCell::end_waits() {
    const auto keep = self();
    tell(std::exchange(waits_, {}), result_, failure());
    settle();
}

void OnceCell::tell(const std::vector<Wait> &told, const store::StatePtr &value, const base::ErrorPtr &error) {
    for (const Wait &wait : told) {
        client().loop().timers().cancel(wait.timer);
        Results results;
        results.value = value;
        error ? wait.future->fail(error) : wait.future->complete(std::move(results));
    }
}

void OnceCell::fail_all(const base::ErrorPtr &error) {
    const auto keep = self();
    tell(std::exchange(waits_, {}), nullptr, describe(error));
    settle();
}

void OnceCell::settle() {
    if (!waiting_ || (needed() && !over() && !client().closed())) return;
    const auto keep = self();
    waiting_ = false;
    client().node().unsubscribe(key(), *this);
    client().sweeper().remove(*this);
    disengaged();
    waits_.shrink_to_fit();
}

void OnceCell::disengaged() {
    look_again_ = false;
    if (look_) look_->abandon();
    look_ = nullptr;
}

void OnceCell::subscribed(const redis::Peer &) { ask(); }

/// Deaf to messages, but not blind: the sweep looks.
void OnceCell::refused(const base::ErrorPtr &why) {
    const base::Log &log = *client().context().log;
    if (log.listening()) {
        log.write(base::LogLevel::warning, "wait",
                  why->message + "; its realization is looked for every sweep_interval instead");
    }
    ask();
}

void OnceCell::message(std::string_view payload) {
    client().stats().add(Stat::messages);
    const auto message = store::parse_message(payload);
    // Channels ignore SELECT: another database's reference of the same name speaks here too.
    if (message && message->db != client().settings().database) return client().stats().add(Stat::messages_stale);
    const bool first_value = message && message->kind == store::Message::Kind::change && message->epoch == epoch() &&
                             message->version_before == 0 && message->op_before.empty();
    if (!first_value || !message->value) {
        // Whatever else it says, anybody may have said it: only the hash tells.
        client().stats().add(Stat::messages_gap);
        const bool meant = message && message->epoch == epoch();
        return other_message(meant ? &*message : nullptr);
    }
    auto state = std::make_shared<store::State>();
    state->type = type_;
    state->codec = codec();
    state->identity = {std::string(epoch()), message->version, std::string(message->op)};
    state->term = message->term;
    state->value = message->value;
    realize(state);
}

void OnceCell::look() {
    if (!waiting_) return;
    if (look_) {
        look_again_ = true;
        return;
    }
    look_again_ = false;
    store::Attempt::Plan plan;
    plan.what = std::string("look at ") + type_;
    plan.wrong_type_is_answer = true;
    plan.compose = [cell = self()](redis::CommandWriter &out, const redis::Peer &, std::uint64_t) {
        store::write_read_state(out, cell->key());
    };
    plan.on_failure = [cell = self()](const base::ErrorPtr &error) {
        cell->look_ = nullptr;
        // What may pass is tried again by the sweep.
        if (base::status_class(error->status) != base::StatusClass::NOT_APPLIED_RETRY) cell->fail_all(error);
    };
    plan.on_answer = [cell = self()](redis::ReplyView reply, const store::Sending &) {
        cell->look_ = nullptr;
        const auto sighting = store::parse_read_state(reply);
        sighting ? cell->looked(*sighting) : cell->fail_all(sighting.error());
    };
    look_ = store::Attempt::start(client().context(), std::move(plan));
}

void OnceCell::looked(const store::Sighting &sighting) {
    const bool still_open = sighting.kind == store::Sighting::Kind::present &&
                            sighting.state->identity.epoch == epoch() && sighting.state->identity.version == 0;
    if (std::exchange(swept_, false) && !still_open) client().stats().add(Stat::sweep_finds);
    if (const base::ErrorPtr error = take_sighting(sighting)) return fail_all(error);
    if (look_again_) look();
}

base::ErrorPtr OnceCell::take_sighting(const store::Sighting &sighting) {
    if (sighting.kind == store::Sighting::Kind::newer_format) return sighting_error(sighting, type_);
    const bool there = sighting.kind == store::Sighting::Kind::present && sighting.state->identity.epoch == epoch();
    if (!there) {
        return base::make_error(
            Status::EDELETED,
            std::string("the ") + type_ + " that this handle was opened on was deleted or has expired; open it again");
    }
    if (sighting.state->identity.version > 0) realize(sighting.state);
    return nullptr;
}

void OnceCell::sweep() {
    if (!waiting_ || look_) return;
    client().stats().add(Stat::sweeps);
    swept_ = true;
    ask();
}

void OnceCell::close() { fail_all(base::make_error(Status::ECLOSED, "the client was closed")); }

void warn_of_short_life(Client &client, const std::string &type, const std::string &key, std::int64_t ttl_ms) {
    const std::int64_t least = 2 * client.settings().sweep_interval.count();
    const base::Log &log = *client.context().log;
    if (ttl_ms <= 0 || ttl_ms >= least || !log.listening()) return;
    log.write(base::LogLevel::warning, "wait",
              type + " " + base::quoted(key) + " lives for " + std::to_string(ttl_ms) +
                  " ms after its last change: where a notification is lost, who waits may look too late; choose a time "
                  "to live "
                  "of at least two sweep intervals, " +
                  std::to_string(least) + " ms");
}

}  // namespace exo::refs
