// Closing: pending calls end at once, handles answer EXOREF_ECLOSED, contexts are freed, nothing is called any more.
#include <functional>
#include <thread>

#include "capi/atoms.hpp"
#include "capi/promises.hpp"
#include "support/resources.hpp"

using namespace exo::capi_test;

namespace {

std::int32_t called(void *ctx, const exoref_change *) {
    static_cast<Context *>(ctx)->called();
    return EXOREF_CALL_OK;
}

}  // namespace

static void handles_of_a_closed_client_answer_ECLOSED(void **) {
    One one;
    Swap swap;
    assert_ok(exoref_atom_swap_begin(one.atom, enough(), swap.out(), nullptr, nullptr));
    Scan scan;
    assert_ok(exoref_scan_new(one.client, nullptr, 0, nullptr, scan.out(), nullptr));
    const Value state = deref(one.atom);
    const Promise promise = open_promise(one.client, fresh_key("promise"));
    assert_ok(exoref_client_close(one.client, enough(), nullptr));
    exoref_client *client = one.client;
    exoref_atom *atom = one.atom;
    const std::int64_t t = enough();
    Future f;
    const std::vector<std::pair<const char *, std::function<exoref_status()>>> calls = {
        {"ping", [&] { return exoref_client_ping(client, t, nullptr, nullptr, nullptr); }},
        {"open", [&] { return exoref_atom_open(client, "k", 1, nullptr, t, Atom().out(), nullptr); }},
        {"create",
         [&] { return exoref_atom_create(client, "k", 1, "", 0, nullptr, t, Atom().out(), nullptr, nullptr); }},
        {"deref", [&] { return exoref_atom_deref(atom, t, nullptr, nullptr); }},
        {"reset", [&] { return exoref_atom_reset(atom, "2", 1, t, nullptr, nullptr); }},
        {"cas", [&] { return exoref_atom_compare_and_set(atom, "1", 1, "2", 1, t, nullptr, nullptr, nullptr); }},
        {"cas_at", [&] { return exoref_atom_compare_and_set_at(atom, state, "2", 1, t, nullptr, nullptr, nullptr); }},
        {"swap", [&] { return exoref_atom_swap(atom, add_one, nullptr, t, nullptr, nullptr); }},
        {"swap_begin", [&] { return exoref_atom_swap_begin(atom, t, Swap().out(), nullptr, nullptr); }},
        {"offer", [&] { return exoref_swap_offer(swap, "2", 1, t, nullptr, nullptr, nullptr); }},
        {"add_watch",
         [&] { return exoref_atom_add_watch(atom, "w", 1, called, nullptr, nullptr, 0, t, nullptr, nullptr); }},
        {"meta", [&] { return exoref_atom_meta(atom, t, nullptr, nullptr); }},
        {"reset_meta", [&] { return exoref_atom_reset_meta(atom, "m", 1, t, nullptr); }},
        {"alter_meta", [&] { return exoref_atom_alter_meta(atom, add_one, nullptr, t, nullptr, nullptr); }},
        {"delete", [&] { return exoref_delete(client, "k", 1, t, nullptr, nullptr); }},
        {"expire", [&] { return exoref_expire(client, "k", 1, 1000, t, nullptr); }},
        {"inspect", [&] { return exoref_inspect(client, "k", 1, t, Info().out(), nullptr); }},
        {"promise_open",
         [&] { return exoref_promise_open(client, "k", 1, nullptr, t, Promise().out(), nullptr, nullptr); }},
        {"promise_deliver", [&] { return exoref_promise_deliver(promise, "v", 1, t, nullptr, nullptr, nullptr); }},
        {"promise_deref", [&] { return exoref_promise_deref(promise, t, nullptr, nullptr); }},
        {"promise_realized", [&] { return exoref_promise_realized(promise, t, nullptr, nullptr); }},
        {"realized", [&] { return exoref_realized(client, "k", 1, nullptr, t, nullptr, nullptr); }},
        {"scan_next", [&] { return exoref_scan_next(scan, t, Info().out(), nullptr); }},
        {"scan_new", [&] { return exoref_scan_new(client, nullptr, 0, nullptr, Scan().out(), nullptr); }},
        {"deref_async",
         [&] {
             const exoref_status begun = exoref_atom_deref_async(atom, t, f.out(), nullptr);
             return begun == EXOREF_OK ? outcome(f) : begun;
         }},
        {"reset_async",
         [&] {
             const exoref_status begun = exoref_atom_reset_async(atom, "2", 1, false, t, f.out(), nullptr);
             return begun == EXOREF_OK ? outcome(f) : begun;
         }},
    };
    for (const auto &[name, call] : calls) {
        const exoref_status status = call();
        if (status != EXOREF_ECLOSED) print_error("%s: %s\n", name, exoref_status_name(status));
        assert_int_equal(status, EXOREF_ECLOSED);
    }
    assert_bytes("1", state);
    assert_string_equal(exoref_atom_key(atom, nullptr), one.key.c_str());
    assert_true(*exoref_client_server(client) != '\0');
}

static void closing_twice_and_from_many_threads_is_well(void **) {
    One one;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&one] { assert_ok(exoref_client_close(one.client, enough(), nullptr)); });
    }
    for (std::thread &thread : threads) thread.join();
    assert_ok(exoref_client_close(one.client, 0, nullptr));
    assert_ok(exoref_client_close(one.client, EXOREF_TIMEOUT_NONE, nullptr));
}

static void pending_calls_end_at_once(void **) {
    RedisServer own;
    const Client client = open_client({{"health_interval", "1h"}}, own.unix_url());
    const Atom atom = create_atom(client, "k", "1");
    own.pause();
    Future read, write;
    assert_ok(exoref_atom_deref_async(atom, EXOREF_TIMEOUT_NONE, read.out(), nullptr));
    assert_ok(exoref_atom_reset_async(atom, "2", 1, false, EXOREF_TIMEOUT_NONE, write.out(), nullptr));
    std::atomic<exoref_status> blocked{-1};
    std::thread waiter([&] { blocked = exoref_atom_deref(atom, EXOREF_TIMEOUT_NONE, nullptr, nullptr); });
    assert_status(EXOREF_ETIMEOUT, exoref_future_wait(write, 30, nullptr));
    assert_ok(exoref_client_close(client, enough(), nullptr));
    waiter.join();
    assert_int_equal(blocked.load(), EXOREF_ECLOSED);
    assert_status(EXOREF_ECLOSED, outcome(read));
    const exoref_status written = outcome(write);
    assert_true(written == EXOREF_EUNKNOWN || written == EXOREF_ECLOSED);
    if (written == EXOREF_EUNKNOWN) {
        assert_int_equal(exoref_error_reason(Error(exoref_future_error(write))), EXOREF_REASON_CLOSED);
    }
    own.resume();
}

static void closing_waits_for_a_callback_up_to_its_timeout(void **) {
    struct Shared {
        Gate entered, leave;
        std::atomic<bool> left{false};
    } shared;
    One one;
    const auto fn = [](void *ctx, const exoref_change *) -> std::int32_t {
        auto *self = static_cast<Shared *>(ctx);
        self->entered.open();
        self->leave.wait();
        self->left = true;
        return EXOREF_CALL_OK;
    };
    assert_ok(exoref_atom_add_watch(one.atom, "w", 1, fn, &shared, nullptr, 0, enough(), nullptr, nullptr));
    reset(one.atom, "2");
    assert_true(shared.entered.wait());
    Error error;
    assert_status_error(EXOREF_ETIMEOUT, exoref_client_close(one.client, 20, error.out()), error);
    assert_ok(exoref_client_close(one.client, 0, nullptr));
    shared.leave.open();
    assert_ok(exoref_client_close(one.client, enough(), nullptr));
    assert_true(shared.left.load());
}

static void contexts_are_freed_when_the_client_is_closed(void **) {
    Context watch, validator, log;
    Options with = options({});
    assert_ok(exoref_options_set_log(
        with, EXOREF_LOG_DEBUG, [](void *, std::int32_t, const char *, const char *) {}, &log, Context::free, nullptr));
    Client client;
    assert_ok(exoref_client_open(server().unix_url().c_str(), with, enough(), client.out(), nullptr));
    with.reset();
    Atom atom = create_atom(client, fresh_key(), "1");
    assert_ok(exoref_atom_add_watch(atom, "w", 1, called, &watch, Context::free, 0, enough(), nullptr, nullptr));
    assert_ok(exoref_atom_set_validator(
        atom, [](void *, const void *, std::size_t, exoref_sink *) -> std::int32_t { return 0; }, &validator,
        Context::free, enough(), nullptr));
    assert_ok(exoref_client_close(client, enough(), nullptr));
    assert_true(watch.freed_once());
    assert_int_equal(validator.freed.load(), 0);
    atom.reset();
    assert_true(validator.freed_once());
    client.reset();
    assert_true(log.freed_once());
}

static void the_last_release_closes_in_the_background(void **) {
    Context watch;
    {
        const Client client = open_client();
        const Atom atom = create_atom(client, fresh_key(), "1");
        assert_ok(exoref_atom_add_watch(atom, "w", 1, called, &watch, Context::free, 0, enough(), nullptr, nullptr));
    }
    assert_true(watch.freed_once());
    assert_true(eventually(Millis(20000), [] { return server().clients().empty(); }));
}

static void an_atom_outlives_the_handle_of_its_client(void **) {
    Client client = open_client();
    const Atom atom = create_atom(client, fresh_key(), "1");
    client.reset();
    const exoref_status status = try_reset(atom, "2");
    assert_true(status == EXOREF_OK || status == EXOREF_ECLOSED);
}

static void closing_on_the_clients_own_threads_is_a_deadlock(void **) {
    struct Shared {
        One one;
        Gate gate;
        exoref_status waiting = -1, starting = -1;
    } shared;
    Future future;
    assert_ok(exoref_atom_deref_async(shared.one.atom, enough(), future.out(), nullptr));
    const auto fn = [](void *ctx, exoref_future *) {
        auto *self = static_cast<Shared *>(ctx);
        self->waiting = exoref_client_close(self->one.client, 1000, nullptr);
        self->starting = exoref_client_close(self->one.client, 0, nullptr);
        self->gate.open();
    };
    assert_ok(exoref_future_set_callback(future, fn, &shared, nullptr, nullptr));
    assert_true(shared.gate.wait());
    assert_int_equal(shared.waiting, EXOREF_EDEADLOCK);
    assert_int_equal(shared.starting, EXOREF_OK);
    assert_ok(exoref_client_close(shared.one.client, enough(), nullptr));
}

static void a_hundred_clients_leave_nothing_behind(void **) {
    const std::size_t before = exo::support::open_fds();
    for (int i = 0; i < 100; ++i) {
        const Client client = open_client();
        const Atom atom = create_atom(client, "many", "1");
        if (i % 2 == 0) assert_ok(exoref_client_close(client, enough(), nullptr));
    }
    assert_true(eventually(Millis(20000), [&] { return exo::support::open_fds() <= before + 4; }));
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(handles_of_a_closed_client_answer_ECLOSED),
        cmocka_unit_test(closing_twice_and_from_many_threads_is_well),
        cmocka_unit_test(pending_calls_end_at_once),
        cmocka_unit_test(closing_waits_for_a_callback_up_to_its_timeout),
        cmocka_unit_test(contexts_are_freed_when_the_client_is_closed),
        cmocka_unit_test(the_last_release_closes_in_the_background),
        cmocka_unit_test(an_atom_outlives_the_handle_of_its_client),
        cmocka_unit_test(closing_on_the_clients_own_threads_is_a_deadlock),
        cmocka_unit_test(a_hundred_clients_leave_nothing_behind),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
