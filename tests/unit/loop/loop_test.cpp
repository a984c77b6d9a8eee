// The loop: posting from anywhere, timers, and every way in which it may end.
#include <uv.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "support/cmocka.hpp"

#include "loop/loop.hpp"
#include "loop/timers.hpp"
#include "support/deadline.hpp"
#include "support/fork.hpp"
#include "support/resources.hpp"

namespace {

using exo::base::Clock;
using exo::base::kNever;
using exo::loop::Loop;
using exo::support::Deadline;
using exo::support::eventually;
using exo::support::in_forked_child;
using exo::support::Millis;

std::shared_ptr<Loop> own() {
    auto made = Loop::own_thread();
    assert_true(made.ok());
    return *made;
}

bool ended(Loop &loop) { return loop.wait_ended(Deadline(Millis(10000)).at()); }

/// Runs a task on the loop and waits for it.
void run_on(Loop &loop, const std::function<void()> &task) {
    std::atomic<bool> ran{false};
    assert_true(loop.post([&] {
        task();
        ran = true;
    }));
    assert_true(eventually(Millis(10000), [&] { return ran.load(); }));
}

void tasks_run_in_order_of_posting(void **) {
    const auto loop = own();
    std::vector<int> order;
    for (int i = 0; i < 1000; ++i) {
        assert_true(loop->post([&order, i] { order.push_back(i); }));
    }
    loop->end({});
    assert_true(ended(*loop));
    assert_int_equal(order.size(), 1000);
    for (int i = 0; i < 1000; ++i) assert_int_equal(order[static_cast<std::size_t>(i)], i);
}

void a_task_posted_by_a_task_runs_later_not_inside(void **) {
    const auto loop = own();
    std::vector<std::string> order;
    loop->post([&] {
        loop->post([&] { order.push_back("inner"); });
        order.push_back("outer");
    });
    loop->post([&] { order.push_back("second"); });
    std::atomic<bool> seen{false};
    run_on(*loop, [&] { loop->post([&] { seen = true; }); });
    assert_true(eventually(Millis(10000), [&] { return seen.load(); }));
    loop->end({});
    assert_true(ended(*loop));
    assert_int_equal(order.size(), 3);
    assert_string_equal(order[0].c_str(), "outer");
}

void a_task_that_posts_itself_for_ever_does_not_keep_timers_from_running(void **) {
    const auto loop = own();
    std::atomic<bool> fired{false};
    std::function<void()> again = [&] {
        if (!fired) loop->post(again);
    };
    loop->post([&] { loop->timers().at(Clock::now() + Millis(20), [&] { fired = true; }); });
    loop->post(again);
    assert_true(eventually(Millis(10000), [&] { return fired.load(); }));
    loop->end({});
    assert_true(ended(*loop));
}

void each_task_of_eight_threads_runs_once_or_is_refused(void **) {
    for (int round = 0; round < 50; ++round) {
        const auto loop = own();
        std::atomic<int> taken{0};
        std::atomic<int> ran{0};
        std::atomic<bool> last_ran{false};
        std::vector<std::thread> threads;
        for (int t = 0; t < 8; ++t) {
            threads.emplace_back([&] {
                for (int i = 0; i < 200; ++i) {
                    if (!loop->post([&] {
                            // Nothing may run after the last task.
                            if (!last_ran) ++ran;
                        })) {
                        break;
                    }
                    ++taken;
                }
            });
        }
        loop->end([&] { last_ran = true; });
        for (auto &thread : threads) thread.join();
        assert_true(ended(*loop));
        assert_true(last_ran);
        assert_int_equal(ran.load(), taken.load());
        assert_false(loop->post([] {}));
    }
}

void end_is_idempotent_and_only_the_first_last_task_runs(void **) {
    const auto loop = own();
    std::atomic<int> first{0};
    std::atomic<int> later{0};
    loop->end([&] { ++first; });
    loop->end([&] { ++later; });
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back([&] { assert_true(ended(*loop)); });
    for (auto &thread : threads) thread.join();
    assert_int_equal(first.load(), 1);
    assert_int_equal(later.load(), 0);
}

void the_loops_own_thread_never_waits_for_its_own_end(void **) {
    const auto loop = own();
    std::atomic<int> waited{-1};
    assert_false(loop->on_loop());
    run_on(*loop, [&] {
        waited = loop->wait_ended(kNever) ? 1 : 0;
        assert_true(loop->on_loop());
    });
    assert_int_equal(waited.load(), 0);
    assert_false(loop->wait_ended(Clock::now()));
    loop->end({});
    assert_true(ended(*loop));
}

void the_last_reference_may_go_on_the_loops_own_thread(void **) {
    const std::size_t threads = exo::support::thread_count();
    for (int i = 0; i < 20; ++i) {
        auto loop = own();
        Loop *raw = loop.get();
        const auto handed_over = std::make_shared<std::mutex>();
        const std::lock_guard wait(*handed_over);
        raw->post([last = std::move(loop), handed_over]() mutable {
            handed_over->lock();
            handed_over->unlock();
            last.reset();
        });
    }
    // Nobody joins these; they go by themselves.
    assert_true(eventually(Millis(10000), [&] { return exo::support::thread_count() == threads; }));
}

void dropping_a_loop_ends_its_thread(void **) {
    const std::size_t threads = exo::support::thread_count();
    const std::size_t fds = exo::support::open_fds();
    for (int i = 0; i < 20; ++i) own().reset();
    assert_true(eventually(Millis(10000), [&] { return exo::support::thread_count() == threads; }));
    assert_true(eventually(Millis(10000), [&] { return exo::support::open_fds() <= fds; }));
}

void no_thread_is_left_when_the_end_was_waited_for(void **) {
    const std::size_t threads = exo::support::thread_count();
    for (int i = 0; i < 20; ++i) {
        const auto loop = own();
        loop->end({});
        assert_true(ended(*loop));
        // It is joined, but the kernel's list may show it for another moment.
        assert_true(eventually(Millis(10000), [&] { return exo::support::thread_count() == threads; }));
    }
}

void signals_are_blocked_on_its_thread(void **) {
    const auto loop = own();
    sigset_t set;
    sigemptyset(&set);
    run_on(*loop, [&] { pthread_sigmask(SIG_SETMASK, nullptr, &set); });
    for (const int blocked : {SIGPIPE, SIGINT, SIGTERM, SIGCHLD, SIGALRM, SIGUSR1, SIGPROF}) {
        assert_int_equal(sigismember(&set, blocked), 1);
    }
    assert_int_equal(sigismember(&set, SIGSEGV), 0);
    loop->end({});
    assert_true(ended(*loop));
}

void timers_fire_in_order_never_early_and_not_when_cancelled(void **) {
    const auto loop = own();
    struct Fired {
        int wait;
        bool early;
    };
    std::vector<Fired> fired;
    std::atomic<int> count{0};
    std::atomic<bool> wrong{false};
    run_on(*loop, [&] {
        const auto now = Clock::now();
        for (const int wait : {30, 5, 20, 0, 10, 10}) {
            loop->timers().at(now + Millis(wait), [&, now, wait] {
                fired.push_back({wait, Clock::now() < now + Millis(wait)});
                ++count;
            });
        }
        const auto id = loop->timers().at(now + Millis(1), [&] { wrong = true; });
        loop->timers().cancel(id);
        loop->timers().cancel(id);
        loop->timers().cancel(0);
        // One timer cancels another that is due at the same time.
        const auto victim = std::make_shared<exo::loop::Timers::Id>(0);
        loop->timers().at(now + Millis(3), [&, victim] { loop->timers().cancel(*victim); });
        *victim = loop->timers().at(now + Millis(3), [&] { wrong = true; });
        assert_int_equal(loop->timers().at(kNever, [] {}), 0);
    });
    assert_true(eventually(Millis(10000), [&] { return count == 6; }));
    loop->end({});
    assert_true(ended(*loop));
    assert_false(wrong.load());
    for (std::size_t i = 0; i < fired.size(); ++i) {
        assert_false(fired[i].early);
        if (i > 0) assert_true(fired[i - 1].wait <= fired[i].wait);
    }
}

void a_timer_set_by_a_timer_fires(void **) {
    const auto loop = own();
    std::atomic<int> left{50};
    std::function<void()> next = [&] {
        if (--left > 0) loop->timers().at(Clock::now(), next);
    };
    run_on(*loop, [&] { loop->timers().at(Clock::now(), next); });
    assert_true(eventually(Millis(10000), [&] { return left == 0; }));
    loop->end({});
    assert_true(ended(*loop));
}

void timers_that_have_not_fired_are_dropped_at_the_end(void **) {
    const auto loop = own();
    const auto held = std::make_shared<int>(1);
    run_on(*loop, [&] { loop->timers().at(Clock::now() + Millis(3600000), [held] {}); });
    loop->end({});
    assert_true(ended(*loop));
    assert_int_equal(held.use_count(), 1);
}

void a_borrowed_loop_is_left_as_it_was(void **) {
    uv_loop_t app;
    assert_int_equal(uv_loop_init(&app), 0);
    {
        auto made = Loop::borrowed(&app);
        assert_true(made.ok());
        const auto loop = *made;
        assert_true(loop->on_loop());
        int ran = 0;
        loop->post([&] {
            ++ran;
            loop->timers().at(Clock::now() + Millis(1), [&] {
                ++ran;
                loop->end([&] { ++ran; });
            });
        });
        uv_run(&app, UV_RUN_DEFAULT);
        assert_int_equal(ran, 3);
        assert_true(loop->wait_ended(Clock::now()));
        assert_false(loop->post([] {}));
    }
    assert_int_equal(uv_loop_close(&app), 0);
}

void a_borrowed_loop_may_be_posted_to_and_ended_from_other_threads(void **) {
    for (int round = 0; round < 20; ++round) {
        uv_loop_t app;
        assert_int_equal(uv_loop_init(&app), 0);
        auto made = Loop::borrowed(&app);
        assert_true(made.ok());
        auto loop = *made;
        made = exo::base::ErrorPtr();
        std::atomic<int> taken{0};
        int ran = 0;
        std::vector<std::thread> threads;
        for (int t = 0; t < 4; ++t) {
            threads.emplace_back([&, loop] {
                for (int i = 0; i < 200; ++i) {
                    if (loop->post([&] { ++ran; })) ++taken;
                }
                loop->end({});
                assert_true(ended(*loop));
            });
        }
        uv_run(&app, UV_RUN_DEFAULT);
        for (auto &thread : threads) thread.join();
        assert_int_equal(ran, taken.load());
        loop.reset();
        assert_int_equal(uv_loop_close(&app), 0);
    }
}

void a_borrowed_loop_that_never_runs_again_is_no_trap(void **) {
    // Not closed: what the application did to its loop is its own affair, and we must not touch it.
    static uv_loop_t app;
    assert_int_equal(uv_loop_init(&app), 0);
    auto made = Loop::borrowed(&app);
    assert_true(made.ok());
    auto loop = *made;
    made = exo::base::ErrorPtr();
    bool ran = false;
    assert_true(loop->post([&] { ran = true; }));
    loop->end([&] { ran = true; });
    assert_false(loop->post([] {}));
    std::thread([&] { assert_false(loop->wait_ended(Clock::now() + Millis(20))); }).join();
    loop.reset();
    assert_false(ran);
    // Here it runs after all, so that nothing leaks from this test.
    uv_run(&app, UV_RUN_DEFAULT);
    assert_true(ran);
    assert_int_equal(uv_loop_close(&app), 0);
}

void a_forked_child_does_nothing_and_the_parents_loop_lives_on(void **) {
    auto loop = own();
    run_on(*loop, [&] { loop->timers().at(Clock::now() + Millis(3600000), [] {}); });
    const int answer = in_forked_child([&loop] {
        const bool posted = loop->post([] {});
        loop->end([] {});
        const bool waited = loop->wait_ended(kNever);
        loop.reset();
        return !posted && waited ? 0 : 1;
    });
    assert_int_equal(answer, 0);
    run_on(*loop, [] {});
    std::atomic<bool> fired{false};
    run_on(*loop, [&] { loop->timers().at(Clock::now() + Millis(1), [&] { fired = true; }); });
    assert_true(eventually(Millis(10000), [&] { return fired.load(); }));
    loop->end({});
    assert_true(ended(*loop));
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(tasks_run_in_order_of_posting),
        cmocka_unit_test(a_task_posted_by_a_task_runs_later_not_inside),
        cmocka_unit_test(a_task_that_posts_itself_for_ever_does_not_keep_timers_from_running),
        cmocka_unit_test(each_task_of_eight_threads_runs_once_or_is_refused),
        cmocka_unit_test(end_is_idempotent_and_only_the_first_last_task_runs),
        cmocka_unit_test(the_loops_own_thread_never_waits_for_its_own_end),
        cmocka_unit_test(the_last_reference_may_go_on_the_loops_own_thread),
        cmocka_unit_test(dropping_a_loop_ends_its_thread),
        cmocka_unit_test(no_thread_is_left_when_the_end_was_waited_for),
        cmocka_unit_test(signals_are_blocked_on_its_thread),
        cmocka_unit_test(timers_fire_in_order_never_early_and_not_when_cancelled),
        cmocka_unit_test(a_timer_set_by_a_timer_fires),
        cmocka_unit_test(timers_that_have_not_fired_are_dropped_at_the_end),
        cmocka_unit_test(a_borrowed_loop_is_left_as_it_was),
        cmocka_unit_test(a_borrowed_loop_may_be_posted_to_and_ended_from_other_threads),
        cmocka_unit_test(a_borrowed_loop_that_never_runs_again_is_no_trap),
        cmocka_unit_test(a_forked_child_does_nothing_and_the_parents_loop_lives_on),
    };
    return cmocka_run_group_tests_name("loop", tests, nullptr, nullptr);
}
