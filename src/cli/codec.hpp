// What --codec asks of the values that are written.
#pragma once

#include <string>

#include "cli/arguments.hpp"
#include "cli/exit_code.hpp"

namespace exo::cli {

/// Makes of a value what the codec writes: of `json` the canonical form; `string` demands UTF-8; other labels, and none, leave it
/// as it is. Gives the reason where it is refused, else nothing.
std::string codec_refusal(const Arguments &arguments, std::string &value);

/// The same, reported: `what` names the value where it is refused, and `after` is said behind that.
ExitCode encode(const Arguments &arguments, const char *what, std::string &value, const char *after = "");

}  // namespace exo::cli
