#include "support/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "support/fatal.hpp"
#include "support/spawn.hpp"

namespace exo::support {

namespace {

std::string name_of(const std::string &entry) { return entry.substr(0, entry.find('=')); }

std::vector<std::string> make_environment(const ProcessOptions &options) {
    std::vector<std::string> gone = options.unset_env;
    gone.emplace_back("EXOREF_URL");
    gone.emplace_back("REDIS_URL");
    for (const std::string &entry : options.set_env) {
        gone.push_back(name_of(entry));
    }
    std::vector<std::string> result;
    for (char **entry = environ; *entry != nullptr; ++entry) {
        if (std::find(gone.begin(), gone.end(), name_of(*entry)) == gone.end()) {
            result.emplace_back(*entry);
        }
    }
    result.insert(result.end(), options.set_env.begin(), options.set_env.end());
    return result;
}

struct Pipe {
    Fd read;
    Fd write;
};

Pipe make_pipe() {
    int fds[2];
    if (::pipe2(fds, O_CLOEXEC) != 0) {
        fatal_errno("making a pipe");
    }
    return Pipe{Fd(fds[0]), Fd(fds[1])};
}

// The child's input is a socket, so that writing to a child that has gone is an error and no SIGPIPE.
Pipe make_input() {
    int fds[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0) {
        fatal_errno("making a socket pair");
    }
    ::shutdown(fds[0], SHUT_WR);
    return Pipe{Fd(fds[0]), Fd(fds[1])};
}

void set_non_blocking(const Fd &fd) { ::fcntl(fd.get(), F_SETFL, ::fcntl(fd.get(), F_GETFL) | O_NONBLOCK); }

void drain(Fd &from, std::string &into) {
    std::array<char, 65536> buffer;
    while (from) {
        const ssize_t n = ::read(from.get(), buffer.data(), buffer.size());
        if (n > 0) {
            into.append(buffer.data(), static_cast<std::size_t>(n));
        } else if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
            return;
        } else {
            from.reset();
        }
    }
}

}  // namespace

Process::Process(ProcessOptions options) {
    SpawnRequest request;
    request.argv = options.argv;
    request.environment = make_environment(options);
    request.directory = options.directory;
    Pipe in = make_input();
    Pipe out = make_pipe();
    Pipe err = make_pipe();
    request.stdin_fd = in.read.get();
    request.stdout_fd = options.inherit_output ? STDOUT_FILENO : out.write.get();
    request.stderr_fd = options.inherit_output ? STDERR_FILENO : err.write.get();
    pid_ = spawn(request);
    stdin_ = std::move(in.write);
    stdout_ = std::move(out.read);
    stderr_ = std::move(err.read);
    set_non_blocking(stdin_);
    set_non_blocking(stdout_);
    set_non_blocking(stderr_);
    to_write_ = std::move(options.stdin_data);
    close_when_written_ = !options.keep_stdin_open;
    const std::lock_guard<std::mutex> lock(mutex_);
    pump(0);
}

Process::~Process() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!status_) {
        ::kill(pid_, SIGKILL);
        ::kill(pid_, SIGCONT);
        ::waitpid(pid_, nullptr, 0);
    }
}

void Process::reap() {
    int raw = 0;
    if (status_ || ::waitpid(pid_, &raw, WNOHANG) != pid_) {
        return;
    }
    ExitStatus status;
    if (WIFEXITED(raw)) {
        status.code = WEXITSTATUS(raw);
    } else if (WIFSIGNALED(raw)) {
        status.signal = WTERMSIG(raw);
    }
    drain(stdout_, out_);
    drain(stderr_, err_);
    status_ = status;
}

void Process::pump(int wait_ms) {
    if (stdin_ && to_write_.empty() && close_when_written_) {
        stdin_.reset();
    }
    pollfd fds[3] = {{stdin_ && !to_write_.empty() ? stdin_.get() : -1, POLLOUT, 0},
                     {stdout_.get(), POLLIN, 0},
                     {stderr_.get(), POLLIN, 0}};
    ::poll(fds, 3, wait_ms);
    if (fds[0].revents != 0) {
        const ssize_t n = ::send(stdin_.get(), to_write_.data(), to_write_.size(), MSG_NOSIGNAL);
        if (n > 0) {
            to_write_.erase(0, static_cast<std::size_t>(n));
        } else if (n < 0 && errno != EAGAIN) {
            to_write_.clear();  // it does not read its input: its right
            stdin_.reset();
        }
    }
    drain(stdout_, out_);
    drain(stderr_, err_);
}

bool Process::running() {
    const std::lock_guard<std::mutex> lock(mutex_);
    reap();
    return !status_;
}

void Process::send_signal(int signal) {
    const std::lock_guard<std::mutex> lock(mutex_);
    reap();
    if (!status_) {
        ::kill(pid_, signal);
    }
}

std::optional<ExitStatus> Process::wait(Millis time) {
    const Deadline deadline(time);
    for (;;) {
        const std::lock_guard<std::mutex> lock(mutex_);
        reap();
        if (status_ || deadline.passed()) {
            return status_;
        }
        pump(deadline.poll_ms(5));
    }
}

bool Process::wait_for_output(const std::string &text, Millis time) {
    const Deadline deadline(time);
    for (;;) {
        const std::lock_guard<std::mutex> lock(mutex_);
        reap();
        pump(status_ ? 0 : deadline.poll_ms(5));
        if (out_.find(text) != std::string::npos) {
            return true;
        }
        if (status_ || deadline.passed()) {
            return false;
        }
    }
}

void Process::write_stdin(const std::string &data) {
    const std::lock_guard<std::mutex> lock(mutex_);
    to_write_ += data;
    pump(0);
}

void Process::close_stdin() {
    const std::lock_guard<std::mutex> lock(mutex_);
    close_when_written_ = true;
    pump(0);
}

std::string Process::out() {
    const std::lock_guard<std::mutex> lock(mutex_);
    pump(0);
    return out_;
}

std::string Process::err() {
    const std::lock_guard<std::mutex> lock(mutex_);
    pump(0);
    return err_;
}

RunResult run_program(std::vector<std::string> argv, std::string stdin_data, Millis time) {
    ProcessOptions options;
    options.argv = std::move(argv);
    options.stdin_data = std::move(stdin_data);
    Process process(options);
    const std::optional<ExitStatus> status = process.wait(time);
    if (!status) {
        fatal(options.argv.at(0) + " did not end in time");
    }
    return RunResult{*status, process.out(), process.err()};
}

}  // namespace exo::support
