// Delays: opening, asking for the value, claiming. One function starts each operation; both forms share it.
#include <exoref/exoref.h>

#include "capi/border.hpp"
#include "capi/callbacks.hpp"

using exo::base::ErrorPtr;
using exo::base::Result;
using exo::capi::border;
using exo::capi::give;
using exo::capi::new_lease;
using exo::capi::new_value;
using exo::capi::null_argument;
using exo::capi::run_async;
using exo::capi::run_blocking;
using exo::capi::Start;
namespace refs = exo::refs;

namespace {

const refs::Client &client_of(const exoref_delay *delay) { return delay->delay->client(); }

exoref_delay *new_delay(refs::DelayPtr inner) {
    auto *delay = new exoref_delay;
    delay->delay = std::move(inner);
    return delay;
}

using GivenBody = std::shared_ptr<refs::Delay::GivenBody>;

/// A body of the application; its context is freed also when this fails.
Result<GivenBody> body_given(exoref_client *client, exoref_body_fn fn, refs::ContextPtr context, uint64_t token) {
    if (auto unusable = exo::capi::usable(client, "client")) return unusable;
    refs::Client &inner = *client->life->client();
    if (fn == nullptr && inner.dispatcher().has_lanes()) return null_argument("fn");
    auto given = std::make_shared<refs::Delay::GivenBody>();
    given->function = exo::capi::body_in(fn, context.get(), inner.settings().max_value_size);
    given->context = std::move(context);
    given->token = token;
    return given;
}

Result<Start> start_of_open(exoref_client *client, const void *key, size_t key_size, const exoref_options *options,
                            const GivenBody &given) {
    if (auto unusable = exo::capi::usable(client, "client")) return unusable;
    auto name = exo::capi::key_in(key, key_size);
    if (!name) return name.error();
    return Start([life = client->life, name = *name, read = exo::capi::reference_options(options),
                  given](std::int64_t timeout) { return refs::Delay::open(life, name, read, given, timeout); });
}

ErrorPtr open_blocking(exoref_client *client, const Result<Start> &start, int64_t timeout_ms, exoref_delay **out,
                       bool *created) {
    if (out == nullptr) return null_argument("out");
    if (!start) return start.error();
    return run_blocking(*client->life->client(), timeout_ms, *start, [&](const refs::Results &results) {
        *out = new_delay(results.delay);
        give(created, results.flag);
    });
}

ErrorPtr open_async(exoref_client *client, const Result<Start> &start, int64_t timeout_ms, exoref_future **out) {
    return start ? run_async(*client->life->client(), timeout_ms, *start, out) : start.error();
}

Result<Start> start_of_deref(exoref_delay *delay) {
    if (auto unusable = exo::capi::usable(delay, "delay")) return unusable;
    return Start([delay](std::int64_t timeout) { return delay->delay->deref(timeout); });
}

Result<Start> start_of_claim(exoref_delay *delay) {
    if (auto unusable = exo::capi::usable(delay, "delay")) return unusable;
    return Start([delay](std::int64_t timeout) { return delay->delay->claim(timeout); });
}

Result<Start> start_of_realized(exoref_delay *delay) {
    if (auto unusable = exo::capi::usable(delay, "delay")) return unusable;
    return Start([delay](std::int64_t timeout) { return delay->delay->realized(timeout); });
}

ErrorPtr go_async(const exoref_delay *delay, const Result<Start> &start, int64_t timeout_ms, exoref_future **out) {
    return start ? run_async(client_of(delay), timeout_ms, *start, out) : start.error();
}

/// What this process knows already, which needs neither a future nor a look at the timeout's meaning.
exo::store::StatePtr known(const exoref_delay *delay, int64_t timeout_ms) {
    const bool plain = delay != nullptr && !exo::capi::forked(*delay) && timeout_ms >= EXOREF_TIMEOUT_DEFAULT;
    return plain ? delay->delay->known() : nullptr;
}

/// Whether this thread is to run a body of its own if it is its turn.
bool computes(const exoref_delay *delay, int64_t timeout_ms) {
    return delay != nullptr && !exo::capi::forked(*delay) && timeout_ms != 0 && delay->delay->computes();
}

ErrorPtr deref_here(const exoref_delay *delay, int64_t timeout_ms, exoref_value **out) {
    const auto timeout = exo::capi::timeout_in(timeout_ms, client_of(delay));
    if (!timeout) return timeout.error();
    if (auto error = exo::capi::may_block(client_of(delay), *timeout)) return error;
    const auto value = delay->delay->deref_here(*timeout);
    if (!value) return value.error();
    if (out != nullptr) *out = new_value(*value);
    return nullptr;
}

}  // namespace

extern "C" {

exoref_status exoref_delay_open(exoref_client *client, const void *key, size_t key_size, const exoref_options *options,
                                int64_t timeout_ms, exoref_delay **out, bool *created, exoref_error **error) {
    exo::capi::clear(out);
    exo::capi::clear(created);
    return border(error, [&] {
        return open_blocking(client, start_of_open(client, key, key_size, options, nullptr), timeout_ms, out, created);
    });
}

exoref_status exoref_delay_open_async(exoref_client *client, const void *key, size_t key_size,
                                      const exoref_options *options, int64_t timeout_ms, exoref_future **out,
                                      exoref_error **error) {
    exo::capi::clear(out);
    return border(error, [&] {
        return open_async(client, start_of_open(client, key, key_size, options, nullptr), timeout_ms, out);
    });
}

exoref_status exoref_delay_open_with_body(exoref_client *client, const void *key, size_t key_size, exoref_body_fn fn,
                                          void *ctx, exoref_free_fn free_ctx, uint64_t token,
                                          const exoref_options *options, int64_t timeout_ms, exoref_delay **out,
                                          bool *created, exoref_error **error) {
    exo::capi::clear(out);
    exo::capi::clear(created);
    return border(error, [&]() -> ErrorPtr {
        const auto given = body_given(client, fn, exo::capi::context_in(ctx, free_ctx), token);
        if (!given) return given.error();
        return open_blocking(client, start_of_open(client, key, key_size, options, *given), timeout_ms, out, created);
    });
}

exoref_status exoref_delay_open_with_body_async(exoref_client *client, const void *key, size_t key_size,
                                                exoref_body_fn fn, void *ctx, exoref_free_fn free_ctx, uint64_t token,
                                                const exoref_options *options, int64_t timeout_ms, exoref_future **out,
                                                exoref_error **error) {
    exo::capi::clear(out);
    return border(error, [&]() -> ErrorPtr {
        const auto given = body_given(client, fn, exo::capi::context_in(ctx, free_ctx), token);
        if (!given) return given.error();
        return open_async(client, start_of_open(client, key, key_size, options, *given), timeout_ms, out);
    });
}

const char *exoref_delay_key(const exoref_delay *delay, size_t *size) {
    if (size != nullptr) *size = delay != nullptr ? delay->delay->key().size() : 0;
    // The end of the cell's key, which a NUL follows.
    return delay != nullptr ? delay->delay->key().data() : "";
}

exoref_status exoref_delay_deref(exoref_delay *delay, int64_t timeout_ms, exoref_value **out, exoref_error **error) {
    exo::capi::clear(out);
    return border(error, [&]() -> ErrorPtr {
        if (const auto value = known(delay, timeout_ms)) {
            if (out != nullptr) *out = new_value(value);
            return nullptr;
        }
        const auto start = start_of_deref(delay);
        if (!start) return start.error();
        if (auto deadlock = delay->delay->may_wait()) return deadlock;
        if (computes(delay, timeout_ms)) return deref_here(delay, timeout_ms, out);
        return run_blocking(client_of(delay), timeout_ms, *start, [&](const refs::Results &results) {
            if (out != nullptr) *out = new_value(results.value);
        });
    });
}

exoref_status exoref_delay_deref_async(exoref_delay *delay, int64_t timeout_ms, exoref_future **out,
                                       exoref_error **error) {
    exo::capi::clear(out);
    return border(error, [&] { return go_async(delay, start_of_deref(delay), timeout_ms, out); });
}

exoref_status exoref_delay_realized(exoref_delay *delay, int64_t timeout_ms, bool *realized, exoref_error **error) {
    exo::capi::clear(realized);
    return border(error, [&]() -> ErrorPtr {
        const auto start = start_of_realized(delay);
        if (!start) return start.error();
        return run_blocking(client_of(delay), timeout_ms, *start,
                            [&](const refs::Results &results) { give(realized, results.flag); });
    });
}

exoref_status exoref_delay_realized_async(exoref_delay *delay, int64_t timeout_ms, exoref_future **out,
                                          exoref_error **error) {
    exo::capi::clear(out);
    return border(error, [&] { return go_async(delay, start_of_realized(delay), timeout_ms, out); });
}

exoref_status exoref_delay_claim(exoref_delay *delay, int64_t timeout_ms, exoref_lease **lease, exoref_value **value,
                                 exoref_error **error) {
    exo::capi::clear(lease);
    exo::capi::clear(value);
    return border(error, [&]() -> ErrorPtr {
        if (lease == nullptr) return null_argument("lease");
        const auto start = start_of_claim(delay);
        if (!start) return start.error();
        if (auto deadlock = delay->delay->may_wait()) return deadlock;
        return run_blocking(client_of(delay), timeout_ms, *start, [&](const refs::Results &results) {
            *lease = new_lease(results.lease);
            if (value != nullptr) *value = new_value(results.value);
        });
    });
}

exoref_status exoref_delay_claim_async(exoref_delay *delay, int64_t timeout_ms, exoref_future **out,
                                       exoref_error **error) {
    exo::capi::clear(out);
    return border(error, [&] { return go_async(delay, start_of_claim(delay), timeout_ms, out); });
}

exoref_delay *exoref_delay_retain(exoref_delay *delay) { return exo::capi::retain(delay); }
void exoref_delay_release(exoref_delay *delay) { exo::capi::release(delay); }

}  // extern "C"
