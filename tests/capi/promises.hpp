// Promises as the tests of the C API use them.
#pragma once

#include "capi/fixture.hpp"

namespace exo::capi_test {

using Promise = Held<exoref_promise, exoref_promise_release>;

inline exoref_status try_open_promise(const Client &client, const std::string &key, const exoref_options *with,
                                      Promise *out, bool *created = nullptr, Error *error = nullptr) {
    return exoref_promise_open(client, key.data(), key.size(), with, enough(), out->out(), created,
                               error != nullptr ? error->out() : nullptr);
}

inline Promise open_promise(const Client &client, const std::string &key, const exoref_options *with = nullptr,
                            bool *created = nullptr) {
    Promise promise;
    Error error;
    const exoref_status status = try_open_promise(client, key, with, &promise, created, &error);
    check_status(EXOREF_OK, status, error, "open_promise", __FILE__, __LINE__);
    return promise;
}

// Whether it was delivered by this call; the standing value beside it.
inline bool deliver(const Promise &promise, const std::string &value, Value *standing = nullptr) {
    bool delivered = false;
    Error error;
    const exoref_status status = exoref_promise_deliver(promise, value.data(), value.size(), enough(), &delivered,
                                                        standing != nullptr ? standing->out() : nullptr, error.out());
    check_status(EXOREF_OK, status, error, "deliver", __FILE__, __LINE__);
    return delivered;
}

inline Value await(const Promise &promise, std::int64_t timeout_ms = enough()) {
    Value value;
    Error error;
    const exoref_status status = exoref_promise_deref(promise, timeout_ms, value.out(), error.out());
    check_status(EXOREF_OK, status, error, "await", __FILE__, __LINE__);
    return value;
}

inline Future await_async(const Promise &promise, std::int64_t timeout_ms = EXOREF_TIMEOUT_NONE) {
    Future future;
    Error error;
    const exoref_status status = exoref_promise_deref_async(promise, timeout_ms, future.out(), error.out());
    check_status(EXOREF_OK, status, error, "await_async", __FILE__, __LINE__);
    return future;
}

inline bool realized(const Promise &promise) {
    bool answer = false;
    Error error;
    const exoref_status status = exoref_promise_realized(promise, enough(), &answer, error.out());
    check_status(EXOREF_OK, status, error, "realized", __FILE__, __LINE__);
    return answer;
}

inline bool realized(const Client &client, const std::string &key, const char *type = "promise") {
    bool answer = false;
    Error error;
    const exoref_status status = exoref_realized(client, key.data(), key.size(), type, enough(), &answer, error.out());
    check_status(EXOREF_OK, status, error, "realized", __FILE__, __LINE__);
    return answer;
}

inline std::int64_t stat(const Client &client, const std::string &name) {
    for (std::size_t n = 0; n < exoref_stat_count(); ++n) {
        if (name == exoref_stat_name(n)) return exoref_client_stat(client, n);
    }
    return -1;
}

}  // namespace exo::capi_test
