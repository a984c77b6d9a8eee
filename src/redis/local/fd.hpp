// Owns a file descriptor of ours: close-on-exec, and numbered above those that a started program gets.
// Knows nothing of what the file is for.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <utility>

namespace exo::redis::local {

class Fd {
public:
    Fd() = default;
    explicit Fd(int fd) noexcept : fd_(fd) {}
    Fd(Fd &&other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Fd &operator=(Fd &&other) noexcept {
        if (this != &other) reset(std::exchange(other.fd_, -1));
        return *this;
    }
    Fd(const Fd &) = delete;
    Fd &operator=(const Fd &) = delete;
    ~Fd() { reset(); }

    int get() const noexcept { return fd_; }
    explicit operator bool() const noexcept { return fd_ >= 0; }
    void reset(int fd = -1) noexcept {
        if (fd_ >= 0) ::close(fd_);
        fd_ = fd;
    }

    /// The same open file under a number of at least 20: a host that has closed its stdin would else hand us number 0,
    /// and a started program's own descriptors would fall upon it. Empty (and errno set) if that fails.
    Fd raised() &&noexcept {
        if (fd_ < 0 || fd_ >= kLowest) return std::move(*this);
        Fd high(::fcntl(fd_, F_DUPFD_CLOEXEC, kLowest));
        reset();
        return high;
    }

private:
    static constexpr int kLowest = 20;
    int fd_ = -1;
};

}  // namespace exo::redis::local
