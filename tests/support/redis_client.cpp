#include "support/redis_client.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <sstream>

namespace exo::support {

namespace {

Reply client_error(const std::string &text) {
    Reply reply;
    reply.type = Reply::Type::kError;
    reply.text = "CLIENT " + text;
    return reply;
}

}  // namespace

RedisClient::RedisClient(Endpoint endpoint, Millis timeout) : endpoint_(std::move(endpoint)), timeout_(timeout) {}

void RedisClient::authenticate(std::string user, std::string password) {
    user_ = std::move(user);
    password_ = std::move(password);
    close();
}

void RedisClient::close() {
    fd_.reset();
    buffer_.clear();
}

bool RedisClient::open() {
    if (fd_) {
        return true;
    }
    fd_ = connect_to(endpoint_, timeout_);
    if (!fd_ || password_.empty()) {
        return static_cast<bool>(fd_);
    }
    if (user_.empty() ? !send({"AUTH", password_}) : !send({"AUTH", user_, password_})) {
        return false;
    }
    const std::optional<Reply> reply = receive(timeout_);
    return reply && reply->is_ok();
}

Reply RedisClient::call(const std::vector<std::string> &args) {
    if (!open()) {
        close();
        return client_error("can't connect to " + endpoint_.text());
    }
    if (!send(args)) {
        close();
        return client_error("connection lost while sending");
    }
    std::optional<Reply> reply = receive(timeout_);
    if (!reply) {
        close();
        return client_error("no reply");
    }
    return std::move(*reply);
}

bool RedisClient::send(const std::vector<std::string> &args) { return send_raw(encode_command(args)); }

bool RedisClient::send_raw(const std::string &bytes) {
    if (!open()) {
        return false;
    }
    const Deadline deadline(timeout_);
    std::size_t sent = 0;
    while (sent < bytes.size()) {
        const ssize_t n = ::send(fd_.get(), bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
        if (n > 0) {
            sent += static_cast<std::size_t>(n);
            continue;
        }
        if (errno != EAGAIN && errno != EINTR) {
            return false;
        }
        pollfd wait = {fd_.get(), POLLOUT, 0};
        if (::poll(&wait, 1, deadline.poll_ms()) <= 0 && deadline.passed()) {
            return false;
        }
    }
    return true;
}

std::optional<Reply> RedisClient::receive(Millis time) {
    const Deadline deadline(time);
    std::array<char, 65536> chunk;
    while (fd_) {
        const FrameScan scan = scan_reply(buffer_);
        if (scan.state == FrameScan::State::kComplete) {
            std::optional<Reply> reply = parse_reply(std::string_view(buffer_).substr(0, scan.size));
            buffer_.erase(0, scan.size);
            return reply;
        }
        if (scan.state == FrameScan::State::kBroken) {
            close();
            break;
        }
        pollfd wait = {fd_.get(), POLLIN, 0};
        if (::poll(&wait, 1, deadline.poll_ms()) <= 0 && deadline.passed()) {
            break;
        }
        const ssize_t n = ::recv(fd_.get(), chunk.data(), chunk.size(), 0);
        if (n > 0) {
            buffer_.append(chunk.data(), static_cast<std::size_t>(n));
        } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
            close();
        }
    }
    return std::nullopt;
}

std::map<std::string, std::string> parse_info(const std::string &text) {
    std::map<std::string, std::string> result;
    std::istringstream lines(text);
    std::string line;
    while (std::getline(lines, line)) {
        if (!line.empty() && line.back() == '\r') {
            line.pop_back();
        }
        const std::size_t colon = line.find(':');
        if (colon != std::string::npos && line[0] != '#') {
            result[line.substr(0, colon)] = line.substr(colon + 1);
        }
    }
    return result;
}

}  // namespace exo::support
