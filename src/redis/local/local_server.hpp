// The private redis-server of local:DIR: found, or started once however many ask at the same instant; kept up as long as
// clients live; ended by its guard. All functions block: for a helper thread, never for the loop.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "redis/local/lease.hpp"

namespace exo::redis::local {

struct Server {
    std::string socket_path;  ///< lives as long as the lease (it may name the folder by the lease's descriptor)
    std::shared_ptr<Lease> lease;
};

struct Settings {
    base::Millis idle{5000};  ///< how long no client must have been there before the server is ended
    /// The defaults, with `idle` from EXOREF_LOCAL_IDLE_MS if that is set.
    static Settings from_environment();
};

/// Finds or starts the server of `dir`, and waits until it answers. `existing`: a lease that the client holds already
/// (it reconnects), or null. ELOCAL or EVERSION: trying again can't mend it. ETIMEOUT: the time was too short (the server
/// goes on to start). ECANCELLED.
base::Result<Server> ensure(const std::string &dir, std::shared_ptr<Lease> existing, std::chrono::milliseconds timeout,
                            const std::atomic<bool> &cancelled,
                            const Settings &settings = Settings::from_environment());

/// The same, and the server stays up without clients until stop().
base::Outcome start_pinned(const std::string &dir, std::chrono::milliseconds timeout,
                           const std::atomic<bool> &cancelled);

struct Stopped {
    bool was_running = false;
    bool still_used = false;  ///< other clients live, and will start it again when they need it
};

/// Ends the server, whoever uses it, with all its data on disk. A DIR that does not exist has no server.
base::Result<Stopped> stop(const std::string &dir, std::chrono::milliseconds timeout,
                           const std::atomic<bool> &cancelled);

struct State {
    bool running = false;
    bool answering = false;  ///< false while it loads its data, or hangs
    bool pinned = false;
    bool guarded = false;
    pid_t pid = 0;  ///< 0 where it can't be seen
    std::string version;
    std::string socket_path;  ///< the plain path, whatever its length

    /// One line for people.
    std::string text() const;
};

/// How things stand; changes nothing, and counts as no use.
base::Result<State> status(const std::string &dir, std::chrono::milliseconds timeout,
                           const std::atomic<bool> &cancelled);

}  // namespace exo::redis::local
