// Delays, for C++: a value that is computed when somebody first asks for it, once among all processes. Part of exoref.hpp, which says
// how errors, timeouts and bytes are handled; what each operation means is said in exoref.h.
//
//     auto report = exoref::delay::open(client, "report", [](exoref::lease &) { return build_report(); });
//     std::string text = report.deref(exoref::forever).str();   // in any number of processes: one of them builds it
#ifndef EXOREF_DELAY_HPP
#define EXOREF_DELAY_HPP

#include <stdexcept>

#include "exoref/exoref.hpp"

namespace exoref {

// Thrown by a body to say more of its failure than what() does. Who asks for the value gets a body_error with the same.
struct body_failure : std::runtime_error {
    body_failure(std::string the_kind, const std::string &message, std::string the_payload = {})
        : std::runtime_error(message), kind(std::move(the_kind)), payload(std::move(the_payload)) {}
    std::string kind;
    std::string payload;
};

// The right to run a delay's body now. Destroyed unused, it is given back.
class lease : public detail::handle<exoref_lease, exoref_lease_release> {
public:
    using handle::handle;

    value deliver(bytes what, timeout t = {}) { return deliver(std::nothrow, what, t).value(); }
    result<value> deliver(std::nothrow_t, bytes what, timeout t = {}) {
        return detail::call<value>(exoref_lease_deliver, get(), what.data(), what.size(), t.ms());
    }
    future<value> deliver_async(bytes what, timeout t = {}) {
        return future<value>::start(exoref_lease_deliver_async, get(), what.data(), what.size(), t.ms());
    }

    void fail(const std::string &kind, const std::string &message, bytes payload = {}, timeout t = {}) {
        fail(std::nothrow, kind, message, payload, t).value();
    }
    result<void> fail(std::nothrow_t, const std::string &kind, const std::string &message, bytes payload = {},
                      timeout t = {}) {
        return detail::call<void>(exoref_lease_fail, get(), kind.c_str(), message.c_str(), payload.data(),
                                  payload.size(), t.ms());
    }
    future<void> fail_async(const std::string &kind, const std::string &message, bytes payload = {}, timeout t = {}) {
        return future<void>::start(exoref_lease_fail_async, get(), kind.c_str(), message.c_str(), payload.data(),
                                   payload.size(), t.ms());
    }

    // Renews it now; how long it lasts from now.
    std::chrono::milliseconds renew(timeout t = {}) { return renew(std::nothrow, t).value(); }
    result<std::chrono::milliseconds> renew(std::nothrow_t, timeout t = {}) {
        std::int64_t left = 0;
        auto renewed =
            detail::call<void>([&](exoref_error **error) { return exoref_lease_renew(get(), t.ms(), &left, error); });
        if (!renewed) return renewed.error();
        return std::chrono::milliseconds(left);
    }
    void give_back(timeout t = {}) { give_back(std::nothrow, t).value(); }
    result<void> give_back(std::nothrow_t, timeout t = {}) {
        return detail::call<void>(exoref_lease_give_back, get(), t.ms());
    }
    future<void> give_back_async(timeout t = {}) {
        return future<void>::start(exoref_lease_give_back_async, get(), t.ms());
    }

    // The cancel token: a result would be refused. And a future of that, which is false if the lease ended otherwise.
    bool lost() const noexcept { return exoref_lease_lost(get()); }
    future<bool> lost_async() { return future<bool>::start(exoref_lease_lost_async, get()); }
    // The fencing token.
    std::int64_t token() const noexcept { return exoref_lease_token(get()); }

    lease share() const noexcept { return lease(exoref_lease_retain(get())); }
    static lease from(const exoref_future *f) { return lease(exoref_future_lease(f)); }
};

// What claim answers: the lease, and then it is the caller who computes; or the value.
struct claimed {
    lease held;
    value standing;
    explicit operator bool() const noexcept { return held.get() != nullptr; }
};

namespace detail {
template <>
struct results<claimed> {
    claimed out;
    auto places() { return std::tuple(out.held.put(), out.standing.put()); }
    static claimed from(const exoref_future *f) { return {lease::from(f), value::from(f)}; }
};

// A body as C knows it: fn(lease &) gives the bytes, or a std::optional of them (none: it declines).
template <class F>
struct body_box : box<F> {
    template <class G>
    static void *make(G &&fn) {
        return new body_box{box<F>{std::forward<G>(fn), nullptr}};
    }
    static void destroy(void *ctx) noexcept { delete static_cast<body_box *>(ctx); }
    static std::int32_t run(void *ctx, exoref_lease *raw, exoref_sink *sink) noexcept {
        auto *self = static_cast<body_box *>(ctx);
        return body_box::guarded(sink, [&] {
            lease held(exoref_lease_retain(raw));
            try {
                const auto made = self->fn(held);
                if constexpr (std::is_convertible_v<decltype(made), bytes>) {
                    return body_box::write(sink, made);
                } else {
                    return made ? body_box::write(sink, *made) : EXOREF_CALL_DECLINED;
                }
            } catch (const body_failure &failed) {
                exoref_sink_set_kind(sink, failed.kind.c_str());
                body_box::write(sink, failed.payload);
                throw;
            }
        });
    }
};
}  // namespace detail

class delay : public detail::handle<exoref_delay, exoref_delay_release> {
public:
    using handle::handle;

    // Without a body: others compute. Is created, unrealized, if it does not exist; created() tells.
    static delay open(const client &on, bytes key, const options &with = {}, timeout t = {}) {
        return open(std::nothrow, on, key, with, t).value();
    }
    static result<delay> open(std::nothrow_t, const client &on, bytes key, const options &with = {}, timeout t = {}) {
        return opened([&](exoref_delay **out, bool *created, exoref_error **error) {
            return exoref_delay_open(on.get(), key.data(), key.size(), with.get(), t.ms(), out, created, error);
        });
    }
    static future<delay> open_async(const client &on, bytes key, const options &with = {}, timeout t = {}) {
        return future<delay>::start(exoref_delay_open_async, on.get(), key.data(), key.size(), with.get(), t.ms());
    }

    // With a body: fn(lease &) gives the bytes, throws (body_failure, or any std::exception) if it fails, or gives an empty
    // std::optional to leave it to another process. What it uses lives until the client is closed.
    template <class F, class = std::enable_if_t<std::is_invocable_v<F &, lease &>>>
    static delay open(const client &on, bytes key, F &&fn, const options &with = {}, timeout t = {}) {
        return open(std::nothrow, on, key, std::forward<F>(fn), with, t).value();
    }
    template <class F, class = std::enable_if_t<std::is_invocable_v<F &, lease &>>>
    static result<delay> open(std::nothrow_t, const client &on, bytes key, F &&fn, const options &with = {},
                              timeout t = {}) {
        using box = detail::body_box<std::decay_t<F>>;
        return opened([&](exoref_delay **out, bool *created, exoref_error **error) {
            return exoref_delay_open_with_body(on.get(), key.data(), key.size(), box::run,
                                               box::make(std::forward<F>(fn)), box::destroy, 0, with.get(), t.ms(), out,
                                               created, error);
        });
    }
    template <class F, class = std::enable_if_t<std::is_invocable_v<F &, lease &>>>
    static future<delay> open_async(const client &on, bytes key, F &&fn, const options &with = {}, timeout t = {}) {
        using box = detail::body_box<std::decay_t<F>>;
        return future<delay>::start(exoref_delay_open_with_body_async, on.get(), key.data(), key.size(), box::run,
                                    box::make(std::forward<F>(fn)), box::destroy, std::uint64_t(0), with.get(), t.ms());
    }
    bool created() const noexcept { return created_; }

    // The value, computed if it is not yet: by this handle's body on this thread, or by whoever has one.
    value deref(timeout t = {}) { return deref(std::nothrow, t).value(); }
    result<value> deref(std::nothrow_t, timeout t = {}) {
        return detail::call<value>(exoref_delay_deref, get(), t.ms());
    }
    future<value> deref_async(timeout t = forever) {
        return future<value>::start(exoref_delay_deref_async, get(), t.ms());
    }

    // Whether there is a result, a value or a kept failure. Starts nothing.
    bool realized(timeout t = {}) { return realized(std::nothrow, t).value(); }
    result<bool> realized(std::nothrow_t, timeout t = {}) {
        return detail::call<bool>(exoref_delay_realized, get(), t.ms());
    }
    future<bool> realized_async(timeout t = {}) {
        return future<bool>::start(exoref_delay_realized_async, get(), t.ms());
    }

    // For who computes in a way of his own.
    claimed claim(timeout t = {}) { return claim(std::nothrow, t).value(); }
    result<claimed> claim(std::nothrow_t, timeout t = {}) {
        return detail::call<claimed>(exoref_delay_claim, get(), t.ms());
    }
    future<claimed> claim_async(timeout t = forever) {
        return future<claimed>::start(exoref_delay_claim_async, get(), t.ms());
    }

    std::string_view key() const noexcept {
        std::size_t size = 0;
        const char *data = exoref_delay_key(get(), &size);
        return {data, size};
    }
    delay share() const noexcept { return delay(exoref_delay_retain(get())); }
    static delay from(const exoref_future *f) {
        delay out(exoref_future_delay(f));
        out.created_ = exoref_future_flag(f);
        return out;
    }

private:
    template <class Open>
    static result<delay> opened(Open open_it) {
        bool created = false;
        auto made = detail::call<delay>(
            [&](exoref_delay **out, exoref_error **error) { return open_it(out, &created, error); });
        if (made) made->created_ = created;
        return made;
    }

    bool created_ = false;
};

}  // namespace exoref

#endif
