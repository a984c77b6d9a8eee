// Running CMD. Both pipes are served at once, so that neither side can block the other.
#include "cli/process.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "cli/signals.hpp"

namespace exo::cli {

namespace {

constexpr int kLookAgainMs = 50;

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

}  // namespace

CommandResult run_command(const Command &command, std::string_view input, bool take_output) {
    const std::string &name = command.argv.front();
    CommandResult result;
    Pipe in;
    Pipe out;
    if (!in.open() || (take_output && !out.open())) {
        result.failure = std::string("no pipe could be made: ") + std::strerror(errno);
        return result;
    }
    const pid_t pid = spawn(command, {in.read_end.get(), take_output ? out.write_end.get() : -1, -1});
    if (pid < 0) {
        result.failure = "'" + name + "' could not be started: " + std::strerror(errno);
        return result;
    }
    in.read_end.reset();
    out.write_end.reset();
    make_non_blocking(in.write_end.get());
    if (take_output) make_non_blocking(out.read_end.get());
    serve(pid, in.write_end, out.read_end, input, result.output);
    result.failure = ending(name, reap_child(pid));
    if (result.output.size() >= kLongestOutput) result.failure = "'" + name + "' wrote more than a value can have";
    return result;
}

}  // namespace exo::cli
