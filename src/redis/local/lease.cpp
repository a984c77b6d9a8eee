#include "redis/local/lease.hpp"

#include <sys/file.h>

#include <cerrno>
#include <cstring>

namespace exo::redis::local {

namespace {

base::ErrorPtr failed(const Directory &directory, const char *name, int error) {
    char buffer[128] = "";
    const bool without_locks = error == ENOLCK || error == EOPNOTSUPP || error == EINVAL;
    return base::make_error(base::Status::ELOCAL,
                            directory.shown() + " can not be used: its file " + name +
                                " could not be locked: " + ::strerror_r(error, buffer, sizeof buffer) +
                                (without_locks ? "; name a folder on a file system that knows locks" : ""));
}

// Locks of an open file (not of a process): inherited by the program that gets the descriptor, and asked without
// taking them, which flock() can't do.
struct flock whole_file(short type) noexcept {
    struct flock lock {};
    lock.l_type = type;
    lock.l_whence = SEEK_SET;
    return lock;
}

}  // namespace

Lease::Lease(std::shared_ptr<const Directory> directory, Fd lock) noexcept
    : directory_(std::move(directory)), lock_(std::move(lock)), owner_(::getpid()) {}

Lease::~Lease() {
    if (lock_ && owner_ == ::getpid()) ::flock(lock_.get(), LOCK_UN);
}

base::Result<std::shared_ptr<Lease>> Lease::take(std::shared_ptr<const Directory> directory, Wait &wait) {
    for (;;) {
        Fd file = directory->open_file(kClientsLock);
        if (!file) return failed(*directory, kClientsLock, errno);
        if (::flock(file.get(), LOCK_SH | LOCK_NB) == 0) {
            struct stat mine {};
            if (::fstat(file.get(), &mine) == 0 && directory->is(kClientsLock, mine)) {
                // Tells the guard, who looks only now and then, that somebody was here. On a full disk it goes without.
                [[maybe_unused]] const ssize_t told = ::pwrite(file.get(), "+", 1, 0);
                return std::make_shared<Lease>(std::move(directory), std::move(file));
            }
        } else if (errno != EWOULDBLOCK && errno != EINTR) {
            return failed(*directory, kClientsLock, errno);
        }
        if (!wait.pause())
            return wait.error("opening " + directory->shown(), "its server was being ended by its guard");
    }
}

bool Lease::covers(const Directory &directory) const noexcept {
    struct stat mine {};
    return lock_ && ::fstat(lock_.get(), &mine) == 0 && directory.is(kClientsLock, mine);
}

bool Lease::claim_alone(Wait &wait) noexcept {
    // The guard, waked by the lock that we let go of to take it, has it for an instant.
    for (int tries = 0; tries < 20; ++tries) {
        if (::flock(lock_.get(), LOCK_EX | LOCK_NB) == 0) return true;
        if (!wait.pause()) return false;
    }
    return false;
}

base::Result<Fd> claim(const Directory &directory, const char *name) {
    Fd file = directory.open_file(name);
    if (!file) return failed(directory, name, errno);
    struct flock lock = whole_file(F_WRLCK);
    if (::fcntl(file.get(), F_OFD_SETLK, &lock) != 0) {
        if (errno == EAGAIN || errno == EACCES) return Fd();
        return failed(directory, name, errno);
    }
    struct stat mine {};
    if (::fstat(file.get(), &mine) != 0 || !directory.is(name, mine)) return Fd();
    return file;
}

bool is_claimed(const Directory &directory, const char *name) noexcept {
    const Fd file(::openat(directory.fd(), name, O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
    struct flock lock = whole_file(F_WRLCK);
    return file && ::fcntl(file.get(), F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

}  // namespace exo::redis::local
