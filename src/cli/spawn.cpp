// Starting CMD by posix_spawn, with the signals that a program expects and none of our descriptors.
#include "cli/spawn.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string_view>

#include "cli/pipe.hpp"
#include "cli/signals.hpp"

extern char **environ;

namespace exo::cli {

namespace {

/// In the foreground of a terminal CMD shares our process group: it may use the terminal (an editor), and Ctrl-C reaches
/// it from there. Elsewhere it gets a group of its own, so that a signal to us can take along all that it started.
bool in_foreground() {
    const Descriptor terminal(open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
    return terminal.get() >= 0 && tcgetpgrp(terminal.get()) == getpgrp();
}

std::vector<char *> pointers(std::vector<std::string> &texts) {
    std::vector<char *> result;
    for (std::string &text : texts) result.push_back(text.data());
    result.push_back(nullptr);
    return result;
}

std::vector<std::string> environment_with(const std::vector<std::string> &added) {
    std::vector<std::string> all = added;
    for (char **entry = environ; *entry != nullptr; ++entry) {
        const std::string_view old = *entry;
        const std::string_view name = old.substr(0, std::min(old.find('='), old.size() - 1) + 1);
        const bool replaced =
            std::any_of(added.begin(), added.end(), [&](const std::string &text) { return text.starts_with(name); });
        if (!replaced) all.emplace_back(old);
    }
    return all;
}

/// posix_spawn's attributes and actions, freed at the end.
struct SpawnPlan {
    posix_spawnattr_t attributes{};
    posix_spawn_file_actions_t actions{};

    explicit SpawnPlan(std::optional<pid_t> group) {
        posix_spawnattr_init(&attributes);
        posix_spawn_file_actions_init(&actions);
        sigset_t none;
        sigset_t defaults;
        sigemptyset(&none);
        sigemptyset(&defaults);
        sigaddset(&defaults, SIGPIPE);
        posix_spawnattr_setsigmask(&attributes, &none);
        posix_spawnattr_setsigdefault(&attributes, &defaults);
        posix_spawnattr_setpgroup(&attributes, group.value_or(0));
        const int in_group = group ? POSIX_SPAWN_SETPGROUP : 0;
        posix_spawnattr_setflags(&attributes,
                                 static_cast<short>(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | in_group));
    }
    ~SpawnPlan() {
        posix_spawn_file_actions_destroy(&actions);
        posix_spawnattr_destroy(&attributes);
    }
    SpawnPlan(const SpawnPlan &) = delete;
    SpawnPlan &operator=(const SpawnPlan &) = delete;
};

}  // namespace

pid_t spawn(const Command &command, const Streams &streams, pid_t group) {
    // 0 is a new group, with CMD at its head.
    const bool own_group = group > 0 || !in_foreground();
    SpawnPlan plan(own_group ? std::optional(group) : std::nullopt);
    const int targets[][2] = {
        {streams.in, STDIN_FILENO}, {streams.out, STDOUT_FILENO}, {streams.errors, STDERR_FILENO}};
    for (const auto &[fd, target] : targets) {
        if (fd >= 0) posix_spawn_file_actions_adddup2(&plan.actions, fd, target);
    }
    std::vector<std::string> arguments = command.argv;
    std::vector<std::string> environment = environment_with(command.environment);
    Child child;
    start_child([&] {
        errno = posix_spawnp(&child.pid, arguments.front().c_str(), &plan.actions, &plan.attributes,
                             pointers(arguments).data(), pointers(environment).data());
        if (errno != 0) child.pid = -1;
        if (own_group) child.group = group > 0 ? group : child.pid;
        return child;
    });
    return child.pid;
}

bool has_ended(pid_t pid) {
    siginfo_t info{};
    return waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT | WNOHANG) == 0 && info.si_pid == pid;
}

void drain(Descriptor &pipe, std::string &output) {
    char buffer[65536];
    while (output.size() < kLongestOutput) {
        const ssize_t size = read(pipe.get(), buffer, sizeof buffer);
        if (size < 0 && errno == EINTR) continue;
        if (size < 0 && errno == EAGAIN) return;
        if (size <= 0) break;
        output.append(buffer, static_cast<std::size_t>(size));
    }
    pipe.reset();
}

std::string ending(const std::string &name, int status) {
    if (WIFSIGNALED(status)) return "'" + name + "' was ended by signal " + std::to_string(WTERMSIG(status));
    if (WEXITSTATUS(status) != 0) return "'" + name + "' ended with " + std::to_string(WEXITSTATUS(status));
    return "";
}

}  // namespace exo::cli
