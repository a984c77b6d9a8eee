// Promises: rules P1-P6, and what holds for all references when they are opened and written (C1, C9, G6).
#include <thread>

#include "capi/promises.hpp"

using namespace exo::capi_test;

namespace {

std::string dump(const std::string &key) { return server().must({"DUMP", key}).text; }

void delete_key(const Client &client, const std::string &key) {
    assert_ok(exoref_delete(client, key.data(), key.size(), enough(), nullptr, nullptr));
}

// Two processes would do the same: clients share nothing.
struct Two {
    Client here = open_client();
    Client there = open_client();
    std::string key = fresh_key("promise");
};

}  // namespace

static void P1_the_first_deliver_wins_and_later_ones_get_what_stands(void **) {
    Two two;
    const Promise mine = open_promise(two.here, two.key);
    const Promise theirs = open_promise(two.there, two.key);
    Value standing;
    assert_true(deliver(theirs, "first", &standing));
    assert_bytes("first", standing);
    const std::string before = dump(two.key);
    assert_false(deliver(mine, "second", &standing));
    assert_bytes("first", standing);
    assert_int_equal(exoref_value_version(standing), 1);
    // The same bytes do not make it the first one; and memory answers as the server does.
    assert_false(deliver(mine, "first", &standing));
    assert_bytes("first", standing);
    assert_false(deliver(theirs, "third", &standing));
    assert_bytes("first", standing);
    assert_true(dump(two.key) == before);
    assert_bytes("first", await(mine));
}

static void P1_of_many_that_deliver_at_once_one_has_delivered(void **) {
    Two two;
    constexpr int kThreads = 8;
    std::vector<Promise> promises;
    for (int i = 0; i < kThreads; ++i) {
        promises.push_back(open_promise(i % 2 == 0 ? two.here : two.there, two.key));
    }
    std::atomic<int> delivered{0};
    std::vector<std::string> standing(kThreads);
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
        threads.emplace_back([&, i] {
            Value value;
            if (deliver(promises[static_cast<std::size_t>(i)], std::to_string(i), &value)) ++delivered;
            standing[static_cast<std::size_t>(i)] = bytes(value);
        });
    }
    for (std::thread &thread : threads) thread.join();
    assert_int_equal(delivered.load(), 1);
    for (const std::string &value : standing) assert_string_equal(value.c_str(), standing[0].c_str());
}

static void P2_a_deref_that_times_out_leaves_the_promise_as_it_was(void **) {
    Two two;
    const Promise promise = open_promise(two.here, two.key);
    const std::string before = dump(two.key);
    Value value;
    Error error;
    const auto begun = std::chrono::steady_clock::now();
    assert_status_error(EXOREF_ETIMEOUT, exoref_promise_deref(promise, 50, value.out(), error.out()), error);
    assert_true(std::chrono::steady_clock::now() - begun >= Millis(50));
    assert_null(value.get());
    assert_true(contains(exoref_error_message(error), two.key) && contains(exoref_error_message(error), "50 ms"));
    assert_status(EXOREF_ETIMEOUT, exoref_promise_deref(promise, 0, value.out(), nullptr));
    assert_true(dump(two.key) == before);
    assert_false(realized(promise));
    assert_true(deliver(promise, "later"));
    assert_bytes("later", await(promise));
    assert_bytes("later", await(promise, 0));
}

static void P3_all_waiters_in_all_clients_wake(void **) {
    Two two;
    const Promise mine = open_promise(two.here, two.key);
    const Promise theirs = open_promise(two.there, two.key);
    std::vector<Future> futures;
    for (int i = 0; i < 5; ++i) {
        futures.push_back(await_async(mine));
        futures.push_back(await_async(theirs, enough()));
    }
    std::vector<std::thread> threads;
    std::atomic<int> woken{0};
    for (int i = 0; i < 3; ++i) {
        threads.emplace_back([&] {
            if (bytes(await(theirs)) == "now") ++woken;
        });
    }
    const Client third = open_client();
    assert_true(eventually(Millis(20000), [&] {
        return server().must({"PUBSUB", "NUMSUB", two.key}).elements[1].integer == 2;
    }));
    assert_true(deliver(open_promise(third, two.key), "now"));
    for (std::thread &thread : threads) thread.join();
    assert_int_equal(woken.load(), 3);
    for (const Future &future : futures) {
        assert_int_equal(outcome(future), EXOREF_OK);
        assert_bytes("now", Value(exoref_future_value(future)));
    }
}

static void P3_what_was_read_once_needs_no_server(void **) {
    RedisServer own;
    const Client client = open_client({}, own.unix_url());
    const Promise promise = open_promise(client, "k");
    assert_true(deliver(promise, "kept"));
    const Promise again = open_promise(client, "k");
    own.kill9();
    assert_bytes("kept", await(promise));
    assert_bytes("kept", await(again, 0));
    assert_true(realized(promise));
    Value standing;
    assert_false(deliver(promise, "other", &standing));
    assert_bytes("kept", standing);
    const Future future = await_async(promise);
    assert_true(exoref_future_done(future));
    // Memory is the handle's, not the key's: a closed client answers nothing.
    assert_ok(exoref_client_close(client, enough(), nullptr));
    assert_status(EXOREF_ECLOSED, exoref_promise_deref(promise, enough(), nullptr, nullptr));
}

static void P3_whoever_opens_later_reads_what_was_delivered_by_one_who_has_gone(void **) {
    const std::string key = fresh_key("promise");
    {
        const Client gone = open_client();
        assert_true(deliver(open_promise(gone, key), "legacy"));
    }
    const Client client = open_client();
    bool created = true;
    const Promise promise = open_promise(client, key, nullptr, &created);
    assert_false(created);
    assert_bytes("legacy", await(promise, 0));
}

static void P4_realized_is_true_exactly_when_delivered_by_anybody(void **) {
    Two two;
    const Promise mine = open_promise(two.here, two.key);
    const Promise theirs = open_promise(two.there, two.key);
    assert_false(realized(mine));
    assert_false(realized(two.there, two.key));
    assert_false(realized(two.there, two.key, nullptr));
    deliver(theirs, "x");
    assert_true(realized(mine));
    assert_true(realized(theirs));
    assert_true(realized(two.there, two.key));
    assert_true(realized(two.here, two.key, nullptr));
}

static void P4_every_byte_string_can_be_delivered(void **) {
    Two two;
    const std::string odd[] = {
        "", "0", "1", "realized", "promise", "-", "v", std::string("\0\xff\r\n", 4), std::string(100000, 'x')};
    for (const std::string &value : odd) {
        const std::string key = fresh_key("odd");
        const Promise mine = open_promise(two.here, key);
        const Promise theirs = open_promise(two.there, key);
        const Future waiting = await_async(mine);
        assert_false(realized(mine));
        assert_true(deliver(theirs, value));
        assert_true(bytes(await(mine)) == value);
        assert_int_equal(outcome(waiting), EXOREF_OK);
        assert_true(realized(theirs) && realized(mine));
        assert_false(deliver(mine, "again"));
    }
}

static void P5_deliver_succeeds_without_anyone_listening(void **) {
    const Client client = open_client();
    const std::string key = fresh_key("promise");
    assert_true(deliver(open_promise(client, key), "x"));
    assert_int_equal(server().must({"PUBSUB", "NUMSUB", key}).elements[1].integer, 0);
}

static void P6_opening_creates_it_undelivered_and_never_undelivers(void **) {
    Two two;
    bool created = false;
    const Promise mine = open_promise(two.here, two.key, nullptr, &created);
    assert_true(created);
    assert_false(realized(two.there, two.key));
    assert_true(deliver(mine, "x"));
    const std::string before = dump(two.key);
    const Promise theirs = open_promise(two.there, two.key, options({{"ttl", "1h"}}), &created);
    assert_false(created);
    assert_true(dump(two.key) == before);
    assert_bytes("x", await(theirs));
}

static void P6_realized_of_an_absent_one_is_false_and_creates_nothing(void **) {
    const Client client = open_client();
    const std::string key = fresh_key("absent");
    assert_false(realized(client, key));
    assert_false(realized(client, key, nullptr));
    assert_int_equal(server().must({"EXISTS", key}).integer, 0);
    const Promise promise = open_promise(client, key);
    delete_key(client, key);
    assert_false(realized(promise));
    assert_int_equal(server().must({"EXISTS", key}).integer, 0);
}

static void G6_a_key_of_another_type_is_an_error_that_names_both(void **) {
    const Client client = open_client();
    const std::string key = fresh_key("atom");
    create_atom(client, key, "1");
    Promise promise;
    Error error;
    assert_status_error(EXOREF_ETYPE, try_open_promise(client, key, nullptr, &promise, nullptr, &error), error);
    assert_true(contains(exoref_error_message(error), "a promise") && contains(exoref_error_message(error), "an atom"));
    bool answer = true;
    assert_status(EXOREF_ETYPE, exoref_realized(client, key.data(), key.size(), "promise", enough(), &answer, nullptr));
    assert_false(answer);
    const std::string list = fresh_key("list"), hash = fresh_key("hash");
    server().must({"RPUSH", list, "1"});
    server().must({"HSET", hash, "a", "1"});
    for (const std::string &foreign : {list, hash}) {
        const std::string before = dump(foreign);
        assert_status_error(EXOREF_ETYPE, try_open_promise(client, foreign, nullptr, &promise, nullptr, &error), error);
        assert_true(contains(exoref_error_message(error), foreign == list ? "a list" : "a hash"));
        assert_status(EXOREF_ETYPE,
                      exoref_realized(client, foreign.data(), foreign.size(), nullptr, enough(), &answer, nullptr));
        assert_true(dump(foreign) == before);
    }
    const Promise there = open_promise(client, fresh_key("promise"));
    const std::string name = exoref_promise_key(there, nullptr);
    Atom atom;
    assert_status_error(EXOREF_ETYPE,
                        exoref_atom_open(client, name.data(), name.size(), nullptr, enough(), atom.out(), error.out()),
                        error);
    assert_true(contains(exoref_error_message(error), "an atom") && contains(exoref_error_message(error), "a promise"));
}

static void C1_a_validator_sees_what_is_delivered_first(void **) {
    Two two;
    struct Judge {
        static std::int32_t fn(void *, const void *data, std::size_t size, exoref_sink *sink) {
            if (std::string(static_cast<const char *>(data), size) != "bad") return EXOREF_CALL_OK;
            exoref_sink_set_message(sink, "it is bad");
            return EXOREF_CALL_FAILED;
        }
    };
    const Options with = options({});
    assert_ok(exoref_options_set_validator(with, Judge::fn, nullptr, nullptr, nullptr));
    const Promise promise = open_promise(two.here, two.key, with);
    Error error;
    bool delivered = true;
    assert_status_error(EXOREF_EVALIDATION,
                        exoref_promise_deliver(promise, "bad", 3, enough(), &delivered, nullptr, error.out()), error);
    assert_false(delivered);
    assert_true(contains(exoref_error_message(error), "it is bad"));
    assert_false(realized(promise));
    assert_true(deliver(promise, "good"));
    assert_status(EXOREF_EVALIDATION,
                  exoref_promise_deliver(promise, "bad", 3, enough(), &delivered, nullptr, nullptr));
}

static void C9_codec_labels_are_compared_at_opening_and_before_writing(void **) {
    Two two;
    const Promise labelled = open_promise(two.here, two.key, options({{"codec", "json"}}));
    Promise refused;
    Error error;
    assert_status_error(EXOREF_ECODEC,
                        try_open_promise(two.there, two.key, options({{"codec", "string"}}), &refused, nullptr, &error),
                        error);
    assert_true(contains(exoref_error_message(error), "json") && contains(exoref_error_message(error), "string"));
    const Promise plain = open_promise(two.there, two.key);
    assert_status(EXOREF_ECODEC, exoref_promise_deliver(plain, "1", 1, enough(), nullptr, nullptr, nullptr));
    const Future waiting = await_async(plain);
    assert_true(deliver(labelled, "1"));
    assert_int_equal(outcome(waiting), EXOREF_OK);
    const Value value(exoref_future_value(waiting));
    assert_string_equal(exoref_value_codec(value), "json");
    const Promise bare = open_promise(two.here, fresh_key("bare"));
    const Promise named = open_promise(two.there, exoref_promise_key(bare, nullptr), options({{"codec", "json"}}));
    assert_true(deliver(named, "1"));
    assert_bytes("1", await(bare));
}

static void the_asynchronous_forms_give_what_the_others_give(void **) {
    Two two;
    Future opening, delivering, asking;
    assert_ok(
        exoref_promise_open_async(two.here, two.key.data(), two.key.size(), nullptr, enough(), opening.out(), nullptr));
    assert_int_equal(outcome(opening), EXOREF_OK);
    assert_true(exoref_future_flag(opening));
    assert_null(Value(exoref_future_value(opening)).get());
    const Promise promise(exoref_future_promise(opening));
    assert_string_equal(exoref_promise_key(promise, nullptr), two.key.c_str());
    const Future waiting = await_async(promise);
    assert_ok(exoref_promise_deliver_async(promise, "x", 1, enough(), delivering.out(), nullptr));
    assert_int_equal(outcome(delivering), EXOREF_OK);
    assert_true(exoref_future_flag(delivering));
    assert_bytes("x", Value(exoref_future_value(delivering)));
    assert_int_equal(outcome(waiting), EXOREF_OK);
    assert_ok(exoref_promise_realized_async(promise, enough(), asking.out(), nullptr));
    assert_int_equal(outcome(asking), EXOREF_OK);
    assert_true(exoref_future_flag(asking));
    assert_ok(
        exoref_realized_async(two.there, two.key.data(), two.key.size(), "promise", enough(), asking.out(), nullptr));
    assert_int_equal(outcome(asking), EXOREF_OK);
    assert_true(exoref_future_flag(asking));
    assert_ok(exoref_promise_open_async(two.there, two.key.data(), two.key.size(), nullptr, enough(), opening.out(),
                                        nullptr));
    assert_int_equal(outcome(opening), EXOREF_OK);
    assert_false(exoref_future_flag(opening));
    assert_bytes("x", Value(exoref_future_value(opening)));
}

static void a_prefix_is_put_before_the_key_and_taken_off_again(void **) {
    const Client client = open_client({{"prefix", "app:"}});
    const std::string key = fresh_key("promise");
    const Promise promise = open_promise(client, key);
    assert_string_equal(exoref_promise_key(promise, nullptr), key.c_str());
    assert_int_equal(server().must({"EXISTS", "app:" + key}).integer, 1);
    assert_true(deliver(promise, "x"));
    assert_true(realized(client, key));
    Error error;
    const Promise other = open_promise(client, key + "2");
    assert_status_error(EXOREF_ETIMEOUT, exoref_promise_deref(other, 20, nullptr, error.out()), error);
    assert_true(!contains(exoref_error_message(error), "app:"));
    assert_string_equal(exoref_error_key(error, nullptr), (key + "2").c_str());
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(P1_the_first_deliver_wins_and_later_ones_get_what_stands),
        cmocka_unit_test(P1_of_many_that_deliver_at_once_one_has_delivered),
        cmocka_unit_test(P2_a_deref_that_times_out_leaves_the_promise_as_it_was),
        cmocka_unit_test(P3_all_waiters_in_all_clients_wake),
        cmocka_unit_test(P3_what_was_read_once_needs_no_server),
        cmocka_unit_test(P3_whoever_opens_later_reads_what_was_delivered_by_one_who_has_gone),
        cmocka_unit_test(P4_realized_is_true_exactly_when_delivered_by_anybody),
        cmocka_unit_test(P4_every_byte_string_can_be_delivered),
        cmocka_unit_test(P5_deliver_succeeds_without_anyone_listening),
        cmocka_unit_test(P6_opening_creates_it_undelivered_and_never_undelivers),
        cmocka_unit_test(P6_realized_of_an_absent_one_is_false_and_creates_nothing),
        cmocka_unit_test(G6_a_key_of_another_type_is_an_error_that_names_both),
        cmocka_unit_test(C1_a_validator_sees_what_is_delivered_first),
        cmocka_unit_test(C9_codec_labels_are_compared_at_opening_and_before_writing),
        cmocka_unit_test(the_asynchronous_forms_give_what_the_others_give),
        cmocka_unit_test(a_prefix_is_put_before_the_key_and_taken_off_again),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
