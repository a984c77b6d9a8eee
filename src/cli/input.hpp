// What the command reads: stdin where an argument is a lone dash, and the file with the URL.
#pragma once

#include <string>
#include <vector>

#include "cli/exit_code.hpp"

namespace exo::cli {

/// Puts stdin in the place of the argument among these that is "-". Two of them are an error.
ExitCode read_dashes(std::vector<std::string> &values);

/// The first line of a file, without white space around it.
ExitCode read_first_line(const std::string &path, std::string &line);

}  // namespace exo::cli
