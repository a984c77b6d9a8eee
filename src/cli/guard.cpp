// The guard is forked from a process with threads, so it calls only what is safe in a signal handler.
#include "cli/guard.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

#include "cli/signals.hpp"
#include "cli/spawn.hpp"

namespace exo::cli {

namespace {

constexpr char kName[] = "guard-of-cmd";

/// The bytes that `ps` shows as the command line.
struct Title {
    char *bytes = nullptr;
    std::size_t size = 0;
};
Title title;

void close_from(int first) {
#ifdef SYS_close_range
    if (syscall(SYS_close_range, static_cast<unsigned>(first), ~0U, 0U) == 0) return;
#endif
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    for (rlim_t fd = static_cast<rlim_t>(first); fd < limit.rlim_cur; ++fd) close(static_cast<int>(fd));
}

void take_name() {
    prctl(PR_SET_NAME, kName);
    if (title.size <= sizeof kName) return;
    std::memset(title.bytes, 0, title.size);
    std::memcpy(title.bytes, kName, sizeof kName);
}

/// Forked with all signals blocked.
[[noreturn]] void guard(int alive) {
    setpgid(0, 0);
    take_name();
    dup2(alive, 0);
    close_from(1);
    char byte = 0;
    while (read(0, &byte, 1) != 0) {
    }
    kill(0, SIGTERM);
    poll(nullptr, 0, kGraceMs);
    kill(0, SIGKILL);
    _exit(0);
}

}  // namespace

void remember_arguments(int argc, char **argv) {
    if (argc < 1) return;
    // One stands behind the other.
    const char *end = argv[argc - 1] + std::strlen(argv[argc - 1]) + 1;
    title = {argv[0], static_cast<std::size_t>(end - argv[0])};
}

Guard::~Guard() {
    if (pid_ < 0) return;
    signal_group(SIGKILL);
    while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
}

bool Guard::start() {
    if (!alive_.open()) return false;
    // Before it exists: CMD could be the faster, and signal its group.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const pid_t pid = fork();
    if (pid == 0) guard(alive_.read_end.get());
    const int problem = errno;
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    errno = problem;
    if (pid < 0) return false;
    pid_ = pid;
    setpgid(pid, pid);  // whoever comes first, it or we: CMD finds the group
    alive_.read_end.reset();
    return true;
}

bool Guard::gone() const { return has_ended(pid_); }

void Guard::signal_group(int signal) const { kill(-pid_, signal); }

}  // namespace exo::cli
