// What the command's exit code says. Scripts depend on these numbers.
#pragma once

#include <string>

#include "cli/handles.hpp"

namespace exo::cli {

enum ExitCode : int {
    kDone = 0,
    kError = 1,
    kUsage = 2,
    kNo = 3,            ///< a plain "no": the value did not match, there was nothing to delete
    kTimeout = 4,       ///< the time ran out, and certainly nothing was changed
    kNoConnection = 5,  ///< refused, no Redis server, wrong password
    kUnknown = 6,       ///< it may or may not have taken effect
    kSignalled = 128    ///< and the signal's number: 130 for Ctrl-C
};

ExitCode exit_code(exoref_status status);

/// Says on stderr what went wrong, and gives the exit code for it.
ExitCode report(exoref_status status, const Error &error);
ExitCode report(ExitCode code, const std::string &message);

}  // namespace exo::cli
