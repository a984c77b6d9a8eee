// How the test support itself fails: it says what went wrong and ends the test program, so that no test goes
// on with a server or proxy that is not there. Started servers end with the program.
#pragma once

#include <string>

namespace exo::support {

[[noreturn]] void fatal(const std::string &message);
// The same with the text of errno behind it.
[[noreturn]] void fatal_errno(const std::string &message);

}  // namespace exo::support
