// Any reference by its key: delete, expire, inspect, list; private servers by hand.
#include <exoref/exoref.h>

#include "capi/border.hpp"
#include "refs/realized.hpp"

using exo::base::ErrorPtr;
using exo::base::Result;
using exo::capi::border;
using exo::capi::null_argument;
using exo::capi::run_async;
using exo::capi::run_blocking;
using exo::capi::Start;
namespace refs = exo::refs;

namespace {

using KeyOperation = refs::FuturePtr (*)(const std::shared_ptr<refs::Client> &, const std::string &, std::int64_t);

Result<Start> start_of(KeyOperation operation, exoref_client *client, const void *key, size_t key_size) {
    if (auto unusable = exo::capi::usable(client, "client")) return unusable;
    auto name = exo::capi::key_in(key, key_size);
    if (!name) return name.error();
    return Start([inner = client->life->client(), operation, name = *name](std::int64_t timeout) {
        return operation(inner, name, timeout);
    });
}

Result<Start> start_of_expire(exoref_client *client, const void *key, size_t key_size, int64_t ttl_ms) {
    if (auto unusable = exo::capi::usable(client, "client")) return unusable;
    auto name = exo::capi::key_in(key, key_size);
    if (!name) return name.error();
    if (ttl_ms <= 0 && ttl_ms != EXOREF_TTL_NONE) {
        return exo::capi::invalid("the time to live was " + std::to_string(ttl_ms) +
                                  " ms; give at least 1, or EXOREF_TTL_NONE");
    }
    return Start([inner = client->life->client(), name = *name, ttl_ms](std::int64_t timeout) {
        return refs::expire(inner, name, ttl_ms, timeout);
    });
}

Result<Start> start_of_realized(exoref_client *client, const void *key, size_t key_size, const char *type) {
    if (auto unusable = exo::capi::usable(client, "client")) return unusable;
    auto name = exo::capi::key_in(key, key_size);
    if (!name) return name.error();
    const std::string wanted = type != nullptr ? type : "";
    if (!wanted.empty() && wanted != "promise" && wanted != "delay") {
        return exo::capi::invalid("the type was '" + wanted + "'; give \"promise\", \"delay\", or NULL for either");
    }
    return Start([inner = client->life->client(), name = *name, wanted](std::int64_t timeout) {
        return refs::ask_realized(*inner, name, wanted, "", timeout);
    });
}

Result<Start> start_of_next(exoref_scan *scan) {
    if (auto unusable = exo::capi::usable(scan, "scan")) return unusable;
    return Start([inner = scan->scan](std::int64_t timeout) { return inner->next(timeout); });
}

exoref_info *new_info(const std::shared_ptr<const refs::Info> &inner) {
    if (!inner) return nullptr;
    auto *info = new exoref_info;
    info->info = inner;
    return info;
}

const refs::Client &client_of(const exoref_client *client) { return *client->life->client(); }

ErrorPtr go_async(const exoref_client *client, const Result<Start> &start, int64_t timeout_ms, exoref_future **out) {
    return start ? run_async(client_of(client), timeout_ms, *start, out) : start.error();
}

}  // namespace

extern "C" {

exoref_status exoref_delete(exoref_client *client, const void *key, size_t key_size, int64_t timeout_ms, bool *deleted,
                            exoref_error **error) {
    exo::capi::clear(deleted);
    return border(error, [&]() -> ErrorPtr {
        const auto start = start_of(refs::delete_reference, client, key, key_size);
        if (!start) return start.error();
        return run_blocking(client_of(client), timeout_ms, *start,
                            [&](const refs::Results &results) { exo::capi::give(deleted, results.flag); });
    });
}

exoref_status exoref_delete_async(exoref_client *client, const void *key, size_t key_size, int64_t timeout_ms,
                                  exoref_future **out, exoref_error **error) {
    exo::capi::clear(out);
    return border(error, [&] {
        return go_async(client, start_of(refs::delete_reference, client, key, key_size), timeout_ms, out);
    });
}

exoref_status exoref_expire(exoref_client *client, const void *key, size_t key_size, int64_t ttl_ms, int64_t timeout_ms,
                            exoref_error **error) {
    return border(error, [&]() -> ErrorPtr {
        const auto start = start_of_expire(client, key, key_size, ttl_ms);
        if (!start) return start.error();
        return run_blocking(client_of(client), timeout_ms, *start, [](const refs::Results &) {});
    });
}

exoref_status exoref_expire_async(exoref_client *client, const void *key, size_t key_size, int64_t ttl_ms,
                                  int64_t timeout_ms, exoref_future **out, exoref_error **error) {
    exo::capi::clear(out);
    return border(error,
                  [&] { return go_async(client, start_of_expire(client, key, key_size, ttl_ms), timeout_ms, out); });
}

exoref_status exoref_realized(exoref_client *client, const void *key, size_t key_size, const char *type,
                              int64_t timeout_ms, bool *realized, exoref_error **error) {
    exo::capi::clear(realized);
    return border(error, [&]() -> ErrorPtr {
        const auto start = start_of_realized(client, key, key_size, type);
        if (!start) return start.error();
        return run_blocking(client_of(client), timeout_ms, *start,
                            [&](const refs::Results &results) { exo::capi::give(realized, results.flag); });
    });
}

exoref_status exoref_realized_async(exoref_client *client, const void *key, size_t key_size, const char *type,
                                    int64_t timeout_ms, exoref_future **out, exoref_error **error) {
    exo::capi::clear(out);
    return border(error,
                  [&] { return go_async(client, start_of_realized(client, key, key_size, type), timeout_ms, out); });
}

exoref_status exoref_inspect(exoref_client *client, const void *key, size_t key_size, int64_t timeout_ms,
                             exoref_info **out, exoref_error **error) {
    exo::capi::clear(out);
    return border(error, [&]() -> ErrorPtr {
        const auto start = start_of(refs::inspect, client, key, key_size);
        if (!start) return start.error();
        return run_blocking(client_of(client), timeout_ms, *start, [&](const refs::Results &results) {
            if (out != nullptr) *out = new_info(results.info);
        });
    });
}

exoref_status exoref_inspect_async(exoref_client *client, const void *key, size_t key_size, int64_t timeout_ms,
                                   exoref_future **out, exoref_error **error) {
    exo::capi::clear(out);
    return border(error,
                  [&] { return go_async(client, start_of(refs::inspect, client, key, key_size), timeout_ms, out); });
}

const char *exoref_info_text(const exoref_info *info, const char *name) {
    if (info == nullptr || name == nullptr) return nullptr;
    const auto found = info->info->texts.find(std::string_view(name));
    return found != info->info->texts.end() ? found->second.c_str() : nullptr;
}

const char *exoref_info_key(const exoref_info *info, size_t *size) {
    if (size != nullptr) *size = info != nullptr ? info->info->key.size() : 0;
    return info != nullptr ? info->info->key.c_str() : "";
}

exoref_value *exoref_info_value(const exoref_info *info) {
    if (info == nullptr) return nullptr;
    return exo::capi::quietly<exoref_value *>(nullptr, [&] { return exo::capi::new_value(info->info->value); });
}

exoref_value *exoref_info_meta(const exoref_info *info) {
    if (info == nullptr) return nullptr;
    return exo::capi::quietly<exoref_value *>(nullptr, [&] { return exo::capi::new_value(info->info->meta); });
}

size_t exoref_info_change_count(const exoref_info *info) { return info != nullptr ? info->info->changes.size() : 0; }

uint64_t exoref_info_change_version(const exoref_info *info, size_t n) {
    return info != nullptr && n < info->info->changes.size() ? info->info->changes[n].first : 0;
}

exoref_value *exoref_info_change_value(const exoref_info *info, size_t n) {
    if (info == nullptr || n >= info->info->changes.size()) return nullptr;
    return exo::capi::quietly<exoref_value *>(nullptr,
                                              [&] { return exo::capi::new_value(info->info->changes[n].second); });
}

void exoref_info_release(exoref_info *info) { exo::capi::release(info); }

exoref_status exoref_scan_new(exoref_client *client, const void *pattern, size_t pattern_size, const char *type,
                              exoref_scan **out, exoref_error **error) {
    exo::capi::clear(out);
    return border(error, [&]() -> ErrorPtr {
        if (auto unusable = exo::capi::usable(client, "client")) return unusable;
        if (out == nullptr) return null_argument("out");
        if (auto closed = client->life->client()->unusable()) return closed;
        auto text = exo::capi::bytes_in(pattern, pattern_size, "pattern");
        if (!text) return text.error();
        if (pattern == nullptr) *text = "*";
        auto scan = std::make_unique<exoref_scan>();
        scan->client = client->life->client();
        scan->scan = std::make_shared<refs::Scan>(client->life, std::move(*text), type != nullptr ? type : "");
        *out = scan.release();
        return nullptr;
    });
}

exoref_status exoref_scan_next(exoref_scan *scan, int64_t timeout_ms, exoref_info **out, exoref_error **error) {
    exo::capi::clear(out);
    return border(error, [&]() -> ErrorPtr {
        const auto start = start_of_next(scan);
        if (!start) return start.error();
        return run_blocking(*scan->client, timeout_ms, *start, [&](const refs::Results &results) {
            if (out != nullptr) *out = new_info(results.info);
        });
    });
}

exoref_status exoref_scan_next_async(exoref_scan *scan, int64_t timeout_ms, exoref_future **out, exoref_error **error) {
    exo::capi::clear(out);
    return border(error, [&]() -> ErrorPtr {
        const auto start = start_of_next(scan);
        return start ? run_async(*scan->client, timeout_ms, *start, out) : start.error();
    });
}

void exoref_scan_release(exoref_scan *scan) { exo::capi::release(scan); }

}  // extern "C"
