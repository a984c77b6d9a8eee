// How keys and other bytes are shown in one-line messages.
#include "base/error.hpp"

#include <cstdio>

namespace exo::base {

std::string quoted(const std::string &bytes) {
    constexpr std::size_t kShown = 80;
    std::string text = "'";
    for (std::size_t i = 0; i < bytes.size() && i < kShown; ++i) {
        const auto c = static_cast<unsigned char>(bytes[i]);
        if (c < 0x20 || c >= 0x7f || c == '\\' || c == '\'') {
            char escaped[8];
            std::snprintf(escaped, sizeof escaped, "\\x%02x", c);
            text += escaped;
        } else {
            text += static_cast<char>(c);
        }
    }
    if (bytes.size() > kShown) text += "…(" + std::to_string(bytes.size()) + " bytes)";
    return text + "'";
}

}  // namespace exo::base
