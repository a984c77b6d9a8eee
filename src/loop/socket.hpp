// A stream socket on the loop: an fd of ours under a uv_poll_t. libuv's own streams are not used, because they write
// without MSG_NOSIGNAL. Loop-affine. Knows nothing of what is said over it.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/fork.hpp"
#include "loop/loop.hpp"

namespace exo::loop {

/// What a socket tells its owner. The owner may close the socket in each of them, but must not destroy it there: it keeps
/// itself alive until the call has returned.
class SocketOwner {
public:
    virtual ~SocketOwner() = default;
    virtual void socket_connected() = 0;
    virtual void socket_received(const char *data, std::size_t size) = 0;
    /// All that could be read at once has been handed over: a good moment to write.
    virtual void socket_received_all() = 0;
    /// What waited to be sent fell below the low-water mark again.
    virtual void socket_drained() = 0;
    /// The socket is of no use any more: an errno, or 0 when the peer closed it. The last call; not after close().
    virtual void socket_lost(int error) = 0;
    virtual std::shared_ptr<SocketOwner> keep_alive() = 0;
};

/// "connection refused": an errno in words, whatever the locale.
std::string error_text(int error);

class Socket {
public:
    static constexpr std::size_t kHighWater = std::size_t{1}
                                              << 20;  ///< above this, writers should wait for socket_drained
    static constexpr std::size_t kLowWater = kHighWater / 4;

    Socket(Loop &loop, SocketOwner &owner);
    ~Socket();
    Socket(const Socket &) = delete;
    Socket &operator=(const Socket &) = delete;

    /// Begins to connect; socket_connected or socket_lost follow, never from inside this call. An errno if it failed at once.
    int connect(const sockaddr *address, socklen_t size, base::Millis user_timeout);

    /// Append what is to be sent, then flush(), which tries to send it at once and leaves the rest to the loop.
    std::string &out() noexcept { return out_; }
    void flush();
    /// Bytes appended and not yet taken by the kernel.
    std::size_t unsent() const noexcept { return out_.size() - out_sent_; }
    /// Bytes taken by the kernel so far.
    std::uint64_t sent() const noexcept { return sent_; }
    std::uint64_t received() const noexcept { return received_; }

    /// Nothing is called any more. Idempotent.
    void close();

private:
    struct Handle;

    int open(int family, base::Millis user_timeout);
    void ready(int status, int events);
    void finish_connect(int status);
    void read_available(bool broken);
    void listen_for(int events);
    void lose(int error);
    void send_out();

    Loop &loop_;
    SocketOwner &owner_;
    std::shared_ptr<Handle> handle_;
    int fd_ = -1;
    int listening_ = 0;
    const std::uint32_t generation_ = base::fork_generation();
    bool connecting_ = false;
    bool write_broken_ = false;  ///< sending failed; what the peer said before is still to be read
    bool full_ = false;          ///< was above the high-water mark
    std::uint64_t sent_ = 0;
    std::uint64_t received_ = 0;
    std::unique_ptr<char[]> buffer_;
    std::string out_;
    std::size_t out_sent_ = 0;
};

}  // namespace exo::loop
