// Leases: publishing a result, renewing, giving back, and being told of the loss.
#include <exoref/exoref.h>

#include "capi/border.hpp"

using exo::base::ErrorPtr;
using exo::base::Result;
using exo::capi::border;
using exo::capi::new_value;
using exo::capi::run_async;
using exo::capi::run_blocking;
using exo::capi::Start;
namespace refs = exo::refs;

namespace {

const refs::Client &client_of(const exoref_lease *lease) { return lease->lease->client(); }

Result<Start> start_of_deliver(exoref_lease *lease, const void *data, size_t size) {
    if (auto unusable = exo::capi::usable(lease, "lease")) return unusable;
    auto value = exo::capi::bytes_in(data, size, "data");
    if (!value) return value.error();
    return Start([lease, value = std::move(*value)](std::int64_t timeout) mutable {
        return lease->lease->deliver(std::move(value), timeout);
    });
}

Result<Start> start_of_fail(exoref_lease *lease, const char *kind, const char *message, const void *payload,
                            size_t payload_size) {
    if (auto unusable = exo::capi::usable(lease, "lease")) return unusable;
    auto bytes = exo::capi::bytes_in(payload, payload_size, "payload");
    if (!bytes) return bytes.error();
    const auto text = [](const char *given) { return std::string(given != nullptr ? given : ""); };
    return Start([lease, kind = text(kind), message = text(message), bytes = *bytes](std::int64_t timeout) {
        return lease->lease->fail(kind, message, bytes, timeout);
    });
}

Result<Start> start_of_renew(exoref_lease *lease) {
    if (auto unusable = exo::capi::usable(lease, "lease")) return unusable;
    return Start([lease](std::int64_t timeout) { return lease->lease->renew(timeout); });
}

Result<Start> start_of_give_back(exoref_lease *lease) {
    if (auto unusable = exo::capi::usable(lease, "lease")) return unusable;
    return Start([lease](std::int64_t timeout) { return lease->lease->give_back(timeout); });
}

ErrorPtr go_async(const exoref_lease *lease, const Result<Start> &start, int64_t timeout_ms, exoref_future **out) {
    return start ? run_async(client_of(lease), timeout_ms, *start, out) : start.error();
}

}  // namespace

extern "C" {

exoref_status exoref_lease_deliver(exoref_lease *lease, const void *data, size_t size, int64_t timeout_ms,
                                   exoref_value **value, exoref_error **error) {
    exo::capi::clear(value);
    return border(error, [&]() -> ErrorPtr {
        const auto start = start_of_deliver(lease, data, size);
        if (!start) return start.error();
        return run_blocking(client_of(lease), timeout_ms, *start, [&](const refs::Results &results) {
            if (value != nullptr) *value = new_value(results.value);
        });
    });
}

exoref_status exoref_lease_deliver_async(exoref_lease *lease, const void *data, size_t size, int64_t timeout_ms,
                                         exoref_future **out, exoref_error **error) {
    exo::capi::clear(out);
    return border(error, [&] { return go_async(lease, start_of_deliver(lease, data, size), timeout_ms, out); });
}

exoref_status exoref_lease_fail(exoref_lease *lease, const char *kind, const char *message, const void *payload,
                                size_t payload_size, int64_t timeout_ms, exoref_error **error) {
    return border(error, [&]() -> ErrorPtr {
        const auto start = start_of_fail(lease, kind, message, payload, payload_size);
        if (!start) return start.error();
        return run_blocking(client_of(lease), timeout_ms, *start, [](const refs::Results &) {});
    });
}

exoref_status exoref_lease_fail_async(exoref_lease *lease, const char *kind, const char *message, const void *payload,
                                      size_t payload_size, int64_t timeout_ms, exoref_future **out,
                                      exoref_error **error) {
    exo::capi::clear(out);
    return border(error, [&] {
        return go_async(lease, start_of_fail(lease, kind, message, payload, payload_size), timeout_ms, out);
    });
}

exoref_status exoref_lease_renew(exoref_lease *lease, int64_t timeout_ms, int64_t *left_ms, exoref_error **error) {
    if (left_ms != nullptr) *left_ms = 0;
    return border(error, [&]() -> ErrorPtr {
        const auto start = start_of_renew(lease);
        if (!start) return start.error();
        return run_blocking(client_of(lease), timeout_ms, *start, [&](const refs::Results &results) {
            if (left_ms != nullptr) *left_ms = results.number;
        });
    });
}

exoref_status exoref_lease_renew_async(exoref_lease *lease, int64_t timeout_ms, exoref_future **out,
                                       exoref_error **error) {
    exo::capi::clear(out);
    return border(error, [&] { return go_async(lease, start_of_renew(lease), timeout_ms, out); });
}

bool exoref_lease_lost(const exoref_lease *lease) {
    return lease != nullptr && (exo::capi::forked(*lease) || lease->lease->lease()->lost());
}

exoref_status exoref_lease_lost_async(exoref_lease *lease, exoref_future **out, exoref_error **error) {
    exo::capi::clear(out);
    return border(error, [&]() -> ErrorPtr {
        if (auto unusable = exo::capi::usable(lease, "lease")) return unusable;
        if (out == nullptr) return exo::capi::null_argument("out");
        *out = exo::capi::new_future(lease->lease->lease()->when_lost());
        return nullptr;
    });
}

exoref_status exoref_lease_give_back(exoref_lease *lease, int64_t timeout_ms, exoref_error **error) {
    return border(error, [&]() -> ErrorPtr {
        const auto start = start_of_give_back(lease);
        if (!start) return start.error();
        return run_blocking(client_of(lease), timeout_ms, *start, [](const refs::Results &) {});
    });
}

exoref_status exoref_lease_give_back_async(exoref_lease *lease, int64_t timeout_ms, exoref_future **out,
                                           exoref_error **error) {
    exo::capi::clear(out);
    return border(error, [&] { return go_async(lease, start_of_give_back(lease), timeout_ms, out); });
}

int64_t exoref_lease_token(const exoref_lease *lease) { return lease != nullptr ? lease->lease->token() : 0; }

exoref_lease *exoref_lease_retain(exoref_lease *lease) { return exo::capi::retain(lease); }
void exoref_lease_release(exoref_lease *lease) { exo::capi::release(lease); }

}  // extern "C"
