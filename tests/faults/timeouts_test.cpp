// How late calls end after their timeout when the server says nothing (G7). What is asked of the library here leaves room for
// a machine that does much else at the time: it is measured beside threads that only wait. bench/timeouts.cpp measures strictly.
#include <functional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "faults/api.hpp"
#include "faults/expect.hpp"
#include "support/lateness.hpp"
#include "support/redis_server.hpp"
#include "support/resources.hpp"

using namespace exo::faults;
using namespace exo::support;

namespace {

constexpr int kThreads = 16;
constexpr int kCallsEach = 60;

// Connected to a server that has been stopped since.
struct Rig {
    RedisServer server;
    Client client{server.url(), {{"health_interval", "1h"}, {"max_pending", "1000000"}}};
    Atom atom{client, "n", "0"};

    Rig() {
        EXPECT_OK(atom.add());
        server.pause();
    }
    ~Rig() { server.resume(); }
};

// Never early, usually at once, seldom late: compared with what waiting threads suffered in the same time. Looking at the clock
// every 100 ms would be 50 ms late at the median.
void judge(const char *what, const Lateness &calls, const Lateness &waiting) {
    print_message("%s: %s\n  waiting threads: %s\n", what, calls.show().c_str(), waiting.show().c_str());
    const auto factor = static_cast<double>(scaled(Millis(1)).count());
    EXPECT_TRUE_SAYING(calls.quantile(0) > -1.0, "one came early: " + calls.show());
    EXPECT_TRUE_SAYING(calls.quantile(0.5) < 2 * waiting.quantile(0.5) + 15 * factor, calls.show());
    EXPECT_TRUE_SAYING(calls.quantile(0.99) < 3 * waiting.quantile(0.99) + 75 * factor, calls.show());
    EXPECT_TRUE_SAYING(calls.quantile(1) < 5 * waiting.quantile(1) + 300 * factor, calls.show());
}

// `call` gets its timeout in milliseconds, and gives back whether it ended as one that had no answer.
void measure(const char *what, const std::function<bool(std::int64_t)> &call) {
    Lateness calls;
    const WaitingThreads waiting(4);
    std::atomic<int> wrong{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
        threads.emplace_back([&, t] {
            std::mt19937_64 random(test_seed() + static_cast<std::uint64_t>(t));
            std::uniform_int_distribution<int> length(5, 50);
            for (int i = 0; i < kCallsEach; ++i) {
                const int timeout = length(random);
                const auto due = Lateness::Clock::now() + Millis(timeout);
                wrong += call(timeout) ? 0 : 1;
                calls.happened(due);
            }
        });
    }
    for (std::thread &thread : threads) {
        thread.join();
    }
    EXPECT_EQ(wrong.load(), 0);
    judge(what, calls, waiting.lateness());
}

bool no_answer(exoref_status status) { return status == EXOREF_ETIMEOUT || status == EXOREF_EUNKNOWN; }

std::int32_t add_one(void *, const exoref_value *old_value, exoref_sink *result) {
    const auto *text = static_cast<const char *>(exoref_value_data(old_value));
    const std::string next = std::to_string(std::strtoll(text, nullptr, 10) + 1);
    return exoref_sink_write(result, next.data(), next.size()) == EXOREF_OK ? EXOREF_CALL_OK : EXOREF_CALL_FAILED;
}

}  // namespace

static void G7_blocking_calls_return_soon_after_their_timeout(void **) {
    const Rig rig;
    measure("deref", [&](std::int64_t timeout) {
        return exoref_atom_deref(rig.atom.get(), timeout, nullptr, nullptr) == EXOREF_ETIMEOUT;
    });
    measure("reset", [&](std::int64_t timeout) {
        return no_answer(exoref_atom_reset(rig.atom.get(), "x", 1, timeout, nullptr, nullptr));
    });
    measure("swap", [&](std::int64_t timeout) {
        return no_answer(exoref_atom_swap(rig.atom.get(), add_one, nullptr, timeout, nullptr, nullptr));
    });
}

static void G7_waits_for_futures_return_soon_after_their_timeout(void **) {
    const Rig rig;
    exoref_future *future = nullptr;
    EXPECT_EQ(exoref_atom_deref_async(rig.atom.get(), EXOREF_TIMEOUT_NONE, &future, nullptr), EXOREF_OK);
    measure("future_wait",
            [&](std::int64_t timeout) { return exoref_future_wait(future, timeout, nullptr) == EXOREF_ETIMEOUT; });
    exoref_future_release(future);
}

// Thousands of calls at once, each told by its callback.
static void G7_thousands_of_pending_calls_end_soon_after_their_timeout(void **) {
    constexpr std::size_t kCalls = 5000;
    struct Call {
        Lateness *lateness = nullptr;
        Lateness::Clock::time_point due;
    };
    Lateness lateness;
    std::vector<Call> calls(kCalls);
    const Rig rig;
    const WaitingThreads waiting(4);
    std::mt19937_64 random(test_seed());
    std::uniform_int_distribution<int> length(50, 1000);
    for (Call &call : calls) {
        const int timeout = length(random);
        call.lateness = &lateness;
        call.due = Lateness::Clock::now() + Millis(timeout);
        exoref_future *future = nullptr;
        EXPECT_EQ(exoref_atom_deref_async(rig.atom.get(), timeout, &future, nullptr), EXOREF_OK);
        exoref_future_set_callback(
            future,
            [](void *ctx, exoref_future *) {
                const auto *self = static_cast<Call *>(ctx);
                self->lateness->happened(self->due);
            },
            &call, nullptr, nullptr);
        exoref_future_release(future);
    }
    EXPECT_TRUE(eventually(Millis(20000), [&] { return lateness.count() == kCalls; }));
    judge("5000 callbacks", lateness, waiting.lateness());
}

static void G7_closing_ends_thousands_of_pending_calls_at_once(void **) {
    constexpr int kCalls = 5000;
    Rig rig;
    std::vector<exoref_future *> futures;
    for (int i = 0; i < kCalls; ++i) {
        exoref_future *future = nullptr;
        const bool write = i % 2 == 0;
        const exoref_status status =
            write ? exoref_atom_reset_async(rig.atom.get(), "x", 1, false, EXOREF_TIMEOUT_NONE, &future, nullptr)
                  : exoref_atom_deref_async(rig.atom.get(), EXOREF_TIMEOUT_NONE, &future, nullptr);
        EXPECT_EQ(status, EXOREF_OK);
        futures.push_back(future);
    }
    const auto begin = std::chrono::steady_clock::now();
    const exoref_status closed = exoref_client_close(rig.client.get(), scaled(Millis(20000)).count(), nullptr);
    const auto took = std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now() - begin);
    int wrong = 0;
    for (exoref_future *future : futures) {
        const exoref_status status = exoref_future_status(future);
        wrong += status == EXOREF_ECLOSED || status == EXOREF_EUNKNOWN ? 0 : 1;
        exoref_future_release(future);
    }
    print_message("closing with %d calls pending took %lld ms\n", kCalls, static_cast<long long>(took.count()));
    EXPECT_EQ(closed, EXOREF_OK);
    EXPECT_EQ(wrong, 0);
    EXPECT_TRUE_SAYING(took < scaled(Millis(1500)), std::to_string(took.count()) + " ms");
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(G7_blocking_calls_return_soon_after_their_timeout),
        cmocka_unit_test(G7_waits_for_futures_return_soon_after_their_timeout),
        cmocka_unit_test(G7_thousands_of_pending_calls_end_soon_after_their_timeout),
        cmocka_unit_test(G7_closing_ends_thousands_of_pending_calls_at_once),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
