// Starting CMD, and what is common to the ways of running it to its end: process.hpp and body.hpp.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "cli/pipe.hpp"

namespace exo::cli {

struct Command {
    std::vector<std::string> argv;
    std::vector<std::string> environment;  ///< NAME=value, added to ours
};

/// What CMD gets as its standard descriptors; -1: ours.
struct Streams {
    int in = -1;
    int out = -1;
    int errors = -1;
};

/// More than any value can have: output beyond it is a CMD that does not end.
constexpr std::size_t kLongestOutput = (std::size_t{512} << 20) + 1;

/// The pid, or -1 with errno. A signal takes it along until it is reaped, see signals.hpp. `group` is a process group that it
/// joins; 0: ours in the foreground of a terminal, else one of its own.
pid_t spawn(const Command &command, const Streams &streams, pid_t group = 0);

bool has_ended(pid_t pid);

/// Reads what is there now; closes at the end, or when it is too much (the writer gets SIGPIPE then).
void drain(Descriptor &pipe, std::string &output);

/// What a wait status means, as a sentence about `name`; empty if it ended with 0.
std::string ending(const std::string &name, int status);

}  // namespace exo::cli
