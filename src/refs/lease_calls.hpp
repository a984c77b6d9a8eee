// Giving a lease back that nobody here has a use for.
#pragma once

#include <memory>

#include "refs/delay_cell.hpp"

namespace exo::refs {

/// In the background.
void release_lease(const std::shared_ptr<DelayCell> &cell, const store::LeaseId &id);

}  // namespace exo::refs
