// The fd, its uv_poll_t, and the bytes that wait to be sent.
#include "loop/socket.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>
#include <uv.h>

#include <cassert>
#include <cerrno>
#include <utility>

#include "loop/loop_impl.hpp"

namespace exo::loop {

namespace {

constexpr std::size_t kReadSize = std::size_t{64} << 10;
/// Reads in one go before others on the loop have their turn.
constexpr int kMaxReads = 16;
/// An output buffer larger than this is given back when it has been sent.
constexpr std::size_t kKeptCapacity = std::size_t{64} << 10;

void set_option(int fd, int level, int name, int value) { setsockopt(fd, level, name, &value, sizeof value); }

void tune_tcp(int fd, base::Millis user_timeout) {
    set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, 15);
    set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, 5);
    set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, 3);
    set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<int>(user_timeout.count()));
}

int pending_error(int fd) {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    return error;
}

}  // namespace

std::string error_text(int error) { return error == 0 ? "the peer closed it" : uv_strerror(-error); }

/// What libuv holds on to until it has called back, longer than the socket lives.
struct Socket::Handle {
    explicit Handle(Loop &of) : loop(of) {}

    uv_poll_t poll{};
    Loop &loop;
    Socket *socket = nullptr;
    bool closing = false;
    std::shared_ptr<Handle> self;  ///< until libuv has let go of it
};

Socket::Socket(Loop &loop, SocketOwner &owner) : loop_(loop), owner_(owner) {}

Socket::~Socket() { close(); }

int Socket::open(int family, base::Millis user_timeout) {
    fd_ = ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd_ < 0) return errno;
    if (family != AF_UNIX) tune_tcp(fd_, user_timeout);
    auto handle = std::make_shared<Handle>(loop_);
    if (const int status = uv_poll_init(loop_.uv(), &handle->poll, fd_); status != 0) {
        ::close(fd_);
        fd_ = -1;
        return -status;
    }
    if (!buffer_) buffer_ = std::make_unique_for_overwrite<char[]>(kReadSize);
    handle->socket = this;
    handle->poll.data = handle.get();
    handle->self = handle;
    handle_ = std::move(handle);
    return 0;
}

int Socket::connect(const sockaddr *address, socklen_t size, base::Millis user_timeout) {
    assert(fd_ < 0);
    if (const int error = open(address->sa_family, user_timeout); error != 0) return error;
    if (::connect(fd_, address, size) != 0 && errno != EINPROGRESS && errno != EINTR) {
        const int error = errno;
        close();
        return error;
    }
    connecting_ = true;
    listen_for(UV_WRITABLE);
    return 0;
}

void Socket::listen_for(int events) {
    if (listening_ == events) return;
    listening_ = events;
    loop_.natively([handle = handle_, events] {
        if (handle->closing) return;
        uv_poll_start(&handle->poll, events, [](uv_poll_t *poll, int status, int happened) {
            const auto keep = static_cast<Handle *>(poll->data)->self;
            const Loop::Turn on_loop_now(keep->loop);
            if (keep->socket != nullptr) keep->socket->ready(status, happened);
        });
    });
}

void Socket::ready(int status, int events) {
    // In a forked child that runs the application's loop these are the parent's bytes.
    if (generation_ != base::fork_generation()) return;
    const auto keep = owner_.keep_alive();
    if (connecting_) {
        finish_connect(status);
        return;
    }
    // libuv reports an error on the socket as a bad descriptor and stops polling: what can still be read comes first.
    if (status < 0) listening_ = 0;
    if (status < 0 || (events & UV_READABLE) != 0) read_available(status < 0);
    if (fd_ < 0) return;
    if (status < 0) listen_for(UV_READABLE);
    if ((events & UV_WRITABLE) != 0) flush();
}

void Socket::finish_connect(int status) {
    int error = pending_error(fd_);
    if (error == 0 && status < 0) error = -status;
    if (error != 0) {
        lose(error);
        return;
    }
    connecting_ = false;
    listen_for(UV_READABLE);
    owner_.socket_connected();
}

void Socket::read_available(bool broken) {
    for (int reads = 0; reads < kMaxReads; ++reads) {
        const ssize_t got = ::recv(fd_, buffer_.get(), kReadSize, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0 && !broken && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
        if (got <= 0) {
            lose(got == 0 ? 0 : errno);
            return;
        }
        const auto size = static_cast<std::size_t>(got);
        received_ += size;
        owner_.socket_received(buffer_.get(), size);
        if (fd_ < 0) return;
        // Less than there was room for: the next read would find nothing, but for what an error left behind.
        if (size < kReadSize && !broken) break;
    }
    owner_.socket_received_all();
}

void Socket::flush() {
    if (fd_ < 0 || connecting_ || write_broken_) return;
    send_out();
    if (write_broken_) {
        // Reading goes on: what the peer said before it hung up may tell why. Then comes the end of the stream.
        ::shutdown(fd_, SHUT_RDWR);
        listen_for(UV_READABLE);
        return;
    }
    const std::size_t left = unsent();
    listen_for(left > 0 ? UV_READABLE | UV_WRITABLE : UV_READABLE);
    if (left > kHighWater) full_ = true;
    if (full_ && left <= kLowWater) {
        full_ = false;
        owner_.socket_drained();
    }
}

void Socket::send_out() {
    while (unsent() > 0) {
        const ssize_t taken = ::send(fd_, out_.data() + out_sent_, unsent(), MSG_NOSIGNAL);
        if (taken < 0 && errno == EINTR) continue;
        if (taken < 0) {
            write_broken_ = errno != EAGAIN && errno != EWOULDBLOCK && errno != ENOBUFS;
            break;
        }
        out_sent_ += static_cast<std::size_t>(taken);
        sent_ += static_cast<std::uint64_t>(taken);
    }
    if (unsent() == 0) {
        out_sent_ = 0;
        if (out_.capacity() > kKeptCapacity) {
            std::string().swap(out_);
        } else {
            out_.clear();
        }
    } else if (out_sent_ > kHighWater && out_sent_ > out_.size() / 2) {
        out_.erase(0, out_sent_);
        out_sent_ = 0;
    }
}

void Socket::lose(int error) {
    close();
    owner_.socket_lost(error);
}

void Socket::close() {
    if (fd_ < 0) return;
    handle_->socket = nullptr;
    loop_.natively([handle = std::exchange(handle_, nullptr), fd = std::exchange(fd_, -1)] {
        handle->closing = true;
        uv_close(reinterpret_cast<uv_handle_t *>(&handle->poll),
                 [](uv_handle_t *closed) { static_cast<Handle *>(closed->data)->self = nullptr; });
        // libuv has taken the descriptor out of its epoll set by now.
        ::close(fd);
    });
    listening_ = 0;
}

}  // namespace exo::loop
