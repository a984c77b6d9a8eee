// Starting the redis-server of a DIR, and telling from its log why it did not stay. Knows nothing of clients and guards.
#pragma once

#include <sys/types.h>

#include "base/result.hpp"
#include "redis/local/directory.hpp"
#include "redis/local/wait.hpp"

namespace exo::redis::local {

class Launch {
public:
    /// `lock` is the DIR's server lock, which the server gets: it is held from now until the server is dead.
    base::Outcome start(const Directory &directory, Fd lock, Wait &wait);
    bool started() const noexcept { return started_; }
    /// Why the server, whose lock is free again, is not there: the last line of its log.
    base::ErrorPtr died(const Directory &directory) const;

private:
    bool started_ = false;
    off_t log_before_ = 0;
};

}  // namespace exo::redis::local
