// One creation as its callers think of it, over all its sendings: each makes an epoch of its own, and knows those of the sendings
// before it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "redis/command_writer.hpp"
#include "redis/request.hpp"
#include "store/answers.hpp"

namespace exo::store {

class CreateCall {
public:
    struct What {
        std::string key;
        std::string kind;                  ///< atom, promise, delay
        std::string codec;                 ///< label, or empty
        std::optional<std::string> value;  ///< none: version 0
        std::uint64_t ring_n = 0;          ///< length of the history; 0: none
        std::uint64_t ring_limit = 0;      ///< bytes of a value that it keeps
        std::uint64_t rec_n = 0;           ///< most completion records; 0: a reference without
        std::optional<std::uint64_t> ttl;  ///< ms
        std::uint64_t message_limit = 0;   ///< bytes of a value that a message carries
        std::uint64_t db = 0;
        std::uint64_t lease_ms = 0;  ///< a delay: how long a lease lasts
        bool retry = false;          ///< a delay: a failure leaves it unrealized
    };

    CreateCall(What what, std::string session, std::uint64_t counter)
        : what_(std::move(what)), session_(std::move(session)), counter_(counter) {}

    void write(redis::CommandWriter &out, const redis::Peer &peer, std::uint64_t sending);
    /// The answer to the sending of this number.
    base::Result<Answer<Created>> parse(redis::ReplyView reply, std::uint64_t sending) const;
    std::size_t size() const noexcept { return what_.value ? what_.value->size() : 0; }

private:
    const What what_;
    const std::string session_;
    const std::uint64_t counter_;
    std::string epoch_;    ///< of the newest sending
    std::string earlier_;  ///< of those before it, separated by spaces
};

}  // namespace exo::store
