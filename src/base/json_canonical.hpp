// Canonical JSON: one text for each value, so that equal values are equal bytes in every language. The rules are in
// docs/canonical-json.md.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace exo::base {

/// How deep arrays and objects may stand in one another.
inline constexpr std::size_t kMostJsonNesting = 512;
/// The longest text that is taken: what Redis takes as one string.
inline constexpr std::size_t kMostJsonBytes = std::size_t{512} << 20U;

/// The canonical form of a JSON text. EINVAL says what is wrong with it and where; ETOOBIG.
Result<std::string> canonical_json(std::string_view text);

}  // namespace exo::base
