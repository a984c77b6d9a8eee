// A signal lets go from the thread of the signals, at whatever point the claim is.
#include "cli/claim.hpp"

#include <algorithm>
#include <chrono>

namespace exo::cli {

namespace {

using Clock = std::chrono::steady_clock;

/// For all that is done at the end, where the server answers no more.
constexpr std::chrono::milliseconds kPatience{1000};

std::int64_t since(Clock::time_point begin) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin).count();
}

}  // namespace

Claim::Claim(exoref_client *client, exoref_delay *delay, std::int64_t timeout)
    : client_(client), delay_(delay), timeout_(timeout), at_signal_([this] { let_go(); }) {}

Claim::~Claim() {
    go_on_unless_signalled();
    let_go();
}

exoref_status Claim::wait(Value &value, Error &error) {
    const Clock::time_point begin = Clock::now();
    Future future;
    {
        const std::lock_guard lock(mutex_);
        lease_.reset();
        if (let_go_) return EXOREF_ECANCELLED;
        const exoref_status status = exoref_delay_claim_async(delay_, timeout_, into(future_), into(error));
        if (status != EXOREF_OK) return status;
        future.reset(exoref_future_retain(future_.get()));
    }
    exoref_future_wait(future.get(), EXOREF_TIMEOUT_NONE, nullptr);
    go_on_unless_signalled();
    const std::lock_guard lock(mutex_);
    if (timeout_ > 0) timeout_ = std::max<std::int64_t>(timeout_ - since(begin), 1);
    const exoref_status status = exoref_future_status(future.get());
    error.reset(exoref_future_error(future.get()));
    value.reset(exoref_future_value(future.get()));
    lease_.reset(exoref_future_lease(future.get()));
    // One that ran out of time may still be granted.
    if (status != EXOREF_ETIMEOUT) future_.reset();
    return status;
}

void Claim::settled() {
    const std::lock_guard lock(mutex_);
    lease_.reset();
}

/// Cancelled, a claim that is under way may still be granted, and is given back then, in the background: the first answer of the server
/// tells that the one to the claim has come, the second that it has the lease back. The same goes for a result under way.
void Claim::let_go() {
    const std::lock_guard lock(mutex_);
    let_go_ = true;
    if (!future_ && !lease_) return;
    const Clock::time_point begin = Clock::now();
    const auto left = [&] { return std::max<std::int64_t>(kPatience.count() - since(begin), 1); };
    if (future_) {
        exoref_future_cancel(future_.get());
        if (!lease_) lease_.reset(exoref_future_lease(future_.get()));
    }
    exoref_status status = EXOREF_OK;
    if (lease_) status = exoref_lease_give_back(lease_.get(), left(), nullptr);
    for (int i = 0; i < 2 && status == EXOREF_OK; ++i)
        status = exoref_client_ping(client_, left(), nullptr, nullptr, nullptr);
}

}  // namespace exo::cli
