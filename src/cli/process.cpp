// Running CMD. Both pipes are served at once, so that neither side can block the other.
#include "cli/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "cli/signals.hpp"

extern char **environ;

namespace exo::cli {

namespace {

/// More than any value can have: output beyond it is a CMD that does not end.
constexpr std::size_t kLongestOutput = (std::size_t{512} << 20) + 1;
constexpr int kLookAgainMs = 50;

class Descriptor {
public:
    explicit Descriptor(int fd = -1) : fd_(fd) {}
    ~Descriptor() { reset(); }
    Descriptor(const Descriptor &) = delete;
    Descriptor &operator=(const Descriptor &) = delete;
    int get() const { return fd_; }
    void reset(int fd = -1) {
        if (fd_ >= 0) close(fd_);
        fd_ = fd;
    }

private:
    int fd_;
};

struct Pipe {
    Descriptor read_end;
    Descriptor write_end;

    bool open() {
        int ends[2];
        if (pipe2(ends, O_CLOEXEC) != 0) return false;
        read_end.reset(ends[0]);
        write_end.reset(ends[1]);
        return true;
    }
};

void make_non_blocking(int fd) { fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK); }

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

    explicit SpawnPlan(bool own_group) {
        posix_spawnattr_init(&attributes);
        posix_spawn_file_actions_init(&actions);
        sigset_t none;
        sigset_t defaults;
        sigemptyset(&none);
        sigemptyset(&defaults);
        sigaddset(&defaults, SIGPIPE);
        posix_spawnattr_setsigmask(&attributes, &none);
        posix_spawnattr_setsigdefault(&attributes, &defaults);
        const int group = own_group ? POSIX_SPAWN_SETPGROUP : 0;
        posix_spawnattr_setflags(&attributes,
                                 static_cast<short>(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | group));
    }
    ~SpawnPlan() {
        posix_spawn_file_actions_destroy(&actions);
        posix_spawnattr_destroy(&attributes);
    }
    SpawnPlan(const SpawnPlan &) = delete;
    SpawnPlan &operator=(const SpawnPlan &) = delete;
};

/// The pid, or -1 with errno.
pid_t spawn(const Command &command, const Pipe &in, const Pipe &out) {
    const bool own_group = !in_foreground();
    SpawnPlan plan(own_group);
    posix_spawn_file_actions_adddup2(&plan.actions, in.read_end.get(), STDIN_FILENO);
    if (command.take_output) posix_spawn_file_actions_adddup2(&plan.actions, out.write_end.get(), STDOUT_FILENO);
    std::vector<std::string> arguments = command.argv;
    std::vector<std::string> environment = environment_with(command.environment);
    pid_t pid = -1;
    start_child([&] {
        errno = posix_spawnp(&pid, arguments.front().c_str(), &plan.actions, &plan.attributes,
                             pointers(arguments).data(), pointers(environment).data());
        if (errno != 0) pid = -1;
        return std::pair(pid, own_group);
    });
    return pid;
}

bool has_ended(pid_t pid) {
    siginfo_t info{};
    return waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT | WNOHANG) == 0 && info.si_pid == pid;
}

/// Writes what the pipe takes now; closes it at the end, or when nobody will read it.
void feed(Descriptor &pipe, std::string_view &input) {
    while (!input.empty()) {
        const ssize_t written = write(pipe.get(), input.data(), input.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0 && errno == EAGAIN) return;
        if (written < 0) break;
        input.remove_prefix(static_cast<std::size_t>(written));
    }
    pipe.reset();
}

/// Reads what is there now; closes at the end, or when it is too much (the writer gets SIGPIPE then).
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

/// Until all is written or not wanted, and all is read.
void serve(pid_t pid, Descriptor &to, Descriptor &from, std::string_view input, std::string &output) {
    if (input.empty()) to.reset();
    while (to.get() >= 0 || from.get() >= 0) {
        pollfd ready[] = {{to.get(), POLLOUT, 0}, {from.get(), POLLIN, 0}};
        // With its output at an end it may still read; or it is gone, and somebody it started holds its stdin open.
        poll(ready, 2, from.get() >= 0 ? -1 : kLookAgainMs);
        if (ready[0].revents != 0) feed(to, input);
        if (ready[1].revents != 0) drain(from, output);
        if (from.get() < 0 && has_ended(pid)) to.reset();
    }
}

std::string ending(const std::string &name, int status) {
    if (WIFSIGNALED(status)) return "'" + name + "' was ended by signal " + std::to_string(WTERMSIG(status));
    if (WEXITSTATUS(status) != 0) return "'" + name + "' ended with " + std::to_string(WEXITSTATUS(status));
    return "";
}

}  // namespace

CommandResult run_command(const Command &command, std::string_view input) {
    const std::string &name = command.argv.front();
    CommandResult result;
    Pipe in;
    Pipe out;
    if (!in.open() || (command.take_output && !out.open())) {
        result.failure = std::string("no pipe could be made: ") + std::strerror(errno);
        return result;
    }
    const pid_t pid = spawn(command, in, out);
    if (pid < 0) {
        result.failure = "'" + name + "' could not be started: " + std::strerror(errno);
        return result;
    }
    in.read_end.reset();
    out.write_end.reset();
    make_non_blocking(in.write_end.get());
    if (command.take_output) make_non_blocking(out.read_end.get());
    serve(pid, in.write_end, out.read_end, input, result.output);
    result.failure = ending(name, reap_child(pid));
    if (result.output.size() >= kLongestOutput) result.failure = "'" + name + "' wrote more than a value can have";
    return result;
}

}  // namespace exo::cli
