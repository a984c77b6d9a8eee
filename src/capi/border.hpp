// The C border: exceptions become statuses, results become handles, nothing else happens. Every fallible function of the
// header is one call of border().
#pragma once

#include <exoref/exoref.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "capi/handles.hpp"

namespace exo::capi {

/// Hands the error over (if somebody wants it) and gives its status; EXOREF_OK for null.
exoref_status settle(const base::ErrorPtr &outcome, exoref_error **error) noexcept;
exoref_status out_of_memory(exoref_error **error) noexcept;
exoref_status internal_error(const char *what, exoref_error **error) noexcept;

/// Runs `body`, which gives an ErrorPtr, with no exception coming out.
template <typename Body>
exoref_status border(exoref_error **error, const Body &body) noexcept {
    if (error != nullptr) *error = nullptr;
    try {
        return settle(body(), error);
    } catch (const std::bad_alloc &) {
        return out_of_memory(error);
    } catch (const std::exception &exception) {
        return internal_error(exception.what(), error);
    } catch (...) {
        return internal_error("unknown exception", error);
    }
}

/// The same for functions that have no status: `otherwise` if something is thrown.
template <typename T, typename Body>
T quietly(T otherwise, const Body &body) noexcept {
    try {
        return body();
    } catch (...) {
        return otherwise;
    }
}

template <typename T>
void clear(T **out) noexcept {
    if (out != nullptr) *out = nullptr;
}
inline void clear(bool *out) noexcept {
    if (out != nullptr) *out = false;
}
template <typename T>
void give(T **out, T *handle) noexcept {
    out != nullptr ? void(*out = handle) : release(handle);
}
inline void give(bool *out, bool value) noexcept {
    if (out != nullptr) *out = value;
}

base::ErrorPtr invalid(const std::string &message);
base::ErrorPtr null_argument(const char *name);  ///< "the argument `name` is NULL"

/// Bytes that came in; EINVAL for (NULL, n). `bytes_lent` does not copy them: for what is done with them when the call returns.
base::Result<std::string_view> bytes_lent(const void *data, std::size_t size, const char *name);
base::Result<std::string> bytes_in(const void *data, std::size_t size, const char *name);
/// A key: not empty, and not beyond what Redis takes.
base::Result<std::string> key_in(const void *key, std::size_t size);
/// A timeout in milliseconds, -1 for ever, with the default filled in.
base::Result<std::int64_t> timeout_in(std::int64_t timeout_ms, const refs::Client &client);

/// Null, or why this handle can't be used (NULL, forked).
base::ErrorPtr usable(const ClientBound *handle, const char *name);

/// What options say of a reference; the defaults for NULL.
refs::ReferenceOptions reference_options(const exoref_options *options);

/// A handle that is made before its operation starts: once that has been applied, nothing may fail any more.
template <typename Handle>
class Slot {
public:
    /// None is made if nobody wants it.
    explicit Slot(Handle **out) : out_(out), handle_(out != nullptr ? std::make_unique<Handle>() : nullptr) {}

    /// Gives it out, with `inner` inside; not if that is null.
    template <typename Inner>
    void fill(Inner Handle::*member, Inner inner) noexcept {
        if (!handle_ || !inner) return;
        handle_.get()->*member = std::move(inner);
        *out_ = handle_.release();
    }

private:
    Handle **const out_;
    std::unique_ptr<Handle> handle_;
};

exoref_value *new_value(const store::StatePtr &state);  ///< NULL for null
exoref_value *new_text(std::string text);
exoref_future *new_future(refs::FuturePtr future);
exoref_lease *new_lease(refs::HeldLeasePtr lease);  ///< NULL for null

/// A context and its free function, joined; freed with the last copy, also when joining fails.
refs::ContextPtr context_in(void *ctx, exoref_free_fn free_ctx);

/// Waits for an operation that was started with a timeout of its own. Null, or its error.
base::ErrorPtr finish(const refs::FuturePtr &future);
/// A blocking form is about to start: null, or EDEADLOCK.
base::ErrorPtr may_block(const refs::Client &client, std::int64_t timeout_ms);

/// Both forms of an operation, from what starts it: `start(timeout)` gives the future.
using Start = std::function<base::Result<refs::FuturePtr>(std::int64_t timeout_ms)>;

/// Starts what this thread is about to wait for: it is sent by this thread, if nobody else is on the loop.
base::Result<refs::FuturePtr> visiting(const refs::Client &client, const Start &start, std::int64_t timeout_ms);

template <typename Fill>
base::ErrorPtr run_blocking(const refs::Client &client, std::int64_t timeout_ms, const Start &start, const Fill &fill) {
    const auto timeout = timeout_in(timeout_ms, client);
    if (!timeout) return timeout.error();
    if (auto error = may_block(client, *timeout)) return error;
    const auto future = visiting(client, start, *timeout);
    if (!future) return future.error();
    if (auto error = finish(*future)) return error;
    fill((*future)->results());
    return nullptr;
}

base::ErrorPtr run_async(const refs::Client &client, std::int64_t timeout_ms, const Start &start, exoref_future **out);

}  // namespace exo::capi
