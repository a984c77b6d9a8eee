// What the tests of the C API share: one server a program, handles that release themselves, errors kept for a look, and a
// recorder of changes. Knows only the public header.
#pragma once

#include <exoref/exoref.h>

#include <atomic>
#include <condition_variable>
#include <initializer_list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/cmocka.hpp"
#include "support/deadline.hpp"
#include "support/redis_server.hpp"

namespace exo::capi_test {

using support::Deadline;
using support::eventually;
using support::Millis;
using support::RedisServer;

inline RedisServer &server() {
    static RedisServer one;
    return one;
}

// Long enough for everything that should go well, on a slow machine too.
inline std::int64_t enough() { return support::scaled(Millis(20000)).count(); }
constexpr std::int64_t kTimeout = EXOREF_TIMEOUT_DEFAULT;

inline std::string fresh_key(const std::string &name = "key") {
    static std::atomic<int> count{0};
    return name + ":" + std::to_string(++count);
}

template <class C, void (*Release)(C *)>
class Held {
public:
    Held() = default;
    explicit Held(C *handle) : handle_(handle) {}
    Held(Held &&other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    Held &operator=(Held &&other) noexcept {
        std::swap(handle_, other.handle_);
        return *this;
    }
    ~Held() { Release(handle_); }
    operator C *() const { return handle_; }
    C *get() const { return handle_; }
    C **out() {
        reset();
        return &handle_;
    }
    void reset() { Release(std::exchange(handle_, nullptr)); }

private:
    C *handle_ = nullptr;
};

using Client = Held<exoref_client, exoref_client_release>;
using Atom = Held<exoref_atom, exoref_atom_release>;
using Value = Held<exoref_value, exoref_value_release>;
using Error = Held<exoref_error, exoref_error_release>;
using Future = Held<exoref_future, exoref_future_release>;
using Options = Held<exoref_options, exoref_options_release>;
using Swap = Held<exoref_swap, exoref_swap_release>;
using Info = Held<exoref_info, exoref_info_release>;
using Scan = Held<exoref_scan, exoref_scan_release>;
using Event = Held<exoref_event, exoref_event_release>;

inline std::string bytes(const exoref_value *value) {
    return std::string(static_cast<const char *>(exoref_value_data(value)), exoref_value_size(value));
}
inline std::optional<std::string> maybe_bytes(const exoref_value *value) {
    return value == nullptr ? std::nullopt : std::optional<std::string>(bytes(value));
}
inline bool contains(const std::string &text, const std::string &part) { return text.find(part) != std::string::npos; }

inline void check_status(exoref_status expected, exoref_status actual, const exoref_error *error, const char *call,
                         const char *file, int line) {
    if (expected != actual) {
        print_error("%s\n  is %s (%s), expected %s\n", call, exoref_status_name(actual), exoref_error_message(error),
                    exoref_status_name(expected));
        _fail(file, line);
    }
}
#define assert_status(expected, call) \
    exo::capi_test::check_status((expected), (call), nullptr, #call, __FILE__, __LINE__)
// The call gives its error into `error`, an Error of the test.
#define assert_status_error(expected, call, error)                                                          \
    do {                                                                                                    \
        const exoref_status status_of_call = (call);                                                        \
        exo::capi_test::check_status((expected), status_of_call, (error).get(), #call, __FILE__, __LINE__); \
        assert_int_equal(exoref_error_status((error).get()), (expected));                                   \
    } while (0)
#define assert_ok(call) assert_status(EXOREF_OK, (call))
#define assert_bytes(expected, value) assert_string_equal(exo::capi_test::bytes(value).c_str(), (expected))

using OptionList = std::initializer_list<std::pair<const char *, std::string>>;

inline Options options(OptionList list) {
    Options made;
    assert_ok(exoref_options_new(made.out(), nullptr));
    for (const auto &[name, text] : list) {
        Error error;
        const exoref_status status = exoref_options_set(made, name, text.c_str(), error.out());
        check_status(EXOREF_OK, status, error, name, __FILE__, __LINE__);
    }
    return made;
}

inline Client open_client(OptionList list = {}, const std::string &url = server().unix_url()) {
    const Options with = options(list);
    Client client;
    Error error;
    const exoref_status status = exoref_client_open(url.c_str(), with, enough(), client.out(), error.out());
    check_status(EXOREF_OK, status, error, "open_client", __FILE__, __LINE__);
    return client;
}

inline Atom create_atom(const Client &client, const std::string &key, const std::string &initial,
                        const exoref_options *with = nullptr) {
    Atom atom;
    Error error;
    const exoref_status status = exoref_atom_create(client, key.data(), key.size(), initial.data(), initial.size(),
                                                    with, enough(), atom.out(), nullptr, error.out());
    check_status(EXOREF_OK, status, error, "create_atom", __FILE__, __LINE__);
    return atom;
}
inline Atom open_atom(const Client &client, const std::string &key, const exoref_options *with = nullptr) {
    Atom atom;
    Error error;
    const exoref_status status =
        exoref_atom_open(client, key.data(), key.size(), with, enough(), atom.out(), error.out());
    check_status(EXOREF_OK, status, error, "open_atom", __FILE__, __LINE__);
    return atom;
}

inline Value deref(const Atom &atom) {
    Value value;
    Error error;
    const exoref_status status = exoref_atom_deref(atom, enough(), value.out(), error.out());
    check_status(EXOREF_OK, status, error, "deref", __FILE__, __LINE__);
    return value;
}
inline Value reset(const Atom &atom, const std::string &next) {
    Value value;
    Error error;
    const exoref_status status = exoref_atom_reset(atom, next.data(), next.size(), enough(), value.out(), error.out());
    check_status(EXOREF_OK, status, error, "reset", __FILE__, __LINE__);
    return value;
}
inline exoref_status try_reset(const Atom &atom, const std::string &next, Error *error = nullptr) {
    return exoref_atom_reset(atom, next.data(), next.size(), enough(), nullptr, error ? error->out() : nullptr);
}

// A swap's function: adds one to a number. `ctx` may point to an int that counts the calls.
inline std::int32_t add_one(void *ctx, const exoref_value *old_value, exoref_sink *result) {
    if (ctx != nullptr) ++*static_cast<int *>(ctx);
    const std::string next = std::to_string(std::strtoll(bytes(old_value).c_str(), nullptr, 10) + 1);
    return exoref_sink_write(result, next.data(), next.size()) == EXOREF_OK ? EXOREF_CALL_OK : EXOREF_CALL_FAILED;
}
inline std::int32_t fail_with_message(void *ctx, const exoref_value *, exoref_sink *result) {
    exoref_sink_set_message(result, ctx ? static_cast<const char *>(ctx) : "no reason");
    return EXOREF_CALL_FAILED;
}

// A context whose freeing is counted, and on which thread it came; `calls` after the free are counted as wrong.
struct Context {
    std::atomic<int> calls{0};
    std::atomic<int> freed{0};
    std::atomic<int> calls_after_free{0};

    void called() {
        ++calls;
        if (freed.load() != 0) ++calls_after_free;
    }
    static void free(void *ctx) { ++static_cast<Context *>(ctx)->freed; }
    bool freed_once() {
        eventually(Millis(20000), [this] { return freed.load() > 0; });
        return freed.load() == 1 && calls_after_free.load() == 0;
    }
};

struct Change {
    std::string watch_key, key;
    std::optional<std::string> old_value, new_value;
    std::uint64_t version = 0, missed = 0;
    std::int32_t flags = 0;
};

// What watches were told, in the order of the calls.
class Recorder {
public:
    static std::int32_t told(void *ctx, const exoref_change *change) {
        static_cast<Recorder *>(ctx)->add(change);
        return EXOREF_CALL_OK;
    }
    void add(const exoref_change *change) {
        std::size_t size = 0;
        Change seen;
        const char *text = exoref_change_watch_key(change, &size);
        seen.watch_key.assign(text, size);
        text = exoref_change_key(change, &size);
        seen.key.assign(text, size);
        seen.old_value = maybe_bytes(exoref_change_old_value(change));
        seen.new_value = maybe_bytes(exoref_change_new_value(change));
        seen.version = exoref_change_version(change);
        seen.missed = exoref_change_missed(change);
        seen.flags = exoref_change_flags(change);
        const std::lock_guard lock(mutex_);
        changes_.push_back(std::move(seen));
        changed_.notify_all();
    }
    std::vector<Change> all() {
        const std::lock_guard lock(mutex_);
        return changes_;
    }
    // The changes once there are so many; fewer if the time ran out.
    std::vector<Change> wait(std::size_t count) {
        std::unique_lock lock(mutex_);
        changed_.wait_until(lock, Deadline(Millis(20000)).at(), [&] { return changes_.size() >= count; });
        return changes_;
    }
    Value watch(const Atom &atom, const std::string &watch_key = "w") {
        Value since;
        Error error;
        const exoref_status status = exoref_atom_add_watch(atom, watch_key.data(), watch_key.size(), told, this,
                                                           nullptr, 0, enough(), since.out(), error.out());
        check_status(EXOREF_OK, status, error, "add_watch", __FILE__, __LINE__);
        return since;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Change> changes_;
};

// Waited for, done, and its status.
inline exoref_status outcome(exoref_future *future) {
    assert_ok(exoref_future_wait(future, enough(), nullptr));
    return exoref_future_status(future);
}

// A gate that one thread opens and others wait at.
class Gate {
public:
    void open() {
        const std::lock_guard lock(mutex_);
        open_ = true;
        opened_.notify_all();
    }
    bool wait() {
        std::unique_lock lock(mutex_);
        return opened_.wait_until(lock, Deadline(Millis(20000)).at(), [this] { return open_; });
    }

private:
    std::mutex mutex_;
    std::condition_variable opened_;
    bool open_ = false;
};

}  // namespace exo::capi_test
