// The life of a promise and of waits for it: deleted and expired ones (C10, C11), waits that are cancelled, forgotten or closed.
#include <thread>

#include "capi/promises.hpp"

using namespace exo::capi_test;

namespace {

void delete_key(const Client &client, const std::string &key) {
    assert_ok(exoref_delete(client, key.data(), key.size(), enough(), nullptr, nullptr));
}

// Two processes would do the same: clients share nothing.
struct Two {
    Client here = open_client();
    Client there = open_client();
    std::string key = fresh_key("promise");
};

// How many clients listen.
std::int64_t listeners(const std::string &key) { return server().must({"PUBSUB", "NUMSUB", key}).elements[1].integer; }

}  // namespace

static void C10_who_waits_on_a_promise_that_is_deleted_is_told(void **) {
    Two two;
    const Promise promise = open_promise(two.here, two.key);
    const Future waiting = await_async(promise);
    assert_true(eventually(Millis(20000), [&] { return listeners(two.key) == 1; }));
    delete_key(two.there, two.key);
    assert_int_equal(outcome(waiting), EXOREF_EDELETED);
    const Error error(exoref_future_error(waiting));
    assert_true(contains(exoref_error_message(error), two.key) && contains(exoref_error_message(error), "deleted"));
    assert_status(EXOREF_EDELETED, exoref_promise_deref(promise, enough(), nullptr, nullptr));
    assert_status(EXOREF_EDELETED, exoref_promise_deliver(promise, "x", 1, enough(), nullptr, nullptr, nullptr));
}

static void C10_a_handle_stays_with_the_promise_that_it_was_opened_on(void **) {
    Two two;
    const Promise old = open_promise(two.here, two.key);
    const Future waiting = await_async(old);
    delete_key(two.there, two.key);
    bool created = false;
    const Promise fresh = open_promise(two.there, two.key, nullptr, &created);
    assert_true(created);
    assert_int_equal(outcome(waiting), EXOREF_EDELETED);
    assert_true(deliver(fresh, "of the new one"));
    assert_status(EXOREF_EDELETED, exoref_promise_deref(old, enough(), nullptr, nullptr));
    assert_status(EXOREF_EDELETED, exoref_promise_deliver(old, "x", 1, enough(), nullptr, nullptr, nullptr));
    assert_false(realized(old));
    const Promise again = open_promise(two.here, two.key);
    assert_bytes("of the new one", await(again));
    // What was read stays as it was read, whatever becomes of the key.
    delete_key(two.here, two.key);
    assert_bytes("of the new one", await(again, 0));
    assert_bytes("of the new one", await(fresh));
}

static void C10_an_atom_in_its_place_is_watched_beside_those_who_wait_for_the_promise(void **) {
    Two two;
    const Promise old = open_promise(two.here, two.key);
    const Future waiting = await_async(old);
    assert_true(eventually(Millis(20000), [&] { return listeners(two.key) == 1; }));
    delete_key(two.there, two.key);
    assert_int_equal(outcome(waiting), EXOREF_EDELETED);
    const Atom atom = create_atom(two.here, two.key, "1");
    Recorder recorder;
    recorder.watch(atom);
    reset(open_atom(two.there, two.key), "2");
    assert_int_equal(recorder.wait(1).size(), 1);
    assert_status(EXOREF_EDELETED, exoref_promise_deref(old, enough(), nullptr, nullptr));
    reset(atom, "3");
    assert_int_equal(recorder.wait(2).size(), 2);
}

static void C11_time_to_live_counts_from_the_delivery(void **) {
    Two two;
    const Promise promise = open_promise(two.here, two.key, options({{"ttl", "1h"}}));
    server().must({"PEXPIRE", two.key, "100000"});
    assert_true(deliver(promise, "x"));
    const std::int64_t left = server().must({"PTTL", two.key}).integer;
    assert_true(left > 3500000 && left <= 3600000);
}

static void C11_who_waits_on_a_promise_that_expires_is_told_within_a_sweep(void **) {
    const Client client = open_client({{"sweep_interval", "200ms"}});
    const std::string key = fresh_key("short");
    const Promise promise = open_promise(client, key, options({{"ttl", "500ms"}}));
    const Future waiting = await_async(promise);
    assert_int_equal(outcome(waiting), EXOREF_EDELETED);
}

static void C11_a_short_life_is_warned_of_in_the_log(void **) {
    struct Log {
        std::mutex mutex;
        std::vector<std::string> lines;
        static void fn(void *ctx, std::int32_t level, const char *category, const char *line) {
            auto *self = static_cast<Log *>(ctx);
            const std::lock_guard lock(self->mutex);
            if (level == EXOREF_LOG_WARNING) self->lines.push_back(std::string(category) + ": " + line);
        }
    } log;
    const Options with = options({{"sweep_interval", "10s"}});
    assert_ok(exoref_options_set_log(with, EXOREF_LOG_WARNING, Log::fn, &log, nullptr, nullptr));
    Client client;
    assert_ok(exoref_client_open(server().unix_url().c_str(), with, enough(), client.out(), nullptr));
    open_promise(client, fresh_key(), options({{"ttl", "20s"}}));
    open_promise(client, fresh_key());
    assert_int_equal(log.lines.size(), 0);
    const std::string key = fresh_key("short");
    open_promise(client, key, options({{"ttl", "19s"}}));
    const std::string later = fresh_key("later");
    open_promise(client, later);
    assert_ok(exoref_expire(client, later.data(), later.size(), 20000, enough(), nullptr));
    assert_ok(exoref_expire(client, later.data(), later.size(), 5000, enough(), nullptr));
    assert_ok(exoref_expire(client, later.data(), later.size(), EXOREF_TTL_NONE, enough(), nullptr));
    assert_ok(exoref_client_close(client, enough(), nullptr));
    assert_int_equal(log.lines.size(), 2);
    assert_true(contains(log.lines[1], later) && contains(log.lines[1], "5000 ms"));
    assert_true(contains(log.lines[0], "wait: ") && contains(log.lines[0], key) && contains(log.lines[0], "20000 ms"));
}

static void a_wait_can_be_cancelled_interrupted_and_forgotten(void **) {
    Two two;
    const Promise promise = open_promise(two.here, two.key);
    const Future cancelled = await_async(promise), interrupted = await_async(promise);
    exoref_future_cancel(cancelled);
    assert_int_equal(outcome(cancelled), EXOREF_ECANCELLED);
    exoref_future_interrupt(interrupted);
    assert_status(EXOREF_EINTERRUPTED, exoref_future_wait(interrupted, enough(), nullptr));
    await_async(promise).reset();
    // A wait needs no handle; and who has none left is woken all the same.
    Future kept;
    { kept = await_async(open_promise(two.here, two.key)); }
    deliver(open_promise(two.there, two.key), "x");
    assert_int_equal(outcome(interrupted), EXOREF_OK);
    assert_int_equal(outcome(kept), EXOREF_OK);
    assert_int_equal(outcome(cancelled), EXOREF_ECANCELLED);
    exoref_future_cancel(kept);
    assert_int_equal(exoref_future_status(kept), EXOREF_OK);
}

static void a_wait_that_is_over_leaves_no_subscription(void **) {
    Two two;
    const Promise promise = open_promise(two.here, two.key);
    assert_status(EXOREF_ETIMEOUT, exoref_promise_deref(promise, 50, nullptr, nullptr));
    assert_true(eventually(Millis(20000), [&] { return listeners(two.key) == 0; }));
    const Future waiting = await_async(promise);
    assert_true(eventually(Millis(20000), [&] { return listeners(two.key) == 1; }));
    exoref_future_cancel(waiting);
    assert_true(eventually(Millis(20000), [&] { return listeners(two.key) == 0; }));
    const Future again = await_async(promise);
    deliver(open_promise(two.there, two.key), "x");
    assert_int_equal(outcome(again), EXOREF_OK);
    assert_true(eventually(Millis(20000), [&] { return listeners(two.key) == 0; }));
}

static void closing_ends_every_wait_at_once(void **) {
    Two two;
    const Promise promise = open_promise(two.here, two.key);
    const Future waiting = await_async(promise);
    std::atomic<exoref_status> blocked{-1};
    std::thread thread([&] { blocked = exoref_promise_deref(promise, EXOREF_TIMEOUT_NONE, nullptr, nullptr); });
    assert_true(eventually(Millis(20000), [&] { return listeners(two.key) == 1; }));
    assert_ok(exoref_client_close(two.here, enough(), nullptr));
    thread.join();
    assert_int_equal(blocked.load(), EXOREF_ECLOSED);
    assert_int_equal(outcome(waiting), EXOREF_ECLOSED);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(C10_who_waits_on_a_promise_that_is_deleted_is_told),
        cmocka_unit_test(C10_a_handle_stays_with_the_promise_that_it_was_opened_on),
        cmocka_unit_test(C10_an_atom_in_its_place_is_watched_beside_those_who_wait_for_the_promise),
        cmocka_unit_test(C11_time_to_live_counts_from_the_delivery),
        cmocka_unit_test(C11_who_waits_on_a_promise_that_expires_is_told_within_a_sweep),
        cmocka_unit_test(C11_a_short_life_is_warned_of_in_the_log),
        cmocka_unit_test(a_wait_can_be_cancelled_interrupted_and_forgotten),
        cmocka_unit_test(a_wait_that_is_over_leaves_no_subscription),
        cmocka_unit_test(closing_ends_every_wait_at_once),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
