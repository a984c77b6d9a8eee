// Times as people write them: "500ms", "5s", "2m", "1h", "none".
#pragma once

#include <cstdint>
#include <string>

#include "cli/exit_code.hpp"

namespace exo::cli {

/// Reads a text in the form of a library's option (`timeout`, `ttl`), which also checks it and words the message. `none` gives
/// -1, which is both EXOREF_TIMEOUT_NONE and EXOREF_TTL_NONE.
ExitCode read_duration(const char *option, const std::string &text, std::int64_t &milliseconds);

/// The shortest exact form: 90000 is "90s", 120000 "2m". Negative is "none".
std::string duration_text(std::int64_t milliseconds);

}  // namespace exo::cli
