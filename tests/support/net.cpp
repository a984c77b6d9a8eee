#include "support/net.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <random>

#include "support/fatal.hpp"

namespace exo::support {

namespace {

struct Address {
    sockaddr_storage storage = {};
    socklen_t size = 0;
    int family = AF_UNIX;

    const sockaddr *get() const { return reinterpret_cast<const sockaddr *>(&storage); }
};

Address address_of(const Endpoint &endpoint) {
    Address result;
    if (endpoint.is_unix()) {
        sockaddr_un un = {};
        un.sun_family = AF_UNIX;
        if (endpoint.socket_path.size() >= sizeof(un.sun_path)) {
            fatal("the socket path is too long: " + endpoint.socket_path);
        }
        std::memcpy(un.sun_path, endpoint.socket_path.c_str(), endpoint.socket_path.size() + 1);
        std::memcpy(&result.storage, &un, sizeof(un));
        result.size = sizeof(un);
        return result;
    }
    if (endpoint.host.find(':') != std::string::npos) {
        sockaddr_in6 in6 = {};
        in6.sin6_family = AF_INET6;
        in6.sin6_port = htons(endpoint.port);
        ::inet_pton(AF_INET6, endpoint.host.c_str(), &in6.sin6_addr);
        std::memcpy(&result.storage, &in6, sizeof(in6));
        result.size = sizeof(in6);
        result.family = AF_INET6;
        return result;
    }
    sockaddr_in in = {};
    in.sin_family = AF_INET;
    in.sin_port = htons(endpoint.port);
    ::inet_pton(AF_INET, endpoint.host.c_str(), &in.sin_addr);
    std::memcpy(&result.storage, &in, sizeof(in));
    result.size = sizeof(in);
    result.family = AF_INET;
    return result;
}

Fd make_socket(int family) { return Fd(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)); }

constexpr int kBacklog = 511;

Fd bind_and_listen(const Endpoint &endpoint) {
    const Address address = address_of(endpoint);
    Fd fd = make_socket(address.family);
    const int on = 1;
    if (!fd || ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
        ::bind(fd.get(), address.get(), address.size) != 0 || ::listen(fd.get(), kBacklog) != 0) {
        return Fd();
    }
    return fd;
}

}  // namespace

void Fd::reset(int fd) {
    if (fd_ >= 0) {
        ::close(fd_);
    }
    fd_ = fd;
}

Endpoint Endpoint::unix_socket(std::string path) {
    Endpoint result;
    result.socket_path = std::move(path);
    return result;
}

Endpoint Endpoint::tcp(std::uint16_t port, std::string host) {
    Endpoint result;
    result.host = std::move(host);
    result.port = port;
    return result;
}

std::string Endpoint::text() const {
    if (is_unix()) {
        return socket_path;
    }
    const std::string shown = host.find(':') == std::string::npos ? host : "[" + host + "]";
    return shown + ":" + std::to_string(port);
}

std::string Endpoint::url(const std::string &user_info) const {
    const std::string user = user_info.empty() ? "" : user_info + "@";
    return (is_unix() ? "redis+unix://" : "redis://") + user + text();
}

std::uint16_t free_port(const std::string &host) {
    static thread_local std::mt19937 random{std::random_device{}()};
    std::uniform_int_distribution<int> pick(10000, 31999);
    for (int i = 0; i < 1000; ++i) {
        const auto port = static_cast<std::uint16_t>(pick(random));
        if (bind_and_listen(Endpoint::tcp(port, host))) {
            return port;
        }
    }
    fatal("no free port on " + host);
}

bool has_ipv6_loopback() {
    Endpoint endpoint = Endpoint::tcp(0, "::1");
    return static_cast<bool>(bind_and_listen(endpoint));
}

Fd listen_on(Endpoint &endpoint) {
    if (endpoint.is_unix()) {
        ::unlink(endpoint.socket_path.c_str());
        return bind_and_listen(endpoint);
    }
    if (endpoint.port != 0) {
        return bind_and_listen(endpoint);
    }
    for (int i = 0; i < 100; ++i) {
        endpoint.port = free_port(endpoint.host);
        Fd fd = bind_and_listen(endpoint);
        if (fd) {
            return fd;
        }
    }
    return Fd();
}

// Ended listening leaves the socket bound. Only without SO_REUSEADDR does that keep others from listening there, and only
// with it can it listen beside connections of before.
bool stop_listening(const Fd &listener) {
    const int off = 0;
    return ::shutdown(listener.get(), SHUT_RDWR) == 0 &&
           ::setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &off, sizeof(off)) == 0;
}

bool resume_listening(const Fd &listener) {
    const int on = 1;
    return ::setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
           ::listen(listener.get(), kBacklog) == 0;
}

Fd connect_to(const Endpoint &endpoint, Millis time) {
    const Deadline deadline(time);
    const Address address = address_of(endpoint);
    Fd fd = make_socket(address.family);
    if (!fd) {
        fatal_errno("making a socket");
    }
    set_no_delay(fd.get());
    if (::connect(fd.get(), address.get(), address.size) == 0) {
        return fd;
    }
    if (errno != EINPROGRESS) {
        return Fd();
    }
    pollfd wait = {fd.get(), POLLOUT, 0};
    if (::poll(&wait, 1, deadline.poll_ms()) != 1) {
        return Fd();
    }
    int error = 0;
    socklen_t size = sizeof(error);
    ::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    return error == 0 ? std::move(fd) : Fd();
}

void set_no_delay(int fd) {
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

void set_reset_on_close(int fd) {
    const linger reset = {1, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
}

}  // namespace exo::support
