// The subscription connection: channels and who listens on them. Every SUBSCRIBE and UNSUBSCRIBE is remembered until the
// server has confirmed it, in order, so that a confirmation or message of an older subscription is never taken for one of
// a newer.
#pragma once

#include <deque>
#include <unordered_map>
#include <vector>

#include "redis/link.hpp"

namespace exo::redis {

class SubscriptionLink final : public Link {
public:
    SubscriptionLink(const std::shared_ptr<const LinkContext> &context, std::weak_ptr<LinkOwner> owner);

    void subscribe(const std::string &channel, std::shared_ptr<Subscriber> subscriber);
    void unsubscribe(const std::string &channel, const Subscriber &subscriber);
    void close() override;

private:
    enum class Kind { subscribe, unsubscribe, ping };
    struct Asked {
        Kind kind;
        std::string channel;
        std::uint64_t ticket;  ///< of the subscription that it was sent for
    };
    using Subscribers = std::vector<std::shared_ptr<Subscriber>>;
    struct Channel {
        enum class State { asked, stands, refused };
        Subscribers subscribers;  ///< never empty
        std::uint64_t ticket = 0;
        State state = State::asked;
    };

    void ask(const std::string &name, Channel &channel);
    template <typename Call>
    void tell(const std::string &name, const Call &call);
    bool listens(const std::string &name, const std::shared_ptr<Subscriber> &subscriber) const;
    void welcome(const std::string &name, std::weak_ptr<Subscriber> subscriber);
    void send(Kind kind, const std::string &channel, std::uint64_t ticket);
    void send_soon();
    void protocol_broken(const char *what);
    void confirmed(Kind kind, std::string_view channel);
    void message(std::string_view channel, std::string_view payload);
    void refused(std::string_view text);

    void stands() override;
    void gone(const base::ErrorPtr &why) override;
    void ask_for_life() override;
    void connection_reply(ReplyView reply) override;
    void connection_caught_up() override {}  // what was asked for meanwhile leaves soon: first who was told goes on
    void connection_drained() override {}

    std::unordered_map<std::string, Channel> channels_;
    std::deque<Asked> asked_;
    std::uint64_t last_ticket_ = 0;
    bool flush_coming_ = false;
};

}  // namespace exo::redis
