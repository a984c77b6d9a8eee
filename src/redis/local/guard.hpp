// The guard: a small process beside the server of a DIR that ends it when no client has used it for a while.
// Knows nothing of how the server is started.
#pragma once

#include "base/result.hpp"
#include "redis/local/directory.hpp"
#include "redis/local/wait.hpp"

namespace exo::redis::local {

/// Starts a guard if none lives (the last one may have been killed). The caller holds a lease.
base::Outcome ensure_guard(const Directory &directory, base::Millis idle, Wait &wait);

/// Ends it. The caller holds the clients' lock alone, so that nobody relies on it.
void end_guard(const Directory &directory, Wait &wait);

}  // namespace exo::redis::local
