// Numbers of canonical JSON. What is written without point and exponent is an integer and stays as it is; all else is a
// double.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace exo::base {

/// The canonical text of a number that is well formed; nothing if it is beyond the largest double.
std::optional<std::string> canonical_number(std::string_view text);

/// A finite double by the fewest digits that read back, in the form of ECMAScript, and always with a point or an exponent.
std::string double_text(double value);

}  // namespace exo::base
