// The DIR of local:DIR: opened once, checked, and from then on named by its descriptor alone, so that nobody can
// put another folder under the name between two steps. Knows nothing of servers and locks.
#pragma once

#include <sys/stat.h>

#include <memory>
#include <string>

#include "base/result.hpp"
#include "redis/local/fd.hpp"

namespace exo::redis::local {

// The files of a DIR.
inline constexpr const char *kClientsLock =
    "clients.lock";  ///< flock: shared by clients, exclusive while the guard ends the server
inline constexpr const char *kServerLock =
    "server.lock";  ///< held by the server itself from before it runs until it is dead
inline constexpr const char *kGuardLock = "guard.lock";  ///< held by the guard in the same way
inline constexpr const char *kPinned = "pinned";         ///< there: the server stays without clients
inline constexpr const char *kSocket = "redis.sock";
inline constexpr const char *kLog = "redis.log";
inline constexpr const char *kPid = "redis.pid";  ///< for people to read; nothing here trusts it

/// Makes a DIR absolute, for a client that is to reach the same folder after its host has changed the working folder.
/// EINVAL: an empty one, or one with a NUL.
base::Result<std::string> resolve(const std::string &dir);

class Directory {
public:
    /// Makes it if it is absent (its parent must exist), refuses what others own or may write to, sets 0700.
    static base::Result<std::shared_ptr<const Directory>> open(const std::string &path);
    /// The same, but makes and changes nothing: a null pointer if there is no such folder.
    static base::Result<std::shared_ptr<const Directory>> look(const std::string &path);

    int fd() const noexcept { return fd_.get(); }
    const std::string &path() const noexcept { return path_; }  ///< absolute, without symbolic links
    /// For messages: local:'/the/path'.
    std::string shown() const;

    /// Opens (and makes) a file in it for reading and writing, 0600, never through a symbolic link.
    Fd open_file(const char *name) const noexcept;
    bool has(const char *name) const noexcept;
    void remove(const char *name) const noexcept;
    /// Whether `file` is what stands under `name` now.
    bool is(const char *name, const struct stat &file) const noexcept;

    /// A path to the socket that fits a sockaddr_un. A DIR with a path too long for that is named by its descriptor
    /// (/proc/self/fd/N/redis.sock): that leaves nothing behind elsewhere, but only lives as long as this object.
    std::string socket_path() const;
    bool short_enough() const noexcept;

    Directory(Fd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

private:
    Fd fd_;
    std::string path_;
};

}  // namespace exo::redis::local
