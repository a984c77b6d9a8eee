// The subscription connection: channels and who listens on them. Every SUBSCRIBE and UNSUBSCRIBE is remembered until the
// server has confirmed it, in order, so that a confirmation or message of an older subscription is never taken for one of
// a newer.
#pragma once

#include <deque>
#include <unordered_map>

#include "redis/link.hpp"

namespace exo::redis {

class SubscriptionLink final : public Link {
public:
    SubscriptionLink(const std::shared_ptr<const LinkContext> &context, std::weak_ptr<LinkOwner> owner);

    void subscribe(const std::string &channel, std::shared_ptr<Subscriber> subscriber);
    void unsubscribe(const std::string &channel);
    void close() override;

private:
    enum class Kind { subscribe, unsubscribe, ping };
    struct Asked {
        Kind kind;
        std::string channel;
        std::uint64_t ticket;  ///< of the subscription that it was sent for
    };
    struct Channel {
        std::shared_ptr<Subscriber> subscriber;
        std::uint64_t ticket = 0;
        bool stands = false;
    };

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
    void connection_caught_up() override { connection().flush(); }
    void connection_drained() override {}

    std::unordered_map<std::string, Channel> channels_;
    std::deque<Asked> asked_;
    std::uint64_t last_ticket_ = 0;
    bool flush_coming_ = false;
};

}  // namespace exo::redis
