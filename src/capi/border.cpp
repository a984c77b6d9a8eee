// Checks of arguments, and how outcomes leave.
#include "capi/border.hpp"

#include <new>

namespace exo::capi {

using base::Status;

namespace {

/// What Redis itself takes as one string.
constexpr std::size_t kMostKeyBytes = std::size_t{1} << 20;

}  // namespace

exoref_status settle(const base::ErrorPtr &outcome, exoref_error **error) noexcept {
    if (!outcome) return EXOREF_OK;
    if (error != nullptr) {
        *error = new (std::nothrow) exoref_error;
        if (*error != nullptr) (*error)->error = outcome;
    }
    return static_cast<exoref_status>(outcome->status);
}

exoref_status out_of_memory(exoref_error **error) noexcept {
    try {
        return settle(base::make_error(Status::EXOREF_ENOMEM, "memory ran out; nothing more was attempted"), error);
    } catch (...) {
        return EXOREF_ENOMEM;
    }
}

exoref_status internal_error(const char *what, exoref_error **error) noexcept {
    try {
        return settle(
            base::make_error(Status::EINTERNAL, std::string("exoref itself failed: ") + what + "; please report it"),
            error);
    } catch (...) {
        return EXOREF_EINTERNAL;
    }
}

base::ErrorPtr invalid(const std::string &message) { return base::make_error(Status::EXOREF_EINVAL, message); }

base::ErrorPtr null_argument(const char *name) { return invalid("the argument '" + std::string(name) + "' was NULL"); }

base::Result<std::string_view> bytes_lent(const void *data, std::size_t size, const char *name) {
    if (data == nullptr && size > 0) {
        return invalid("the argument '" + std::string(name) + "' was NULL with a size of " + std::to_string(size));
    }
    return std::string_view(static_cast<const char *>(data), size);
}

base::Result<std::string> bytes_in(const void *data, std::size_t size, const char *name) {
    const auto lent = bytes_lent(data, size, name);
    if (!lent) return lent.error();
    return std::string(*lent);
}

base::Result<std::string> key_in(const void *key, std::size_t size) {
    if (key != nullptr && size > kMostKeyBytes) {
        return base::make_error(Status::ETOOBIG, "the key has " + std::to_string(size) + " bytes, and at most " +
                                                     std::to_string(kMostKeyBytes) + " are taken");
    }
    if (size == 0) return invalid("the key was empty");
    return bytes_in(key, size, "key");
}

base::Result<std::int64_t> timeout_in(std::int64_t timeout_ms, const refs::Client &client) {
    if (timeout_ms == EXOREF_TIMEOUT_DEFAULT) return client.settings().timeout_ms;
    if (timeout_ms >= 0 || timeout_ms == EXOREF_TIMEOUT_NONE) return timeout_ms;
    return invalid("the timeout was " + std::to_string(timeout_ms) +
                   " ms; give a number from 0 up, EXOREF_TIMEOUT_NONE or EXOREF_TIMEOUT_DEFAULT");
}

base::ErrorPtr usable(const ClientBound *handle, const char *name) {
    if (handle == nullptr) return null_argument(name);
    if (!forked(*handle)) return nullptr;
    return base::make_error(Status::EFORK, "the " + std::string(name) +
                                               " belongs to the parent of this forked process; open a client here");
}

refs::ReferenceOptions reference_options(const exoref_options *options) {
    if (options == nullptr) return {};
    const std::lock_guard lock(options->mutex);
    return refs::ReferenceOptions::from(options->set, options->validator);
}

exoref_value *new_value(const store::StatePtr &state) {
    if (!state) return nullptr;
    auto *value = new exoref_value;
    value->state = state;
    return value;
}

exoref_value *new_text(std::string text) {
    auto state = std::make_shared<store::State>();
    state->value = std::move(text);
    return new_value(state);
}

exoref_future *new_future(refs::FuturePtr future) {
    auto *handle = new exoref_future;
    handle->future = std::move(future);
    return handle;
}

exoref_lease *new_lease(refs::HeldLeasePtr lease) {
    if (!lease) return nullptr;
    auto *handle = new exoref_lease;
    handle->lease = std::move(lease);
    return handle;
}

refs::ContextPtr context_in(void *ctx, exoref_free_fn free_ctx) {
    return {ctx, [free_ctx](void *context) {
                if (free_ctx != nullptr) free_ctx(context);
            }};
}

base::ErrorPtr finish(const refs::FuturePtr &future) {
    // The operation has its own deadline. An interrupt is for whoever has the future, and nobody has this one.
    future->wait(base::kNever);
    return future->error();
}

base::ErrorPtr may_block(const refs::Client &client, std::int64_t timeout_ms) {
    if (timeout_ms == 0 || !client.loop().on_loop()) return nullptr;
    return base::make_error(
        Status::EXOREF_EDEADLOCK,
        "a blocking call was made on the thread that drives the client's loop, where it could never "
        "end; use the asynchronous form there");
}

base::Result<refs::FuturePtr> visiting(const refs::Client &client, const Start &start, std::int64_t timeout_ms) {
    const loop::Loop::Visit visit(client.loop());
    return start(timeout_ms);
}

base::ErrorPtr run_async(const refs::Client &client, std::int64_t timeout_ms, const Start &start, exoref_future **out) {
    if (out == nullptr) return null_argument("out");
    const auto timeout = timeout_in(timeout_ms, client);
    if (!timeout) return timeout.error();
    Slot<exoref_future> slot(out);
    // Alone on the line it is sent by this thread at once, as a blocking call is: who then waits has lost nothing. Many at once
    // are for the loop, which sends them together.
    const bool alone = client.stats().get(base::Stat::pending) == 0;
    auto future = alone ? visiting(client, start, *timeout) : start(*timeout);
    if (!future) return future.error();
    slot.fill(&exoref_future::future, std::move(*future));
    return nullptr;
}

}  // namespace exo::capi
