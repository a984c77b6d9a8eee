// One Redis server as the rooms above see it: two connections (commands; subscriptions) that come back by themselves.
// Knows nothing of references.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/log.hpp"
#include "base/result.hpp"
#include "base/stats.hpp"
#include "loop/loop.hpp"
#include "redis/request.hpp"

namespace exo::redis {

struct NodeConfig {
    enum class Kind { tcp, unix_socket, local };
    Kind kind = Kind::tcp;
    std::string host = "127.0.0.1";  ///< tcp: name or address, IPv6 without brackets
    std::uint16_t port = 6379;       ///< tcp
    std::string path;                ///< unix_socket: the socket's path; local: the directory
    std::string username;            ///< empty: the default user
    std::string password;            ///< empty: no AUTH
    int database = 0;
    std::string client_name;  ///< CLIENT SETNAME; empty: none
    std::string shown;        ///< the server as messages may name it: no secrets

    base::Millis connect_timeout{5000};  ///< of one attempt: name resolution, connect and handshake together
    base::Millis health_interval{5000};  ///< a silent connection is found within it
    base::Millis backoff_first{20};      ///< the first wait between attempts is drawn from [0, this]
    base::Millis backoff_max{2000};
    std::size_t max_pending = 100000;                               ///< requests queued or in flight
    std::size_t max_pending_bytes = std::size_t{256} << 20;         ///< of the requests that are not written yet
    std::size_t max_reply_bytes = (std::size_t{64} << 20) + 65536;  ///< of one bulk string in a reply
};

/// A listener of one channel. All calls on the loop.
class Subscriber {
public:
    virtual ~Subscriber() = default;
    /// The subscription stands now (each time anew after a reconnect): what was published before may have been missed.
    virtual void subscribed(const Peer &peer) = 0;
    virtual void message(std::string_view payload) = 0;
    /// The subscription's connection was lost; `subscribed` follows when it stands again.
    virtual void unsubscribed() = 0;
    /// The server refused the subscription (an ACL): `subscribed` will not follow on this connection. Tried again after a
    /// reconnect.
    virtual void refused(const base::ErrorPtr &why) { static_cast<void>(why); }
};

class Node {
public:
    /// Starts to connect at once, in the background, and goes on for as long as it lives. On any thread.
    static std::shared_ptr<Node> create(std::shared_ptr<loop::Loop> loop, NodeConfig config,
                                        std::shared_ptr<base::Stats> stats, std::shared_ptr<base::Log> log);
    virtual ~Node() = default;

    /// Queues a request for the command connection; it is written when its turn comes, at the latest when there is a
    /// connection again. Null if taken; else EAGAIN (queue full), ECLOSED or EFORK, and the request will not be called.
    /// Requests are written in the order of submission. From any thread. While the last attempt to connect ended with something
    /// that trying again can't mend (wrong password, not a Redis server, too old), waiting requests fail with that, and it is
    /// what this answers. (The node goes on trying all the same, and takes requests again when it has a connection.)
    virtual base::ErrorPtr submit(RequestPtr request) = 0;

    /// Takes back a request that is not written yet: true, and it will not be called any more. False if it is (or was)
    /// on the wire: its answer will come, or its failure. Only on the loop.
    virtual bool withdraw(const RequestPtr &request) = 0;

    /// Subscribes to a channel (named by any bytes; channels ignore SELECT). A channel may have several subscribers: who comes
    /// to one that stands is told so, later. The subscription connection is opened with the first channel. Only on the loop.
    virtual void subscribe(const std::string &channel, std::shared_ptr<Subscriber> subscriber) = 0;
    /// Ends this subscriber's part in the channel; the server is told with the last one. It is not called any more.
    virtual void unsubscribe(const std::string &channel, const Subscriber &subscriber) = 0;

    /// Calls `ready` on the loop once, as soon as the command connection stands (null), or an attempt ended with something
    /// that trying again can't mend (the error), or the node is closed (ECLOSED). From any thread.
    virtual void when_ready(std::function<void(const base::ErrorPtr &)> ready) = 0;

    /// Why there is no connection now: the last attempt's error, or null if none failed since the last success. From any thread.
    virtual base::ErrorPtr last_error() const = 0;
    /// Whether the command connection has ever stood. From any thread.
    virtual bool ever_connected() const = 0;

    /// Closes the command connection as if it had been lost (a fork of the history was seen, the server is no primary any
    /// more); it is opened anew. Only on the loop.
    virtual void reconnect(const std::string &why) = 0;

    /// Fails all requests with ECLOSED, closes all sockets, forgets subscribers. Only on the loop; idempotent.
    virtual void close() = 0;

    virtual const NodeConfig &config() const = 0;
};

}  // namespace exo::redis
