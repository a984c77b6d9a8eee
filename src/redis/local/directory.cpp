#include "redis/local/directory.hpp"

#include <sys/un.h>

#include <cerrno>
#include <climits>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <system_error>

namespace exo::redis::local {

namespace {

using base::make_error;
using base::Result;
using base::Status;

using DirectoryPtr = std::shared_ptr<const Directory>;

std::string named(const std::string &path) { return "local:" + base::quoted(path); }

base::ErrorPtr refused(const std::string &path, const std::string &why) {
    return make_error(Status::ELOCAL, named(path) + " can not be used: " + why);
}

std::string text_of(int error) {
    char buffer[128] = "";
    return ::strerror_r(error, buffer, sizeof buffer);
}

std::string parent_of(const std::string &path) {
    const std::size_t slash = path.rfind('/');
    return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

// "a/b///" and "a/b/./" name the same folder as "a/b", but a trailing slash would follow a symbolic link unasked.
void strip_tail(std::string &path) {
    for (;;) {
        const std::string_view view(path);
        if (path.size() > 1 && view.ends_with("/")) {
            path.pop_back();
        } else if (path.size() > 2 && view.ends_with("/.")) {
            path.resize(path.size() - 2);
        } else {
            return;
        }
    }
}

base::ErrorPtr not_made(const std::string &path, int error) {
    if (error == ENOENT) {
        return refused(
            path, "the folder " + base::quoted(parent_of(path)) + " that should hold it does not exist; make it first");
    }
    return refused(path, "the folder could not be made: " + text_of(error));
}

// A link that another user has put there (in a /tmp that all may write to) could lead to any folder of ours.
Result<std::string> follow(const std::string &path) {
    struct stat link {};
    if (::lstat(path.c_str(), &link) != 0 || !S_ISLNK(link.st_mode)) return path;
    if (link.st_uid != ::geteuid() && link.st_uid != 0) {
        return refused(path, "it is a symbolic link of another user (uid " + std::to_string(link.st_uid) +
                                 "); name a folder of your own");
    }
    std::error_code failed;
    std::string target = std::filesystem::canonical(path, failed).string();
    if (failed) return refused(path, "it is a symbolic link that leads nowhere: " + failed.message());
    return target;
}

base::ErrorPtr check(const std::string &path, const struct stat &folder) {
    if (path == "/") return refused(path, "the root folder is no place for a private server; name another one");
    if (folder.st_uid != ::geteuid()) {
        return refused(path, "the folder belongs to another user (uid " + std::to_string(folder.st_uid) +
                                 "); name a folder of your own");
    }
    if ((folder.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        char mode[16];
        std::snprintf(mode, sizeof mode, "%04o", static_cast<unsigned>(folder.st_mode & 07777));
        return refused(path, "other users may write to the folder (mode " + std::string(mode) +
                                 "); if nobody has put anything there, allow it with chmod go-w");
    }
    return nullptr;
}

// Where it really is, now that it is open. (Without /proc, as it was named.)
std::string path_of(int fd, const std::string &named_as) {
    char target[PATH_MAX];
    const std::string link = "/proc/self/fd/" + std::to_string(fd);
    const ssize_t size = ::readlink(link.c_str(), target, sizeof target);
    return size > 0 && size < PATH_MAX ? std::string(target, static_cast<std::size_t>(size)) : named_as;
}

Result<DirectoryPtr> open_checked(const std::string &path, bool change) {
    // O_PATH: a folder that we may not read yet (mode 0000 of ours) is opened too, and mended below.
    Fd handle(::open(path.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!handle) {
        if (errno == ENOENT && !change) return DirectoryPtr();
        return refused(path,
                       errno == ENOTDIR ? "it is not a folder" : "the folder could not be opened: " + text_of(errno));
    }
    struct stat folder {};
    if (::fstat(handle.get(), &folder) != 0) return refused(path, text_of(errno));
    const std::string real = path_of(handle.get(), path);
    if (base::ErrorPtr error = check(real, folder)) return error;
    if (change && (folder.st_mode & 0777) != 0700) {
        const std::string by_fd = "/proc/self/fd/" + std::to_string(handle.get());
        if (::chmod(by_fd.c_str(), 0700) != 0 && ::chmod(path.c_str(), 0700) != 0) {
            return refused(path, "its mode could not be set to 0700: " + text_of(errno));
        }
    }
    Fd fd = Fd(::openat(handle.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)).raised();
    if (!fd) return refused(path, "the folder could not be opened: " + text_of(errno));
    return DirectoryPtr(std::make_shared<const Directory>(std::move(fd), real));
}

}  // namespace

Result<std::string> resolve(const std::string &dir) {
    if (dir.empty()) {
        return make_error(Status::EXOREF_EINVAL, "local: was given without a folder; write local:DIR");
    }
    if (dir.find('\0') != std::string::npos) {
        return make_error(Status::EXOREF_EINVAL, named(dir) + " holds a NUL byte, which no path can");
    }
    std::string path = dir;
    if (dir[0] != '/') {
        std::error_code failed;
        const std::string here = std::filesystem::current_path(failed).string();
        if (failed) return refused(dir, "it is relative, and the working folder is gone; give an absolute path");
        path = here + "/" + dir;
    }
    strip_tail(path);
    return path;
}

Result<DirectoryPtr> Directory::open(const std::string &given) {
    Result<std::string> path = resolve(given);
    if (!path) return path.error();
    const bool made = ::mkdir(path->c_str(), 0700) == 0;
    if (!made && errno != EEXIST) {
        struct stat there {};
        const int error = errno;  // "." and folders on a read-only file system answer otherwise than EEXIST
        if (::stat(path->c_str(), &there) != 0) return not_made(*path, error);
    }
    path = follow(*path);
    if (!path) return path.error();
    return open_checked(*path, true);
}

Result<DirectoryPtr> Directory::look(const std::string &given) {
    Result<std::string> path = resolve(given);
    if (!path) return path.error();
    path = follow(*path);
    if (!path) return path.error();
    return open_checked(*path, false);
}

std::string Directory::shown() const { return named(path_); }

Fd Directory::open_file(const char *name) const noexcept {
    return Fd(::openat(fd_.get(), name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600)).raised();
}

bool Directory::has(const char *name) const noexcept {
    struct stat file {};
    return ::fstatat(fd_.get(), name, &file, AT_SYMLINK_NOFOLLOW) == 0;
}

void Directory::remove(const char *name) const noexcept { ::unlinkat(fd_.get(), name, 0); }

bool Directory::is(const char *name, const struct stat &file) const noexcept {
    struct stat now {};
    return ::fstatat(fd_.get(), name, &now, AT_SYMLINK_NOFOLLOW) == 0 && now.st_dev == file.st_dev &&
           now.st_ino == file.st_ino;
}

bool Directory::short_enough() const noexcept {
    return path_.size() + 1 + std::strlen(kSocket) < sizeof(sockaddr_un::sun_path);
}

std::string Directory::socket_path() const {
    if (short_enough()) return path_ + "/" + kSocket;
    return "/proc/self/fd/" + std::to_string(fd_.get()) + "/" + kSocket;
}

}  // namespace exo::redis::local
