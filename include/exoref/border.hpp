// How the C++ header calls C, and how C calls the functions of a C++ program. Part of exoref.hpp; nothing here is for
// programs to use.
#ifndef EXOREF_BORDER_HPP
#define EXOREF_BORDER_HPP

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

#include "exoref/error.hpp"
#include "exoref/exoref.h"
#include "exoref/value.hpp"

namespace exoref::detail {

// Where what the caller's function throws waits until the call that it belongs to comes back from C. Functions run on
// the thread that calls or, for swap_async, on a lane, one operation after the other: so each thread knows its slot.
using slot = std::shared_ptr<std::exception_ptr>;
inline thread_local std::weak_ptr<std::exception_ptr> current_slot;

inline void threw(std::exception_ptr what) noexcept {
    if (auto here = current_slot.lock()) *here = std::move(what);
}
inline error error_of(exoref_status status, exoref_error *adopted, const slot &thrown) {
    const bool by_function = status == EXOREF_EFUNCTION || status == EXOREF_EVALIDATION;
    return error(status, adopted, by_function ? *thrown : nullptr);
}

// One call of the C API: its error, and what its functions throw.
class border {
public:
    border() : thrown_(std::make_shared<std::exception_ptr>()), outer_(std::exchange(current_slot, thrown_)) {}
    ~border() { current_slot = std::move(outer_); }
    border(const border &) = delete;
    border &operator=(const border &) = delete;

    exoref_error **failure() noexcept { return &error_; }
    error take_error(exoref_status status) { return error_of(status, std::exchange(error_, nullptr), thrown_); }
    const slot &thrown() const noexcept { return thrown_; }

private:
    slot thrown_;
    std::weak_ptr<std::exception_ptr> outer_;
    exoref_error *error_ = nullptr;
};

// Where C puts the results of a call, and how they come out of its future. This one is for handles.
template <class T>
struct results {
    T out;
    auto places() { return std::tuple(out.put()); }
    static T from(const exoref_future *f) { return T::from(f); }
};
template <>
struct results<void> {
    std::monostate out;
    static std::tuple<> places() { return {}; }
    static std::monostate from(const exoref_future *) { return {}; }
};
template <>
struct results<bool> {
    bool out = false;
    auto places() { return std::tuple(&out); }
    static bool from(const exoref_future *f) { return exoref_future_flag(f); }
};
template <>
struct results<values> {
    values out;
    auto places() { return std::tuple(out.old_value.put(), out.new_value.put()); }
    static values from(const exoref_future *f) { return {value(exoref_future_old_value(f)), value::from(f)}; }
};
template <>
struct results<compared> {
    compared out;
    auto places() { return std::tuple(&out.swapped, out.standing.put()); }
    static compared from(const exoref_future *f) { return {exoref_future_flag(f), value::from(f)}; }
};

template <>
struct results<pong> {
    pong out;
    auto places() { return std::tuple(&out.round_trip_us, out.server_version.put()); }
    static pong from(const exoref_future *f) { return {exoref_future_number(f), value::from(f)}; }
};

// Calls a C function with these arguments, the places of T, and one for the error.
template <class T, class Function, class... Args>
result<T> call(Function function, Args... args) {
    border b;
    results<T> r;
    const auto status = std::apply([&](auto... out) { return function(args..., out..., b.failure()); }, r.places());
    if (status != EXOREF_OK) return b.take_error(status);
    return std::move(r.out);
}

// A function of the caller, as C knows it: a ctx, and a function for each kind of callback. No exception passes.
template <class F>
struct box {
    F fn;
    slot thrown;

    template <class G>
    static void *make(G &&fn, slot thrown = nullptr) {
        return new box{std::forward<G>(fn), std::move(thrown)};
    }
    static void destroy(void *ctx) noexcept { delete static_cast<box *>(ctx); }

    static std::int32_t swap(void *ctx, const exoref_value *old, exoref_sink *sink) noexcept {
        auto *self = static_cast<box *>(ctx);
        if (self->thrown) current_slot = self->thrown;
        return guarded(sink, [&] {
            const value before = value::kept(old);
            const auto next = self->fn(before);
            if constexpr (std::is_convertible_v<decltype(next), bytes>) {
                return write(sink, next);
            } else {
                return next ? write(sink, *next) : EXOREF_CALL_DECLINED;
            }
        });
    }
    static std::int32_t validate(void *ctx, const void *data, std::size_t size, exoref_sink *sink) noexcept {
        return guarded(sink, [&] {
            const bytes proposed(static_cast<const char *>(data), size);
            return static_cast<box *>(ctx)->fn(proposed) ? EXOREF_CALL_OK : EXOREF_CALL_FAILED;
        });
    }
    static std::int32_t watch(void *ctx, const exoref_change *raw) noexcept {
        try {
            const change c(raw);
            static_cast<box *>(ctx)->fn(c);
            return EXOREF_CALL_OK;
        } catch (...) {
            return EXOREF_CALL_FAILED;
        }
    }
    static void log(void *ctx, std::int32_t level, const char *category, const char *line) noexcept {
        try {
            static_cast<box *>(ctx)->fn(level, bytes(category), bytes(line));
        } catch (...) {  // nobody is left to tell
        }
    }

protected:
    static std::int32_t write(exoref_sink *sink, bytes b) {
        return exoref_sink_write(sink, b.data(), b.size()) == EXOREF_OK ? EXOREF_CALL_OK : EXOREF_CALL_FAILED;
    }
    template <class Body>
    static std::int32_t guarded(exoref_sink *sink, Body body) noexcept {
        threw(nullptr);
        try {
            return body();
        } catch (const std::exception &e) {
            exoref_sink_set_message(sink, e.what());
            threw(std::current_exception());
        } catch (...) {
            exoref_sink_set_message(sink, "it threw something that is no std::exception");
            threw(std::current_exception());
        }
        return EXOREF_CALL_FAILED;
    }
};
template <class F>
using box_of = box<std::decay_t<F>>;

}  // namespace exoref::detail

#endif
