// Delays in the form that the tests of this folder use them, and processes that hold a body.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "faults/api.hpp"
#include "faults/promise.hpp"

namespace exo::faults {

class Lease {
public:
    Lease() = default;
    explicit Lease(exoref_lease *lease) : lease_(lease) {}
    Lease(Lease &&other) noexcept : lease_(std::exchange(other.lease_, nullptr)) {}
    Lease &operator=(Lease &&other) noexcept {
        std::swap(lease_, other.lease_);
        return *this;
    }
    ~Lease() { exoref_lease_release(lease_); }

    explicit operator bool() const { return lease_ != nullptr; }
    exoref_lease **out() {
        exoref_lease_release(std::exchange(lease_, nullptr));
        return &lease_;
    }
    std::int64_t token() const { return exoref_lease_token(lease_); }
    bool lost() const { return exoref_lease_lost(lease_); }
    Outcome deliver(const std::string &bytes, Millis time = Millis(10000)) {
        exoref_error *error = nullptr;
        const exoref_status status =
            exoref_lease_deliver(lease_, bytes.data(), bytes.size(), support::scaled(time).count(), nullptr, &error);
        return outcome_of(status, error);
    }
    Outcome renew(Millis time = Millis(10000)) {
        exoref_error *error = nullptr;
        const exoref_status status = exoref_lease_renew(lease_, support::scaled(time).count(), nullptr, &error);
        return outcome_of(status, error);
    }
    Outcome publish_failure(const std::string &message, Millis time = Millis(10000)) {
        exoref_error *error = nullptr;
        const exoref_status status =
            exoref_lease_fail(lease_, "k", message.c_str(), nullptr, 0, support::scaled(time).count(), &error);
        return outcome_of(status, error);
    }

private:
    exoref_lease *lease_ = nullptr;
};

using BodyFunction = std::function<std::string(exoref_lease *)>;

inline std::int32_t call_delay_body(void *ctx, exoref_lease *lease, exoref_sink *result) {
    const std::string value = (*static_cast<BodyFunction *>(ctx))(lease);
    return exoref_sink_write(result, value.data(), value.size()) == EXOREF_OK ? EXOREF_CALL_OK : EXOREF_CALL_FAILED;
}

class Delay {
public:
    // Must succeed. `body` outlives all its calls.
    Delay(const Client &client, const std::string &key, OptionList list = {}, BodyFunction *body = nullptr) {
        const Options options(list);
        exoref_error *error = nullptr;
        const std::int64_t time = ms(Millis(10000));
        const exoref_status status =
            body == nullptr
                ? exoref_delay_open(client.get(), key.data(), key.size(), options.get(), time, &delay_, nullptr, &error)
                : exoref_delay_open_with_body(client.get(), key.data(), key.size(), call_delay_body, body, nullptr, 0,
                                              options.get(), time, &delay_, nullptr, &error);
        if (status != EXOREF_OK) {
            support::fatal("opening the delay " + key + ": " + outcome_of(status, error).show());
        }
    }
    ~Delay() { exoref_delay_release(delay_); }
    Delay(Delay &&other) noexcept : delay_(std::exchange(other.delay_, nullptr)) {}
    Delay &operator=(Delay &&) = delete;

    Outcome deref(Value *out, Millis time = Millis(10000)) const {
        exoref_error *error = nullptr;
        const exoref_status status = exoref_delay_deref(delay_, ms(time), out->out(), &error);
        return outcome_of(status, error);
    }
    Outcome claim(Lease *lease, Millis time = Millis(10000)) const {
        exoref_error *error = nullptr;
        const exoref_status status = exoref_delay_claim(delay_, ms(time), lease->out(), nullptr, &error);
        return outcome_of(status, error);
    }
    // The lease; fatal if there is none.
    Lease must_claim(Millis time = Millis(10000)) const {
        Lease lease;
        const Outcome outcome = claim(&lease, time);
        if (!outcome.ok() || !lease) {
            support::fatal("claiming: " + outcome.show());
        }
        return lease;
    }
    exoref_delay *get() const { return delay_; }

private:
    static std::int64_t ms(Millis time) { return support::scaled(time).count(); }

    exoref_delay *delay_ = nullptr;
};

// A deref without end that has begun.
class Forcing {
public:
    explicit Forcing(const Delay &delay) {
        exoref_error *error = nullptr;
        const exoref_status status = exoref_delay_deref_async(delay.get(), EXOREF_TIMEOUT_NONE, &future_, &error);
        if (status != EXOREF_OK) {
            support::fatal("forcing: " + outcome_of(status, error).show());
        }
    }
    Forcing(Forcing &&other) noexcept : future_(std::exchange(other.future_, nullptr)) {}
    Forcing &operator=(Forcing &&) = delete;
    ~Forcing() { exoref_future_release(future_); }

    bool over() const { return exoref_future_done(future_); }
    Outcome within(Millis time) {
        exoref_error *error = nullptr;
        const exoref_status status = exoref_future_wait(future_, support::scaled(time).count(), &error);
        if (status != EXOREF_OK) {
            return outcome_of(status, error);
        }
        return outcome_of(exoref_future_status(future_), exoref_future_error(future_));
    }
    std::string value() const { return Value(exoref_future_value(future_)).bytes(); }

private:
    exoref_future *future_ = nullptr;
};

}  // namespace exo::faults
