// What an error reply of the server means for the operation that got it.
#pragma once

#include <string_view>

#include "base/status.hpp"

namespace exo::store {

enum class RefusalKind {
    no_script,   ///< the server has forgotten the script
    passing,     ///< certainly not executed; the same command may be taken later
    wrong_node,  ///< likewise, and this server is no primary (any more)
    wrong_type,  ///< the key holds something else
    final        ///< certainly not executed, and it never will be
};

/// Redis puts the text of an error that a script met anywhere into the script's own error: so words are looked for, not
/// only prefixes.
RefusalKind refusal_kind(std::string_view text) noexcept;

/// The status of a final one.
base::Status refusal_status(std::string_view text) noexcept;

}  // namespace exo::store
