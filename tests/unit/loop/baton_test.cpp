// Who drives the loop: its own thread, or a caller who waits; never both, never nobody for long.
#include "loop/baton.hpp"

#include <pthread.h>

#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

#include "loop/completion.hpp"
#include "loop/loop.hpp"
#include "loop/timers.hpp"
#include "support/deadline.hpp"

#include "support/cmocka.hpp"

namespace {

using exo::base::Clock;
using exo::base::kNever;
using exo::loop::Baton;
using exo::loop::Completion;
using exo::loop::Loop;
using exo::support::eventually;
using exo::support::Millis;

/// The own thread, which asks for the loop.
struct OwnThread {
    explicit OwnThread(Baton &baton)
        : thread([this, &baton] {
              baton.take_for_thread();
              drives = true;
          }) {}
    ~OwnThread() { thread.join(); }

    std::atomic<bool> drives{false};
    std::thread thread;
};

void the_own_thread_gives_it_up_only_after_it_served_a_caller(void **) {
    Baton baton;
    assert_false(baton.try_take_for_caller());
    assert_false(baton.offer(false));
    assert_true(baton.offer(true));
    assert_true(baton.try_take_for_caller());
    assert_true(baton.held_by_caller());
    assert_false(baton.try_take_for_caller());
    baton.give_back_by_caller();
    assert_false(baton.held_by_caller());
    assert_true(baton.try_take_for_caller());
}

void with_several_who_wait_the_own_thread_goes_on(void **) {
    Baton baton;
    baton.count_sleepers(2);
    assert_false(baton.offer(true));
    assert_false(baton.try_take_for_caller());
    baton.count_sleepers(-2);
    assert_true(baton.offer(true));
}

void the_only_one_who_waits_is_woken_to_drive(void **) {
    Baton baton;
    const Completion completion;
    assert_false(baton.offer(false));
    baton.count_sleepers(1);
    // Nobody to wake yet: whoever counts himself and does not sleep.
    assert_false(baton.offer(false));
    const Baton::Candidate candidate(baton, completion);
    assert_true(baton.offer(false));
    assert_true(baton.try_take_for_caller());
}

void the_own_thread_takes_what_nobody_takes_up(void **) {
    Baton baton;
    assert_true(baton.offer(true));
    const OwnThread own(baton);
    assert_true(eventually(Millis(10000), [&] { return own.drives.load(); }));
    assert_false(baton.try_take_for_caller());
}

void the_own_thread_waits_for_a_caller_however_long_he_drives(void **) {
    Baton baton;
    assert_true(baton.offer(true));
    assert_true(baton.try_take_for_caller());
    const OwnThread own(baton);
    // Several times what it would leave a loop free for.
    const auto end = Clock::now() + Millis(5);
    while (Clock::now() < end) assert_false(own.drives.load());
    baton.give_back_by_caller();
    assert_true(eventually(Millis(10000), [&] { return own.drives.load(); }));
}

void work_calls_the_own_thread_and_no_caller_comes_before_it(void **) {
    Baton baton;
    assert_true(baton.offer(true));
    baton.call_thread();
    assert_false(baton.try_take_for_caller());
    const OwnThread own(baton);
    assert_true(eventually(Millis(10000), [&] { return own.drives.load(); }));
}

/// What a blocking call waits for on a loop. It lives no longer than the call, so it is signalled under its mutex.
struct Awaited {
    explicit Awaited(Loop &of) : loop(of) {}

    void finish() {
        const std::lock_guard hold(mutex);
        done = true;
        ran_on = pthread_self();
        completion.signal(&loop.place());
    }
    bool wait_until(exo::base::TimePoint deadline) {
        std::unique_lock lock(mutex);
        return completion.wait(
            lock, deadline, [this] { return done; }, &loop.place());
    }
    bool wait() { return wait_until(Clock::now() + Millis(20000)); }

    Loop &loop;
    Completion completion;
    std::mutex mutex;
    bool done = false;
    pthread_t ran_on{};
};

/// Waits for a task that is posted to the loop. Whether the waiting thread ran it itself.
bool waited_by_driving(Loop &loop) {
    Awaited awaited(loop);
    assert_true(loop.post([&] { awaited.finish(); }));
    assert_true(awaited.wait());
    return pthread_equal(awaited.ran_on, pthread_self()) != 0;
}

void callers_who_wait_one_after_the_other_drive_themselves(void **) {
    const auto loop = *Loop::own_thread();
    const Loop::Visit visit(*loop);
    // Without a pause: to who comes late, the own thread has come before.
    int themselves = 0;
    const auto end = Clock::now() + Millis(20000);
    while (themselves < 20 && Clock::now() < end) themselves += waited_by_driving(*loop) ? 1 : 0;
    assert_int_equal(themselves, 20);
    assert_false(loop->on_loop());
}

void many_callers_and_none_is_forgotten(void **) {
    const auto loop = *Loop::own_thread();
    std::vector<std::thread> callers;
    for (int i = 0; i < 8; ++i) {
        callers.emplace_back([&] {
            for (int n = 0; n < 500; ++n) waited_by_driving(*loop);
        });
    }
    for (auto &caller : callers) caller.join();
}

void a_driver_hears_of_his_deadline_and_of_signals_from_elsewhere(void **) {
    const auto loop = *Loop::own_thread();
    for (int n = 0; n < 50; ++n) {
        const Loop::Visit visit(*loop);
        waited_by_driving(*loop);
        Awaited awaited(*loop);
        const auto deadline = Clock::now() + Millis(2);
        assert_false(awaited.wait_until(deadline));
        assert_true(Clock::now() >= deadline);
        std::thread elsewhere([&] { awaited.finish(); });
        assert_true(awaited.wait());
        elsewhere.join();
    }
}

void the_loop_ends_under_a_driver(void **) {
    const auto loop = *Loop::own_thread();
    const Loop::Visit visit(*loop);
    waited_by_driving(*loop);
    Awaited awaited(*loop);
    std::thread closer([&] { loop->end([&] { awaited.finish(); }); });
    assert_true(awaited.wait_until(kNever));
    closer.join();
    assert_true(loop->wait_ended(Clock::now() + Millis(20000)));
}

/// What a waiting caller posts from the loop that he drives is seen by him, though he is on a visit.
void a_driver_on_a_visit_sees_what_he_posts(void **) {
    const auto loop = *Loop::own_thread();
    for (int n = 0; n < 200; ++n) {
        const Loop::Visit visit(*loop);
        waited_by_driving(*loop);
        Awaited awaited(*loop);
        // From a timer: what a task posts is looked at behind it anyway.
        const auto post_it = [&] { loop->post([&] { awaited.finish(); }, Loop::Where::anywhere); };
        assert_true(loop->post([&] { loop->timers().at(Clock::now(), post_it); }));
        assert_true(awaited.wait());
    }
}

void a_visitor_wakes_a_driver(void **) {
    const auto loop = *Loop::own_thread();
    for (int n = 0; n < 50; ++n) {
        const Loop::Visit visit(*loop);
        waited_by_driving(*loop);
        Awaited awaited(*loop);
        std::thread visitor([&] {
            const Loop::Visit another(*loop);
            loop->post([&] { awaited.finish(); }, Loop::Where::anywhere);
        });
        assert_true(awaited.wait());
        visitor.join();
    }
}

void an_end_in_the_middle_of_a_visit_is_not_lost(void **) {
    const auto loop = *Loop::own_thread();
    std::atomic<bool> last_ran{false};
    {
        const Loop::Visit visit(*loop);
        loop->post(
            [&] {
                std::thread closer([&] { loop->end([&] { last_ran = true; }); });
                closer.join();
            },
            Loop::Where::anywhere);
    }
    assert_true(loop->wait_ended(Clock::now() + Millis(20000)));
    assert_true(last_ran);
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_own_thread_gives_it_up_only_after_it_served_a_caller),
        cmocka_unit_test(with_several_who_wait_the_own_thread_goes_on),
        cmocka_unit_test(the_only_one_who_waits_is_woken_to_drive),
        cmocka_unit_test(the_own_thread_takes_what_nobody_takes_up),
        cmocka_unit_test(the_own_thread_waits_for_a_caller_however_long_he_drives),
        cmocka_unit_test(work_calls_the_own_thread_and_no_caller_comes_before_it),
        cmocka_unit_test(callers_who_wait_one_after_the_other_drive_themselves),
        cmocka_unit_test(many_callers_and_none_is_forgotten),
        cmocka_unit_test(a_driver_hears_of_his_deadline_and_of_signals_from_elsewhere),
        cmocka_unit_test(the_loop_ends_under_a_driver),
        cmocka_unit_test(a_driver_on_a_visit_sees_what_he_posts),
        cmocka_unit_test(a_visitor_wakes_a_driver),
        cmocka_unit_test(an_end_in_the_middle_of_a_visit_is_not_lost),
    };
    return cmocka_run_group_tests_name("loop/baton", tests, nullptr, nullptr);
}
