// Channels over one connection in subscriber mode.
#include "redis/subscription_link.hpp"

#include <algorithm>
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
    const bool first = entry.subscribers.empty();
    entry.subscribers.push_back(std::move(subscriber));
    if (entry.state == Channel::State::stands) {
        welcome(channel, entry.subscribers.back());
    } else if (state() == State::standing && (first || entry.state == Channel::State::refused)) {
        ask(channel, entry);
        send_soon();
    }
    open();
}

void SubscriptionLink::ask(const std::string &name, Channel &channel) {
    channel.ticket = ++last_ticket_;
    channel.state = Channel::State::asked;
    send(Kind::subscribe, name, channel.ticket);
}

/// Of one that comes to a channel that stands: what is published from now on reaches it.
void SubscriptionLink::welcome(const std::string &name, std::weak_ptr<Subscriber> subscriber) {
    context().loop->post([weak = weak_from_this(), name, subscriber = std::move(subscriber)] {
        const auto self = std::static_pointer_cast<SubscriptionLink>(weak.lock());
        const auto newcomer = subscriber.lock();
        if (!self || !newcomer) return;
        const auto found = self->channels_.find(name);
        if (found == self->channels_.end() || found->second.state != Channel::State::stands) return;
        if (self->listens(name, newcomer)) newcomer->subscribed(self->connection().peer());
    });
}

bool SubscriptionLink::listens(const std::string &name, const std::shared_ptr<Subscriber> &subscriber) const {
    const auto found = channels_.find(name);
    if (found == channels_.end()) return false;
    const Subscribers &there = found->second.subscribers;
    return std::find(there.begin(), there.end(), subscriber) != there.end();
}

/// Calls every subscriber of a channel that is there, but those that leave meanwhile.
template <typename Call>
void SubscriptionLink::tell(const std::string &name, const Call &call) {
    const Subscribers told = channels_.find(name)->second.subscribers;
    for (const auto &subscriber : told) {
        if (told.size() == 1 || listens(name, subscriber)) call(*subscriber);
    }
}

void SubscriptionLink::unsubscribe(const std::string &channel, const Subscriber &subscriber) {
    const auto found = channels_.find(channel);
    if (found == channels_.end()) return;
    Subscribers &there = found->second.subscribers;
    const auto leaving =
        std::find_if(there.begin(), there.end(), [&](const auto &one) { return one.get() == &subscriber; });
    if (leaving == there.end()) return;
    const auto kept = std::move(*leaving);
    there.erase(leaving);
    if (!there.empty()) return;
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
    for (auto &[name, channel] : channels_) ask(name, channel);
    connection().flush();
}

void SubscriptionLink::gone(const base::ErrorPtr &) {
    asked_.clear();
    Subscribers stood;
    for (auto &[name, channel] : channels_) {
        if (std::exchange(channel.state, Channel::State::asked) != Channel::State::stands) continue;
        stood.insert(stood.end(), channel.subscribers.begin(), channel.subscribers.end());
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
    found->second.state = Channel::State::stands;
    tell(asked.channel, [&](Subscriber &subscriber) { subscriber.subscribed(connection().peer()); });
}

void SubscriptionLink::message(std::string_view channel, std::string_view payload) {
    const std::string name(channel);
    const auto found = channels_.find(name);
    // Not ours any more, or not yet: a message of an older subscription may still be on its way.
    if (found == channels_.end() || found->second.state != Channel::State::stands) return;
    tell(name, [&](Subscriber &subscriber) { subscriber.message(payload); });
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
    found->second.state = Channel::State::refused;
    base::Error error;
    error.status = text.substr(0, 6) == "NOPERM" ? Status::EPERMISSION : Status::ESERVER;
    error.message = "could not subscribe to " + base::quoted(asked.channel) + " on " + context().config.shown +
                    ": the server refused it";
    error.server_text = text;
    const base::ErrorPtr why = base::make_error(std::move(error));
    tell(asked.channel, [&](Subscriber &subscriber) { subscriber.refused(why); });
}

void SubscriptionLink::protocol_broken(const char *what) { connection().drop(connection().protocol_error(what)); }

void SubscriptionLink::close() {
    if (state() == State::closed) return;
    Link::close();
    asked_.clear();
    const auto forgotten = std::exchange(channels_, {});
}

}  // namespace exo::redis
