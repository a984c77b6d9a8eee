// One thread waits for the signals. It may end the process at any moment: a request is on the server or is not, and
// output is never kept back. What there is to be ended or given up first - a running CMD, a lease - is known here.
#include "cli/signals.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <mutex>
#include <thread>

#include "cli/exit_code.hpp"
#include "cli/spawn.hpp"

namespace exo::cli {

namespace {

struct Holdings {
    std::mutex mutex;  ///< taken for good by the thread of the signals once one has come
    Child child;
    std::function<void()> last;
};

Holdings &holdings() {
    static auto &the_holdings = *std::make_unique<Holdings>().release();  // never destroyed: the thread outlives main
    return the_holdings;
}

/// A group of its own is ended to the last process, whatever it does with signals; who shares ours is asked to end.
void end_child(const Child &child, int signal) {
    if (child.pid <= 0) return;
    const pid_t target = child.group > 0 ? -child.group : child.pid;
    kill(target, signal);
    kill(target, SIGTERM);  // background jobs of shells ignore SIGINT
    if (child.group <= 0) return;
    constexpr int kStepMs = 5;
    for (int waited = 0; waited < kGraceMs && !has_ended(child.pid); waited += kStepMs) poll(nullptr, 0, kStepMs);
    kill(target, SIGKILL);
}

[[noreturn]] void wait_for_signal(sigset_t signals) {
    int signal = 0;
    while (sigwait(&signals, &signal) != 0) {
    }
    holdings().mutex.lock();
    end_child(holdings().child, signal);
    if (holdings().last) holdings().last();
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
    signal(SIGCHLD, SIG_DFL);  // ignored, as some leave it, nobody could learn how CMD has ended
    signal(SIGPIPE, SIG_IGN);  // a CMD may leave its stdin unread; a write tells it too
    holdings();
    std::thread(wait_for_signal, signals).detach();
}

void start_child(const std::function<Child()> &start) {
    const std::lock_guard lock(holdings().mutex);
    holdings().child = start();
}

int reap_child(pid_t pid) {
    siginfo_t info{};
    while (waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
    }
    // It is a zombie now: its pid is taken until waitpid, which no signal may come between.
    const std::lock_guard lock(holdings().mutex);
    int status = 0;
    waitpid(pid, &status, 0);
    holdings().child = {};
    return status;
}

AtSignal::AtSignal(std::function<void()> last) {
    const std::lock_guard lock(holdings().mutex);
    holdings().last = std::move(last);
}

AtSignal::~AtSignal() {
    const std::lock_guard lock(holdings().mutex);
    holdings().last = nullptr;
}

void go_on_unless_signalled() { const std::lock_guard lock(holdings().mutex); }

}  // namespace exo::cli
