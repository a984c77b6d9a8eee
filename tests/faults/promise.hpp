// Promises in the form that the tests of this folder use them, and waits whose length is judged (G4).
#pragma once

#include <chrono>
#include <string>

#include "faults/api.hpp"

namespace exo::faults {

class Promise {
public:
    // Must succeed; try_open() is for those that may fail.
    Promise(const Client &client, const std::string &key, OptionList list = {}) {
        const Outcome outcome = open(client, key, list);
        if (!outcome.ok()) {
            support::fatal("opening the promise " + key + ": " + outcome.show());
        }
    }
    Promise() = default;
    ~Promise() { exoref_promise_release(promise_); }
    Promise(Promise &&) = delete;
    Promise &operator=(Promise &&) = delete;

    Outcome open(const Client &client, const std::string &key, OptionList list = {}) {
        const Options options(list);
        exoref_error *error = nullptr;
        const exoref_status status = exoref_promise_open(client.get(), key.data(), key.size(), options.get(),
                                                         ms(Millis(10000)), &promise_, nullptr, &error);
        return outcome_of(status, error);
    }
    Outcome deliver(const std::string &bytes, bool *delivered = nullptr, Value *standing = nullptr,
                    Millis time = Millis(10000)) {
        exoref_error *error = nullptr;
        const exoref_status status = exoref_promise_deliver(promise_, bytes.data(), bytes.size(), ms(time), delivered,
                                                            standing == nullptr ? nullptr : standing->out(), &error);
        return outcome_of(status, error);
    }
    Outcome deref(Value *out, Millis time = Millis(10000)) {
        exoref_error *error = nullptr;
        const exoref_status status = exoref_promise_deref(promise_, ms(time), out->out(), &error);
        return outcome_of(status, error);
    }
    bool realized() {
        bool answer = false;
        exoref_error *error = nullptr;
        const exoref_status status = exoref_promise_realized(promise_, ms(Millis(10000)), &answer, &error);
        if (status != EXOREF_OK) {
            support::fatal("realized: " + outcome_of(status, error).show());
        }
        return answer;
    }
    exoref_promise *get() const { return promise_; }

private:
    static std::int64_t ms(Millis time) { return support::scaled(time).count(); }

    exoref_promise *promise_ = nullptr;
};

// A wait without end that has begun.
class Wait {
public:
    explicit Wait(const Promise &promise) {
        exoref_error *error = nullptr;
        const exoref_status status = exoref_promise_deref_async(promise.get(), EXOREF_TIMEOUT_NONE, &future_, &error);
        if (status != EXOREF_OK) {
            support::fatal("waiting: " + outcome_of(status, error).show());
        }
    }
    ~Wait() { exoref_future_release(future_); }
    Wait(Wait &&) = delete;
    Wait &operator=(Wait &&) = delete;

    bool over() const { return exoref_future_done(future_); }
    // How it ended; ETIMEOUT if it did not within the time from now.
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

// What a loaded machine may add to a bound.
constexpr Millis kSlack{3000};

}  // namespace exo::faults
