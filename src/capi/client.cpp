// Opening, closing and asking a client.
#include <exoref/exoref.h>

#include "capi/border.hpp"

using exo::base::ErrorPtr;
using exo::capi::border;
using exo::capi::null_argument;
namespace base = exo::base;
namespace refs = exo::refs;

namespace {

base::Result<refs::ClientLifePtr> open_life(const char *url, const exoref_options *options) {
    base::OptionSet set;
    refs::Client::Hooks hooks;
    if (options != nullptr) {
        const std::lock_guard lock(options->mutex);
        set = options->set;
        hooks.log = options->log;
        hooks.loop = static_cast<uv_loop_s *>(options->loop);
    }
    return refs::ClientLife::open(url, set, std::move(hooks));
}

}  // namespace

extern "C" {

exoref_status exoref_client_open(const char *url, const exoref_options *options, int64_t timeout_ms,
                                 exoref_client **out, exoref_error **error) {
    exo::capi::clear(out);
    return border(error, [&]() -> ErrorPtr {
        if (out == nullptr) return null_argument("out");
        const auto life = open_life(url, options);
        if (!life) return life.error();
        return exo::capi::run_blocking(
            *(*life)->client(), timeout_ms, [&](std::int64_t timeout) { return refs::connect(*life, timeout); },
            [&](const refs::Results &results) { *out = new exoref_client(results.client); });
    });
}

exoref_status exoref_client_open_async(const char *url, const exoref_options *options, int64_t timeout_ms,
                                       exoref_future **out, exoref_error **error) {
    exo::capi::clear(out);
    return border(error, [&]() -> ErrorPtr {
        if (out == nullptr) return null_argument("out");
        const auto life = open_life(url, options);
        if (!life) return life.error();
        return exo::capi::run_async(
            *(*life)->client(), timeout_ms, [&](std::int64_t timeout) { return refs::connect(*life, timeout); }, out);
    });
}

exoref_status exoref_client_close(exoref_client *client, int64_t timeout_ms, exoref_error **error) {
    return border(error, [&]() -> ErrorPtr {
        if (auto unusable = exo::capi::usable(client, "client")) return unusable;
        refs::Client &inner = *client->life->client();
        const auto timeout = exo::capi::timeout_in(timeout_ms, inner);
        if (!timeout) return timeout.error();
        if (*timeout != 0 && inner.on_own_thread()) {
            return base::make_error(
                base::Status::EXOREF_EDEADLOCK,
                "a client was to be closed, with a wait, on one of its own threads; use the timeout 0 there");
        }
        const base::TimePoint deadline = base::deadline_after(*timeout);
        inner.close();
        if (*timeout == 0 || inner.wait_closed(deadline)) return nullptr;
        return base::make_error(base::Status::ETIMEOUT, "the client was closed, but a callback of it still ran after " +
                                                            std::to_string(*timeout) +
                                                            " ms; the closing goes on by itself");
    });
}

exoref_status exoref_client_ping(exoref_client *client, int64_t timeout_ms, int64_t *round_trip_us,
                                 exoref_value **version, exoref_error **error) {
    exo::capi::clear(version);
    if (round_trip_us != nullptr) *round_trip_us = 0;
    return border(error, [&]() -> ErrorPtr {
        if (auto unusable = exo::capi::usable(client, "client")) return unusable;
        const auto &inner = client->life->client();
        return exo::capi::run_blocking(
            *inner, timeout_ms, [&](std::int64_t timeout) { return refs::ping(inner, timeout); },
            [&](const refs::Results &results) {
                if (round_trip_us != nullptr) *round_trip_us = results.number;
                if (version != nullptr) *version = exo::capi::new_value(results.value);
            });
    });
}

exoref_status exoref_client_ping_async(exoref_client *client, int64_t timeout_ms, exoref_future **out,
                                       exoref_error **error) {
    exo::capi::clear(out);
    return border(error, [&]() -> ErrorPtr {
        if (auto unusable = exo::capi::usable(client, "client")) return unusable;
        const auto &inner = client->life->client();
        return exo::capi::run_async(
            *inner, timeout_ms, [&](std::int64_t timeout) { return refs::ping(inner, timeout); }, out);
    });
}

const char *exoref_client_server(const exoref_client *client) {
    return client != nullptr ? client->life->client()->server().c_str() : "";
}

int64_t exoref_client_stat(const exoref_client *client, size_t n) {
    return client != nullptr ? client->life->client()->stats().get(n) : 0;
}

exoref_client *exoref_client_retain(exoref_client *client) { return exo::capi::retain(client); }
void exoref_client_release(exoref_client *client) { exo::capi::release(client); }

}  // extern "C"
