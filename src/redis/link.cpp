// Opening, losing, waiting, and the health of a connection that stands.
#include "redis/link.hpp"

#include <utility>

namespace exo::redis {

using base::LogLevel;
using base::Stat;

Link::Link(std::shared_ptr<const LinkContext> context, std::weak_ptr<LinkOwner> owner, const char *name,
           const char *category)
    : context_(std::move(context)),
      owner_(std::move(owner)),
      name_(name),
      category_(category),
      backoff_(context_->config.backoff_first, context_->config.backoff_max) {}

void Link::log(LogLevel level, const std::string &line) const {
    if (context_->log->listening()) context_->log->write(level, category_, std::string(name_) + ": " + line);
}

void Link::open() {
    if (state_ == State::idle) try_now();
}

void Link::try_now() {
    timer_ = 0;
    state_ = State::trying;
    connection_ = std::make_shared<Connection>(context_->loop, context_->config, context_->stats, weak_from_this());
    connection_->start(*context_->resolver);
}

void Link::wait_and_try() {
    state_ = State::waiting;
    const auto wait = backoff_.next();
    if (context_->log->listening()) {
        log(LogLevel::debug, "trying again in " + std::to_string(wait.count()) + " ms");
    }
    timer_ = context_->loop->timers().at(base::Clock::now() + wait, [weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->try_now();
    });
}

void Link::connection_ready() {
    state_ = State::standing;
    since_ = base::Clock::now();
    worked_ = false;
    asked_ = false;
    if (std::exchange(has_stood_, true)) context_->stats->add(Stat::reconnects);
    if (context_->log->listening()) {
        const Peer &peer = connection_->peer();
        log(LogLevel::info, "connected to " + context_->config.shown +
                                (peer.run_id.empty() ? " (which hides who it is)" : ", run " + peer.run_id));
    }
    const auto owner = owner_.lock();
    const std::uint64_t serial = connection_->peer().connection;
    if (owner) owner->link_ready(*this);
    // The owner may have closed or dropped this link, even anew already.
    if (state_ != State::standing || connection_->peer().connection != serial) return;
    schedule_health();
    stands();
}

void Link::connection_lost(const base::ErrorPtr &why) {
    context_->loop->timers().cancel(std::exchange(timer_, 0));
    const bool stood = state_ == State::standing;
    if (!stood) {
        attempt_ended(why);
        return;
    }
    log(LogLevel::warning, why->message);
    const auto lasted = std::chrono::duration_cast<base::Millis>(base::Clock::now() - since_);
    backoff_.lost(lasted, worked_ && why->status != base::Status::EPROTOCOL);
    wait_and_try();
    if (const auto owner = owner_.lock()) owner->link_lost(*this, why);
    gone(why);
}

void Link::attempt_ended(const base::ErrorPtr &why) {
    context_->stats->add(Stat::connect_failures);
    if (context_->log->listening()) {
        const auto &said = why->server_text;
        log(LogLevel::warning, why->message + (said.empty() ? "" : " (server: " + base::quoted(said) + ")"));
    }
    wait_and_try();
    if (const auto owner = owner_.lock()) owner->link_failed(*this, why);
}

// Twice an interval, with a little room: who falls silent right after a check is found by the next but one.
void Link::schedule_health() {
    const auto wait = context_->config.health_interval * 9 / 20;
    timer_ =
        context_->loop->timers().at(base::Clock::now() + std::max(wait, base::Millis(1)), [weak = weak_from_this()] {
            if (const auto self = weak.lock()) self->check_health();
        });
}

void Link::check_health() {
    timer_ = 0;
    const bool alive = connection_->was_alive();
    if (asked_ && !alive) {
        context_->stats->add(Stat::health_failures);
        connection_->drop(base::make_error(base::Status::ECONNECTION,
                                           "the connection to " + context_->config.shown +
                                               " was closed because nothing came from it within " +
                                               std::to_string(context_->config.health_interval.count()) + " ms"));
        return;
    }
    asked_ = true;
    schedule_health();
    ask_for_life();
}

void Link::drop(const std::string &why) {
    if (state_ != State::standing) return;
    connection_->drop(base::make_error(base::Status::ECONNECTION,
                                       "the connection to " + context_->config.shown + " was closed because " + why));
}

void Link::close() {
    if (state_ == State::closed) return;
    state_ = State::closed;
    context_->loop->timers().cancel(std::exchange(timer_, 0));
    if (connection_) connection_->close();
}

}  // namespace exo::redis
