// A delay as the application holds it: the shared cell of one epoch, with what this handle brings along to compute its value.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "refs/body.hpp"
#include "refs/delay_cell.hpp"
#include "refs/reference_options.hpp"

namespace exo::refs {

class Delay {
public:
    Delay(ClientLifePtr life, std::shared_ptr<DelayCell> cell, BodyPtr body);
    ~Delay();
    Delay(const Delay &) = delete;
    Delay &operator=(const Delay &) = delete;

    /// What an application gives as a body.
    struct GivenBody {
        Body::Function function;
        ContextPtr context;
        std::uint64_t token = 0;
    };

    /// Opens it, and creates it if it does not exist. The future has the delay; the flag tells whether it was created. `given`: null for
    /// one without a body.
    static FuturePtr open(const ClientLifePtr &life, const std::string &key, const ReferenceOptions &options,
                          const std::shared_ptr<GivenBody> &given, std::int64_t timeout_ms);

    std::string_view key() const noexcept { return cell_->shown_key(); }
    Client &client() const noexcept { return *life_->client(); }
    /// Whether a deref may run a body of its own on the thread that waits.
    bool computes() const noexcept { return body_->has_function() && body_->offers(); }

    /// The value, if this process knows it and may still be asked: null otherwise.
    store::StatePtr known() const { return client().closed() ? nullptr : cell_->result(); }

    FuturePtr deref(std::int64_t timeout_ms) { return cell_->want(DelayCell::How::value, body_, timeout_ms); }
    FuturePtr claim(std::int64_t timeout_ms) { return cell_->want(DelayCell::How::pull, body_, timeout_ms); }
    FuturePtr realized(std::int64_t timeout_ms);

    /// Derefs, running the body on this thread if it is its turn. Blocks.
    base::Result<store::StatePtr> deref_here(std::int64_t timeout_ms);
    /// A wait of this thread for this delay: null, or EDEADLOCK within its own body.
    base::ErrorPtr may_wait() const;
    static base::ErrorPtr may_wait_for(const Future &future);

private:
    /// The value or error of what the body made; nothing if the lease was lost meanwhile.
    std::optional<base::Result<store::StatePtr>> compute(const HeldLeasePtr &lease);

    const ClientLifePtr life_;
    const std::shared_ptr<DelayCell> cell_;
    BodyPtr body_;
};
using DelayPtr = std::shared_ptr<Delay>;

}  // namespace exo::refs
