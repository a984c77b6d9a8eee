// Channels over one connection in subscriber mode.
#include "redis/subscription_link.hpp"

#include <utility>

namespace exo::redis {

using base::LogLevel;
using base::Stat;
using base::Status;

namespace {

constexpr std::size_t kFlushAt = std::size_t{128} << 10;

}  // namespace

SubscriptionLink::SubscriptionLink(const std::shared_ptr<const LinkContext> &context, std::weak_ptr<LinkOwner> owner)
    : Link(context, std::move(owner), "subscriptions", "subscription") {}

void SubscriptionLink::subscribe(const std::string &channel, std::shared_ptr<Subscriber> subscriber) {
    if (state() == State::closed) return;
    Channel &entry = channels_[channel];
    entry = Channel{std::move(subscriber), ++last_ticket_, false};
    if (state() == State::standing) {
        send(Kind::subscribe, channel, entry.ticket);
        send_soon();
    }
    open();
}

void SubscriptionLink::unsubscribe(const std::string &channel) {
    const auto found = channels_.find(channel);
    if (found == channels_.end()) return;
    const auto kept = std::move(found->second.subscriber);
    channels_.erase(found);
    if (state() == State::standing) {
        send(Kind::unsubscribe, channel, 0);
        send_soon();
    }
}

void SubscriptionLink::send(Kind kind, const std::string &channel, std::uint64_t ticket) {
    CommandWriter out(connection().out());
    switch (kind) {
        case Kind::subscribe: out.begin(2).arg("SUBSCRIBE").arg(channel); break;
        case Kind::unsubscribe: out.begin(2).arg("UNSUBSCRIBE").arg(channel); break;
        case Kind::ping: out.begin(1).arg("PING"); break;
    }
    asked_.push_back(Asked{kind, channel, ticket});
    if (kind != Kind::ping) context().stats->add(Stat::commands);
    if (connection().unsent() >= kFlushAt) connection().flush();
}

// Many channels may be asked for in one go: their commands leave together.
void SubscriptionLink::send_soon() {
    if (std::exchange(flush_coming_, true)) return;
    context().loop->post([weak = weak_from_this()] {
        const auto self = std::static_pointer_cast<SubscriptionLink>(weak.lock());
        if (!self) return;
        self->flush_coming_ = false;
        if (self->state() == State::standing) self->connection().flush();
    });
}

void SubscriptionLink::stands() {
    for (auto &[name, channel] : channels_) {
        channel.ticket = ++last_ticket_;
        send(Kind::subscribe, name, channel.ticket);
    }
    connection().flush();
}

void SubscriptionLink::gone(const base::ErrorPtr &) {
    asked_.clear();
    std::vector<std::shared_ptr<Subscriber>> stood;
    for (auto &[name, channel] : channels_) {
        if (std::exchange(channel.stands, false)) stood.push_back(channel.subscriber);
    }
    for (const auto &subscriber : stood) subscriber->unsubscribed();
}

void SubscriptionLink::ask_for_life() {
    send(Kind::ping, {}, 0);
    connection().flush();
}

void SubscriptionLink::connection_reply(ReplyView reply) {
    if (reply.is_error()) {
        refused(reply.text());
        return;
    }
    const auto kind = reply.is_array() ? reply[0].text() : std::string_view();
    if (kind == "message" && reply.size() == 3 && reply[1].is_string() && reply[2].is_string()) {
        message(reply[1].text(), reply[2].text());
    } else if (kind == "subscribe" && reply.size() == 3 && reply[1].is_string()) {
        confirmed(Kind::subscribe, reply[1].text());
    } else if (kind == "unsubscribe" && reply.size() == 3 && reply[1].is_string()) {
        confirmed(Kind::unsubscribe, reply[1].text());
    } else if (kind == "pong" || (reply.is_status() && reply.text() == "PONG")) {
        confirmed(Kind::ping, {});
    } else {
        protocol_broken("it sent something on the subscription connection that is neither message nor confirmation");
    }
}

void SubscriptionLink::confirmed(Kind kind, std::string_view channel) {
    if (asked_.empty() || asked_.front().kind != kind || asked_.front().channel != channel) {
        protocol_broken("it confirmed a subscription that had not been asked for");
        return;
    }
    const Asked asked = std::move(asked_.front());
    asked_.pop_front();
    if (kind == Kind::ping) return;
    worked();
    if (kind != Kind::subscribe) return;
    const auto found = channels_.find(asked.channel);
    if (found == channels_.end() || found->second.ticket != asked.ticket) return;
    found->second.stands = true;
    const auto subscriber = found->second.subscriber;
    subscriber->subscribed(connection().peer());
}

void SubscriptionLink::message(std::string_view channel, std::string_view payload) {
    const auto found = channels_.find(std::string(channel));
    // Not ours any more, or not yet: a message of an older subscription may still be on its way.
    if (found == channels_.end() || !found->second.stands) return;
    const auto subscriber = found->second.subscriber;
    subscriber->message(payload);
}

void SubscriptionLink::refused(std::string_view text) {
    if (asked_.empty()) {
        protocol_broken("it sent an error on the subscription connection that nothing had asked for");
        return;
    }
    const Asked asked = std::move(asked_.front());
    asked_.pop_front();
    if (asked.kind != Kind::subscribe) return;
    log(LogLevel::warning,
        "the server refused to subscribe to " + base::quoted(asked.channel) + ": " + base::quoted(std::string(text)));
    const auto found = channels_.find(asked.channel);
    if (found == channels_.end() || found->second.ticket != asked.ticket) return;
    const auto subscriber = found->second.subscriber;
    base::Error error;
    error.status = text.substr(0, 6) == "NOPERM" ? Status::EPERMISSION : Status::ESERVER;
    error.message = "could not subscribe to " + base::quoted(asked.channel) + " on " + context().config.shown +
                    ": the server refused it";
    error.server_text = text;
    subscriber->refused(base::make_error(std::move(error)));
}

void SubscriptionLink::protocol_broken(const char *what) { connection().drop(connection().protocol_error(what)); }

void SubscriptionLink::close() {
    if (state() == State::closed) return;
    Link::close();
    asked_.clear();
    const auto forgotten = std::exchange(channels_, {});
}

}  // namespace exo::redis
