// One connection from its first address to its end: resolve, connect (every address in turn), handshake, then replies in
// order. It never comes back: whoever wants another makes another. Loop-affine. Knows nothing of requests and channels.
//
//            start                addresses            connected           last answer
//   idle ----------> resolving ------------> connecting ---------> handshake ---------> ready
//                        |                    ^   |  ^                 |                  |
//                        |        next address|   |  +--- next address-+                  |
//                        v                    +---+                    v                  v
//                     closed <---- no address left, deadline, final refusal -------- lost, close
//
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/stats.hpp"
#include "loop/socket.hpp"
#include "loop/timers.hpp"
#include "redis/handshake.hpp"
#include "redis/reply_reader.hpp"
#include "redis/resolver.hpp"

namespace exo::redis {

/// Told by a connection, on the loop; it may close the connection in each call.
class ConnectionOwner {
public:
    virtual ~ConnectionOwner() = default;
    virtual void connection_ready() = 0;
    virtual void connection_reply(ReplyView reply) = 0;
    /// The replies that had come in are all handed over.
    virtual void connection_caught_up() = 0;
    /// What waited to be sent has become little again.
    virtual void connection_drained() = 0;
    /// The end: never after close(). An error of class "final" says that trying again is of no use, but for EPROTOCOL
    /// after connection_ready: then the server broke the protocol in mid-life.
    virtual void connection_lost(const base::ErrorPtr &why) = 0;
};

class Connection final : public loop::SocketOwner, public std::enable_shared_from_this<Connection> {
public:
    enum class State { idle, resolving, connecting, handshake, ready, closed };

    Connection(std::shared_ptr<loop::Loop> loop, const NodeConfig &config, std::shared_ptr<base::Stats> stats,
               std::weak_ptr<ConnectionOwner> owner);

    /// Only once. connection_ready or connection_lost follow, never inside this call.
    void start(Resolver &resolver);
    /// The owner hears nothing more. Idempotent.
    void close();
    /// Ends it as if it had been lost: the owner is told, now.
    void drop(const base::ErrorPtr &why);

    State state() const noexcept { return state_; }
    const Peer &peer() const noexcept { return peer_; }
    bool info_allowed() const noexcept { return handshake_ && handshake_->info_allowed(); }

    /// While ready: append commands to it, then flush().
    std::string &out() noexcept { return socket_->out(); }
    void flush();
    std::size_t unsent() const noexcept { return socket_->unsent(); }
    /// Bytes that have gone out or wait to, and bytes that have gone out: where a command lies tells whether any of it left.
    std::uint64_t written() const noexcept { return socket_->sent() + socket_->unsent(); }
    std::uint64_t sent() const noexcept { return socket_->sent(); }

    /// What INFO says now. False, and the connection was dropped, if it is not the server any more that it was.
    bool refresh(const ServerInfo &info);

    /// Whether bytes have moved since the last call.
    bool was_alive() noexcept;

    base::ErrorPtr protocol_error(const std::string &what) const;

private:
    void addresses_known(const Addresses &addresses);
    void next_address();
    void attempt_failed(const base::ErrorPtr &why);
    void fail(const base::ErrorPtr &why);
    void shut();
    void set_deadline();
    void count_sent();
    void deadline_passed();
    void hand_over(ReplyView reply);
    void handshake_reply(ReplyView reply);
    void broken(const char *why);
    base::ErrorPtr lost_error(int error) const;
    std::string why_not_connected(int error) const;

    void socket_connected() override;
    void socket_received(const char *data, std::size_t size) override;
    void socket_received_all() override;
    void socket_drained() override;
    void socket_lost(int error) override;
    std::shared_ptr<SocketOwner> keep_alive() override { return shared_from_this(); }

    const std::shared_ptr<loop::Loop> loop_;
    const NodeConfig config_;
    const std::shared_ptr<base::Stats> stats_;
    const std::weak_ptr<ConnectionOwner> owner_;

    State state_ = State::idle;
    std::vector<Address> addresses_;
    std::size_t next_address_ = 0;
    base::TimePoint deadline_ = base::kNever;
    loop::Timers::Id timer_ = 0;
    std::unique_ptr<loop::Socket> socket_;
    std::vector<std::unique_ptr<loop::Socket>>
        retired_;  ///< of addresses that failed: their callbacks may be on the stack
    std::unique_ptr<ReplyReader> reader_;
    std::optional<Handshake> handshake_;
    std::string first_bytes_;
    bool answered_ = false;  ///< has sent one well-formed reply at least
    Peer peer_;
    std::uint64_t seen_in_ = 0;
    std::uint64_t seen_out_ = 0;
    std::uint64_t counted_out_ = 0;
};

}  // namespace exo::redis
