// Waiting for something that another thread does: never missed, never early, never much too late.
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "loop/completion.hpp"
#include "support/deadline.hpp"

#include "support/cmocka.hpp"

namespace {

using exo::base::Clock;
using exo::base::kNever;
using exo::loop::Completion;
using exo::loop::WakesLater;
using exo::support::Millis;

void what_is_ready_is_not_waited_for(void **) {
    Completion completion;
    std::mutex mutex;
    std::unique_lock lock(mutex);
    assert_true(completion.wait(lock, kNever, [] { return true; }));
    assert_true(completion.wait(lock, Clock::now() - Millis(1000), [] { return true; }));
    assert_true(lock.owns_lock());
}

void a_deadline_ends_the_wait_not_before_it(void **) {
    Completion completion;
    std::mutex mutex;
    std::unique_lock lock(mutex);
    for (const int wait : {0, 1, 20}) {
        const auto deadline = Clock::now() + Millis(wait);
        assert_false(completion.wait(lock, deadline, [] { return false; }));
        assert_true(Clock::now() >= deadline);
        assert_true(lock.owns_lock());
    }
    assert_false(completion.wait(lock, Clock::now() - Millis(5), [] { return false; }));
    assert_false(completion.wait(lock, exo::base::TimePoint(), [] { return false; }));
    assert_false(completion.wait(lock, exo::base::TimePoint::min(), [] { return false; }));
}

void no_signal_is_missed(void **) {
    for (const bool holding : {true, false}) {
        Completion completion;
        std::mutex mutex;
        int turn = 0;
        constexpr int kTurns = 4000;
        const auto play = [&](int mine) {
            for (;;) {
                std::unique_lock lock(mutex);
                completion.wait(lock, kNever, [&] { return turn >= kTurns || turn % 2 == mine; });
                if (turn >= kTurns) return;
                ++turn;
                if (holding) completion.signal();
                lock.unlock();
                if (!holding) completion.signal();
            }
        };
        std::thread even(play, 0);
        std::thread odd(play, 1);
        even.join();
        odd.join();
        assert_int_equal(turn, kTurns);
    }
}

void all_waiters_are_woken(void **) {
    Completion completion;
    std::mutex mutex;
    bool done = false;
    int woken = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&] {
            std::unique_lock lock(mutex);
            if (completion.wait(lock, exo::support::Deadline(Millis(10000)).at(), [&] { return done; })) ++woken;
        });
    }
    // A signal for nothing wakes nobody for good.
    completion.signal();
    {
        const std::lock_guard lock(mutex);
        done = true;
        completion.signal();
    }
    for (auto &thread : threads) thread.join();
    assert_int_equal(woken, 8);
}

/// Threads that each wait for one thing, and are asleep.
struct Sleepers {
    explicit Sleepers(std::size_t many) : completions(many), ids(many) {
        for (std::size_t i = 0; i < many; ++i) {
            threads.emplace_back([this, i] {
                ids[i] = gettid();
                std::unique_lock lock(mutex);
                if (completions[i].wait(lock, exo::support::Deadline(Millis(20000)).at(), [&] { return done; }))
                    ++woken;
            });
        }
        assert_true(exo::support::eventually(Millis(10000), [&] { return all_asleep(); }));
    }
    ~Sleepers() {
        for (auto &thread : threads) thread.join();
    }

    bool all_asleep() const {
        return std::all_of(ids.begin(), ids.end(), [](const std::atomic<pid_t> &id) {
            std::ifstream file("/proc/self/task/" + std::to_string(id.load()) + "/syscall");
            std::string call;
            return file >> call && call == std::to_string(SYS_futex);
        });
    }

    void signal_all() {
        {
            const std::lock_guard lock(mutex);
            done = true;
        }
        for (Completion &completion : completions) completion.signal();
    }

    std::mutex mutex;
    bool done = false;
    std::atomic<int> woken{0};
    std::vector<Completion> completions;
    std::vector<std::atomic<pid_t>> ids;
    std::vector<std::thread> threads;
};

void who_is_on_the_loop_wakes_at_its_end(void **) {
    Sleepers sleepers(3);
    {
        const WakesLater turn;
        sleepers.signal_all();
        assert_true(sleepers.all_asleep());
        assert_int_equal(sleepers.woken, 0);
    }
    assert_true(exo::support::eventually(Millis(10000), [&] { return sleepers.woken == 3; }));
}

void a_function_of_the_application_may_wait_for_who_is_to_be_woken(void **) {
    Sleepers sleepers(3);
    const WakesLater turn;
    sleepers.signal_all();
    const WakesLater::Suspended around_the_application;
    assert_true(exo::support::eventually(Millis(10000), [&] { return sleepers.woken == 3; }));
}

void more_waiters_than_can_be_put_off_are_woken_all(void **) {
    Sleepers sleepers(70);
    {
        const WakesLater turn;
        const WakesLater turn_within;
        sleepers.signal_all();
    }
    assert_true(exo::support::eventually(Millis(10000), [&] { return sleepers.woken == 70; }));
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(what_is_ready_is_not_waited_for),
        cmocka_unit_test(a_deadline_ends_the_wait_not_before_it),
        cmocka_unit_test(no_signal_is_missed),
        cmocka_unit_test(all_waiters_are_woken),
        cmocka_unit_test(who_is_on_the_loop_wakes_at_its_end),
        cmocka_unit_test(a_function_of_the_application_may_wait_for_who_is_to_be_woken),
        cmocka_unit_test(more_waiters_than_can_be_put_off_are_woken_all),
    };
    return cmocka_run_group_tests_name("loop/completion", tests, nullptr, nullptr);
}
