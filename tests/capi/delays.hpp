// Delays as the tests of the C API use them.
#pragma once

#include <functional>

#include "capi/fixture.hpp"

namespace exo::capi_test {

using Delay = Held<exoref_delay, exoref_delay_release>;
using Lease = Held<exoref_lease, exoref_lease_release>;

// A body that a test gives. It must outlive all its calls, and throw nothing.
using BodyFunction = std::function<std::int32_t(exoref_lease *, exoref_sink *)>;
inline std::int32_t call_body(void *ctx, exoref_lease *lease, exoref_sink *result) {
    return (*static_cast<BodyFunction *>(ctx))(lease, result);
}
inline std::int32_t answer(exoref_sink *result, const std::string &value) {
    exoref_sink_write(result, value.data(), value.size());
    return EXOREF_CALL_OK;
}
inline std::int32_t refuse(exoref_sink *result, const char *kind, const char *message, const std::string &payload) {
    exoref_sink_set_kind(result, kind);
    exoref_sink_set_message(result, message);
    exoref_sink_write(result, payload.data(), payload.size());
    return EXOREF_CALL_FAILED;
}
// Computes `value`, and counts its calls.
class CountedBody {
public:
    explicit CountedBody(std::string value = "computed") : value_(std::move(value)) {}
    operator BodyFunction *() { return &function_; }
    int calls() const { return calls_; }

private:
    std::string value_;
    std::atomic<int> calls_{0};
    BodyFunction function_ = [this](exoref_lease *, exoref_sink *result) {
        ++calls_;
        return answer(result, value_);
    };
};

inline Delay open_delay(const Client &client, const std::string &key, const exoref_options *with = nullptr,
                        bool *created = nullptr) {
    Delay delay;
    Error error;
    const exoref_status status =
        exoref_delay_open(client, key.data(), key.size(), with, enough(), delay.out(), created, error.out());
    check_status(EXOREF_OK, status, error, "open_delay", __FILE__, __LINE__);
    return delay;
}

inline Delay open_with_body(const Client &client, const std::string &key, BodyFunction *body,
                            const exoref_options *with = nullptr, bool *created = nullptr) {
    Delay delay;
    Error error;
    const exoref_status status = exoref_delay_open_with_body(client, key.data(), key.size(), call_body, body, nullptr,
                                                             0, with, enough(), delay.out(), created, error.out());
    check_status(EXOREF_OK, status, error, "open_with_body", __FILE__, __LINE__);
    return delay;
}

inline exoref_status try_force(const Delay &delay, Error *error, std::int64_t timeout_ms = enough()) {
    return exoref_delay_deref(delay, timeout_ms, nullptr, error->out());
}
inline Value force(const Delay &delay, std::int64_t timeout_ms = enough()) {
    Value value;
    Error error;
    const exoref_status status = exoref_delay_deref(delay, timeout_ms, value.out(), error.out());
    check_status(EXOREF_OK, status, error, "force", __FILE__, __LINE__);
    return value;
}
inline Future force_async(const Delay &delay, std::int64_t timeout_ms = EXOREF_TIMEOUT_NONE) {
    Future future;
    Error error;
    const exoref_status status = exoref_delay_deref_async(delay, timeout_ms, future.out(), error.out());
    check_status(EXOREF_OK, status, error, "force_async", __FILE__, __LINE__);
    return future;
}

// The lease; none if there is a value already.
inline Lease claim(const Delay &delay, std::int64_t timeout_ms = enough(), Value *value = nullptr) {
    Lease lease;
    Error error;
    const exoref_status status =
        exoref_delay_claim(delay, timeout_ms, lease.out(), value != nullptr ? value->out() : nullptr, error.out());
    check_status(EXOREF_OK, status, error, "claim", __FILE__, __LINE__);
    return lease;
}
inline exoref_status try_deliver(const Lease &lease, const std::string &value, Error *error = nullptr) {
    return exoref_lease_deliver(lease, value.data(), value.size(), enough(), nullptr,
                                error != nullptr ? error->out() : nullptr);
}

inline bool realized(const Delay &delay) {
    bool answer = false;
    Error error;
    const exoref_status status = exoref_delay_realized(delay, enough(), &answer, error.out());
    check_status(EXOREF_OK, status, error, "realized", __FILE__, __LINE__);
    return answer;
}
inline bool key_realized(const Client &client, const std::string &key) {
    bool answer = false;
    Error error;
    const exoref_status status =
        exoref_realized(client, key.data(), key.size(), "delay", enough(), &answer, error.out());
    check_status(EXOREF_OK, status, error, "realized", __FILE__, __LINE__);
    return answer;
}
inline std::string payload(const Error &error) {
    std::size_t size = 0;
    const char *data = exoref_error_payload(error, &size);
    return {data, size};
}

}  // namespace exo::capi_test
