// From what the configuration names to socket addresses: numeric addresses and socket paths at once, names by getaddrinfo
// and `local:` directories by their server's start, both on threads whose memory outlives the client. Knows nothing of
// connections.
#pragma once

#include <sys/socket.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "loop/loop.hpp"
#include "redis/node.hpp"

namespace exo::redis {

struct Address {
    sockaddr_storage storage{};
    socklen_t size = 0;
    std::string text;  ///< for messages: "127.0.0.1", "[::1]" or a path

    const sockaddr *get() const noexcept { return reinterpret_cast<const sockaddr *>(&storage); }
};

using Addresses = base::Result<std::vector<Address>>;

class Resolver : public std::enable_shared_from_this<Resolver> {
public:
    using Done = std::function<void(const Addresses &)>;

    Resolver(std::weak_ptr<loop::Loop> loop, const NodeConfig &config);
    ~Resolver();

    /// The addresses if they are known without waiting; else nothing, and `done` is called on the loop later. Only on the
    /// loop. One look-up is in flight at most: who asks meanwhile waits for that one, so that hanging look-ups don't pile up.
    std::optional<Addresses> resolve(Done done);

    /// Forgets who waits. Only on the loop.
    void close();

private:
    struct Lookup;

    void finish(const Addresses &addresses);

    const std::weak_ptr<loop::Loop> loop_;
    const NodeConfig config_;
    bool running_ = false;
    std::vector<Done> waiting_;
    std::shared_ptr<Lookup> lookup_;
};

}  // namespace exo::redis
