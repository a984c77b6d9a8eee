// Promises: opening, delivering, waiting. One function starts each operation; the blocking and the asynchronous form share it.
#include <exoref/exoref.h>

#include "capi/border.hpp"

using exo::base::ErrorPtr;
using exo::base::Result;
using exo::capi::border;
using exo::capi::give;
using exo::capi::new_value;
using exo::capi::null_argument;
using exo::capi::run_async;
using exo::capi::run_blocking;
using exo::capi::Start;
namespace refs = exo::refs;

namespace {

const refs::Client &client_of(const exoref_promise *promise) { return promise->promise->client(); }

exoref_promise *new_promise(refs::PromisePtr inner) {
    auto *promise = new exoref_promise;
    promise->promise = std::move(inner);
    return promise;
}

Result<Start> start_of_open(exoref_client *client, const void *key, size_t key_size, const exoref_options *options) {
    if (auto unusable = exo::capi::usable(client, "client")) return unusable;
    auto name = exo::capi::key_in(key, key_size);
    if (!name) return name.error();
    return Start([life = client->life, name = *name, read = exo::capi::reference_options(options)](
                     std::int64_t timeout) { return refs::Promise::open(life, name, read, timeout); });
}

Result<Start> start_of_deliver(exoref_promise *promise, const void *data, size_t size) {
    if (auto unusable = exo::capi::usable(promise, "promise")) return unusable;
    auto value = exo::capi::bytes_in(data, size, "data");
    if (!value) return value.error();
    return Start([promise, value = std::move(*value)](std::int64_t timeout) mutable {
        return promise->promise->deliver(std::move(value), timeout);
    });
}

Result<Start> start_of_deref(exoref_promise *promise) {
    if (auto unusable = exo::capi::usable(promise, "promise")) return unusable;
    return Start([promise](std::int64_t timeout) { return promise->promise->deref(timeout); });
}

Result<Start> start_of_realized(exoref_promise *promise) {
    if (auto unusable = exo::capi::usable(promise, "promise")) return unusable;
    return Start([promise](std::int64_t timeout) { return promise->promise->realized(timeout); });
}

ErrorPtr go_async(const exoref_promise *promise, const Result<Start> &start, int64_t timeout_ms, exoref_future **out) {
    return start ? run_async(client_of(promise), timeout_ms, *start, out) : start.error();
}

/// What this process knows already, which needs neither a future nor a look at the timeout's meaning.
exo::store::StatePtr known(const exoref_promise *promise, int64_t timeout_ms) {
    const bool plain = promise != nullptr && !exo::capi::forked(*promise) && timeout_ms >= EXOREF_TIMEOUT_DEFAULT;
    return plain ? promise->promise->known() : nullptr;
}

}  // namespace

extern "C" {

exoref_status exoref_promise_open(exoref_client *client, const void *key, size_t key_size,
                                  const exoref_options *options, int64_t timeout_ms, exoref_promise **out,
                                  bool *created, exoref_error **error) {
    exo::capi::clear(out);
    exo::capi::clear(created);
    return border(error, [&]() -> ErrorPtr {
        if (out == nullptr) return null_argument("out");
        const auto start = start_of_open(client, key, key_size, options);
        if (!start) return start.error();
        return run_blocking(*client->life->client(), timeout_ms, *start, [&](const refs::Results &results) {
            *out = new_promise(results.promise);
            give(created, results.flag);
        });
    });
}

exoref_status exoref_promise_open_async(exoref_client *client, const void *key, size_t key_size,
                                        const exoref_options *options, int64_t timeout_ms, exoref_future **out,
                                        exoref_error **error) {
    exo::capi::clear(out);
    return border(error, [&]() -> ErrorPtr {
        const auto start = start_of_open(client, key, key_size, options);
        if (!start) return start.error();
        return run_async(*client->life->client(), timeout_ms, *start, out);
    });
}

const char *exoref_promise_key(const exoref_promise *promise, size_t *size) {
    if (size != nullptr) *size = promise != nullptr ? promise->promise->key().size() : 0;
    // The end of the cell's key, which a NUL follows.
    return promise != nullptr ? promise->promise->key().data() : "";
}

exoref_status exoref_promise_deliver(exoref_promise *promise, const void *data, size_t size, int64_t timeout_ms,
                                     bool *delivered, exoref_value **standing, exoref_error **error) {
    exo::capi::clear(delivered);
    exo::capi::clear(standing);
    return border(error, [&]() -> ErrorPtr {
        const auto start = start_of_deliver(promise, data, size);
        if (!start) return start.error();
        return run_blocking(client_of(promise), timeout_ms, *start, [&](const refs::Results &results) {
            give(delivered, results.flag);
            if (standing != nullptr) *standing = new_value(results.value);
        });
    });
}

exoref_status exoref_promise_deliver_async(exoref_promise *promise, const void *data, size_t size, int64_t timeout_ms,
                                           exoref_future **out, exoref_error **error) {
    exo::capi::clear(out);
    return border(error, [&] { return go_async(promise, start_of_deliver(promise, data, size), timeout_ms, out); });
}

exoref_status exoref_promise_deref(exoref_promise *promise, int64_t timeout_ms, exoref_value **out,
                                   exoref_error **error) {
    exo::capi::clear(out);
    return border(error, [&]() -> ErrorPtr {
        if (const auto value = known(promise, timeout_ms)) {
            if (out != nullptr) *out = new_value(value);
            return nullptr;
        }
        const auto start = start_of_deref(promise);
        if (!start) return start.error();
        return run_blocking(client_of(promise), timeout_ms, *start, [&](const refs::Results &results) {
            if (out != nullptr) *out = new_value(results.value);
        });
    });
}

exoref_status exoref_promise_deref_async(exoref_promise *promise, int64_t timeout_ms, exoref_future **out,
                                         exoref_error **error) {
    exo::capi::clear(out);
    return border(error, [&] { return go_async(promise, start_of_deref(promise), timeout_ms, out); });
}

exoref_status exoref_promise_realized(exoref_promise *promise, int64_t timeout_ms, bool *realized,
                                      exoref_error **error) {
    exo::capi::clear(realized);
    return border(error, [&]() -> ErrorPtr {
        const auto start = start_of_realized(promise);
        if (!start) return start.error();
        return run_blocking(client_of(promise), timeout_ms, *start,
                            [&](const refs::Results &results) { give(realized, results.flag); });
    });
}

exoref_status exoref_promise_realized_async(exoref_promise *promise, int64_t timeout_ms, exoref_future **out,
                                            exoref_error **error) {
    exo::capi::clear(out);
    return border(error, [&] { return go_async(promise, start_of_realized(promise), timeout_ms, out); });
}

exoref_promise *exoref_promise_retain(exoref_promise *promise) { return exo::capi::retain(promise); }
void exoref_promise_release(exoref_promise *promise) { exo::capi::release(promise); }

}  // extern "C"
