#include "redis/local/guard.hpp"

#include <signal.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>

#include "redis/local/lease.hpp"
#include "redis/local/processes.hpp"
#include "redis/local/spawn.hpp"

namespace exo::redis::local {

namespace {

// A shell script, because the library may live in any host (a JVM, an interpreter) with no program of ours installed;
// /bin/sh and flock are on every system that has a redis-server, and a fork of the host would keep its memory alive.
// It works in DIR, and holds: 6 guard.lock (inherited, locked: says that it lives), 7 server.lock (not locked, to
// compare with), 8 clients.lock. What it starts gets neither lock that is held (in a subshell, for dash moves its own
// descriptors about otherwise): kill -9 of the guard must not leave it held by a child.
// It waits in flock, without any work, until the last client has left; then it looks `steps` times at intervals of
// `step` seconds, with the lock free in between. If somebody came meanwhile it begins anew: who is there holds the lock,
// who was there has left a byte in its file. In the end it has the lock exclusively, and clients that come wait,
// until the server is dead. The server is whoever has server.lock open as 9 in this folder: that can't be a stranger
// that got an old pid. guard.lock is let go of before clients.lock, so that the next client sees no guard that leaves.
constexpr std::string_view kScript = R"sh(step=$1 steps=$2
exec 7<>server.lock 8<>clients.lock || exit 1
alone() ( exec "$@" 6>&- 7>&- )
servers() {
    for p in /proc/[0-9]*; do
        [ "$p/fd/9" -ef /proc/self/fd/7 ] && [ "$p/cwd" -ef . ] && echo "${p#/proc/}"
    done
}
end_servers() {
    pids=$(servers)
    [ -z "$pids" ] && return 0
    kill "-$1" $pids
    tries=300
    while [ -n "$(servers)" ]; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || return 1
        alone sleep 0.1
    done
}
guard() {
    while :; do
        alone flock -x 8 || { alone sleep 1; continue; }
        n=0
        while [ "$n" -lt "$steps" ]; do
            # The folder or its files were removed, and with them this server: it shall not touch the socket of one
            # that may stand there anew. (What it has acknowledged it has written.)
            [ clients.lock -ef /proc/self/fd/8 ] || { end_servers KILL; exit 0; }
            [ server.lock -ef /proc/self/fd/7 ] || { end_servers KILL; exec 7<>server.lock; }
            : >clients.lock
            exec 8<>clients.lock
            alone sleep "$step"
            alone flock -n -x 8 || continue 2
            if [ -s clients.lock ]; then n=0; else n=$((n + 1)); fi
        done
        [ -e pinned ] || end_servers TERM || continue
        exec 6>&-
        exit 0
    done
}
guard &
)sh";

constexpr int kSteps = 5;

std::string seconds(base::Millis time) {
    const auto ms = time.count();
    if (ms % 1000 == 0) return std::to_string(ms / 1000);  // not every sleep knows fractions
    char text[32];
    std::snprintf(text, sizeof text, "%lld.%03d", static_cast<long long>(ms / 1000), static_cast<int>(ms % 1000));
    return text;
}

// The reading end of a pipe that holds the script.
Fd script_pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return {};
    const Fd writing(ends[1]);
    Fd reading = Fd(ends[0]).raised();
    static_assert(kScript.size() < 4096, "more than a pipe surely takes at once");
    const bool written = ::write(writing.get(), kScript.data(), kScript.size()) == static_cast<ssize_t>(kScript.size());
    return written ? std::move(reading) : Fd();
}

}  // namespace

base::Outcome ensure_guard(const Directory &directory, base::Millis idle, Wait &wait) {
    if (is_claimed(directory, kGuardLock)) return base::Nothing{};
    const base::Result<Fd> lock = claim(directory, kGuardLock);
    if (!lock) return lock.error();
    if (!*lock) return base::Nothing{};  // another client was quicker
    const Fd script = script_pipe();
    if (!script) {
        return base::make_error(base::Status::ELOCAL, "no descriptor was left for the guard of " + directory.shown());
    }
    Program program;
    program.path = "/bin/sh";
    // The script comes by stdin, so that ps shows one short line.
    program.arguments = {"-s", seconds(std::max(idle / kSteps, base::Millis(1))), std::to_string(kSteps),
                         "exoref-guard", directory.path()};
    program.input = script.get();
    program.folder = directory.fd();
    program.output = kLog;
    program.lock = lock->get();
    program.lock_as = kGuardLockFd;
    const base::Result<pid_t> pid = spawn_detached(program);
    if (!pid) return pid.error();
    const base::Result<int> code = reap(*pid, wait, "starting the guard of " + directory.shown());
    if (!code) return code.error();
    if (*code <= 0) return base::Nothing{};
    return base::make_error(base::Status::ELOCAL, "the guard of " + directory.shown() + " ended with code " +
                                                      std::to_string(*code) + "; see " + directory.path() + "/" + kLog);
}

void end_guard(const Directory &directory, Wait &wait) {
    while (is_claimed(directory, kGuardLock)) {
        for (const pid_t pid : holders(directory, kGuardLock, kGuardLockFd)) {
            // Its group holds the flock or sleep that it waits for, and nothing else.
            const pid_t group = ::getpgid(pid);
            ::kill(group > 1 && group != ::getpgrp() ? -group : pid, SIGTERM);
        }
        if (!wait.pause()) return;
    }
}

}  // namespace exo::redis::local
