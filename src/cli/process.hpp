// Running CMD to its end: a value on its stdin, perhaps its stdout taken.
#pragma once

#include <string>
#include <string_view>

#include "cli/spawn.hpp"

namespace exo::cli {

struct CommandResult {
    /// Empty if it ran and ended with 0; else what happened, as a sentence about it.
    std::string failure;
    std::string output;
};

/// It need not read its stdin, and may read and write in any order and amount. Without `take_output` it writes to our stdout.
CommandResult run_command(const Command &command, std::string_view input, bool take_output);

}  // namespace exo::cli
