// A client on the application's own uv_loop_t.
#include <uv.h>

#include <functional>
#include <thread>

#include "capi/atoms.hpp"

using namespace exo::capi_test;

namespace {

struct Loop {
    uv_loop_t loop;
    Loop() { assert_int_equal(uv_loop_init(&loop), 0); }
    void run_until(const std::function<bool()> &done) {
        const Deadline deadline(Millis(20000));
        while (!done() && !deadline.passed()) {
            uv_run(&loop, UV_RUN_NOWAIT);
        }
        assert_true(done());
    }
    Client open(OptionList list = {}) {
        const Options with = options(list);
        assert_ok(exoref_options_set_loop(with, &loop, nullptr));
        Future future;
        assert_ok(exoref_client_open_async(server().unix_url().c_str(), with, enough(), future.out(), nullptr));
        run_until([&] { return exoref_future_done(future); });
        assert_ok(exoref_future_status(future));
        return Client(exoref_future_client(future));
    }
    Atom create(const Client &client, const std::string &key) {
        Future future;
        assert_ok(
            exoref_atom_create_async(client, key.data(), key.size(), "1", 1, nullptr, enough(), future.out(), nullptr));
        run_until([&] { return exoref_future_done(future); });
        assert_ok(exoref_future_status(future));
        return Atom(exoref_future_atom(future));
    }
    // All handles of the client are closed, so that the loop can be.
    void close(const Client &client) {
        assert_ok(exoref_client_close(client, 0, nullptr));
        run_until([&] { return uv_loop_alive(&loop) == 0; });
        assert_int_equal(uv_loop_close(&loop), 0);
    }
};

}  // namespace

static void operations_run_while_the_application_drives_its_loop(void **) {
    Loop own;
    const Client client = own.open();
    const Atom atom = own.create(client, fresh_key());
    Future future;
    assert_ok(exoref_atom_reset_async(atom, "2", 1, true, enough(), future.out(), nullptr));
    assert_false(exoref_future_done(future));
    own.run_until([&] { return exoref_future_done(future); });
    assert_ok(exoref_future_status(future));
    assert_bytes("1", Value(exoref_future_old_value(future)));
    own.close(client);
}

static void blocking_on_the_loops_thread_is_a_deadlock(void **) {
    Loop own;
    const Client client = own.open();
    const Atom atom = own.create(client, fresh_key());
    struct Shared {
        const Atom &atom;
        const Client &client;
        exoref_status deref = -1, wait = -1, close = -1;
    } shared{atom, client};
    uv_timer_t timer;
    uv_timer_init(&own.loop, &timer);
    timer.data = &shared;
    uv_timer_start(
        &timer,
        [](uv_timer_t *t) {
            auto *self = static_cast<Shared *>(t->data);
            self->deref = exoref_atom_deref(self->atom, 1000, nullptr, nullptr);
            Future future;
            assert_ok(exoref_atom_deref_async(self->atom, 1000, future.out(), nullptr));
            self->wait = exoref_future_wait(future, 1000, nullptr);
            self->close = exoref_client_close(self->client, 1000, nullptr);
            uv_close(reinterpret_cast<uv_handle_t *>(t), nullptr);
        },
        0, 0);
    own.run_until([&] { return shared.close != -1; });
    assert_int_equal(shared.deref, EXOREF_EDEADLOCK);
    assert_int_equal(shared.wait, EXOREF_EDEADLOCK);
    assert_int_equal(shared.close, EXOREF_EDEADLOCK);
    own.close(client);
}

static void other_threads_may_block_while_the_loop_is_driven(void **) {
    Loop own;
    const Client client = own.open();
    const Atom atom = own.create(client, fresh_key());
    std::atomic<bool> done{false};
    std::thread worker([&] {
        for (int i = 0; i < 20; ++i) {
            assert_ok(exoref_atom_swap(atom, add_one, nullptr, enough(), nullptr, nullptr));
        }
        assert_bytes("21", deref(atom));
        done = true;
    });
    own.run_until([&] { return done.load(); });
    worker.join();
    own.close(client);
}

static void watches_are_told_on_the_lane_as_ever(void **) {
    Recorder recorder;
    Loop own;
    const Client client = own.open();
    const Atom atom = own.create(client, fresh_key());
    Future future;
    assert_ok(exoref_atom_add_watch_async(atom, "w", 1, Recorder::told, &recorder, nullptr, 0, enough(), future.out(),
                                          nullptr));
    own.run_until([&] { return exoref_future_done(future); });
    assert_ok(exoref_atom_reset_async(atom, "2", 1, false, enough(), future.out(), nullptr));
    own.run_until([&] { return recorder.all().size() == 1; });
    assert_true(recorder.all()[0].new_value == "2");
    own.close(client);
}

static void a_released_client_leaves_the_loop(void **) {
    Loop own;
    {
        const Client client = own.open();
        const Atom atom = own.create(client, fresh_key());
    }
    own.run_until([&] { return uv_loop_alive(&own.loop) == 0; });
    assert_int_equal(uv_loop_close(&own.loop), 0);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(operations_run_while_the_application_drives_its_loop),
        cmocka_unit_test(blocking_on_the_loops_thread_is_a_deadlock),
        cmocka_unit_test(other_threads_may_block_while_the_loop_is_driven),
        cmocka_unit_test(watches_are_told_on_the_lane_as_ever),
        cmocka_unit_test(a_released_client_leaves_the_loop),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
