#include "redis/local/local_server.hpp"

#include <signal.h>

#include <cstdlib>

#include "redis/local/guard.hpp"
#include "redis/local/launch.hpp"
#include "redis/local/probe.hpp"
#include "redis/local/processes.hpp"

namespace exo::redis::local {

namespace {

using base::ErrorPtr;
using base::Millis;
using base::Outcome;
using base::Result;

using DirectoryPtr = std::shared_ptr<const Directory>;

constexpr Millis kPatience{200};    // between two looks at a server that does not answer
constexpr Millis kSocketDue{3000};  // a server that runs for so long has made its socket, or has lost it

// Brings the server of a DIR up, step by step; the caller holds a lease, so that no guard ends it meanwhile.
class BringUp {
public:
    BringUp(const Directory &directory, Wait &wait) : directory_(directory), wait_(wait) {}

    Outcome run() {
        const std::string socket = directory_.socket_path();
        do {
            const Answer answer = ping(socket, wait_, kPatience);
            switch (answer.state) {
                case Answer::State::ready:
                case Answer::State::loading:
                    if (!is_claimed(directory_, kServerLock)) {
                        if (const ErrorPtr error = displace(answer)) return error;
                        break;
                    }
                    if (answer.state == Answer::State::ready) return base::Nothing{};
                    state_ = "its server was still loading its data";
                    break;
                case Answer::State::silent: state_ = "its server did not answer"; break;
                case Answer::State::absent:
                    if (const Outcome step = start_if_free(); !step) return step.error();
                    break;
            }
        } while (wait_.pause());
        return wait_.error("opening " + directory_.shown(), state_);
    }

private:
    Outcome start_if_free() {
        Result<Fd> lock = claim(directory_, kServerLock);
        if (!lock) return lock.error();
        if (*lock) {
            if (launch_.started()) return launch_.died(directory_);
            state_ = "its server was being started";
            return launch_.start(directory_, std::move(*lock), wait_);
        }
        state_ = "its server was being started";
        if (base::Clock::now() - begun_ > kSocketDue) mend_lost_socket();
        return base::Nothing{};
    }

    // A server whose socket file somebody has removed serves nobody any more.
    void mend_lost_socket() {
        state_ = "its server runs without its socket file";
        begun_ = base::Clock::now();
        if (directory_.has(kSocket)) return;
        for (const pid_t pid : holders(directory_, kServerLock, kServerLockFd)) ::kill(pid, SIGTERM);
    }

    // Somebody answers, but no lock says that the server of this folder runs: its lock file was removed, or it is none of
    // ours. A second server beside it would ruin the data.
    ErrorPtr displace(const Answer &answer) {
        state_ = "its old server did not end";
        const pid_t peer = peer_of(answer.connection.get());
        if (const pid_t ours = orphaned_server(directory_, answer.connection.get())) {
            ::kill(ours, SIGTERM);
            return nullptr;
        }
        // It may have been ended just now, after its answer.
        const Answer again = ping(directory_.socket_path(), wait_, kPatience);
        if (again.state == Answer::State::absent || is_claimed(directory_, kServerLock)) return nullptr;
        return base::make_error(base::Status::ELOCAL, directory_.shown() +
                                                          " can not be used: a server that exoref did not start (pid " +
                                                          std::to_string(peer) + ") listens on its file " + kSocket +
                                                          "; end that, or name another folder");
    }

    const Directory &directory_;
    Wait &wait_;
    Launch launch_;
    std::string state_ = "its server did not answer";
    base::TimePoint begun_ = base::Clock::now();
};

Result<std::shared_ptr<Lease>> lease_for(DirectoryPtr directory, std::shared_ptr<Lease> existing, Wait &wait) {
    if (existing != nullptr && existing->covers(*directory)) return existing;
    return Lease::take(std::move(directory), wait);
}

// Whether the server is dead when the time is over.
bool end_server(const Directory &directory, Wait &wait) {
    bool told = false;
    while (is_claimed(directory, kServerLock)) {
        for (const pid_t pid : holders(directory, kServerLock, kServerLockFd)) {
            if (!told) ::kill(pid, SIGTERM);
            told = true;
        }
        if (!wait.pause()) return false;
    }
    return true;
}

}  // namespace

Settings Settings::from_environment() {
    Settings settings;
    const char *idle = std::getenv("EXOREF_LOCAL_IDLE_MS");
    char *end = nullptr;
    const long ms = idle != nullptr ? std::strtol(idle, &end, 10) : 0;
    if (ms >= 50 && ms <= 86'400'000L && *end == '\0') settings.idle = Millis(ms);
    return settings;
}

Result<Server> ensure(const std::string &dir, std::shared_ptr<Lease> existing, Millis timeout,
                      const std::atomic<bool> &cancelled, const Settings &settings) {
    Wait wait(timeout, cancelled);
    const Result<DirectoryPtr> directory = Directory::open(dir);
    if (!directory) return directory.error();
    const Result<std::shared_ptr<Lease>> lease = lease_for(*directory, std::move(existing), wait);
    if (!lease) return lease.error();
    const Directory &leased = (*lease)->directory();
    if (const Outcome up = BringUp(leased, wait).run(); !up) return up.error();
    if (!leased.has(kPinned)) {
        if (const Outcome guarded = ensure_guard(leased, settings.idle, wait); !guarded) return guarded.error();
    }
    return Server{leased.socket_path(), *lease};
}

Outcome start_pinned(const std::string &dir, Millis timeout, const std::atomic<bool> &cancelled) {
    Wait wait(timeout, cancelled);
    const Result<DirectoryPtr> directory = Directory::open(dir);
    if (!directory) return directory.error();
    const Result<std::shared_ptr<Lease>> lease = Lease::take(*directory, wait);
    if (!lease) return lease.error();
    if (const Outcome up = BringUp(**directory, wait).run(); !up) return up.error();
    // A guard that lives finds the mark when all have left, and goes without ending the server.
    if (!(*directory)->open_file(kPinned)) {
        return base::make_error(base::Status::ELOCAL, "the server of " + (*directory)->shown() +
                                                          " runs, but the file that keeps it up could not be made");
    }
    return base::Nothing{};
}

Result<Stopped> stop(const std::string &dir, Millis timeout, const std::atomic<bool> &cancelled) {
    Wait wait(timeout, cancelled);
    const Result<DirectoryPtr> directory = Directory::look(dir);
    if (!directory) return directory.error();
    Stopped result;
    if (*directory == nullptr || !(*directory)->has(kClientsLock)) return result;
    const Result<std::shared_ptr<Lease>> lease = Lease::take(*directory, wait);
    if (!lease) return lease.error();
    (*directory)->remove(kPinned);
    result.was_running = is_claimed(**directory, kServerLock);
    if (!end_server(**directory, wait))
        return wait.error("ending the server of " + (*directory)->shown(), "it still runs");
    result.still_used = !(*lease)->claim_alone(wait);
    if (!result.still_used) end_guard(**directory, wait);
    return result;
}

Result<State> status(const std::string &dir, Millis timeout, const std::atomic<bool> &cancelled) {
    Wait wait(timeout, cancelled);
    const Result<DirectoryPtr> directory = Directory::look(dir);
    if (!directory) return directory.error();
    State state;
    if (*directory == nullptr) return state;
    state.socket_path = (*directory)->path() + "/" + kSocket;
    state.running = is_claimed(**directory, kServerLock);
    state.pinned = (*directory)->has(kPinned);
    state.guarded = is_claimed(**directory, kGuardLock);
    if (!state.running) return state;
    const Answer answer = ping((*directory)->socket_path(), wait, timeout);
    state.answering = answer.state == Answer::State::ready;
    if (answer.connection) state.pid = peer_of(answer.connection.get());
    if (state.answering) state.version = version_at((*directory)->socket_path(), wait, timeout);
    return state;
}

std::string State::text() const {
    if (!running) return "not running";
    std::string line = "running: ";
    line += version.empty() ? "redis-server" : "redis-server " + version;
    if (pid > 0) line += ", pid " + std::to_string(pid);
    line += ", socket " + base::quoted(socket_path);
    if (!answering) line += ", not answering (loading its data, or busy)";
    line += pinned ? ", kept up until it is stopped" : ", ended when nobody uses it";
    return line;
}

}  // namespace exo::redis::local
