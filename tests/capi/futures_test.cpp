// Futures: waiting, interrupting, cancelling, callbacks and their races, results.
#include <thread>

#include "capi/atoms.hpp"

using namespace exo::capi_test;

namespace {

Future deref_async(const Atom &atom, std::int64_t timeout = kTimeout) {
    Future future;
    assert_ok(exoref_atom_deref_async(atom, timeout, future.out(), nullptr));
    return future;
}

// A server that answers nothing for as long as this lives, with an atom on it.
struct Silent {
    RedisServer own;
    Client client = open_client({{"health_interval", "1h"}}, own.unix_url());
    Atom atom = create_atom(client, "k", "1");
    Silent() { own.pause(); }
    ~Silent() { own.resume(); }
};

struct Called {
    Gate gate;
    Context context;
    std::atomic<exoref_status> status{-1};
    std::thread::id thread;
    static void fn(void *ctx, exoref_future *future) {
        auto *self = static_cast<Called *>(ctx);
        self->context.called();
        self->status = exoref_future_status(future);
        self->thread = std::this_thread::get_id();
        self->gate.open();
    }
    static void free(void *ctx) { Context::free(&static_cast<Called *>(ctx)->context); }
};

}  // namespace

static void a_future_is_waited_for_and_read_as_often_as_one_likes(void **) {
    One one;
    const Future future = deref_async(one.atom);
    assert_ok(exoref_future_wait(future, enough(), nullptr));
    assert_ok(exoref_future_wait(future, 0, nullptr));
    assert_true(exoref_future_done(future));
    assert_ok(exoref_future_status(future));
    assert_bytes("1", Value(exoref_future_value(future)));
    assert_bytes("1", Value(exoref_future_value(future)));
    assert_null(exoref_future_error(future));
    assert_null(exoref_future_old_value(future));
    assert_null(exoref_future_atom(future));
    assert_null(exoref_future_client(future));
    assert_null(exoref_future_swap(future));
    assert_null(exoref_future_info(future));
    assert_false(exoref_future_flag(future));
    assert_int_equal(exoref_future_number(future), 0);
}

static void results_are_handles_of_their_own(void **) {
    Future future;
    assert_ok(exoref_client_open_async(server().unix_url().c_str(), nullptr, enough(), future.out(), nullptr));
    assert_ok(outcome(future));
    const Client client(exoref_future_client(future));
    assert_non_null(client.get());
    assert_ok(exoref_atom_create_async(client, "results", 7, "1", 1, nullptr, enough(), future.out(), nullptr));
    assert_ok(outcome(future));
    const Atom atom(exoref_future_atom(future));
    assert_ok(exoref_atom_swap_begin_async(atom, enough(), future.out(), nullptr));
    assert_ok(outcome(future));
    const Swap swap(exoref_future_swap(future));
    assert_non_null(Value(exoref_future_value(future)).get());
    assert_ok(exoref_swap_offer_async(swap, "2", 1, enough(), future.out(), nullptr));
    assert_ok(outcome(future));
    assert_true(exoref_future_flag(future));
    assert_ok(exoref_client_ping_async(client, enough(), future.out(), nullptr));
    assert_ok(outcome(future));
    assert_true(exoref_future_number(future) > 0);
    assert_int_equal(bytes(Value(exoref_future_value(future)))[0], '7');
    assert_ok(exoref_inspect_async(client, "results", 7, enough(), future.out(), nullptr));
    assert_ok(outcome(future));
    assert_string_equal(exoref_info_text(Info(exoref_future_info(future)), "type"), "atom");
    assert_ok(exoref_delete_async(client, "results", 7, enough(), future.out(), nullptr));
    assert_ok(outcome(future));
    assert_true(exoref_future_flag(future));
    future.reset();
    assert_status(EXOREF_ENOTFOUND, try_reset(atom, "3"));
}

static void a_wait_with_a_timeout_ends_and_the_operation_goes_on(void **) {
    Silent s;
    const Future future = deref_async(s.atom, EXOREF_TIMEOUT_NONE);
    Error error;
    assert_status_error(EXOREF_ETIMEOUT, exoref_future_wait(future, 20, error.out()), error);
    assert_status(EXOREF_ETIMEOUT, exoref_future_wait(future, 0, nullptr));
    assert_false(exoref_future_done(future));
    assert_status(EXOREF_EAGAIN, exoref_future_status(future));
    assert_null(exoref_future_value(future));
    assert_null(exoref_future_error(future));
    s.own.resume();
    assert_ok(outcome(future));
    assert_bytes("1", Value(exoref_future_value(future)));
}

static void the_operations_own_timeout_ends_the_future(void **) {
    Silent s;
    const Future read = deref_async(s.atom, 30);
    Future write;
    assert_ok(exoref_atom_reset_async(s.atom, "2", 1, false, 30, write.out(), nullptr));
    assert_status(EXOREF_ETIMEOUT, outcome(read));
    assert_status(EXOREF_EUNKNOWN, outcome(write));
    const Error error(exoref_future_error(write));
    assert_int_equal(exoref_error_status(error), EXOREF_EUNKNOWN);
    assert_int_equal(exoref_error_reason(error), EXOREF_REASON_TIMEOUT);
    assert_true(exoref_error_sent(error));
}

static void an_interrupt_ends_one_wait_now_or_later(void **) {
    Silent s;
    const Future future = deref_async(s.atom, EXOREF_TIMEOUT_NONE);
    exoref_future_interrupt(future);
    assert_status(EXOREF_EINTERRUPTED, exoref_future_wait(future, enough(), nullptr));
    assert_status(EXOREF_ETIMEOUT, exoref_future_wait(future, 1, nullptr));
    std::atomic<exoref_status> status{-1};
    std::thread waiter([&] { status = exoref_future_wait(future, enough(), nullptr); });
    exoref_future_interrupt(future);
    waiter.join();
    assert_int_equal(status.load(), EXOREF_EINTERRUPTED);
    s.own.resume();
    assert_ok(outcome(future));
}

static void a_cancelled_read_is_cancelled_and_a_sent_write_is_unknown(void **) {
    Silent s;
    const Future read = deref_async(s.atom, EXOREF_TIMEOUT_NONE);
    exoref_future_cancel(read);
    assert_status(EXOREF_ECANCELLED, outcome(read));
    Future write;
    assert_ok(exoref_atom_reset_async(s.atom, "2", 1, false, EXOREF_TIMEOUT_NONE, write.out(), nullptr));
    std::thread canceller([&] { exoref_future_cancel(write); });
    canceller.join();
    const exoref_status status = outcome(write);
    assert_true(status == EXOREF_EUNKNOWN || status == EXOREF_ECANCELLED);
    if (status == EXOREF_EUNKNOWN) {
        assert_int_equal(exoref_error_reason(Error(exoref_future_error(write))), EXOREF_REASON_CANCELLED);
    }
    s.own.resume();
    const std::string now = bytes(deref(s.atom));
    assert_true(now == "1" || (now == "2" && status == EXOREF_EUNKNOWN));
}

static void cancelling_what_is_done_has_no_effect(void **) {
    One one;
    const Future future = deref_async(one.atom);
    assert_ok(outcome(future));
    exoref_future_cancel(future);
    exoref_future_cancel(future);
    assert_ok(exoref_future_status(future));
    assert_bytes("1", Value(exoref_future_value(future)));
}

static void a_cancelled_call_gives_no_reply_to_another_one(void **) {
    One one;
    for (int i = 0; i < 50; ++i) {
        Future cancelled;
        assert_ok(exoref_atom_reset_async(one.atom, "9", 1, false, kTimeout, cancelled.out(), nullptr));
        exoref_future_cancel(cancelled);
        std::int64_t microseconds = 0;
        Value version;
        assert_ok(exoref_client_ping(one.client, enough(), &microseconds, version.out(), nullptr));
        assert_int_equal(bytes(version)[0], '7');
        deref(one.atom);
    }
}

static void a_callback_comes_once_and_never_inside_set_callback(void **) {
    One one;
    for (const bool done_before : {false, true}) {
        Called called;
        const Future future = deref_async(one.atom);
        if (done_before) assert_ok(outcome(future));
        assert_ok(exoref_future_set_callback(future, Called::fn, &called, Called::free, nullptr));
        assert_true(called.gate.wait());
        assert_true(called.context.freed_once());
        assert_int_equal(called.context.calls.load(), 1);
        assert_int_equal(called.status.load(), EXOREF_OK);
        assert_true(called.thread != std::this_thread::get_id());
    }
}

static void a_second_callback_is_refused_and_its_context_freed(void **) {
    One one;
    Called first;
    Called second;
    const Future future = deref_async(one.atom);
    assert_ok(exoref_future_set_callback(future, Called::fn, &first, Called::free, nullptr));
    assert_status(EXOREF_EINVAL, exoref_future_set_callback(future, Called::fn, &second, Called::free, nullptr));
    assert_true(second.context.freed_once());
    assert_true(first.gate.wait());
    assert_status(EXOREF_EINVAL, exoref_future_set_callback(future, Called::fn, &second, nullptr, nullptr));
    assert_true(first.context.freed_once());
    assert_int_equal(second.context.calls.load(), 0);
}

static void a_callback_set_while_the_future_completes_comes_once(void **) {
    One one;
    for (int i = 0; i < 300; ++i) {
        Called called;
        const Future future = deref_async(one.atom);
        if (i % 3 == 1) std::this_thread::yield();
        if (i % 3 == 2) exoref_future_wait(future, 1, nullptr);
        assert_ok(exoref_future_set_callback(future, Called::fn, &called, Called::free, nullptr));
        assert_true(called.gate.wait());
        assert_true(called.context.freed_once());
        assert_int_equal(called.context.calls.load(), 1);
    }
}

static void of_threads_that_set_a_callback_at_once_one_wins(void **) {
    One one;
    for (int i = 0; i < 50; ++i) {
        Called called[4];
        std::atomic<int> accepted{0};
        const Future future = deref_async(one.atom);
        std::vector<std::thread> threads;
        for (Called &mine : called) {
            threads.emplace_back([&] {
                const auto status = exoref_future_set_callback(future, Called::fn, &mine, Called::free, nullptr);
                accepted += status == EXOREF_OK ? 1 : 0;
            });
        }
        for (std::thread &thread : threads) thread.join();
        assert_int_equal(accepted.load(), 1);
        int calls = 0;
        for (Called &mine : called) {
            assert_true(mine.context.freed_once());
            calls += mine.context.calls.load();
        }
        assert_int_equal(calls, 1);
    }
}

static void results_are_read_inside_the_callback(void **) {
    struct Shared {
        Gate gate;
        std::string value;
        bool done = false;
    } shared;
    One one;
    const Future future = deref_async(one.atom);
    const auto fn = [](void *ctx, exoref_future *f) {
        auto *self = static_cast<Shared *>(ctx);
        self->value = bytes(Value(exoref_future_value(f)));
        self->done = exoref_future_done(f) && exoref_future_wait(f, EXOREF_TIMEOUT_NONE, nullptr) == EXOREF_OK;
        self->gate.open();
    };
    assert_ok(exoref_future_set_callback(future, fn, &shared, nullptr, nullptr));
    assert_true(shared.gate.wait());
    assert_string_equal(shared.value.c_str(), "1");
    assert_true(shared.done);
}

static void another_future_is_awaited_inside_the_callback(void **) {
    struct Shared {
        One one;
        Gate gate;
        std::string value;
        exoref_status status = -1;
    } shared;
    const Future future = deref_async(shared.one.atom);
    const auto fn = [](void *ctx, exoref_future *) {
        auto *self = static_cast<Shared *>(ctx);
        const Future inner = deref_async(self->one.atom);
        self->status = exoref_future_wait(inner, enough(), nullptr);
        self->value = bytes(Value(exoref_future_value(inner)));
        self->gate.open();
    };
    assert_ok(exoref_future_set_callback(future, fn, &shared, nullptr, nullptr));
    assert_true(shared.gate.wait());
    assert_int_equal(shared.status, EXOREF_OK);
    assert_string_equal(shared.value.c_str(), "1");
}

static void a_future_that_nobody_holds_still_calls_back(void **) {
    One one;
    Called called;
    {
        const Future future = deref_async(one.atom);
        assert_ok(exoref_future_set_callback(future, Called::fn, &called, Called::free, nullptr));
    }
    assert_true(called.gate.wait());
    assert_true(called.context.freed_once());
    assert_int_equal(called.status.load(), EXOREF_OK);
}

static void letting_a_future_go_does_not_stop_its_operation(void **) {
    One one;
    for (int i = 0; i < 20; ++i) {
        Future future;
        assert_ok(exoref_atom_swap_async(one.atom, add_one, nullptr, nullptr, kTimeout, future.out(), nullptr));
    }
    assert_true(eventually(Millis(20000), [&] { return bytes(deref(one.atom)) == "21"; }));
}

static void many_threads_retain_wait_and_release(void **) {
    One one;
    for (int round = 0; round < 20; ++round) {
        Future future = deref_async(one.atom);
        std::vector<std::thread> threads;
        for (int t = 0; t < 4; ++t) {
            threads.emplace_back([mine = Future(exoref_future_retain(future))] {
                for (int i = 0; i < 50; ++i) {
                    const Future again(exoref_future_retain(mine));
                    assert_ok(exoref_future_wait(again, enough(), nullptr));
                    const Value value(exoref_future_value(again));
                    assert_int_equal(exoref_value_size(value), 1);
                }
            });
        }
        future.reset();
        for (std::thread &thread : threads) thread.join();
    }
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_future_is_waited_for_and_read_as_often_as_one_likes),
        cmocka_unit_test(results_are_handles_of_their_own),
        cmocka_unit_test(a_wait_with_a_timeout_ends_and_the_operation_goes_on),
        cmocka_unit_test(the_operations_own_timeout_ends_the_future),
        cmocka_unit_test(an_interrupt_ends_one_wait_now_or_later),
        cmocka_unit_test(a_cancelled_read_is_cancelled_and_a_sent_write_is_unknown),
        cmocka_unit_test(cancelling_what_is_done_has_no_effect),
        cmocka_unit_test(a_cancelled_call_gives_no_reply_to_another_one),
        cmocka_unit_test(a_callback_comes_once_and_never_inside_set_callback),
        cmocka_unit_test(a_second_callback_is_refused_and_its_context_freed),
        cmocka_unit_test(a_callback_set_while_the_future_completes_comes_once),
        cmocka_unit_test(of_threads_that_set_a_callback_at_once_one_wins),
        cmocka_unit_test(results_are_read_inside_the_callback),
        cmocka_unit_test(another_future_is_awaited_inside_the_callback),
        cmocka_unit_test(a_future_that_nobody_holds_still_calls_back),
        cmocka_unit_test(letting_a_future_go_does_not_stop_its_operation),
        cmocka_unit_test(many_threads_retain_wait_and_release),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
