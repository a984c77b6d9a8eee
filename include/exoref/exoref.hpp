// exoref for C++: RAII, lambdas, std::chrono and exceptions over the C API. Header-only; C++17 or later. What each
// operation means is said in exoref.h, under the same name.
//
//     auto client = exoref::client::open("redis://localhost");
//     auto counter = exoref::atom::create(client, "counter", "0");
//     counter.swap([](const exoref::value &old) { return std::to_string(std::stol(old.str()) + 1); });
//
//  Three forms     value v = a.deref(200ms);                         throws exoref::error
//                  result<value> r = a.deref(std::nothrow, 200ms);   does not
//                  future<value> f = a.deref_async(200ms);           does not wait, nor throw before get()
//  Your functions  may throw. What a swap's function or a validator throws comes out of the call that it belongs to
//                  unchanged (of a future: from get()). A watch that throws is reported to the log.
//  Handles         are movable, not copyable; share() gives a second one of the same thing. Destroying one never
//                  waits: close() the client, or remove the watch, before what your functions use goes away.
//  Timeouts        are any std::chrono::duration, exoref::forever or exoref::no_wait; left out: the client's option.
//  Bytes           go in as std::string_view. A value converts to one, which lives as long as the value.
#ifndef EXOREF_EXOREF_HPP
#define EXOREF_EXOREF_HPP

#include <chrono>
#include <cstdint>
#include <future>
#include <initializer_list>
#include <new>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "exoref/border.hpp"
#include "exoref/error.hpp"
#include "exoref/exoref.h"
#include "exoref/value.hpp"

namespace exoref {

class timeout {
public:
    constexpr timeout() noexcept = default;  // the client's option `timeout`
    // A part of a millisecond counts as a whole one, a negative time as 0.
    template <class Rep, class Period>
    constexpr timeout(std::chrono::duration<Rep, Period> t)
        : ms_(t.count() > 0 ? std::chrono::ceil<std::chrono::milliseconds>(t).count() : 0) {}
    constexpr explicit timeout(std::int64_t exoref_timeout) noexcept : ms_(exoref_timeout) {}
    constexpr std::int64_t ms() const noexcept { return ms_; }

private:
    std::int64_t ms_ = EXOREF_TIMEOUT_DEFAULT;
};

inline constexpr timeout forever{EXOREF_TIMEOUT_NONE};
inline constexpr timeout no_wait{std::int64_t(0)};

// The one text of a JSON value that references with the codec "json" hold.
inline result<value> json_canonical(std::nothrow_t, bytes text) {
    return detail::call<value>(exoref_json_canonical, text.data(), text.size());
}
inline value json_canonical(bytes text) { return json_canonical(std::nothrow, text).value(); }

// ----------------------------------------------------------------------------------------------- futures --

// An operation that is under way. Letting go of it does not stop it; cancel() does.
template <class T>
class future : public detail::handle<exoref_future, exoref_future_release> {
public:
    future() noexcept = default;

    // Waits for the result. A timeout here ends only this waiting; the operation has its own.
    T get(timeout t = forever) const { return get(std::nothrow, t).value(); }
    result<T> get(std::nothrow_t, timeout t = forever) const {
        if (refused_) return *refused_;
        auto waited = detail::call<void>(exoref_future_wait, raw(), t.ms());
        return waited ? outcome(raw(), thrown_) : result<T>(waited.error());
    }
    // Waits until it is done, however it ends, or the time is over; whether it is done.
    bool wait(timeout t = forever) const {
        if (refused_) return true;
        auto waited = detail::call<void>(exoref_future_wait, raw(), t.ms());
        if (!waited && waited.status() != EXOREF_ETIMEOUT) waited.error().raise();
        return waited.status() == EXOREF_OK;
    }
    bool done() const noexcept { return refused_ || exoref_future_done(raw()); }
    void cancel() noexcept { exoref_future_cancel(raw()); }
    void interrupt() noexcept { exoref_future_interrupt(raw()); }
    exoref_future *raw() const noexcept { return handle::get(); }

    // Has fn(result<T>) called once it is done, on the completion lane. Only once. What fn gives back or throws is in the
    // std::future, which may be dropped. (Called at once, on this thread, if the operation could not even begin.)
    template <class F>
    auto then(F &&fn) -> std::future<std::invoke_result_t<F, result<T>>> {
        using task = std::packaged_task<std::invoke_result_t<F, result<T>>(result<T>)>;
        using box = detail::box_of<task>;
        task work(std::forward<F>(fn));
        auto after = work.get_future();
        if (refused_) {
            work(*refused_);
            return after;
        }
        const exoref_future_fn run = [](void *ctx, exoref_future *done) {
            auto *self = static_cast<box *>(ctx);
            self->fn(outcome(done, self->thrown));
        };
        void *ctx = box::make(std::move(work), thrown_);
        detail::call<void>(exoref_future_set_callback, raw(), run, ctx, box::destroy).value();
        return after;
    }

    // Begins an operation by one of exoref_..._async; with a function of the caller in a box.
    template <class Function, class... Args>
    static future start(Function function, Args... args) {
        return begin([&](detail::border &b, exoref_future **out) { return function(args..., out, b.failure()); });
    }
    template <class Begin>
    static future begin(Begin function) {
        detail::border b;
        future f;
        f.thrown_ = b.thrown();
        if (const auto status = function(b, f.put())) f.refused_ = b.take_error(status);
        return f;
    }

private:
    static result<T> outcome(exoref_future *f, const detail::slot &thrown) {
        if (const auto s = exoref_future_status(f)) return detail::error_of(s, exoref_future_error(f), thrown);
        return detail::results<T>::from(f);
    }
    std::optional<error> refused_;  // it could not even begin
    detail::slot thrown_;
};

// ----------------------------------------------------------------------------------------------- options --

// Of a client or a reference, by name: options{{"codec", "json"}, {"ttl", "1h"}}.
class options : public detail::handle<exoref_options, exoref_options_release> {
public:
    options() noexcept = default;  // the defaults
    options(std::initializer_list<std::pair<const char *, const char *>> list) {
        for (const auto &[name, text] : list) set(name, text);
    }

    options &set(const std::string &name, const std::string &text) {
        set(std::nothrow, name, text).value();
        return *this;
    }
    result<void> set(std::nothrow_t, const std::string &name, const std::string &text) {
        return detail::call<void>(exoref_options_set, made(), name.c_str(), text.c_str());
    }
    // References opened with these options begin with it: fn(std::string_view) -> bool.
    template <class F>
    options &validator(F &&fn) {
        using box = detail::box_of<F>;
        made();
        return with(exoref_options_set_validator, box::validate, box::make(std::forward<F>(fn)), box::destroy);
    }
    // Clients opened with these options log to fn(level, category, line) what is at most `level`, on any thread.
    template <class F>
    options &log(std::int32_t level, F &&fn) {
        using box = detail::box_of<F>;
        made();
        return with(exoref_options_set_log, level, box::log, box::make(std::forward<F>(fn)), box::destroy);
    }

private:
    exoref_options *made() {
        if (!get())
            detail::call<void>([this](exoref_error **error) { return exoref_options_new(put(), error); }).value();
        return get();
    }
    template <class Function, class... Args>
    options &with(Function function, Args... args) {
        detail::call<void>(function, made(), args...).value();
        return *this;
    }
};

// ------------------------------------------------------------------------------------------------ client --

// References, one after the other, in no order: for (auto i = scan.next(); i; i = scan.next()) ...
class scan : public detail::handle<exoref_scan, exoref_scan_release> {
public:
    using handle::handle;

    // Empty at the end.
    info next(timeout t = {}) { return next(std::nothrow, t).value(); }
    result<info> next(std::nothrow_t, timeout t = {}) { return detail::call<info>(exoref_scan_next, get(), t.ms()); }
    future<info> next_async(timeout t = {}) { return future<info>::start(exoref_scan_next_async, get(), t.ms()); }
};

class client : public detail::handle<exoref_client, exoref_client_release> {
public:
    using handle::handle;

    // An empty URL: the environment's EXOREF_URL, then REDIS_URL, then redis://127.0.0.1:6379.
    static client open(const std::string &url = {}, const options &with = {}, timeout t = {}) {
        return open(std::nothrow, url, with, t).value();
    }
    static result<client> open(std::nothrow_t, const std::string &url = {}, const options &with = {}, timeout t = {}) {
        return detail::call<client>(exoref_client_open, given(url), with.get(), t.ms());
    }
    static future<client> open_async(const std::string &url = {}, const options &with = {}, timeout t = {}) {
        return future<client>::start(exoref_client_open_async, given(url), with.get(), t.ms());
    }

    // Waits for functions of yours that run just now, up to the timeout. Nothing is called any more after it.
    void close(timeout t = {}) { close(std::nothrow, t).value(); }
    result<void> close(std::nothrow_t, timeout t = {}) {
        return detail::call<void>(exoref_client_close, get(), t.ms());
    }

    pong ping(timeout t = {}) { return ping(std::nothrow, t).value(); }
    result<pong> ping(std::nothrow_t, timeout t = {}) { return detail::call<pong>(exoref_client_ping, get(), t.ms()); }
    future<pong> ping_async(timeout t = {}) { return future<pong>::start(exoref_client_ping_async, get(), t.ms()); }

    // Deletes the reference under the key, of whatever type; whether there was one.
    bool remove(bytes key, timeout t = {}) { return remove(std::nothrow, key, t).value(); }
    result<bool> remove(std::nothrow_t, bytes key, timeout t = {}) {
        return detail::call<bool>(exoref_delete, get(), key.data(), key.size(), t.ms());
    }
    future<bool> remove_async(bytes key, timeout t = {}) {
        return future<bool>::start(exoref_delete_async, get(), key.data(), key.size(), t.ms());
    }

    // Whether the promise or delay under the key is realized; false where there is none. `type`: "promise", "delay", or either.
    bool realized(bytes key, const char *type = nullptr, timeout t = {}) {
        return realized(std::nothrow, key, type, t).value();
    }
    result<bool> realized(std::nothrow_t, bytes key, const char *type = nullptr, timeout t = {}) {
        return detail::call<bool>(exoref_realized, get(), key.data(), key.size(), type, t.ms());
    }
    future<bool> realized_async(bytes key, const char *type = nullptr, timeout t = {}) {
        return future<bool>::start(exoref_realized_async, get(), key.data(), key.size(), type, t.ms());
    }

    // The time that the reference lives from now, and anew from each change; none: it stays.
    using ttl = std::optional<std::chrono::milliseconds>;
    void expire(bytes key, ttl life, timeout t = {}) { expire(std::nothrow, key, life, t).value(); }
    result<void> expire(std::nothrow_t, bytes key, ttl life, timeout t = {}) {
        return detail::call<void>(exoref_expire, get(), key.data(), key.size(), in_ms(life), t.ms());
    }
    future<void> expire_async(bytes key, ttl life, timeout t = {}) {
        return future<void>::start(exoref_expire_async, get(), key.data(), key.size(), in_ms(life), t.ms());
    }

    // All about a reference.
    info inspect(bytes key, timeout t = {}) { return inspect(std::nothrow, key, t).value(); }
    result<info> inspect(std::nothrow_t, bytes key, timeout t = {}) {
        return detail::call<info>(exoref_inspect, get(), key.data(), key.size(), t.ms());
    }
    future<info> inspect_async(bytes key, timeout t = {}) {
        return future<info>::start(exoref_inspect_async, get(), key.data(), key.size(), t.ms());
    }
    // References by a pattern of Redis (empty: all) and a type ("atom"; none: any). Does not ask the server yet.
    scan list(bytes pattern = {}, const char *type = nullptr) { return list(std::nothrow, pattern, type).value(); }
    result<scan> list(std::nothrow_t, bytes pattern = {}, const char *type = nullptr) {
        const char *data = pattern.empty() ? nullptr : pattern.data();
        return detail::call<scan>(exoref_scan_new, get(), data, pattern.size(), type);
    }

    // For clients with events=take: calls your functions on this thread; how many. Waits for the first one.
    std::size_t poll(timeout t = no_wait, std::size_t max = 0) {
        std::size_t ran = 0;
        auto polled = detail::call<void>(
            [&](exoref_error **error) { return exoref_client_poll(get(), max, t.ms(), &ran, error); });
        if (polled.status() != EXOREF_ETIMEOUT) polled.value();
        return ran;
    }

    std::string_view server() const noexcept { return exoref_client_server(get()); }
    client share() const noexcept { return client(exoref_client_retain(get())); }
    static client from(const exoref_future *f) { return client(exoref_future_client(f)); }

private:
    static const char *given(const std::string &url) { return url.empty() ? nullptr : url.c_str(); }
    static std::int64_t in_ms(const ttl &life) { return life ? life->count() : EXOREF_TTL_NONE; }
};

// -------------------------------------------------------------------------------------------------- atom --

class atom : public detail::handle<exoref_atom, exoref_atom_release> {
public:
    using handle::handle;

    // It must exist, unless the option `absent` says otherwise.
    static atom open(const client &on, bytes key, const options &with = {}, timeout t = {}) {
        return open(std::nothrow, on, key, with, t).value();
    }
    static result<atom> open(std::nothrow_t, const client &on, bytes key, const options &with = {}, timeout t = {}) {
        return detail::call<atom>(exoref_atom_open, on.get(), key.data(), key.size(), with.get(), t.ms());
    }
    static future<atom> open_async(const client &on, bytes key, const options &with = {}, timeout t = {}) {
        return future<atom>::start(exoref_atom_open_async, on.get(), key.data(), key.size(), with.get(), t.ms());
    }

    // Is created with the initial value if it does not exist; created() tells.
    static atom create(const client &on, bytes key, bytes initial, const options &with = {}, timeout t = {}) {
        return create(std::nothrow, on, key, initial, with, t).value();
    }
    static result<atom> create(std::nothrow_t, const client &on, bytes key, bytes initial, const options &with = {},
                               timeout t = {}) {
        bool created = false;
        auto made = detail::call<atom>([&](exoref_atom **out, exoref_error **error) {
            return exoref_atom_create(on.get(), key.data(), key.size(), initial.data(), initial.size(), with.get(),
                                      t.ms(), out, &created, error);
        });
        if (made) made->created_ = created;
        return made;
    }
    static future<atom> create_async(const client &on, bytes key, bytes initial, const options &with = {},
                                     timeout t = {}) {
        return future<atom>::start(exoref_atom_create_async, on.get(), key.data(), key.size(), initial.data(),
                                   initial.size(), with.get(), t.ms());
    }
    bool created() const noexcept { return created_; }

    value deref(timeout t = {}) { return deref(std::nothrow, t).value(); }
    result<value> deref(std::nothrow_t, timeout t = {}) {
        return detail::call<value>(exoref_atom_deref, get(), t.ms());
    }
    future<value> deref_async(timeout t = {}) { return future<value>::start(exoref_atom_deref_async, get(), t.ms()); }

    // Sets it, whatever it was.
    value reset(bytes next, timeout t = {}) { return reset(std::nothrow, next, t).value(); }
    result<value> reset(std::nothrow_t, bytes next, timeout t = {}) {
        return detail::call<value>(exoref_atom_reset, get(), next.data(), next.size(), t.ms());
    }
    future<value> reset_async(bytes next, timeout t = {}) {
        return future<value>::start(exoref_atom_reset_async, get(), next.data(), next.size(), false, t.ms());
    }
    values reset_vals(bytes next, timeout t = {}) { return reset_vals(std::nothrow, next, t).value(); }
    result<values> reset_vals(std::nothrow_t, bytes next, timeout t = {}) {
        return detail::call<values>(exoref_atom_reset_vals, get(), next.data(), next.size(), t.ms());
    }
    future<values> reset_vals_async(bytes next, timeout t = {}) {
        return future<values>::start(exoref_atom_reset_async, get(), next.data(), next.size(), true, t.ms());
    }

    // Sets it if it is `expected`, byte for byte. Not to match is no error.
    compared compare_and_set(bytes expected, bytes next, timeout t = {}) {
        return compare_and_set(std::nothrow, expected, next, t).value();
    }
    result<compared> compare_and_set(std::nothrow_t, bytes expected, bytes next, timeout t = {}) {
        return detail::call<compared>(exoref_atom_compare_and_set, get(), expected.data(), expected.size(), next.data(),
                                      next.size(), t.ms());
    }
    future<compared> compare_and_set_async(bytes expected, bytes next, timeout t = {}) {
        return future<compared>::start(exoref_atom_compare_and_set_async, get(), expected.data(), expected.size(),
                                       next.data(), next.size(), t.ms());
    }
    // Sets it if it is still at the very state that `state` came from.
    compared compare_and_set_at(const value &state, bytes next, timeout t = {}) {
        return compare_and_set_at(std::nothrow, state, next, t).value();
    }
    result<compared> compare_and_set_at(std::nothrow_t, const value &state, bytes next, timeout t = {}) {
        return detail::call<compared>(exoref_atom_compare_and_set_at, get(), state.get(), next.data(), next.size(),
                                      t.ms());
    }
    future<compared> compare_and_set_at_async(const value &state, bytes next, timeout t = {}) {
        return future<compared>::start(exoref_atom_compare_and_set_at_async, get(), state.get(), next.data(),
                                       next.size(), t.ms());
    }

    // Changes it by fn(const value &) or fn(std::string_view), which gives the new bytes, or a std::optional of them
    // (none: nothing is changed). It may be called many times.
    template <class F>
    value swap(F &&fn, timeout t = {}) {
        return swap(std::nothrow, fn, t).value();
    }
    template <class F>
    result<value> swap(std::nothrow_t, F &&fn, timeout t = {}) {
        detail::box<F &> here{fn, nullptr};
        return detail::call<value>(exoref_atom_swap, get(), here.swap, &here, t.ms());
    }
    template <class F>
    values swap_vals(F &&fn, timeout t = {}) {
        return swap_vals(std::nothrow, fn, t).value();
    }
    template <class F>
    result<values> swap_vals(std::nothrow_t, F &&fn, timeout t = {}) {
        detail::box<F &> here{fn, nullptr};
        return detail::call<values>(exoref_atom_swap_vals, get(), here.swap, &here, t.ms());
    }
    // fn is called on the completion lane.
    template <class F>
    future<values> swap_async(F &&fn, timeout t = {}) {
        using box = detail::box_of<F>;
        return future<values>::begin([&](detail::border &b, exoref_future **out) {
            void *ctx = box::make(std::forward<F>(fn), b.thrown());
            return exoref_atom_swap_async(get(), box::swap, ctx, box::destroy, t.ms(), out, b.failure());
        });
    }

    // Judges what is proposed through this handle: fn(std::string_view) accepts by true, refuses by false or a throw.
    template <class F>
    void set_validator(F &&fn, timeout t = {}) {
        set_validator(std::nothrow, std::forward<F>(fn), t).value();
    }
    template <class F>
    result<void> set_validator(std::nothrow_t, F &&fn, timeout t = {}) {
        using box = detail::box_of<F>;
        return detail::call<void>(exoref_atom_set_validator, get(), box::validate, box::make(std::forward<F>(fn)),
                                  box::destroy, t.ms());
    }
    void clear_validator() {
        detail::call<void>(exoref_atom_set_validator, get(), nullptr, nullptr, nullptr, timeout().ms()).value();
    }

    // Has fn(const change &) called for every change after the state that it gives back, on the watch lane.
    template <class F>
    value add_watch(bytes watch_key, F &&fn, timeout t = {}) {
        return add_watch(std::nothrow, watch_key, std::forward<F>(fn), t).value();
    }
    template <class F>
    result<value> add_watch(std::nothrow_t, bytes watch_key, F &&fn, timeout t = {}) {
        using box = detail::box_of<F>;
        return detail::call<value>(exoref_atom_add_watch, get(), watch_key.data(), watch_key.size(), box::watch,
                                   box::make(std::forward<F>(fn)), box::destroy, std::uint64_t(0), t.ms());
    }
    template <class F>
    future<value> add_watch_async(bytes watch_key, F &&fn, timeout t = {}) {
        using box = detail::box_of<F>;
        return future<value>::start(exoref_atom_add_watch_async, get(), watch_key.data(), watch_key.size(), box::watch,
                                    box::make(std::forward<F>(fn)), box::destroy, std::uint64_t(0), t.ms());
    }
    // After it returns the function is not called again.
    void remove_watch(bytes watch_key) { remove_watch(std::nothrow, watch_key).value(); }
    result<void> remove_watch(std::nothrow_t, bytes watch_key) {
        return detail::call<void>(exoref_atom_remove_watch, get(), watch_key.data(), watch_key.size());
    }

    // Bytes beside the value, shared by all.
    value meta(timeout t = {}) { return meta(std::nothrow, t).value(); }
    result<value> meta(std::nothrow_t, timeout t = {}) { return detail::call<value>(exoref_atom_meta, get(), t.ms()); }
    future<value> meta_async(timeout t = {}) { return future<value>::start(exoref_atom_meta_async, get(), t.ms()); }
    void reset_meta(bytes next, timeout t = {}) { reset_meta(std::nothrow, next, t).value(); }
    result<void> reset_meta(std::nothrow_t, bytes next, timeout t = {}) {
        return detail::call<void>(exoref_atom_reset_meta, get(), next.data(), next.size(), t.ms());
    }
    future<void> reset_meta_async(bytes next, timeout t = {}) {
        return future<void>::start(exoref_atom_reset_meta_async, get(), next.data(), next.size(), t.ms());
    }
    template <class F>
    value alter_meta(F &&fn, timeout t = {}) {
        return alter_meta(std::nothrow, fn, t).value();
    }
    template <class F>
    result<value> alter_meta(std::nothrow_t, F &&fn, timeout t = {}) {
        detail::box<F &> here{fn, nullptr};
        return detail::call<value>(exoref_atom_alter_meta, get(), here.swap, &here, t.ms());
    }

    // fn is called on the completion lane.
    template <class F>
    future<value> alter_meta_async(F &&fn, timeout t = {}) {
        using box = detail::box_of<F>;
        return future<value>::begin([&](detail::border &b, exoref_future **out) {
            void *ctx = box::make(std::forward<F>(fn), b.thrown());
            return exoref_atom_alter_meta_async(get(), box::swap, ctx, box::destroy, t.ms(), out, b.failure());
        });
    }

    std::string_view key() const noexcept {
        std::size_t size = 0;
        const char *data = exoref_atom_key(get(), &size);
        return {data, size};
    }
    atom share() const noexcept { return atom(exoref_atom_retain(get())); }
    static atom from(const exoref_future *f) {
        atom out(exoref_future_atom(f));
        out.created_ = exoref_future_flag(f);
        return out;
    }

private:
    bool created_ = false;
};

}  // namespace exoref

#include "exoref/delay.hpp"
#include "exoref/promise.hpp"

#endif
