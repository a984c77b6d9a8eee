// Promises, for C++: a value that comes once, from whoever delivers it first. Part of exoref.hpp, which says how errors, timeouts
// and bytes are handled; what each operation means is said in exoref.h.
//
//     auto result = exoref::promise::open(client, "jobs:17:result");
//     result.deliver("done");                                   // in one process
//     std::string text = result.deref(exoref::forever).str();   // in any number of others
#ifndef EXOREF_PROMISE_HPP
#define EXOREF_PROMISE_HPP

#include "exoref/exoref.hpp"

namespace exoref {

// What deliver answers: whether this call delivered, and the value that stands.
struct delivery {
    bool delivered = false;
    value standing;
    explicit operator bool() const noexcept { return delivered; }
};

namespace detail {
template <>
struct results<delivery> {
    delivery out;
    auto places() { return std::tuple(&out.delivered, out.standing.put()); }
    static delivery from(const exoref_future *f) { return {exoref_future_flag(f), value::from(f)}; }
};
}  // namespace detail

class promise : public detail::handle<exoref_promise, exoref_promise_release> {
public:
    using handle::handle;

    // Is created, undelivered, if it does not exist; created() tells.
    static promise open(const client &on, bytes key, const options &with = {}, timeout t = {}) {
        return open(std::nothrow, on, key, with, t).value();
    }
    static result<promise> open(std::nothrow_t, const client &on, bytes key, const options &with = {}, timeout t = {}) {
        bool created = false;
        auto made = detail::call<promise>([&](exoref_promise **out, exoref_error **error) {
            return exoref_promise_open(on.get(), key.data(), key.size(), with.get(), t.ms(), out, &created, error);
        });
        if (made) made->created_ = created;
        return made;
    }
    static future<promise> open_async(const client &on, bytes key, const options &with = {}, timeout t = {}) {
        return future<promise>::start(exoref_promise_open_async, on.get(), key.data(), key.size(), with.get(), t.ms());
    }
    bool created() const noexcept { return created_; }

    // The first one counts. A later one is no error: it is told what stands.
    delivery deliver(bytes what, timeout t = {}) { return deliver(std::nothrow, what, t).value(); }
    result<delivery> deliver(std::nothrow_t, bytes what, timeout t = {}) {
        return detail::call<delivery>(exoref_promise_deliver, get(), what.data(), what.size(), t.ms());
    }
    future<delivery> deliver_async(bytes what, timeout t = {}) {
        return future<delivery>::start(exoref_promise_deliver_async, get(), what.data(), what.size(), t.ms());
    }

    // Waits until it is delivered; from memory once it is known here.
    value deref(timeout t = {}) { return deref(std::nothrow, t).value(); }
    result<value> deref(std::nothrow_t, timeout t = {}) {
        return detail::call<value>(exoref_promise_deref, get(), t.ms());
    }
    future<value> deref_async(timeout t = forever) {
        return future<value>::start(exoref_promise_deref_async, get(), t.ms());
    }

    // Whether it was delivered, by anybody. Does not wait for that.
    bool realized(timeout t = {}) { return realized(std::nothrow, t).value(); }
    result<bool> realized(std::nothrow_t, timeout t = {}) {
        return detail::call<bool>(exoref_promise_realized, get(), t.ms());
    }
    future<bool> realized_async(timeout t = {}) {
        return future<bool>::start(exoref_promise_realized_async, get(), t.ms());
    }

    std::string_view key() const noexcept {
        std::size_t size = 0;
        const char *data = exoref_promise_key(get(), &size);
        return {data, size};
    }
    promise share() const noexcept { return promise(exoref_promise_retain(get())); }
    static promise from(const exoref_future *f) {
        promise out(exoref_future_promise(f));
        out.created_ = exoref_future_flag(f);
        return out;
    }

private:
    bool created_ = false;
};

}  // namespace exoref

#endif
