// The locks of a DIR: the shared one by which a client shows that it lives, and the ones that a server and its guard
// inherit and hold until they are dead. A lock, not a pid, says who lives: the kernel lets go of it whatever
// ends the process, and nobody else can have it by chance. Knows nothing of what the processes do.
#pragma once

#include <sys/types.h>

#include <memory>

#include "base/result.hpp"
#include "redis/local/directory.hpp"
#include "redis/local/wait.hpp"

namespace exo::redis::local {

/// Holds the shared lock by which the guard knows that this client lives.
class Lease {
public:
    /// Waits while the guard holds it exclusively, that is while it ends the server.
    static base::Result<std::shared_ptr<Lease>> take(std::shared_ptr<const Directory> directory, Wait &wait);

    /// In a forked child it only closes: letting go would take the lock from the parent, whose open file it shares.
    ~Lease();
    Lease(const Lease &) = delete;
    Lease &operator=(const Lease &) = delete;

    /// Whether it still speaks for what stands under DIR now (the folder may have been removed and made anew).
    bool covers(const Directory &directory) const noexcept;
    /// Takes the lock exclusively for the rest of its life; false, with the lock lost, if others hold it too.
    bool claim_alone(Wait &wait) noexcept;

    const Directory &directory() const noexcept { return *directory_; }

    Lease(std::shared_ptr<const Directory> directory, Fd lock) noexcept;

private:
    std::shared_ptr<const Directory> directory_;
    Fd lock_;
    pid_t owner_;
};

/// Takes the lock file `name` for a process to be started, which gets the descriptor and with it the lock. Empty if
/// somebody holds it.
base::Result<Fd> claim(const Directory &directory, const char *name);
/// Whether somebody holds it; asks without touching it.
bool is_claimed(const Directory &directory, const char *name) noexcept;

}  // namespace exo::redis::local
