// A request as the connection sees it: written once its turn on the wire comes, answered exactly once.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/error.hpp"
#include "redis/command_writer.hpp"
#include "redis/reply.hpp"

namespace exo::redis {

/// Who is at the other end of one established connection.
struct Peer {
    std::uint64_t connection = 0;  ///< serial number of the connection within the client, never used again
    std::string run_id;            ///< first 16 hex digits of the server's run id; empty where INFO is forbidden
    std::string replication_id;    ///< likewise
    std::string version;           ///< "7.0.15"; empty where INFO is forbidden
};

class Request {
public:
    Request() = default;
    Request(const Request &) = delete;
    Request &operator=(const Request &) = delete;
    virtual ~Request() = default;

    /// Writes exactly one command. Called on the loop, at most once per submission, just before the bytes go out: what
    /// depends on the server that it is sent to (its identity, the number of the sending) is decided here.
    virtual void write(CommandWriter &out, const Peer &peer) = 0;

    /// The server answered (an error reply too). On the loop.
    virtual void replied(ReplyView reply, const Peer &peer) = 0;

    /// No answer will come. `written` tells whether bytes of it may have reached the server. On the loop.
    virtual void failed(const base::ErrorPtr &why, bool written) = 0;

    /// About how many bytes it will take, for the queue's bound.
    virtual std::size_t size_hint() const noexcept = 0;

private:
    friend class RequestQueue;
    std::uint64_t ticket_ = 0;  ///< its place while it stands in the queue; 0 before and after
};

using RequestPtr = std::shared_ptr<Request>;

}  // namespace exo::redis
