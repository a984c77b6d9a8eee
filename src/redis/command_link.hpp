// The command connection: requests out of the queue onto the wire, replies in order back to them. A request that was
// written keeps its place until its answer has come, whoever still waits for it.
#pragma once

#include <deque>

#include "redis/link.hpp"
#include "redis/request_queue.hpp"

namespace exo::redis {

class CommandLink final : public Link {
public:
    CommandLink(const std::shared_ptr<const LinkContext> &context, std::weak_ptr<LinkOwner> owner);

    RequestQueue &queue() noexcept { return queue_; }

    /// Takes what was submitted and writes as much as may be written now.
    void pump();
    /// Fails what waits in the queue, as not written.
    void fail_waiting(const base::ErrorPtr &why);
    /// Fails everything as closed and closes.
    void close() override;

private:
    enum class Kind { request, ping, info };
    struct Sent {
        Kind kind = Kind::request;
        std::uint64_t begins = 0;  ///< where in the stream of bytes
        RequestPtr request;
    };

    void write_waiting();
    void fail_sent(const base::ErrorPtr &why);
    bool health_reply(Kind kind, ReplyView reply);

    void stands() override;
    void gone(const base::ErrorPtr &why) override;
    void ask_for_life() override;
    void connection_reply(ReplyView reply) override;
    void connection_caught_up() override { pump(); }
    void connection_drained() override { pump(); }

    RequestQueue queue_;
    std::deque<Sent> sent_;
    bool reading_ = false;
    bool writing_ = false;
};

}  // namespace exo::redis
