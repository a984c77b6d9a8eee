// One loop serves both pipes of CMD and our own stderr, and looks now and then whether CMD has ended or is not wanted any more;
// nothing that somebody does not read can hold it up.
//
//   running --unwanted--> asked to end --kGraceMs--> killed
//      `--------------ended by itself--'-------------'----> its group is killed, what it wrote is read to the end
#include "cli/body.hpp"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <string_view>

#include "cli/guard.hpp"
#include "cli/last_line.hpp"
#include "cli/signals.hpp"

namespace exo::cli {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kLongestNapMs = 50;

class Run {
public:
    Run(const Command &command, const std::function<bool()> &unwanted)
        : name_(command.argv.front()), command_(command), unwanted_(unwanted) {}

    BodyResult result() {
        if (!start()) return std::move(result_);
        while (!has_ended(pid_)) {
            wait();
            if (guard_.gone() || wants_terminal()) guard_.signal_group(SIGKILL);
            if (unwanted_()) give_up();
        }
        // What it left behind in its group could go on writing.
        guard_.signal_group(SIGKILL);
        finish_streams();
        judge(reap_child(pid_));
        return std::move(result_);
    }

private:
    bool start() {
        const Descriptor nothing(open("/dev/null", O_RDONLY | O_CLOEXEC));
        Pipe out;
        Pipe errors;
        if (nothing.get() < 0 || !out.open() || !errors.open() || !guard_.start()) return fail_to_start();
        pid_ = spawn(command_, {nothing.get(), out.write_end.get(), errors.write_end.get()}, guard_.group());
        if (pid_ < 0) return fail_to_start();
        make_non_blocking(out.read_end.get());
        make_non_blocking(errors.read_end.get());
        out_.take(out.read_end);
        errors_.take(errors.read_end);
        return true;
    }

    bool fail_to_start() {
        const bool short_of_something = errno == EAGAIN || errno == ENOMEM || errno == EMFILE || errno == ENFILE;
        result_.failure = "'" + name_ + "' could not be started: " + std::strerror(errno);
        if (!short_of_something) result_.kind = "start";
        return false;
    }

    /// In the background, as the kernel sees it, it would stand still for ever.
    bool wants_terminal() {
        siginfo_t info{};
        if (waitid(P_PID, static_cast<id_t>(pid_), &info, WSTOPPED | WNOWAIT | WNOHANG) != 0) return false;
        if (info.si_pid != pid_ || (info.si_status != SIGTTIN && info.si_status != SIGTTOU)) return false;
        wanted_terminal_ = true;
        return true;
    }

    /// Until something can be read or passed on; not for long, as the end of CMD and of the lease come without notice.
    void wait() {
        pollfd ready[] = {{out_.get(), POLLIN, 0},
                          {to_pass_.empty() ? errors_.get() : -1, POLLIN, 0},
                          {to_pass_.empty() ? -1 : STDERR_FILENO, POLLOUT, 0}};
        const bool idle = poll(ready, 3, nap_ms_) <= 0;
        nap_ms_ = idle ? std::min(nap_ms_ * 2, kLongestNapMs) : 1;
        if (ready[0].revents != 0) drain(out_, result_.output);
        if (ready[1].revents != 0) read_errors();
        if (ready[2].revents != 0) pass_errors();
    }

    /// No more than a pipe that is ready to be written to is sure to take.
    void read_errors() {
        char buffer[PIPE_BUF];
        const ssize_t size = read(errors_.get(), buffer, sizeof buffer);
        if (size < 0 && (errno == EINTR || errno == EAGAIN)) return;
        if (size <= 0) return errors_.reset();
        to_pass_.assign(buffer, static_cast<std::size_t>(size));
        last_line_.add(to_pass_);
    }

    void pass_errors() {
        const ssize_t size = write(STDERR_FILENO, to_pass_.data(), to_pass_.size());
        if (size >= 0) {
            to_pass_.erase(0, static_cast<std::size_t>(size));
        } else if (errno != EINTR && errno != EAGAIN) {
            to_pass_.clear();  // nobody will read it
        }
    }

    void give_up() {
        if (!result_.given_up) {
            guard_.signal_group(SIGTERM);
            result_.given_up = true;
            patience_ = Clock::now() + std::chrono::milliseconds(kGraceMs);
        }
        if (Clock::now() >= patience_) guard_.signal_group(SIGKILL);
    }

    /// All writers are gone or about to, so what there is comes to an end; unless a process that has left the group keeps it open.
    void finish_streams() {
        if (out_.get() >= 0) drain(out_, result_.output);
        while (!unwanted_()) {
            if (to_pass_.empty() && errors_.get() >= 0) read_errors();
            if (to_pass_.empty()) return;
            pollfd ready{STDERR_FILENO, POLLOUT, 0};
            if (poll(&ready, 1, kLongestNapMs) > 0) pass_errors();
        }
    }

    void judge(int status) {
        result_.failure = ending(name_, status);
        const std::string last = last_line_.text();
        if (WIFSIGNALED(status)) {
            result_.kind = "signal";
            if (!last.empty()) result_.failure += ": " + last;
        } else if (!result_.failure.empty()) {
            result_.kind = "exit";
            if (!last.empty()) result_.failure = last;
        }
        if (wanted_terminal_) {
            result_.kind = "terminal";
            result_.failure = "'" + name_ + "' wanted the terminal, which a body has not";
        }
        if (result_.output.size() < kLongestOutput) return;
        result_.kind = "size";
        result_.failure = "'" + name_ + "' wrote more than a value can have";
    }

    const std::string name_;
    const Command &command_;
    const std::function<bool()> &unwanted_;
    Guard guard_;
    pid_t pid_ = -1;
    Descriptor out_;
    Descriptor errors_;
    std::string to_pass_;
    LastLine last_line_;
    bool wanted_terminal_ = false;
    int nap_ms_ = 1;
    Clock::time_point patience_;
    BodyResult result_;
};

}  // namespace

BodyResult run_body(const Command &command, const std::function<bool()> &unwanted) {
    return Run(command, unwanted).result();
}

}  // namespace exo::cli
