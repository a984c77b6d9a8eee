// What callbacks may do: call every function, release their own handles; and how their contexts are freed.
#include <functional>
#include <thread>

#include "capi/atoms.hpp"
#include "capi/promises.hpp"

using namespace exo::capi_test;

namespace {

// Calls of every kind, with what each may answer; `blocking` are those that wait for the server. Run inside callbacks.
std::string use_everything(const One &one) {
    struct Failure {
        std::string text;
        void expect(const char *what, exoref_status status) {
            if (status != EXOREF_OK) text += std::string(what) + " " + exoref_status_name(status) + "; ";
        }
    } failure;
    const Atom &atom = one.atom;
    const Client &client = one.client;
    const std::int64_t t = enough();
    const std::string key = fresh_key("inside");
    Value value, old_value;
    bool flag = false;
    Atom fresh;
    failure.expect("ping", exoref_client_ping(client, t, nullptr, value.out(), nullptr));
    failure.expect("create",
                   exoref_atom_create(client, key.data(), key.size(), "1", 1, nullptr, t, fresh.out(), &flag, nullptr));
    failure.expect("open", exoref_atom_open(client, key.data(), key.size(), nullptr, t, fresh.out(), nullptr));
    failure.expect("deref", exoref_atom_deref(atom, t, value.out(), nullptr));
    failure.expect("reset", exoref_atom_reset(fresh, "2", 1, t, value.out(), nullptr));
    failure.expect("reset_vals", exoref_atom_reset_vals(fresh, "3", 1, t, old_value.out(), value.out(), nullptr));
    failure.expect("cas", exoref_atom_compare_and_set(fresh, "3", 1, "4", 1, t, &flag, value.out(), nullptr));
    failure.expect("cas_at", exoref_atom_compare_and_set_at(fresh, value, "5", 1, t, &flag, nullptr, nullptr));
    failure.expect("swap", exoref_atom_swap(fresh, add_one, nullptr, t, value.out(), nullptr));
    failure.expect("swap_vals",
                   exoref_atom_swap_vals(fresh, add_one, nullptr, t, old_value.out(), value.out(), nullptr));
    Swap swap;
    failure.expect("swap_begin", exoref_atom_swap_begin(fresh, t, swap.out(), value.out(), nullptr));
    failure.expect("confirm", exoref_swap_confirm(swap, t, &flag, value.out(), nullptr));
    failure.expect("swap_begin", exoref_atom_swap_begin(fresh, t, swap.out(), value.out(), nullptr));
    failure.expect("offer", exoref_swap_offer(swap, "8", 1, t, &flag, value.out(), nullptr));
    failure.expect("validator", exoref_atom_set_validator(fresh, nullptr, nullptr, nullptr, t, nullptr));
    failure.expect("add_watch", exoref_atom_add_watch(
                                    fresh, "in", 2, [](void *, const exoref_change *) -> std::int32_t { return 0; },
                                    nullptr, nullptr, 0, t, value.out(), nullptr));
    failure.expect("remove_watch", exoref_atom_remove_watch(fresh, "in", 2, nullptr));
    failure.expect("reset_meta", exoref_atom_reset_meta(fresh, "1", 1, t, nullptr));
    failure.expect("alter_meta", exoref_atom_alter_meta(fresh, add_one, nullptr, t, value.out(), nullptr));
    failure.expect("meta", exoref_atom_meta(fresh, t, value.out(), nullptr));
    failure.expect("expire", exoref_expire(client, key.data(), key.size(), 60000, t, nullptr));
    Info info;
    failure.expect("inspect", exoref_inspect(client, key.data(), key.size(), t, info.out(), nullptr));
    Scan scan;
    failure.expect("scan_new", exoref_scan_new(client, nullptr, 0, nullptr, scan.out(), nullptr));
    failure.expect("scan_next", exoref_scan_next(scan, t, info.out(), nullptr));
    Future future;
    failure.expect("deref_async", exoref_atom_deref_async(fresh, t, future.out(), nullptr));
    failure.expect("wait", exoref_future_wait(future, t, nullptr));
    failure.expect("swap_async", exoref_atom_swap_async(fresh, add_one, nullptr, nullptr, t, future.out(), nullptr));
    Promise promise;
    const std::string name = fresh_key("promised inside");
    failure.expect("promise_open",
                   exoref_promise_open(client, name.data(), name.size(), nullptr, t, promise.out(), &flag, nullptr));
    failure.expect("promise_realized", exoref_promise_realized(promise, t, &flag, nullptr));
    failure.expect("promise_deref_async", exoref_promise_deref_async(promise, t, future.out(), nullptr));
    failure.expect("promise_deliver", exoref_promise_deliver(promise, "x", 1, t, &flag, value.out(), nullptr));
    failure.expect("wait", exoref_future_wait(future, t, nullptr));
    failure.expect("promise_deref", exoref_promise_deref(promise, t, value.out(), nullptr));
    failure.expect("realized", exoref_realized(client, name.data(), name.size(), nullptr, t, &flag, nullptr));
    failure.expect("delete", exoref_delete(client, key.data(), key.size(), t, &flag, nullptr));
    Client second;
    failure.expect("open", exoref_client_open(server().unix_url().c_str(), nullptr, t, second.out(), nullptr));
    failure.expect("close", exoref_client_close(second, 0, nullptr));
    return failure.text;
}

struct Inside {
    One one;
    Gate gate;
    std::string problems;
    int calls = 0;

    void run() {
        if (++calls == 1) problems = use_everything(one);
        gate.open();
    }
};

std::int32_t append_x(const exoref_value *old_value, exoref_sink *sink) {
    const std::string next = bytes(old_value) + "x";
    return exoref_sink_write(sink, next.data(), next.size());
}

}  // namespace

static void every_function_may_be_called_inside_a_swap(void **) {
    Inside inside;
    const auto fn = [](void *ctx, const exoref_value *old_value, exoref_sink *sink) {
        static_cast<Inside *>(ctx)->run();
        return append_x(old_value, sink);
    };
    assert_ok(exoref_atom_swap(inside.one.atom, fn, &inside, enough(), nullptr, nullptr));
    assert_string_equal(inside.problems.c_str(), "");
    assert_bytes("1x", deref(inside.one.atom));
}

static void every_function_may_be_called_inside_an_asynchronous_swap(void **) {
    Inside inside;
    const auto fn = [](void *ctx, const exoref_value *old_value, exoref_sink *sink) {
        static_cast<Inside *>(ctx)->run();
        return append_x(old_value, sink);
    };
    Future future;
    assert_ok(
        exoref_atom_swap_async(inside.one.atom, fn, &inside, nullptr, EXOREF_TIMEOUT_NONE, future.out(), nullptr));
    // A swap_async beneath it is queued behind it on the same lane, which is why only the waiting for one would not end.
    assert_ok(outcome(future));
    assert_string_equal(inside.problems.c_str(), "");
    assert_bytes("1x", deref(inside.one.atom));
}

static void every_function_may_be_called_inside_a_validator(void **) {
    Inside inside;
    const auto fn = [](void *ctx, const void *, std::size_t, exoref_sink *) -> std::int32_t {
        static_cast<Inside *>(ctx)->run();
        return EXOREF_CALL_OK;
    };
    assert_ok(exoref_atom_set_validator(inside.one.atom, fn, &inside, nullptr, enough(), nullptr));
    assert_string_equal(inside.problems.c_str(), "");
    assert_ok(try_reset(inside.one.atom, "2"));
    assert_int_equal(inside.calls, 2);
}

static void every_function_may_be_called_inside_a_watch(void **) {
    Inside inside;
    const auto fn = [](void *ctx, const exoref_change *) -> std::int32_t {
        static_cast<Inside *>(ctx)->run();
        return EXOREF_CALL_OK;
    };
    assert_ok(exoref_atom_add_watch(inside.one.atom, "w", 1, fn, &inside, nullptr, 0, enough(), nullptr, nullptr));
    reset(inside.one.atom, "2");
    assert_true(inside.gate.wait());
    assert_ok(exoref_client_close(inside.one.client, enough(), nullptr));
    assert_string_equal(inside.problems.c_str(), "");
}

static void every_function_may_be_called_inside_a_completion(void **) {
    Inside inside;
    Future future;
    assert_ok(exoref_atom_deref_async(inside.one.atom, enough(), future.out(), nullptr));
    const auto fn = [](void *ctx, exoref_future *) { static_cast<Inside *>(ctx)->run(); };
    assert_ok(exoref_future_set_callback(future, fn, &inside, nullptr, nullptr));
    assert_true(inside.gate.wait());
    assert_ok(exoref_client_close(inside.one.client, enough(), nullptr));
    assert_string_equal(inside.problems.c_str(), "");
}

static void waiting_inside_a_completion_for_what_that_lane_must_do_is_a_deadlock(void **) {
    struct Shared {
        One one;
        Gate gate;
        exoref_status status = -1;
    } shared;
    Future future;
    assert_ok(exoref_atom_deref_async(shared.one.atom, enough(), future.out(), nullptr));
    const auto fn = [](void *ctx, exoref_future *) {
        auto *self = static_cast<Shared *>(ctx);
        Future inner;
        assert_ok(exoref_atom_swap_async(self->one.atom, add_one, nullptr, nullptr, 2000, inner.out(), nullptr));
        self->status = exoref_future_wait(inner, EXOREF_TIMEOUT_NONE, nullptr);
        self->gate.open();
    };
    assert_ok(exoref_future_set_callback(future, fn, &shared, nullptr, nullptr));
    assert_true(shared.gate.wait());
    assert_true(shared.status == EXOREF_EDEADLOCK || shared.status == EXOREF_OK);
    assert_ok(exoref_client_close(shared.one.client, enough(), nullptr));
}

static void handles_may_be_released_inside_their_own_callbacks(void **) {
    struct Shared {
        Client client = open_client();
        Atom atom = create_atom(client, fresh_key(), "1");
        Future future;
        Gate gate;
    };
    for (int i = 0; i < 20; ++i) {
        auto *shared = new Shared;
        Gate freed;
        assert_ok(exoref_atom_deref_async(shared->atom, enough(), shared->future.out(), nullptr));
        const auto fn = [](void *ctx, exoref_future *) {
            auto *self = static_cast<Shared *>(ctx);
            self->future.reset();
            self->atom.reset();
            self->client.reset();
            self->gate.open();
        };
        assert_ok(exoref_future_set_callback(shared->future, fn, shared, nullptr, nullptr));
        assert_true(shared->gate.wait());
        delete shared;
    }
}

static void the_last_handles_may_be_released_inside_a_watch(void **) {
    struct Shared {
        Client client = open_client();
        Atom atom = create_atom(client, fresh_key(), "1");
        Context context;
        Gate gate;
        static std::int32_t fn(void *ctx, const exoref_change *) {
            auto *self = static_cast<Shared *>(ctx);
            self->context.called();
            self->atom.reset();
            self->client.reset();
            self->gate.open();
            return EXOREF_CALL_OK;
        }
        static void free(void *ctx) { Context::free(&static_cast<Shared *>(ctx)->context); }
    };
    for (int i = 0; i < 20; ++i) {
        Shared shared;
        assert_ok(exoref_atom_add_watch(shared.atom, "w", 1, Shared::fn, &shared, Shared::free, 0, enough(), nullptr,
                                        nullptr));
        const exoref_status status = try_reset(Atom(exoref_atom_retain(shared.atom)), "2");
        assert_true(status == EXOREF_OK || status == EXOREF_EUNKNOWN || status == EXOREF_ECLOSED);
        assert_true(shared.gate.wait());
        assert_true(shared.context.freed_once());
        assert_int_equal(shared.context.calls.load(), 1);
    }
}

static void handles_are_retained_and_released_by_many_threads(void **) {
    One one;
    const Value value = deref(one.atom);
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < 2000; ++i) {
                const Client client(exoref_client_retain(one.client));
                const Atom atom(exoref_atom_retain(one.atom));
                const Value again(exoref_value_retain(value));
                assert_int_equal(exoref_value_size(again), 1);
            }
        });
    }
    for (std::thread &thread : threads) thread.join();
    assert_bytes("1", deref(one.atom));
}

static void a_context_is_freed_once_whatever_becomes_of_the_call(void **) {
    const auto watch = [](void *ctx, const exoref_change *) -> std::int32_t {
        static_cast<Context *>(ctx)->called();
        return EXOREF_CALL_OK;
    };
    const auto swap = [](void *ctx, const exoref_value *old_value, exoref_sink *sink) {
        static_cast<Context *>(ctx)->called();
        return append_x(old_value, sink);
    };
    Context bad_arguments, of_swap, of_failed_swap, of_log, of_validator;
    {
        One one;
        assert_status(EXOREF_EINVAL, exoref_atom_add_watch(nullptr, "w", 1, watch, &bad_arguments, Context::free, 0,
                                                           enough(), nullptr, nullptr));
        assert_true(bad_arguments.freed_once());
        Future future;
        assert_ok(exoref_atom_swap_async(one.atom, swap, &of_swap, Context::free, enough(), future.out(), nullptr));
        assert_ok(outcome(future));
        assert_true(of_swap.freed_once());
        assert_int_equal(of_swap.calls.load(), 1);
        server().must({"DEL", one.key});
        const exoref_status begun =
            exoref_atom_swap_async(one.atom, swap, &of_failed_swap, Context::free, enough(), future.out(), nullptr);
        if (begun == EXOREF_OK) outcome(future);
        assert_true(of_failed_swap.freed_once());
        const Options with = options({});
        assert_ok(exoref_options_set_log(
            with, 1, [](void *, std::int32_t, const char *, const char *) {}, &of_log, Context::free, nullptr));
        assert_ok(exoref_options_set_log(with, 1, nullptr, nullptr, nullptr, nullptr));
        assert_true(of_log.freed_once());
        assert_status(EXOREF_EINVAL,
                      exoref_options_set_validator(nullptr, nullptr, &of_validator, Context::free, nullptr));
        assert_true(of_validator.freed_once());
    }
    Context of_closed;
    One closed;
    assert_ok(exoref_client_close(closed.client, enough(), nullptr));
    assert_status(EXOREF_ECLOSED, exoref_atom_add_watch(closed.atom, "w", 1, watch, &of_closed, Context::free, 0,
                                                        enough(), nullptr, nullptr));
    assert_true(of_closed.freed_once());
}

static void contexts_of_pending_calls_are_freed_when_the_client_is_closed(void **) {
    RedisServer own;
    Context of_callback, of_swap;
    {
        const Client client = open_client({{"health_interval", "1h"}}, own.unix_url());
        const Atom atom = create_atom(client, "k", "1");
        own.pause();
        Future read, write;
        assert_ok(exoref_atom_deref_async(atom, EXOREF_TIMEOUT_NONE, read.out(), nullptr));
        assert_ok(exoref_future_set_callback(
            read, [](void *ctx, exoref_future *) { static_cast<Context *>(ctx)->called(); }, &of_callback,
            Context::free, nullptr));
        assert_ok(exoref_atom_swap_async(
            atom,
            [](void *ctx, const exoref_value *old_value, exoref_sink *sink) {
                static_cast<Context *>(ctx)->called();
                return append_x(old_value, sink);
            },
            &of_swap, Context::free, EXOREF_TIMEOUT_NONE, write.out(), nullptr));
        assert_ok(exoref_client_close(client, enough(), nullptr));
    }
    assert_true(of_callback.freed_once());
    assert_int_equal(of_callback.calls.load(), 1);
    assert_true(of_swap.freed_once());
    own.resume();
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(every_function_may_be_called_inside_a_swap),
        cmocka_unit_test(every_function_may_be_called_inside_an_asynchronous_swap),
        cmocka_unit_test(every_function_may_be_called_inside_a_validator),
        cmocka_unit_test(every_function_may_be_called_inside_a_watch),
        cmocka_unit_test(every_function_may_be_called_inside_a_completion),
        cmocka_unit_test(waiting_inside_a_completion_for_what_that_lane_must_do_is_a_deadlock),
        cmocka_unit_test(handles_may_be_released_inside_their_own_callbacks),
        cmocka_unit_test(the_last_handles_may_be_released_inside_a_watch),
        cmocka_unit_test(handles_are_retained_and_released_by_many_threads),
        cmocka_unit_test(a_context_is_freed_once_whatever_becomes_of_the_call),
        cmocka_unit_test(contexts_of_pending_calls_are_freed_when_the_client_is_closed),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
