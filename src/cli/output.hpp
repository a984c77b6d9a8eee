// Writing to stdout and stderr: values as they are, lines, messages. Everything is written at once; nothing is kept
// back, so an end at any moment loses nothing.
#pragma once

#include <string>
#include <string_view>

#include "cli/exit_code.hpp"

namespace exo::cli {

/// All of it, however long it takes. False, with errno, if it can't be written.
bool write_all(int fd, std::string_view bytes);

/// A value as it is; on a terminal a newline follows.
ExitCode write_value(std::string_view bytes);
/// A line, with its newline.
ExitCode write_line(std::string line);
/// `exoref: <message>` on stderr, on one line whatever the message holds.
void write_message(const std::string &message);

}  // namespace exo::cli
