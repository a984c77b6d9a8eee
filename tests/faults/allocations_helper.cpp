// Uses the library while each of its allocations fails once, on one kind of its threads: first the first allocation, then the
// second, and so on, each time with a new client, until there are no more. After each failure memory is back, and what the
// calls answered is compared with what the server has; and all that was allocated must be given back.
//
//   allocations_helper URL THREAD once|on [FIRST [LAST]]
//
// THREAD: caller, or the name of a thread of the library. once: one allocation fails; on: so do all that follow until the call
// that met the first of them has returned. Prints one line for what is wrong, else how many allocations there were.
#include <exoref/exoref.h>
#include <poll.h>
#include <pthread.h>
#include <unistd.h>
#include <uv.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <new>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

char target[16] = "caller";
bool goes_on = false;

std::atomic<bool> armed{false};  // on the target's threads allocations are counted, and fail
std::atomic<long> fail_at{0};
std::atomic<long> counted{0};
std::atomic<bool> fired{false};
std::atomic<long> live{0};  // allocations not given back yet, of all threads

thread_local bool in_call = false;  // this thread is in a call of the library
thread_local int is_target = -1;

bool on_target() {
    if (is_target < 0) {
        char name[16] = {};
        pthread_getname_np(pthread_self(), name, sizeof name);
        is_target = std::strcmp(name, target) == 0 ? 1 : 0;
    }
    return is_target == 1 || (in_call && std::strcmp(target, "caller") == 0);
}

bool fails_now() {
    if (!armed.load(std::memory_order_relaxed) || !on_target()) return false;
    const long n = ++counted;
    const long at = fail_at.load();
    if (n != at && !(goes_on && n > at)) return false;
    fired = true;
    return true;
}

void *allocate(std::size_t size) {
    if (fails_now()) return nullptr;
    void *memory = std::malloc(size == 0 ? 1 : size);
    if (memory != nullptr) ++live;
    return memory;
}

}  // namespace

void *operator new(std::size_t size) {
    void *memory = allocate(size);
    if (memory == nullptr) throw std::bad_alloc();
    return memory;
}
void *operator new[](std::size_t size) { return operator new(size); }
void *operator new(std::size_t size, const std::nothrow_t &) noexcept { return allocate(size); }
void *operator new[](std::size_t size, const std::nothrow_t &) noexcept { return allocate(size); }
void operator delete(void *memory) noexcept {
    if (memory != nullptr) --live;
    std::free(memory);
}
void operator delete[](void *memory) noexcept { operator delete(memory); }
void operator delete(void *memory, std::size_t) noexcept { operator delete(memory); }
void operator delete[](void *memory, std::size_t) noexcept { operator delete(memory); }

namespace {

constexpr std::int64_t kEnough = 20000;
constexpr std::int64_t kCallTime = 400;

char where[256] = "nothing yet";  // for what ends this program

[[noreturn]] void die(const std::string &what) {
    std::printf("%s: %s\n", where, what.c_str());
    std::fflush(stdout);
    std::_Exit(1);
}

void on_fatal_signal(int number) {
    const char *name = number == SIGALRM ? ": hangs\n" : number == SIGABRT ? ": aborted\n" : ": crashed\n";
    (void)!::write(STDOUT_FILENO, where, std::strlen(where));
    (void)!::write(STDOUT_FILENO, name, std::strlen(name));
    std::_Exit(1);
}

template <typename Predicate>
bool eventually(Predicate predicate) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(kEnough);
    while (!predicate()) {
        if (std::chrono::steady_clock::now() > end) return false;
        ::poll(nullptr, 0, 1);
    }
    return true;
}

std::string text_of(const exoref_value *value) {
    return std::string(static_cast<const char *>(exoref_value_data(value)), exoref_value_size(value));
}

std::int32_t next_value(void *ctx, const exoref_value *, exoref_sink *sink) {
    const auto *next = static_cast<const char *>(ctx);
    return exoref_sink_write(sink, next, std::strlen(next)) == EXOREF_OK ? EXOREF_CALL_OK : EXOREF_CALL_FAILED;
}
std::int32_t allow(void *, const void *, std::size_t, exoref_sink *) { return EXOREF_CALL_OK; }

std::atomic<int> told{0};
std::int32_t on_change(void *, const exoref_change *) {
    ++told;
    return EXOREF_CALL_OK;
}
std::atomic<int> completions{0};
void on_completion(void *, exoref_future *) { ++completions; }

// The client lives on a loop of the program's own: then its callers never run on it, and what fails is theirs alone.
class LentLoop {
public:
    LentLoop() {
        uv_loop_init(&loop_);
        uv_async_init(&loop_, &stop_,
                      [](uv_async_t *stop) { uv_close(reinterpret_cast<uv_handle_t *>(stop), nullptr); });
    }
    ~LentLoop() {
        if (!thread_.joinable()) run();
        uv_async_send(&stop_);
        thread_.join();
        uv_loop_close(&loop_);
    }
    LentLoop(const LentLoop &) = delete;
    LentLoop &operator=(const LentLoop &) = delete;
    uv_loop_t *loop() { return &loop_; }
    void run() {
        thread_ = std::thread([this] { uv_run(&loop_, UV_RUN_DEFAULT); });
    }

private:
    uv_loop_t loop_{};
    uv_async_t stop_{};
    std::thread thread_;
};

class Scenario {
public:
    Scenario(const char *url, const std::string &key) : url_(url), key_(key) {}

    // Whether a failure was met.
    bool run() {
        completions_due_ = completions;
        armed = true;
        all_steps();
        armed = false;
        verify();
        return fired;
    }

private:
    // Nothing more is tried once a failure was met.
    bool over() const { return fired; }

    void step(const char *name, const std::function<exoref_status(exoref_error **)> &call) {
        if (over()) return;
        std::snprintf(where, sizeof where, "allocation %ld of %s, in %s", fail_at.load(), target, name);
        exoref_error *error = nullptr;
        in_call = true;
        const exoref_status status = call(&error);
        in_call = false;
        if (fired) armed = false;
        judge(status, error);
        exoref_error_release(error);
        last_ = status;
    }

    void judge(exoref_status status, const exoref_error *error) {
        if (status == EXOREF_OK) return;
        const std::string said = std::string(exoref_status_name(status)) + " " + exoref_error_message(error);
        if (!fired) die("no allocation failed, but " + said);
        for (const exoref_status clean :
             {EXOREF_ENOMEM, EXOREF_EUNKNOWN, EXOREF_ETIMEOUT, EXOREF_ECONNECTION, EXOREF_EFUNCTION, EXOREF_ECLOSED}) {
            if (status == clean) return;
        }
        die("ended with " + said);
    }

    // A change of the value: what may stand afterwards depends on what was said.
    void write(const char *name, const std::string &next, const std::function<exoref_status(exoref_error **)> &call) {
        if (over()) return;
        step(name, call);
        if (last_ == EXOREF_OK) may_stand_ = {next};
        if (exoref_status_class(last_) == EXOREF_CLASS_UNKNOWN) may_stand_.insert(next);
    }

    void future_step(const char *name, const std::function<exoref_status(exoref_future **, exoref_error **)> &begin) {
        step(name, [&](exoref_error **error) {
            exoref_future *future = nullptr;
            exoref_status status = begin(&future, error);
            if (status != EXOREF_OK) return status;
            if (exoref_future_set_callback(future, on_completion, nullptr, nullptr, nullptr) == EXOREF_OK) {
                ++completions_due_;
            }
            status = exoref_future_wait(future, kEnough, error);
            if (status == EXOREF_ETIMEOUT) die("the future was never done");
            if (status == EXOREF_OK) status = exoref_future_status(future);
            exoref_value_release(exoref_future_value(future));
            exoref_future_release(future);
            return status;
        });
    }

    void all_steps() {
        step("options", [&](exoref_error **error) {
            const exoref_status status = exoref_options_new(&options_, error);
            if (status != EXOREF_OK) return status;
            const exoref_status set = exoref_options_set(options_, "sweep_interval", "200ms", error);
            return set == EXOREF_OK ? exoref_options_set_loop(options_, lent_.loop(), error) : set;
        });
        // A lent loop is lent before it runs.
        exoref_future *opening = nullptr;
        step("client_open_async", [&](exoref_error **error) {
            return exoref_client_open_async(url_, options_, kCallTime, &opening, error);
        });
        lent_.run();
        if (opening != nullptr && !eventually([&] { return exoref_future_done(opening); })) die("it was never opened");
        step("client_open", [&](exoref_error **error) -> exoref_status {
            if (opening == nullptr) return EXOREF_ENOMEM;
            client_ = exoref_future_client(opening);
            *error = exoref_future_error(opening);
            return client_ != nullptr ? EXOREF_OK : exoref_error_status(*error);
        });
        exoref_future_release(opening);
        if (client_ == nullptr) return;
        write("atom_create", "v0", [&](exoref_error **error) {
            return exoref_atom_create(client_, key_.data(), key_.size(), "v0", 2, nullptr, kCallTime, &atom_, nullptr,
                                      error);
        });
        if (atom_ == nullptr) return;
        step("deref", [&](exoref_error **error) {
            exoref_value *value = nullptr;
            const exoref_status status = exoref_atom_deref(atom_, kCallTime, &value, error);
            exoref_value_release(value);
            return status;
        });
        writes();
        watching();
        the_rest();
    }

    void writes() {
        write("reset", "v1", [&](exoref_error **error) {
            exoref_value *value = nullptr;
            const exoref_status status = exoref_atom_reset(atom_, "v1", 2, kCallTime, &value, error);
            exoref_value_release(value);
            return status;
        });
        write("reset_vals", "v2", [&](exoref_error **error) {
            exoref_value *before = nullptr;
            exoref_value *value = nullptr;
            const exoref_status status = exoref_atom_reset_vals(atom_, "v2", 2, kCallTime, &before, &value, error);
            exoref_value_release(before);
            exoref_value_release(value);
            return status;
        });
        write("swap", "v3", [&](exoref_error **error) {
            char next[] = "v3";
            return exoref_atom_swap(atom_, next_value, next, kCallTime, nullptr, error);
        });
        write("compare_and_set", "v4", [&](exoref_error **error) {
            bool swapped = false;
            return exoref_atom_compare_and_set(atom_, "v3", 2, "v4", 2, kCallTime, &swapped, nullptr, error);
        });
    }

    void watching() {
        step("add_watch", [&](exoref_error **error) {
            const exoref_status status =
                exoref_atom_add_watch(atom_, "w", 1, on_change, nullptr, nullptr, 0, kCallTime, nullptr, error);
            watched_ = status == EXOREF_OK;
            return status;
        });
        write("reset under a watch", "v5", [&](exoref_error **error) {
            const exoref_status status = exoref_atom_reset(atom_, "v5", 2, kCallTime, nullptr, error);
            if (status == EXOREF_OK && !fired) eventually([] { return told > 0 || fired; });
            return status;
        });
    }

    void the_rest() {
        step("reset_meta",
             [&](exoref_error **error) { return exoref_atom_reset_meta(atom_, "m", 1, kCallTime, error); });
        step("meta", [&](exoref_error **error) {
            exoref_value *value = nullptr;
            const exoref_status status = exoref_atom_meta(atom_, kCallTime, &value, error);
            exoref_value_release(value);
            return status;
        });
        step("expire", [&](exoref_error **error) {
            return exoref_expire(client_, key_.data(), key_.size(), 3600000, kCallTime, error);
        });
        step("inspect", [&](exoref_error **error) {
            exoref_info *info = nullptr;
            const exoref_status status = exoref_inspect(client_, key_.data(), key_.size(), kCallTime, &info, error);
            exoref_info_release(info);
            return status;
        });
        step("set_validator", [&](exoref_error **error) {
            return exoref_atom_set_validator(atom_, allow, nullptr, nullptr, kCallTime, error);
        });
        future_step("deref_async", [&](exoref_future **future, exoref_error **error) {
            return exoref_atom_deref_async(atom_, kCallTime, future, error);
        });
        write_async("reset_async", "v6", [&](exoref_future **future, exoref_error **error) {
            return exoref_atom_reset_async(atom_, "v6", 2, true, kCallTime, future, error);
        });
        write_async("swap_async", "v7", [&](exoref_future **future, exoref_error **error) {
            static char next[] = "v7";
            return exoref_atom_swap_async(atom_, next_value, next, nullptr, kCallTime, future, error);
        });
        pull_form();
        step("remove_watch", [&](exoref_error **error) {
            watched_ = false;  // whatever it answers: it may be removed already
            return exoref_atom_remove_watch(atom_, "w", 1, error);
        });
        leaving();
    }

    // With a watch that nobody has removed.
    void leaving() {
        step("add_watch again", [&](exoref_error **error) {
            return exoref_atom_add_watch(atom_, "x", 1, on_change, nullptr, nullptr, 0, kCallTime, nullptr, error);
        });
        step("delete", [&](exoref_error **error) {
            const exoref_status status = exoref_delete(client_, key_.data(), key_.size(), kCallTime, nullptr, error);
            deleted_ = status == EXOREF_OK || exoref_status_class(status) == EXOREF_CLASS_UNKNOWN;
            return status;
        });
        step("atom_release", [&](exoref_error **) {
            exoref_atom_release(std::exchange(atom_, nullptr));
            return EXOREF_OK;
        });
        step("client_close", [&](exoref_error **error) { return exoref_client_close(client_, kEnough, error); });
        step("client_release", [&](exoref_error **) {
            exoref_client_release(std::exchange(client_, nullptr));
            return EXOREF_OK;
        });
    }

    void write_async(const char *name, const std::string &next,
                     const std::function<exoref_status(exoref_future **, exoref_error **)> &begin) {
        if (over()) return;
        future_step(name, begin);
        if (last_ == EXOREF_OK) may_stand_ = {next};
        if (exoref_status_class(last_) == EXOREF_CLASS_UNKNOWN) may_stand_.insert(next);
    }

    void pull_form() {
        exoref_swap *swap = nullptr;
        exoref_value *old = nullptr;
        step("swap_begin",
             [&](exoref_error **error) { return exoref_atom_swap_begin(atom_, kCallTime, &swap, &old, error); });
        exoref_value_release(std::exchange(old, nullptr));
        if (swap != nullptr) {
            write("swap_offer", "v8", [&](exoref_error **error) {
                bool done = false;
                return exoref_swap_offer(swap, "v8", 2, kCallTime, &done, &old, error);
            });
        }
        exoref_value_release(old);
        exoref_swap_release(swap);
    }

    void start_again() {
        exoref_atom_release(std::exchange(atom_, nullptr));
        exoref_client_close(client_, kEnough, nullptr);
        exoref_client_release(std::exchange(client_, nullptr));
        watched_ = false;
    }

    // Memory is back. The client is of use, and what it was told is so.
    void verify() {
        std::strncat(where, ", afterwards", sizeof where - std::strlen(where) - 1);
        exoref_error *error = nullptr;
        const bool closed =
            client_ != nullptr && exoref_client_ping(client_, 0, nullptr, nullptr, nullptr) == EXOREF_ECLOSED;
        if (closed) start_again();
        if (deleted_) exoref_atom_release(std::exchange(atom_, nullptr));
        if (client_ == nullptr && exoref_client_open(url_, nullptr, kEnough, &client_, &error) != EXOREF_OK)
            die(std::string("no client can be opened: ") + exoref_error_message(error));
        if (atom_ == nullptr && exoref_atom_create(client_, key_.data(), key_.size(), "v0", 2, nullptr, kEnough, &atom_,
                                                   nullptr, &error) != EXOREF_OK)
            die(std::string("no atom can be opened: ") + exoref_error_message(error));
        if (may_stand_.empty()) may_stand_ = {"v0"};
        if (deleted_) may_stand_.insert("v0");
        exoref_value *value = nullptr;
        if (exoref_atom_deref(atom_, kEnough, &value, &error) != EXOREF_OK)
            die(std::string("no value can be read: ") + exoref_error_message(error));
        if (may_stand_.count(text_of(value)) == 0) die("the value is " + text_of(value) + ", which it can't be");
        exoref_value_release(value);
        const int told_before = told;
        if (exoref_atom_reset(atom_, "after", 5, kEnough, nullptr, &error) != EXOREF_OK)
            die(std::string("no value can be written: ") + exoref_error_message(error));
        if (watched_ && !eventually([&] { return told > told_before; })) die("the watch is not told any more");
        if (!eventually([&] { return completions == completions_due_; })) die("a callback was not called");
        exoref_atom_release(atom_);
        if (exoref_client_close(client_, kEnough, &error) != EXOREF_OK)
            die(std::string("closing: ") + exoref_error_message(error));
        exoref_client_release(client_);
        exoref_options_release(options_);
    }

    LentLoop lent_;
    const char *const url_;
    const std::string key_;
    exoref_options *options_ = nullptr;
    exoref_client *client_ = nullptr;
    exoref_atom *atom_ = nullptr;
    exoref_status last_ = EXOREF_OK;
    std::set<std::string> may_stand_;
    bool watched_ = false;
    bool deleted_ = false;
    int completions_due_ = 0;
};

bool run(const char *url, long n) {
    ::alarm(60);
    const long before = live;
    fail_at = n;
    counted = 0;
    fired = false;
    told = 0;
    bool met = false;
    {
        Scenario scenario(url, std::to_string(::getpid()) + target + std::to_string(n));
        met = scenario.run();
    }
    if (!eventually([&] { return live <= before; }))
        die(std::to_string(live - before) + " allocations were not given back");
    return met;
}

}  // namespace

int main(int argc, char **argv) {
    if (argc < 4) return 2;
    std::snprintf(target, sizeof target, "%s", argv[2]);
    goes_on = std::strcmp(argv[3], "on") == 0;
    const long first = argc > 4 ? std::atol(argv[4]) : 1;
    const long last = argc > 5 ? std::atol(argv[5]) : 1000000;
    for (const int number : {SIGABRT, SIGSEGV, SIGBUS, SIGALRM}) std::signal(number, on_fatal_signal);
    run(argv[1], 1000000000);  // what is allocated once stays
    long n = first;
    while (n <= last && run(argv[1], n)) ++n;
    std::printf("%ld allocations\n", n - first);
    return 0;
}
