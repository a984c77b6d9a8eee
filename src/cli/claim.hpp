// The wait for a delay's value, or for the lease to compute it; and how both are given up, so that the next need not wait until a
// lease that nobody uses has run out.
#pragma once

#include <cstdint>
#include <mutex>

#include "cli/handles.hpp"
#include "cli/signals.hpp"

namespace exo::cli {

class Claim {
public:
    /// `timeout` bounds all waits together.
    Claim(exoref_client *client, exoref_delay *delay, std::int64_t timeout);
    /// Gives up what is still held.
    ~Claim();
    Claim(const Claim &) = delete;
    Claim &operator=(const Claim &) = delete;

    /// Waits; if it went well there is either the value, or the lease.
    exoref_status wait(Value &value, Error &error);
    exoref_lease *lease() const { return lease_.get(); }
    /// A result was published under the lease: there is nothing left to give up.
    void settled();

private:
    void let_go();

    exoref_client *const client_;
    exoref_delay *const delay_;
    std::int64_t timeout_;
    std::mutex mutex_;
    bool let_go_ = false;
    Future future_;
    Lease lease_;
    const AtSignal at_signal_;
};

}  // namespace exo::cli
