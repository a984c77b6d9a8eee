// The opaque structs of the public header: each one small, counted, around one object of the rooms below.
#pragma once

#include <exoref/exoref.h>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>

#include "base/fork.hpp"
#include "base/log.hpp"
#include "base/options.hpp"
#include "refs/admin.hpp"
#include "refs/atom.hpp"
#include "refs/client.hpp"
#include "refs/delay.hpp"
#include "refs/future.hpp"
#include "refs/promise.hpp"
#include "refs/swap.hpp"

namespace exo::capi {

struct Counted {
    std::atomic<std::uint32_t> references{1};
};

/// Of what belongs to a client: not to be touched in a forked child.
struct ClientBound : Counted {
    const std::uint32_t generation = base::fork_generation();
};

inline bool forked(const ClientBound &handle) noexcept { return handle.generation != base::fork_generation(); }
inline bool forked(const Counted &) noexcept { return false; }

template <typename Handle>
Handle *retain(Handle *handle) noexcept {
    if (handle != nullptr) handle->references.fetch_add(1, std::memory_order_relaxed);
    return handle;
}

/// In a forked child the handle is left as it is: what is behind it belongs to the parent's threads.
template <typename Handle>
void release(Handle *handle) noexcept {
    if (handle == nullptr || forked(*handle)) return;
    if (handle->references.fetch_sub(1, std::memory_order_acq_rel) == 1) delete handle;
}

}  // namespace exo::capi

struct exoref_error : exo::capi::Counted {
    exo::base::ErrorPtr error;
};

struct exoref_value : exo::capi::Counted {
    exo::store::StatePtr state;
};

struct exoref_sink {
    std::size_t limit = 0;
    std::string bytes;
    std::string message;
    std::string kind;
    exo::base::ErrorPtr refused;  ///< why a write was refused: then the bytes are not all that was meant
};

struct exoref_options : exo::capi::Counted {
    mutable std::mutex mutex;
    exo::base::OptionSet set;
    exo::base::LogHook log;
    exo::refs::ValidatorPtr validator;
    void *loop = nullptr;
};

struct exoref_client : exo::capi::ClientBound {
    explicit exoref_client(exo::refs::ClientLifePtr of)
        : life(std::move(of)), taker(life->client()->dispatcher().taker()) {}
    exo::refs::ClientLifePtr life;
    std::shared_ptr<void> taker;  ///< events can be taken by this handle
};

struct exoref_future : exo::capi::ClientBound {
    exo::refs::FuturePtr future;
};

struct exoref_atom : exo::capi::ClientBound {
    exo::refs::AtomPtr atom;
};

struct exoref_swap : exo::capi::ClientBound {
    exo::refs::SwapPtr swap;
};

struct exoref_promise : exo::capi::ClientBound {
    exo::refs::PromisePtr promise;
};

struct exoref_delay : exo::capi::ClientBound {
    exo::refs::DelayPtr delay;
};

struct exoref_lease : exo::capi::ClientBound {
    exo::refs::HeldLeasePtr lease;
};

struct exoref_change {
    const exo::refs::Watch *watch = nullptr;
    const exo::refs::Change *change = nullptr;
    exoref_value *old_value = nullptr;
    exoref_value *new_value = nullptr;
};

struct exoref_event : exo::capi::ClientBound {
    exo::loop::EventPtr event;
    exoref_change change;
    bool has_change = false;
    std::atomic<bool> ran{false};
};

struct exoref_info : exo::capi::Counted {
    std::shared_ptr<const exo::refs::Info> info;
};

struct exoref_scan : exo::capi::ClientBound {
    std::shared_ptr<exo::refs::Scan> scan;
    std::shared_ptr<exo::refs::Client> client;
};
