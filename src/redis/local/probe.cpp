#include "redis/local/probe.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <string_view>

namespace exo::redis::local {

namespace {

Fd connect_to(const std::string &path, bool &full) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) return {};
    std::memcpy(address.sun_path, path.data(), path.size());
    Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd) return {};
    if (::connect(fd.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0) return fd;
    full = errno == EAGAIN;  // somebody listens, but has not taken those before us
    return {};
}

/// Until the text holds `end`, the peer closes, or time is over.
std::string read_until(const Fd &fd, std::string_view end, Wait &wait, base::TimePoint until) {
    std::string text;
    char buffer[4096];
    while (text.find(end) == std::string::npos && !wait.over() && base::Clock::now() < until) {
        const ssize_t size = ::recv(fd.get(), buffer, sizeof buffer, 0);
        if (size > 0 && text.size() < 65536) {
            text.append(buffer, static_cast<std::size_t>(size));
        } else if (size < 0 && (errno == EAGAIN || errno == EINTR)) {
            pollfd readable{fd.get(), POLLIN, 0};
            ::poll(&readable, 1, wait.left_ms());
        } else {
            break;
        }
    }
    return text;
}

Answer ask(const std::string &socket_path, std::string_view command, std::string_view end, Wait &wait,
           base::Millis patience) {
    Answer answer;
    bool full = false;
    answer.connection = connect_to(socket_path, full);
    if (!answer.connection) {
        answer.state = full ? Answer::State::silent : Answer::State::absent;
        return answer;
    }
    answer.state = Answer::State::silent;
    if (::send(answer.connection.get(), command.data(), command.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(command.size())) {
        return answer;
    }
    answer.text = read_until(answer.connection, end, wait, base::Clock::now() + patience);
    if (answer.text.find(end) == std::string::npos) return answer;
    // Any other error ("busy", "authentication required") is a server's answer too: the client will hear it itself.
    answer.state = answer.text.starts_with("-LOADING") ? Answer::State::loading : Answer::State::ready;
    return answer;
}

}  // namespace

Answer ping(const std::string &socket_path, Wait &wait, base::Millis patience) {
    return ask(socket_path, "*1\r\n$4\r\nPING\r\n", "\r\n", wait, patience);
}

std::string version_at(const std::string &socket_path, Wait &wait, base::Millis patience) {
    const Answer answer = ask(socket_path, "*2\r\n$4\r\nINFO\r\n$6\r\nserver\r\n", "\r\nredis_mode:", wait, patience);
    for (const std::string_view field : {"\r\nvalkey_version:", "\r\nredis_version:"}) {
        const std::size_t at = answer.text.find(field);
        if (at == std::string::npos) continue;
        const std::size_t begin = at + field.size();
        return answer.text.substr(begin, answer.text.find("\r\n", begin) - begin);
    }
    return {};
}

}  // namespace exo::redis::local
