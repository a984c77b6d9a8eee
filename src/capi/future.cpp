// Futures.
#include <exoref/exoref.h>

#include "capi/border.hpp"
#include "capi/callbacks.hpp"

using exo::base::ErrorPtr;
using exo::capi::border;
using exo::capi::quietly;
namespace base = exo::base;
namespace refs = exo::refs;

namespace {

/// The results, or empty ones of a NULL or forked handle.
refs::Results results_of(const exoref_future *future) {
    if (future == nullptr || exo::capi::forked(*future)) return {};
    return future->future->results();
}

ErrorPtr listen(exoref_future *future, refs::Callback<refs::Future &> callback, std::uint64_t token) {
    if (auto unusable = exo::capi::usable(future, "future")) return unusable;
    if (future->future->listen(std::move(callback), token)) return nullptr;
    return exo::capi::invalid("a callback or token was set on this future before");
}

}  // namespace

extern "C" {

exoref_status exoref_future_wait(exoref_future *future, int64_t timeout_ms, exoref_error **error) {
    return border(error, [&]() -> ErrorPtr {
        if (auto unusable = exo::capi::usable(future, "future")) return unusable;
        if (timeout_ms < EXOREF_TIMEOUT_DEFAULT)
            return exo::capi::invalid("the timeout was " + std::to_string(timeout_ms) + " ms");
        const refs::FuturePtr inner = future->future;
        if (inner->done()) return nullptr;
        if (timeout_ms != 0 && inner->waits_for_this_thread()) {
            return base::make_error(
                base::Status::EXOREF_EDEADLOCK,
                "a future was waited for on the thread whose work it waits for; set a callback instead");
        }
        if (timeout_ms != 0) {
            if (auto deadlock = refs::Delay::may_wait_for(*inner)) return deadlock;
        }
        const std::int64_t timeout = timeout_ms == EXOREF_TIMEOUT_DEFAULT ? inner->default_timeout() : timeout_ms;
        switch (inner->wait(base::deadline_after(timeout))) {
            case base::Status::OK: return nullptr;
            case base::Status::EINTERRUPTED:
                return base::make_error(base::Status::EINTERRUPTED, "the wait was interrupted; the operation goes on");
            default:
                return base::make_error(
                    base::Status::ETIMEOUT,
                    "the future was not done within " + std::to_string(timeout) + " ms; the operation goes on");
        }
    });
}

void exoref_future_interrupt(exoref_future *future) {
    if (future == nullptr || exo::capi::forked(*future)) return;
    quietly(0, [&] { return future->future->interrupt(), 0; });
}

void exoref_future_cancel(exoref_future *future) {
    if (future == nullptr || exo::capi::forked(*future)) return;
    quietly(0, [&] { return future->future->cancel(), 0; });
}

bool exoref_future_done(const exoref_future *future) {
    return future != nullptr && !exo::capi::forked(*future) && future->future->done();
}

exoref_status exoref_future_status(const exoref_future *future) {
    if (future == nullptr) return EXOREF_EINVAL;
    if (exo::capi::forked(*future)) return EXOREF_EFORK;
    return static_cast<exoref_status>(future->future->status());
}

exoref_error *exoref_future_error(const exoref_future *future) {
    if (future == nullptr || exo::capi::forked(*future)) return nullptr;
    return quietly<exoref_error *>(nullptr, [&] {
        exoref_error *error = nullptr;
        exo::capi::settle(future->future->error(), &error);
        return error;
    });
}

exoref_value *exoref_future_value(const exoref_future *future) {
    return quietly<exoref_value *>(nullptr, [&] { return exo::capi::new_value(results_of(future).value); });
}

exoref_value *exoref_future_old_value(const exoref_future *future) {
    return quietly<exoref_value *>(nullptr, [&] { return exo::capi::new_value(results_of(future).old_value); });
}

bool exoref_future_flag(const exoref_future *future) {
    return quietly(false, [&] { return results_of(future).flag; });
}

int64_t exoref_future_number(const exoref_future *future) {
    return quietly(int64_t{0}, [&] { return results_of(future).number; });
}

exoref_client *exoref_future_client(const exoref_future *future) {
    return quietly<exoref_client *>(nullptr, [&]() -> exoref_client * {
        auto life = results_of(future).client;
        return life ? new exoref_client(std::move(life)) : nullptr;
    });
}

exoref_atom *exoref_future_atom(const exoref_future *future) {
    return quietly<exoref_atom *>(nullptr, [&]() -> exoref_atom * {
        auto inner = results_of(future).atom;
        if (!inner) return nullptr;
        auto *atom = new exoref_atom;
        atom->atom = std::move(inner);
        return atom;
    });
}

exoref_swap *exoref_future_swap(const exoref_future *future) {
    return quietly<exoref_swap *>(nullptr, [&]() -> exoref_swap * {
        auto inner = results_of(future).swap;
        if (!inner) return nullptr;
        auto *swap = new exoref_swap;
        swap->swap = std::move(inner);
        return swap;
    });
}

exoref_info *exoref_future_info(const exoref_future *future) {
    return quietly<exoref_info *>(nullptr, [&]() -> exoref_info * {
        auto inner = results_of(future).info;
        if (!inner) return nullptr;
        auto *info = new exoref_info;
        info->info = std::move(inner);
        return info;
    });
}

exoref_promise *exoref_future_promise(const exoref_future *future) {
    return quietly<exoref_promise *>(nullptr, [&]() -> exoref_promise * {
        auto inner = results_of(future).promise;
        if (!inner) return nullptr;
        auto *promise = new exoref_promise;
        promise->promise = std::move(inner);
        return promise;
    });
}

exoref_delay *exoref_future_delay(const exoref_future *future) {
    return quietly<exoref_delay *>(nullptr, [&]() -> exoref_delay * {
        auto inner = results_of(future).delay;
        if (!inner) return nullptr;
        auto *delay = new exoref_delay;
        delay->delay = std::move(inner);
        return delay;
    });
}

exoref_lease *exoref_future_lease(const exoref_future *future) {
    return quietly<exoref_lease *>(nullptr, [&] { return exo::capi::new_lease(results_of(future).lease); });
}

exoref_status exoref_future_set_callback(exoref_future *future, exoref_future_fn fn, void *ctx, exoref_free_fn free_ctx,
                                         exoref_error **error) {
    return border(error, [&]() -> ErrorPtr {
        auto context = exo::capi::context_in(ctx, free_ctx);
        if (fn == nullptr) return exo::capi::null_argument("fn");
        return listen(future, exo::capi::future_in(fn, std::move(context)), 0);
    });
}

exoref_status exoref_future_set_token(exoref_future *future, uint64_t token, exoref_error **error) {
    return border(error, [&] { return listen(future, {}, token); });
}

exoref_future *exoref_future_retain(exoref_future *future) { return exo::capi::retain(future); }
void exoref_future_release(exoref_future *future) { exo::capi::release(future); }

}  // extern "C"
