// Running CMD: a value on its stdin, perhaps its stdout taken.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace exo::cli {

struct Command {
    std::vector<std::string> argv;
    std::vector<std::string> environment;  ///< NAME=value, added to ours
    bool take_output = false;              ///< else it writes to our stdout
};

struct CommandResult {
    /// Empty if it ran and ended with 0; else what happened, as a sentence about it.
    std::string failure;
    std::string output;
};

/// Runs it to its end. It need not read its stdin, and may read and write in any order and amount.
CommandResult run_command(const Command &command, std::string_view input);

}  // namespace exo::cli
