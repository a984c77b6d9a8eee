// Look-ups that may take long run on detached threads; what they share with the resolver is counted.
#include "redis/resolver.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/un.h>

#include <atomic>
#include <cstring>

#include "loop/thread.hpp"
#include "redis/handshake.hpp"

#if __has_include("redis/local/local_server.hpp")
#include "redis/local/local_server.hpp"
#define EXOREF_HAS_LOCAL 1
#endif

namespace exo::redis {

namespace {

using base::Status;

Addresses socket_path(const NodeConfig &config, const std::string &path) {
    Address address;
    sockaddr_un un{};
    un.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof un.sun_path) {
        return connect_error(config, Status::EXOREF_EINVAL,
                             "a socket's path may have " + std::to_string(sizeof un.sun_path - 1) + " bytes");
    }
    std::memcpy(un.sun_path, path.data(), path.size());
    std::memcpy(&address.storage, &un, sizeof un);
    address.size = static_cast<socklen_t>(sizeof un);
    address.text = path;
    return std::vector<Address>{address};
}

Address from_sockaddr(const sockaddr *source, socklen_t size) {
    Address address;
    std::memcpy(&address.storage, source, size);
    address.size = size;
    char text[INET6_ADDRSTRLEN] = {};
    if (source->sa_family == AF_INET6) {
        sockaddr_in6 in6{};
        std::memcpy(&in6, source, sizeof in6);
        inet_ntop(AF_INET6, &in6.sin6_addr, text, sizeof text);
        address.text = std::string("[") + text + "]";
    } else {
        sockaddr_in in{};
        std::memcpy(&in, source, sizeof in);
        inet_ntop(AF_INET, &in.sin_addr, text, sizeof text);
        address.text = text;
    }
    return address;
}

/// A failure is told by getaddrinfo's code.
int ask(const NodeConfig &config, int flags, std::vector<Address> &found) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = flags | AI_NUMERICSERV;
    addrinfo *list = nullptr;
    const std::string port = std::to_string(config.port);
    const int status = getaddrinfo(config.host.c_str(), port.c_str(), &hints, &list);
    if (status != 0) return status;
    const std::unique_ptr<addrinfo, void (*)(addrinfo *)> freed(list, freeaddrinfo);
    for (const addrinfo *each = list; each != nullptr; each = each->ai_next) {
        if (each->ai_family != AF_INET && each->ai_family != AF_INET6) continue;
        found.push_back(from_sockaddr(each->ai_addr, each->ai_addrlen));
    }
    return found.empty() ? EAI_NONAME : 0;
}

Addresses look_up_name(const NodeConfig &config) {
    std::vector<Address> found;
    const int status = ask(config, 0, found);
    if (status == 0) return found;
    return connect_error(config, Status::ECONNECTION,
                         "the name " + base::quoted(config.host) + " could not be resolved (" + gai_strerror(status) +
                             "); check the name and the network");
}

}  // namespace

/// What a look-up's thread shares with the resolver.
struct Resolver::Lookup {
    explicit Lookup(const NodeConfig &wanted) : config(wanted) {}

    const NodeConfig config;
    std::atomic<bool> cancelled{false};
#ifdef EXOREF_HAS_LOCAL
    /// Kept for as long as the resolver lives: the private server stays up while somebody holds one.
    std::shared_ptr<local::Lease> lease;
#endif

    Addresses run() {
        if (config.kind == NodeConfig::Kind::tcp) return look_up_name(config);
#ifdef EXOREF_HAS_LOCAL
        // A little less than the attempt has, so that what went wrong is told in the server's own words.
        auto server = local::ensure(config.path, lease, config.connect_timeout * 9 / 10, cancelled);
        if (!server) return server.error();
        lease = std::move(server->lease);
        return socket_path(config, server->socket_path);
#else
        return connect_error(config, Status::ELOCAL, "this build has no private servers");
#endif
    }
};

Resolver::Resolver(std::weak_ptr<loop::Loop> loop, const NodeConfig &config)
    : loop_(std::move(loop)), config_(config), lookup_(std::make_shared<Lookup>(config)) {}

Resolver::~Resolver() { lookup_->cancelled.store(true); }

std::optional<Addresses> Resolver::resolve(Done done) {
    if (config_.kind == NodeConfig::Kind::unix_socket) return socket_path(config_, config_.path);
    if (config_.kind == NodeConfig::Kind::tcp) {
        std::vector<Address> found;
        if (ask(config_, AI_NUMERICHOST, found) == 0) return found;
    }

    waiting_.push_back(std::move(done));
    if (running_) return std::nullopt;
    const auto body = [weak = weak_from_this(), loop = loop_, lookup = lookup_] {
        const auto addresses = std::make_shared<const Addresses>(lookup->run());
        if (const auto alive = loop.lock()) {
            alive->post([weak, addresses] {
                if (const auto self = weak.lock()) self->finish(*addresses);
            });
        }
    };
    if (loop::start_detached("exoref-resolve", body) != 0) {
        waiting_.pop_back();
        return connect_error(config_, Status::ECONNECTION, "no thread could be started to resolve its name");
    }
    running_ = true;
    return std::nullopt;
}

void Resolver::finish(const Addresses &addresses) {
    running_ = false;
    const auto waiting = std::move(waiting_);
    waiting_.clear();
    for (const auto &done : waiting) done(addresses);
}

void Resolver::close() {
    waiting_.clear();
    lookup_->cancelled.store(true);
}

}  // namespace exo::redis
