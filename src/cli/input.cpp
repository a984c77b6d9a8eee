// Reading stdin and files.
#include "cli/input.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace exo::cli {

namespace {

bool read_all(int fd, std::string &bytes) {
    char buffer[65536];
    for (;;) {
        const ssize_t size = read(fd, buffer, sizeof buffer);
        if (size == 0) return true;
        if (size > 0) {
            bytes.append(buffer, static_cast<std::size_t>(size));
        } else if (errno != EINTR) {
            return false;
        }
    }
}

}  // namespace

ExitCode read_dashes(std::vector<std::string> &values) {
    std::string *place = nullptr;
    for (std::string &value : values) {
        if (value != "-") continue;
        if (place != nullptr) return report(kUsage, "stdin can be only one of the values");
        place = &value;
    }
    if (place == nullptr) return kDone;
    place->clear();
    if (read_all(STDIN_FILENO, *place)) return kDone;
    return report(kError, std::string("could not read stdin: ") + std::strerror(errno));
}

ExitCode read_first_line(const std::string &path, std::string &line) {
    const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    const bool read = fd >= 0 && read_all(fd, line);
    const int problem = errno;
    if (fd >= 0) close(fd);
    if (!read) return report(kError, "could not read the URL from '" + path + "': " + std::strerror(problem));
    line.resize(std::min(line.find('\n'), line.size()));
    const auto begin = line.find_first_not_of(" \t\r");
    const auto end = line.find_last_not_of(" \t\r");
    line = begin == line.npos ? "" : line.substr(begin, end - begin + 1);
    if (line.empty()) return report(kError, "the first line of '" + path + "' is empty; it should be a URL");
    return kDone;
}

}  // namespace exo::cli
