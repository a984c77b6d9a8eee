// Events that the application takes itself: events=take, next_event, poll, the descriptor.
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cstring>
#include <thread>

#include "capi/atoms.hpp"
#include "support/net.hpp"

using namespace exo::capi_test;

namespace {

struct Taking {
    Client client = open_client({{"events", "take"}});
    std::string key = fresh_key("taken");
    Atom atom = create_atom(client, key, "1");
};

Event next_event(const Client &client, std::int64_t timeout = enough()) {
    Event event;
    assert_ok(exoref_client_next_event(client, timeout, event.out(), nullptr));
    return event;
}

Future reset_async(const Atom &atom, const char *next) {
    Future future;
    assert_ok(exoref_atom_reset_async(atom, next, std::strlen(next), false, enough(), future.out(), nullptr));
    return future;
}

void called(void *ctx, exoref_future *) { static_cast<Context *>(ctx)->called(); }
std::int32_t watched(void *ctx, const exoref_change *) {
    static_cast<Context *>(ctx)->called();
    return EXOREF_CALL_OK;
}

}  // namespace

static void nothing_comes_without_something_that_happened(void **) {
    Taking t;
    Event event;
    Error error;
    assert_status_error(EXOREF_ETIMEOUT, exoref_client_next_event(t.client, 0, event.out(), error.out()), error);
    assert_status(EXOREF_ETIMEOUT, exoref_client_next_event(t.client, 10, event.out(), nullptr));
    assert_null(event.get());
    std::size_t ran = 7;
    const exoref_status status = exoref_client_poll(t.client, 0, 0, &ran, nullptr);
    assert_true(status == EXOREF_ETIMEOUT || status == EXOREF_OK);
    assert_int_equal(ran, 0);
}

static void without_the_option_taking_is_refused(void **) {
    One one;
    assert_status(EXOREF_EINVAL, exoref_client_next_event(one.client, 0, Event().out(), nullptr));
    assert_status(EXOREF_EINVAL, exoref_client_poll(one.client, 0, 0, nullptr, nullptr));
}

static void a_completion_comes_as_an_event_with_its_token(void **) {
    Taking t;
    const Future future = reset_async(t.atom, "2");
    assert_ok(exoref_future_set_token(future, 4711, nullptr));
    assert_status(EXOREF_EINVAL, exoref_future_set_token(future, 4712, nullptr));
    const Event event = next_event(t.client);
    assert_int_equal(exoref_event_kind(event), EXOREF_EVENT_COMPLETION);
    assert_int_equal(exoref_event_token(event), 4711);
    assert_null(exoref_event_change(event));
    const Future of_event(exoref_event_future(event));
    assert_bytes("2", Value(exoref_future_value(of_event)));
    exoref_event_run(event);
    exoref_event_run(event);
}

static void a_token_set_after_the_completion_comes_too(void **) {
    Taking t;
    const Future future = reset_async(t.atom, "2");
    assert_ok(outcome(future));
    assert_ok(exoref_future_set_token(future, UINT64_MAX, nullptr));
    assert_int_equal(exoref_event_token(next_event(t.client)), UINT64_MAX);
}

static void a_watch_comes_as_an_event_with_its_token(void **) {
    Taking t;
    Value since;
    assert_ok(exoref_atom_add_watch(t.atom, "w", 1, nullptr, nullptr, nullptr, 99, enough(), since.out(), nullptr));
    assert_int_equal(exoref_value_version(since), 1);
    reset(t.atom, "2");
    reset(t.atom, "3");
    for (const std::uint64_t version : {2u, 3u}) {
        const Event event = next_event(t.client);
        assert_int_equal(exoref_event_kind(event), EXOREF_EVENT_WATCH);
        assert_int_equal(exoref_event_token(event), 99);
        assert_null(exoref_event_future(event));
        const exoref_change *change = exoref_event_change(event);
        assert_non_null(change);
        assert_int_equal(exoref_change_version(change), version);
        assert_string_equal(exoref_change_key(change, nullptr), t.key.c_str());
        assert_string_equal(exoref_change_watch_key(change, nullptr), "w");
    }
}

static void nothing_is_called_until_the_application_polls(void **) {
    Context completion, watch;
    Taking t;
    assert_ok(exoref_atom_add_watch(t.atom, "w", 1, watched, &watch, Context::free, 0, enough(), nullptr, nullptr));
    const Future future = reset_async(t.atom, "2");
    assert_ok(exoref_future_set_callback(future, called, &completion, Context::free, nullptr));
    assert_ok(outcome(future));
    assert_int_equal(completion.calls.load() + watch.calls.load(), 0);
    eventually(Millis(20000), [&] {
        exoref_client_poll(t.client, 0, 100, nullptr, nullptr);
        return completion.freed.load() == 1 && watch.calls.load() == 1;
    });
    assert_int_equal(completion.calls.load(), 1);
    assert_int_equal(completion.freed.load(), 1);
    assert_int_equal(watch.calls.load(), 1);
    assert_int_equal(watch.freed.load(), 0);
}

static void poll_runs_at_most_so_many(void **) {
    Context contexts[5];
    Taking t;
    std::vector<Future> futures;
    for (Context &context : contexts) {
        futures.push_back(reset_async(t.atom, "2"));
        assert_ok(exoref_future_set_callback(futures.back(), called, &context, nullptr, nullptr));
    }
    for (const Future &future : futures) assert_ok(outcome(future));
    std::size_t sum = 0;
    while (sum < 5) {
        std::size_t ran = 0;
        assert_ok(exoref_client_poll(t.client, 2, enough(), &ran, nullptr));
        assert_in_range(ran, 1, 2);
        sum += ran;
    }
    for (Context &context : contexts) assert_int_equal(context.calls.load(), 1);
}

static void an_event_with_a_function_is_run_by_the_application_once(void **) {
    Context context;
    Taking t;
    const Future future = reset_async(t.atom, "2");
    assert_ok(exoref_future_set_callback(future, called, &context, Context::free, nullptr));
    {
        const Event event = next_event(t.client);
        assert_int_equal(exoref_event_kind(event), EXOREF_EVENT_COMPLETION);
        assert_int_equal(context.calls.load(), 0);
        exoref_event_run(event);
        exoref_event_run(event);
        assert_int_equal(context.calls.load(), 1);
    }
    eventually(Millis(20000), [&] {
        if (context.freed.load() == 0) exoref_client_poll(t.client, 0, 10, nullptr, nullptr);
        return context.freed.load() == 1;
    });
    assert_int_equal(context.freed.load(), 1);
}

static void a_descriptor_is_written_to_when_the_queue_turns_non_empty(void **) {
    const exo::support::Fd fd(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
    Taking t;
    assert_ok(exoref_client_set_event_fd(t.client, fd.get(), nullptr));
    for (int round = 0; round < 3; ++round) {
        const Future future = reset_async(t.atom, "2");
        assert_ok(exoref_future_set_token(future, 1, nullptr));
        pollfd wait = {fd.get(), POLLIN, 0};
        assert_int_equal(::poll(&wait, 1, static_cast<int>(enough())), 1);
        std::uint64_t number = 0;
        assert_int_equal(::read(fd.get(), &number, sizeof number), sizeof number);
        assert_int_equal(number, 1);
        assert_non_null(next_event(t.client).get());
    }
    assert_ok(exoref_client_set_event_fd(t.client, -1, nullptr));
    const Future future = reset_async(t.atom, "3");
    assert_ok(exoref_future_set_token(future, 1, nullptr));
    assert_non_null(next_event(t.client).get());
    std::uint64_t number = 0;
    assert_int_equal(::read(fd.get(), &number, sizeof number), -1);
}

static void one_that_waits_for_events_is_woken_by_the_close(void **) {
    Taking t;
    std::atomic<exoref_status> status{-1};
    std::thread waiter([&] {
        Event event;
        do {
            status = exoref_client_next_event(t.client, EXOREF_TIMEOUT_NONE, event.out(), nullptr);
        } while (status == EXOREF_OK);
    });
    assert_ok(exoref_client_close(t.client, enough(), nullptr));
    waiter.join();
    assert_int_equal(status.load(), EXOREF_ECLOSED);
}

static void contexts_are_freed_with_events_taken_and_without(void **) {
    for (const bool take : {true, false}) {
        Context watch, completion;
        Taking t;
        assert_ok(exoref_atom_add_watch(t.atom, "w", 1, watched, &watch, Context::free, 0, enough(), nullptr, nullptr));
        const Future future = reset_async(t.atom, "2");
        assert_ok(exoref_future_set_callback(future, called, &completion, Context::free, nullptr));
        assert_ok(outcome(future));
        if (take) {
            assert_ok(exoref_atom_remove_watch(t.atom, "w", 1, nullptr));
            eventually(Millis(20000), [&] {
                exoref_client_poll(t.client, 0, 10, nullptr, nullptr);
                return watch.freed.load() == 1 && completion.freed.load() == 1;
            });
        }
        assert_ok(exoref_client_close(t.client, enough(), nullptr));
        while (exoref_client_poll(t.client, 0, 0, nullptr, nullptr) == EXOREF_OK && watch.freed.load() == 0) {
        }
        t.atom.reset();
        t.client.reset();
        assert_true(watch.freed_once());
        assert_true(completion.freed_once() || take == false);
        assert_in_range(completion.calls.load(), 0, 1);
    }
}

static void asynchronous_swaps_are_computed_where_events_are_taken(void **) {
    struct Shared {
        std::thread::id thread;
        static std::int32_t fn(void *ctx, const exoref_value *old_value, exoref_sink *sink) {
            static_cast<Shared *>(ctx)->thread = std::this_thread::get_id();
            return add_one(nullptr, old_value, sink);
        }
    } shared;
    Taking t;
    Future future;
    assert_ok(exoref_atom_swap_async(t.atom, Shared::fn, &shared, nullptr, enough(), future.out(), nullptr));
    while (!exoref_future_done(future)) exoref_client_poll(t.client, 0, 50, nullptr, nullptr);
    assert_ok(exoref_future_status(future));
    assert_bytes("2", deref(t.atom));
    assert_true(shared.thread == std::this_thread::get_id());
}

static void an_asynchronous_swap_ends_with_the_close_though_nobody_takes_its_steps(void **) {
    Context context;
    Taking t;
    Future future;
    const auto fn = [](void *ctx, const exoref_value *old_value, exoref_sink *sink) {
        static_cast<Context *>(ctx)->called();
        return add_one(nullptr, old_value, sink);
    };
    assert_ok(exoref_atom_swap_async(t.atom, fn, &context, Context::free, EXOREF_TIMEOUT_NONE, future.out(), nullptr));
    assert_ok(exoref_client_close(t.client, enough(), nullptr));
    assert_ok(exoref_future_wait(future, enough(), nullptr));
    assert_status(EXOREF_ECLOSED, exoref_future_status(future));
    future.reset();
    t.atom.reset();
    t.client.reset();
    assert_true(context.freed_once());
    assert_int_equal(context.calls.load(), 0);
}

static void a_step_of_an_asynchronous_swap_that_is_never_run_ends_the_swap(void **) {
    Context context;
    Taking t;
    Future future;
    const auto fn = [](void *ctx, const exoref_value *old_value, exoref_sink *sink) {
        static_cast<Context *>(ctx)->called();
        return add_one(nullptr, old_value, sink);
    };
    assert_ok(exoref_atom_swap_async(t.atom, fn, &context, Context::free, EXOREF_TIMEOUT_NONE, future.out(), nullptr));
    next_event(t.client).reset();
    assert_ok(exoref_future_wait(future, enough(), nullptr));
    assert_status(EXOREF_ECANCELLED, exoref_future_status(future));
    assert_true(context.freed_once());
    assert_bytes("1", deref(t.atom));
}

// A swap that waits for its step, which nobody takes yet.
struct Stepless {
    Context context;
    Taking t;
    Future future;
    explicit Stepless(std::int64_t timeout) {
        const auto fn = [](void *ctx, const exoref_value *old_value, exoref_sink *sink) {
            static_cast<Context *>(ctx)->called();
            return add_one(nullptr, old_value, sink);
        };
        assert_ok(exoref_atom_swap_async(t.atom, fn, &context, Context::free, timeout, future.out(), nullptr));
    }
    void ends_unchanged(exoref_status status) {
        assert_ok(exoref_future_wait(future, enough(), nullptr));
        assert_status(status, exoref_future_status(future));
        exoref_client_poll(t.client, 0, 0, nullptr, nullptr);
        exoref_client_poll(t.client, 0, 0, nullptr, nullptr);
        assert_true(context.freed_once());
        assert_int_equal(context.calls.load(), 0);
        assert_bytes("1", deref(t.atom));
    }
};

static void an_asynchronous_swap_whose_step_is_not_taken_in_time_ends_unchanged(void **) {
    Stepless(30).ends_unchanged(EXOREF_ETIMEOUT);
}

static void an_asynchronous_swap_is_cancelled_between_its_steps(void **) {
    Stepless swap(EXOREF_TIMEOUT_NONE);
    exoref_future_cancel(swap.future);
    swap.ends_unchanged(EXOREF_ECANCELLED);
}

static void events_that_nobody_can_take_any_more_are_dropped_with_what_they_hold(void **) {
    Context completion, watch;
    Taking t;
    assert_ok(exoref_atom_add_watch(t.atom, "w", 1, watched, &watch, Context::free, 0, enough(), nullptr, nullptr));
    Future future = reset_async(t.atom, "2");
    assert_ok(exoref_future_set_callback(future, called, &completion, Context::free, nullptr));
    assert_ok(outcome(future));
    t.client.reset();
    assert_true(completion.freed_once());
    assert_int_equal(watch.freed.load(), 0);
    assert_bytes("2", deref(t.atom));
    t.atom.reset();
    assert_true(watch.freed_once());
    assert_int_equal(completion.calls.load() + watch.calls.load(), 0);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(nothing_comes_without_something_that_happened),
        cmocka_unit_test(without_the_option_taking_is_refused),
        cmocka_unit_test(a_completion_comes_as_an_event_with_its_token),
        cmocka_unit_test(a_token_set_after_the_completion_comes_too),
        cmocka_unit_test(a_watch_comes_as_an_event_with_its_token),
        cmocka_unit_test(nothing_is_called_until_the_application_polls),
        cmocka_unit_test(poll_runs_at_most_so_many),
        cmocka_unit_test(an_event_with_a_function_is_run_by_the_application_once),
        cmocka_unit_test(a_descriptor_is_written_to_when_the_queue_turns_non_empty),
        cmocka_unit_test(one_that_waits_for_events_is_woken_by_the_close),
        cmocka_unit_test(contexts_are_freed_with_events_taken_and_without),
        cmocka_unit_test(an_asynchronous_swap_ends_with_the_close_though_nobody_takes_its_steps),
        cmocka_unit_test(a_step_of_an_asynchronous_swap_that_is_never_run_ends_the_swap),
        cmocka_unit_test(an_asynchronous_swap_whose_step_is_not_taken_in_time_ends_unchanged),
        cmocka_unit_test(an_asynchronous_swap_is_cancelled_between_its_steps),
        cmocka_unit_test(events_that_nobody_can_take_any_more_are_dropped_with_what_they_hold),
        cmocka_unit_test(asynchronous_swaps_are_computed_where_events_are_taken),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
