// Writing, straight to the descriptors.
#include "cli/output.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace exo::cli {

bool write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = write(fd, bytes.data(), bytes.size());
        if (written >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno == EAGAIN) {
            // Somebody else made the descriptor non-blocking.
            pollfd ready{fd, POLLOUT, 0};
            poll(&ready, 1, -1);
        } else if (errno != EINTR) {
            return false;
        }
    }
    return true;
}

static ExitCode write_out(std::string_view bytes) {
    if (write_all(STDOUT_FILENO, bytes)) return kDone;
    return report(kError, std::string("could not write to stdout: ") + std::strerror(errno));
}

ExitCode write_value(std::string_view bytes) {
    if (isatty(STDOUT_FILENO) == 0) return write_out(bytes);
    return write_line(std::string(bytes));
}

ExitCode write_line(std::string line) {
    line += '\n';
    return write_out(line);
}

void write_message(const std::string &message) {
    std::string line = "exoref: ";
    for (const char c : message) line += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
    line += '\n';
    write_all(STDERR_FILENO, line);
}

}  // namespace exo::cli
