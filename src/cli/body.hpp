// CMD as the body of a delay: its stdout is the value, its stderr is passed on as it comes, and nothing of it outlives us.
#pragma once

#include <functional>
#include <string>

#include "cli/spawn.hpp"

namespace exo::cli {

struct BodyResult {
    bool given_up = false;  ///< it was ended because it was unwanted
    /// Empty if it ended with 0; else what is to be said of it: the last line of its stderr, or what became of it.
    std::string failure;
    /// Of the failure: exit, signal, start, size, terminal; empty if it is none of CMD, but of this machine.
    const char *kind = "";
    std::string output;
};

/// Runs it, with an empty stdin, at the head of a process group that is ended with it, and with this process whatever ends that.
/// `unwanted` is asked all the while; once it is true the group is ended.
BodyResult run_body(const Command &command, const std::function<bool()> &unwanted);

}  // namespace exo::cli
