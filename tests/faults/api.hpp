// The public C API in the form that the tests of this folder use it: handles that release themselves, outcomes as values.
#pragma once

#include <exoref/exoref.h>

#include <cstdint>
#include <cstdlib>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>

#include "support/deadline.hpp"
#include "support/fatal.hpp"

namespace exo::faults {

using support::Millis;

// How a call ended. Every outcome is one of three: applied, not applied, unknown.
struct Outcome {
    exoref_status status = EXOREF_OK;
    std::int32_t reason = EXOREF_REASON_NONE;
    std::string message;
    std::string server_text;  // the server's own words

    bool ok() const { return status == EXOREF_OK; }
    bool unknown() const { return exoref_status_class(status) == EXOREF_CLASS_UNKNOWN; }
    bool not_applied() const { return !ok() && !unknown(); }
    std::string show() const { return std::string(exoref_status_name(status)) + ": " + message; }
};

// Takes the error over.
inline Outcome outcome_of(exoref_status status, exoref_error *error) {
    Outcome outcome;
    outcome.status = status;
    outcome.reason = exoref_error_reason(error);
    outcome.message = exoref_error_message(error);
    outcome.server_text = exoref_error_server_text(error);
    exoref_error_release(error);
    return outcome;
}

class Value {
public:
    Value() = default;
    explicit Value(exoref_value *value) : value_(value) {}
    Value(Value &&other) noexcept : value_(std::exchange(other.value_, nullptr)) {}
    Value &operator=(Value &&other) noexcept {
        std::swap(value_, other.value_);
        return *this;
    }
    ~Value() { exoref_value_release(value_); }

    explicit operator bool() const { return value_ != nullptr; }
    const exoref_value *get() const { return value_; }
    exoref_value **out() {
        exoref_value_release(std::exchange(value_, nullptr));
        return &value_;
    }
    std::string bytes() const {
        return std::string(static_cast<const char *>(exoref_value_data(value_)), exoref_value_size(value_));
    }
    std::int64_t number() const { return std::strtoll(bytes().c_str(), nullptr, 10); }
    std::uint64_t version() const { return exoref_value_version(value_); }

private:
    exoref_value *value_ = nullptr;
};

using OptionList = std::initializer_list<std::pair<const char *, std::string>>;

class Options {
public:
    Options(OptionList list) {
        exoref_options_new(&options_, nullptr);
        for (const auto &[name, value] : list) {
            exoref_error *error = nullptr;
            const exoref_status status = exoref_options_set(options_, name, value.c_str(), &error);
            if (status != EXOREF_OK) {
                support::fatal(outcome_of(status, error).show());
            }
        }
    }
    ~Options() { exoref_options_release(options_); }
    Options(const Options &) = delete;
    Options &operator=(const Options &) = delete;
    const exoref_options *get() const { return options_; }
    exoref_options *get() { return options_; }

private:
    exoref_options *options_ = nullptr;
};

class Client {
public:
    // Must succeed; try_open() is for those that may fail.
    explicit Client(const std::string &url, OptionList list = {}, Millis time = Millis(10000)) {
        const Outcome outcome = open(url, list, time);
        if (!outcome.ok()) {
            support::fatal("opening a client: " + outcome.show());
        }
    }
    Client() = default;
    ~Client() { close(); }
    Client(const Client &) = delete;
    Client &operator=(const Client &) = delete;

    Outcome open(const std::string &url, OptionList list, Millis time) {
        const Options options(list);
        exoref_error *error = nullptr;
        const exoref_status status =
            exoref_client_open(url.c_str(), options.get(), support::scaled(time).count(), &client_, &error);
        return outcome_of(status, error);
    }
    void close() {
        if (client_ != nullptr) {
            exoref_client_close(client_, support::scaled(Millis(10000)).count(), nullptr);
            exoref_client_release(std::exchange(client_, nullptr));
        }
    }
    exoref_client *get() const { return client_; }
    std::int64_t stat(const std::string &name) const {
        for (std::size_t n = 0; n < exoref_stat_count(); ++n) {
            if (name == exoref_stat_name(n)) {
                return exoref_client_stat(client_, n);
            }
        }
        support::fatal("there is no statistic " + name);
    }

private:
    exoref_client *client_ = nullptr;
};

using SwapFunction = std::function<std::optional<std::string>(const std::string &)>;

// Any exception would cross C frames: there is none in these functions.
inline std::int32_t call_swap_function(void *ctx, const exoref_value *old_value, exoref_sink *result) {
    const std::string old(static_cast<const char *>(exoref_value_data(old_value)), exoref_value_size(old_value));
    const std::optional<std::string> next = (*static_cast<SwapFunction *>(ctx))(old);
    if (!next) {
        return EXOREF_CALL_FAILED;
    }
    return exoref_sink_write(result, next->data(), next->size()) == EXOREF_OK ? EXOREF_CALL_OK : EXOREF_CALL_FAILED;
}

inline SwapFunction adding(std::int64_t n) {
    return [n](const std::string &old) { return std::to_string(std::strtoll(old.c_str(), nullptr, 10) + n); };
}

class Atom {
public:
    // Creates it with `initial` if it is absent. Must succeed.
    Atom(const Client &client, const std::string &key, const std::string &initial, OptionList list = {}) {
        const Options options(list);
        exoref_error *error = nullptr;
        const exoref_status status =
            exoref_atom_create(client.get(), key.data(), key.size(), initial.data(), initial.size(), options.get(),
                               support::scaled(Millis(10000)).count(), &atom_, &created_, &error);
        if (status != EXOREF_OK) {
            support::fatal("creating the atom " + key + ": " + outcome_of(status, error).show());
        }
    }
    Atom() = default;
    ~Atom() { exoref_atom_release(atom_); }
    Atom(Atom &&) = delete;
    Atom &operator=(Atom &&) = delete;

    Outcome open(const Client &client, const std::string &key, OptionList list = {}) {
        const Options options(list);
        exoref_error *error = nullptr;
        const exoref_status status = exoref_atom_open(client.get(), key.data(), key.size(), options.get(),
                                                      support::scaled(Millis(10000)).count(), &atom_, &error);
        return outcome_of(status, error);
    }

    exoref_atom *get() const { return atom_; }
    bool created() const { return created_; }

    Outcome swap(SwapFunction function, Millis time = Millis(10000), Value *out = nullptr) {
        exoref_error *error = nullptr;
        const exoref_status status = exoref_atom_swap(atom_, call_swap_function, &function, ms(time),
                                                      out == nullptr ? nullptr : out->out(), &error);
        return outcome_of(status, error);
    }
    Outcome add(std::int64_t n = 1, Millis time = Millis(10000)) { return swap(adding(n), time); }
    Outcome reset(const std::string &bytes, Millis time = Millis(10000), Value *out = nullptr) {
        exoref_error *error = nullptr;
        const exoref_status status = exoref_atom_reset(atom_, bytes.data(), bytes.size(), ms(time),
                                                       out == nullptr ? nullptr : out->out(), &error);
        return outcome_of(status, error);
    }
    Outcome deref(Value *out, Millis time = Millis(10000)) {
        exoref_error *error = nullptr;
        const exoref_status status = exoref_atom_deref(atom_, ms(time), out->out(), &error);
        return outcome_of(status, error);
    }
    // The value; fatal if it can't be read.
    Value must_deref(Millis time = Millis(10000)) {
        Value value;
        const Outcome outcome = deref(&value, time);
        if (!outcome.ok()) {
            support::fatal("deref: " + outcome.show());
        }
        return value;
    }
    Outcome compare_and_set(const std::string &expected, const std::string &next, bool *swapped,
                            Millis time = Millis(10000)) {
        exoref_error *error = nullptr;
        const exoref_status status = exoref_atom_compare_and_set(atom_, expected.data(), expected.size(), next.data(),
                                                                 next.size(), ms(time), swapped, nullptr, &error);
        return outcome_of(status, error);
    }
    Outcome compare_and_set_at(const Value &state, const std::string &next, bool *swapped,
                               Millis time = Millis(10000)) {
        exoref_error *error = nullptr;
        const exoref_status status = exoref_atom_compare_and_set_at(atom_, state.get(), next.data(), next.size(),
                                                                    ms(time), swapped, nullptr, &error);
        return outcome_of(status, error);
    }

private:
    static std::int64_t ms(Millis time) { return support::scaled(time).count(); }

    exoref_atom *atom_ = nullptr;
    bool created_ = false;
};

}  // namespace exo::faults
