// The cases of canonical JSON, from tests/conformance/json_cases.json.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace exo::support {

struct JsonCase {
    std::string name;
    std::string input;
    std::optional<std::string> canonical;  // nothing: an error
    std::string error;                     // its kind
    std::size_t offset = 0;                // where
};

// Fatal if the file can't be read or has a field that is not known.
std::vector<JsonCase> json_cases();

}  // namespace exo::support
