// Does an older state lie on the history that a newer one belongs to? The same question that the commit script asks, for
// watchers and caches (guarantee G8).
#pragma once

#include <string_view>
#include <vector>

#include "store/schema.hpp"

namespace exo::store {

enum class Lineage {
    yes,
    no,      ///< a fork: the older state was lost, or belongs to another epoch
    unknown  ///< the server's identity is hidden and the ring has passed, or the list of terms is too short
};

/// `base` with the term that came with it, against the newest state. `ring` holds the entries that are known, in any order; may
/// be empty. Version 0 lies on every history of its epoch.
Lineage lies_on(const Identity &base, std::string_view base_term, const State &head,
                const std::vector<RingEntry> &ring);

}  // namespace exo::store
