#include "redis/local/processes.hpp"

#include <dirent.h>
#include <sys/socket.h>

#include <climits>
#include <cstdlib>
#include <string>
#include <string_view>

namespace exo::redis::local {

namespace {

bool same_file(const std::string &path, const struct stat &file) {
    struct stat found {};
    return ::stat(path.c_str(), &found) == 0 && found.st_dev == file.st_dev && found.st_ino == file.st_ino;
}

bool works_in(pid_t pid, const Directory &directory) {
    struct stat folder {};
    return ::fstat(directory.fd(), &folder) == 0 && same_file("/proc/" + std::to_string(pid) + "/cwd", folder);
}

std::string descriptor_of(pid_t pid, int fd) { return "/proc/" + std::to_string(pid) + "/fd/" + std::to_string(fd); }

}  // namespace

std::vector<pid_t> holders(const Directory &directory, const char *name, int fd) {
    std::vector<pid_t> result;
    struct stat lock {};
    DIR *listing = ::fstatat(directory.fd(), name, &lock, AT_SYMLINK_NOFOLLOW) == 0 ? ::opendir("/proc") : nullptr;
    if (listing == nullptr) return result;
    while (const dirent *entry = ::readdir(listing)) {
        const auto pid = static_cast<pid_t>(std::strtol(entry->d_name, nullptr, 10));
        if (pid > 0 && same_file(descriptor_of(pid, fd), lock) && works_in(pid, directory)) result.push_back(pid);
    }
    ::closedir(listing);
    return result;
}

pid_t peer_of(int connected_socket) {
    ucred peer{};
    socklen_t size = sizeof peer;
    return ::getsockopt(connected_socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 ? peer.pid : 0;
}

pid_t orphaned_server(const Directory &directory, int connected_socket) {
    const pid_t pid = peer_of(connected_socket);
    if (pid <= 0 || !works_in(pid, directory)) return 0;
    char target[PATH_MAX];
    const ssize_t size = ::readlink(descriptor_of(pid, kServerLockFd).c_str(), target, sizeof target);
    const std::string_view file(target, size > 0 ? static_cast<std::size_t>(size) : 0);
    return file.ends_with(std::string("/") + kServerLock + " (deleted)") ? pid : 0;
}

}  // namespace exo::redis::local
