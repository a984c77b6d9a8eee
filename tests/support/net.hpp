// Sockets for the tests: addresses, listening and connecting, a free port. Knows nothing of Redis.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "support/deadline.hpp"

namespace exo::support {

// Owns a file descriptor.
class Fd {
public:
    Fd() = default;
    explicit Fd(int fd) : fd_(fd) {}
    Fd(Fd &&other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Fd &operator=(Fd &&other) noexcept {
        if (this != &other) {
            reset(std::exchange(other.fd_, -1));
        }
        return *this;
    }
    ~Fd() { reset(); }

    int get() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }
    void reset(int fd = -1);

private:
    int fd_ = -1;
};

// Where a server listens: a socket file, or a port on a loopback address.
struct Endpoint {
    std::string socket_path;
    std::string host = "127.0.0.1";
    std::uint16_t port = 0;

    static Endpoint unix_socket(std::string path);
    static Endpoint tcp(std::uint16_t port, std::string host = "127.0.0.1");

    bool is_unix() const { return !socket_path.empty(); }
    std::string text() const;
    // As the library takes it: redis://… or redis+unix://…; `user_info` is "user:password" or empty.
    std::string url(const std::string &user_info = "") const;
};

// A free loopback port below the range that the kernel gives to connecting sockets, so that it is still free
// when a server comes back to it. Never 6379.
std::uint16_t free_port(const std::string &host = "127.0.0.1");

bool has_ipv6_loopback();

// Non-blocking, close-on-exec. Port 0 is replaced by a free one. An empty Fd if the address is taken.
Fd listen_on(Endpoint &endpoint);
// Refuses connections from now on, and keeps the TCP port for this socket alone, until it listens again.
bool stop_listening(const Fd &listener);
bool resume_listening(const Fd &listener);
// Connected and non-blocking, or empty when it was refused or the time is over.
Fd connect_to(const Endpoint &endpoint, Millis time);
void set_no_delay(int fd);
// Closing will send RST instead of FIN (a socket file has no RST: the peer sees a close).
void set_reset_on_close(int fd);

}  // namespace exo::support
