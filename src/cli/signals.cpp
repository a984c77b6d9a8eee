// One thread waits for the signals. It may end the process at any moment: a request is on the server or is not, and
// output is never kept back, so there is nothing to clean up.
#include "cli/signals.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <mutex>
#include <thread>
#include <tuple>

#include "cli/exit_code.hpp"

namespace exo::cli {

namespace {

struct Child {
    std::mutex mutex;
    pid_t pid = -1;
    bool own_group = false;
};

Child &child() {
    static auto &the_child = *std::make_unique<Child>().release();  // never destroyed: the thread outlives main
    return the_child;
}

[[noreturn]] void wait_for_signal(sigset_t signals) {
    int signal = 0;
    while (sigwait(&signals, &signal) != 0) {
    }
    child().mutex.lock();
    if (child().pid > 0) {
        const pid_t target = child().own_group ? -child().pid : child().pid;
        kill(target, signal);
        kill(target, SIGTERM);  // background jobs of shells ignore SIGINT
    }
    _exit(kSignalled + signal);
}

}  // namespace

void handle_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    struct sigaction hangup {};
    sigaction(SIGHUP, nullptr, &hangup);
    if (hangup.sa_handler != SIG_IGN) sigaddset(&signals, SIGHUP);  // ignored under nohup
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    signal(SIGPIPE, SIG_IGN);  // a CMD may leave its stdin unread; a write tells it too
    child();
    std::thread(wait_for_signal, signals).detach();
}

void start_child(const std::function<std::pair<pid_t, bool>()> &start) {
    const std::lock_guard lock(child().mutex);
    std::tie(child().pid, child().own_group) = start();
}

int reap_child(pid_t pid) {
    siginfo_t info{};
    while (waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
    }
    // It is a zombie now: its pid is taken until waitpid, which no signal may come between.
    const std::lock_guard lock(child().mutex);
    int status = 0;
    waitpid(pid, &status, 0);
    child().pid = -1;
    return status;
}

}  // namespace exo::cli
