#include "support/fake_server.hpp"

#include <linux/sockios.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "support/fatal.hpp"
#include "support/resp.hpp"

namespace exo::support {

void FakeConnection::send(std::string bytes) { out_ += bytes; }

void FakeConnection::drip(std::string bytes) {
    dripping_ = true;
    out_ += bytes;
}

void FakeConnection::flood(std::string bytes) { flood_ = std::move(bytes); }

void FakeConnection::close() { closing_ = true; }

void FakeConnection::reset() {
    closing_ = true;
    reset_ = true;
}

FakeServer::FakeServer(FakeBehaviour behaviour, bool unix_socket)
    : wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), behaviour_(std::move(behaviour)) {
    if (unix_socket) {
        folder_ = std::make_unique<TempDir>();
        endpoint_ = Endpoint::unix_socket(folder_->file("f"));
    }
    listener_ = listen_on(endpoint_);
    if (!listener_) {
        fatal("the fake server can't listen on " + endpoint_.text());
    }
    thread_ = std::thread([this] { run(); });
}

FakeServer::~FakeServer() {
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        stop_ = true;
    }
    const std::uint64_t one = 1;
    (void)!::write(wake_.get(), &one, sizeof(one));
    thread_.join();
}

void FakeServer::set_behaviour(FakeBehaviour behaviour) {
    const std::lock_guard<std::mutex> lock(mutex_);
    behaviour_ = std::move(behaviour);
}

std::uint64_t FakeServer::connections() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return accepted_;
}

std::vector<Command> FakeServer::commands() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return commands_;
}

std::uint64_t FakeServer::count(const std::string &name) {
    const std::lock_guard<std::mutex> lock(mutex_);
    return static_cast<std::uint64_t>(std::count_if(commands_.begin(), commands_.end(), [&](const Command &command) {
        return !command.empty() && upper(command[0]) == upper(name);
    }));
}

std::uint64_t FakeServer::bytes_sent() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return bytes_sent_;
}

void FakeServer::accept_all() {
    for (;;) {
        Fd fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (!fd) {
            return;
        }
        set_no_delay(fd.get());
        auto connection = std::make_unique<FakeConnection>();
        connection->id_ = ++accepted_;
        connection->fd_ = std::move(fd);
        if (behaviour_.on_connect) {
            behaviour_.on_connect(*connection);
        }
        connections_.emplace(connection->id_, std::move(connection));
    }
}

void FakeServer::read_commands(FakeConnection &connection) {
    std::array<char, 65536> chunk;
    const ssize_t n = ::recv(connection.fd_.get(), chunk.data(), chunk.size(), 0);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
        connection.fd_.reset();
        return;
    }
    if (n > 0) {
        connection.inbox_.append(chunk.data(), static_cast<std::size_t>(n));
    }
    for (;;) {
        const FrameScan scan = scan_command(connection.inbox_);
        if (scan.state != FrameScan::State::kComplete) {
            return;
        }
        Command command = parse_command(std::string_view(connection.inbox_).substr(0, scan.size));
        connection.inbox_.erase(0, scan.size);
        ++connection.commands_;
        commands_.push_back(command);
        if (behaviour_.on_command && !connection.closing_) {
            behaviour_.on_command(connection, command);
        }
    }
}

void FakeServer::write_some(FakeConnection &connection) {
    if (connection.out_.empty() && !connection.flood_.empty()) {
        connection.out_ = connection.flood_;
    }
    if (!connection.out_.empty()) {
        int unsent = 0;
        if (connection.dripping_ && ::ioctl(connection.fd_.get(), SIOCOUTQ, &unsent) == 0 && unsent > 0) {
            return;
        }
        const std::size_t size = connection.dripping_ ? 1 : connection.out_.size();
        const ssize_t n = ::send(connection.fd_.get(), connection.out_.data(), size, MSG_NOSIGNAL);
        if (n > 0) {
            connection.out_.erase(0, static_cast<std::size_t>(n));
            bytes_sent_ += static_cast<std::uint64_t>(n);
        } else if (errno != EAGAIN && errno != EINTR) {
            connection.fd_.reset();
            return;
        }
    }
    if (connection.out_.empty()) {
        connection.dripping_ = false;
        if (connection.closing_) {
            if (connection.reset_) {
                set_reset_on_close(connection.fd_.get());
            }
            connection.fd_.reset();
        }
    }
}

void FakeServer::serve(FakeConnection &connection, short events) {
    if ((events & (POLLIN | POLLHUP | POLLERR)) != 0 && !connection.deaf_) {
        read_commands(connection);
    }
    if (connection.fd_) {
        write_some(connection);
    }
}

void FakeServer::run() {
    std::vector<pollfd> fds;
    std::vector<std::uint64_t> ids;
    std::unique_lock<std::mutex> lock(mutex_);
    while (!stop_) {
        fds.clear();
        ids.clear();
        fds.push_back({wake_.get(), POLLIN, 0});
        fds.push_back({listener_.get(), POLLIN, 0});
        int timeout = -1;
        for (const auto &[id, connection] : connections_) {
            const bool wants_to_write =
                !connection->out_.empty() || !connection->flood_.empty() || connection->closing_;
            short events = connection->deaf_ ? 0 : POLLIN;
            if (wants_to_write && !connection->dripping_) {
                events |= POLLOUT;
            }
            timeout = connection->dripping_ ? 1 : timeout;
            fds.push_back({connection->fd_.get(), events, 0});
            ids.push_back(id);
        }
        lock.unlock();
        ::poll(fds.data(), fds.size(), timeout);
        lock.lock();
        std::uint64_t ignored = 0;
        (void)!::read(wake_.get(), &ignored, sizeof(ignored));
        for (std::size_t i = 0; i < ids.size(); ++i) {
            FakeConnection &connection = *connections_.at(ids[i]);
            serve(connection, fds[2 + i].revents);
            if (connection.deaf_ && (fds[2 + i].revents & (POLLHUP | POLLERR)) != 0) {
                connection.fd_.reset();
            }
            if (!connection.fd_) {
                connections_.erase(ids[i]);
            }
        }
        accept_all();
    }
}

}  // namespace exo::support
