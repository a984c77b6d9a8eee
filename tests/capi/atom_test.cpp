// Atoms: rules A2 to A7.
#include <thread>

#include "capi/atoms.hpp"

using namespace exo::capi_test;

static void A2_compare_and_set_is_byte_for_byte(void **) {
    One one;
    const std::string odd("a\0\xff\n", 4);
    reset(one.atom, odd);
    bool swapped = true;
    Value standing;
    assert_ok(exoref_atom_compare_and_set(one.atom, "a", 1, "x", 1, enough(), &swapped, standing.out(), nullptr));
    assert_false(swapped);
    assert_true(bytes(standing) == odd);
    assert_ok(exoref_atom_compare_and_set(one.atom, odd.data(), odd.size(), nullptr, 0, enough(), &swapped,
                                          standing.out(), nullptr));
    assert_true(swapped);
    assert_int_equal(exoref_value_size(standing), 0);
    assert_ok(exoref_atom_compare_and_set(one.atom, nullptr, 0, "back", 4, enough(), &swapped, nullptr, nullptr));
    assert_true(swapped);
    assert_bytes("back", deref(one.atom));
}

static void A2_compare_and_set_by_value_knows_no_history(void **) {
    One one;
    const Client other = open_client();
    const Atom theirs = open_atom(other, one.key);
    reset(theirs, "2");
    reset(theirs, "1");
    bool swapped = false;
    assert_ok(exoref_atom_compare_and_set(one.atom, "1", 1, "3", 1, enough(), &swapped, nullptr, nullptr));
    assert_true(swapped);
    assert_int_equal(exoref_value_version(deref(one.atom)), 4);
}

static void A2_compare_and_set_at_a_state_is_free_of_aba(void **) {
    One one;
    const Value state = deref(one.atom);
    reset(one.atom, "2");
    reset(one.atom, "1");
    bool swapped = true;
    Value standing;
    assert_ok(exoref_atom_compare_and_set_at(one.atom, state, "3", 1, enough(), &swapped, standing.out(), nullptr));
    assert_false(swapped);
    assert_bytes("1", standing);
    assert_false(exoref_value_same_state(state, standing));
    Value now;
    assert_ok(exoref_atom_compare_and_set_at(one.atom, standing, "3", 1, enough(), &swapped, now.out(), nullptr));
    assert_true(swapped);
    assert_bytes("3", now);
    assert_true(exoref_value_same_state(now, deref(one.atom)));
}

static void A2_a_state_below_the_floor_of_the_records_does_not_match(void **) {
    const Client client = open_client();
    const std::string key = fresh_key("floor");
    const Atom atom = create_atom(client, key, "1", options({{"writers", "8"}}));
    const Value passed = deref(atom);
    // One writer more than are remembered: the record that is dropped is of a version after `passed`.
    for (int n = 2; n <= 10; ++n) {
        const Client writer = open_client();
        reset(open_atom(writer, key), std::to_string(n));
    }
    bool swapped = true;
    Value standing;
    assert_ok(exoref_atom_compare_and_set_at(atom, passed, "x", 1, enough(), &swapped, standing.out(), nullptr));
    assert_false(swapped);
    assert_bytes("10", standing);
}

static void A2_the_asynchronous_forms_tell_swapped_and_standing(void **) {
    One one;
    const Value state = deref(one.atom);
    Future future;
    assert_ok(exoref_atom_compare_and_set_async(one.atom, "1", 1, "2", 1, enough(), future.out(), nullptr));
    assert_ok(outcome(future));
    assert_true(exoref_future_flag(future));
    assert_bytes("2", Value(exoref_future_value(future)));
    assert_ok(exoref_atom_compare_and_set_at_async(one.atom, state, "3", 1, enough(), future.out(), nullptr));
    assert_ok(outcome(future));
    assert_false(exoref_future_flag(future));
    assert_bytes("2", Value(exoref_future_value(future)));
}

static void A2_a_state_of_another_atom_is_refused_or_does_not_match(void **) {
    One one;
    One two;
    bool swapped = false;
    const exoref_status status =
        exoref_atom_compare_and_set_at(one.atom, deref(two.atom), "x", 1, enough(), &swapped, nullptr, nullptr);
    assert_true(status == EXOREF_EINVAL || (status == EXOREF_OK && !swapped));
    assert_bytes("1", deref(one.atom));
}

static void A3_the_new_value_is_validated_even_where_nothing_would_match(void **) {
    One one;
    assert_ok(exoref_atom_set_validator(
        one.atom,
        [](void *, const void *, std::size_t size, exoref_sink *) -> std::int32_t {
            return size < 4 ? EXOREF_CALL_OK : EXOREF_CALL_FAILED;
        },
        nullptr, nullptr, enough(), nullptr));
    bool swapped = true;
    assert_status(EXOREF_EVALIDATION, exoref_atom_compare_and_set(one.atom, "no match", 8, "long", 4, enough(),
                                                                  &swapped, nullptr, nullptr));
    assert_false(swapped);
    assert_ok(exoref_atom_compare_and_set(one.atom, "no match", 8, "new", 3, enough(), &swapped, nullptr, nullptr));
    assert_false(swapped);
}

static void A3_also_at_a_state(void **) {
    One one;
    const Value passed = deref(one.atom);
    reset(one.atom, "2");
    assert_ok(exoref_atom_set_validator(
        one.atom,
        [](void *, const void *, std::size_t size, exoref_sink *) -> std::int32_t {
            return size < 4 ? EXOREF_CALL_OK : EXOREF_CALL_FAILED;
        },
        nullptr, nullptr, enough(), nullptr));
    assert_status(EXOREF_EVALIDATION,
                  exoref_atom_compare_and_set_at(one.atom, passed, "long", 4, enough(), nullptr, nullptr, nullptr));
}

static void A4_reset_sets_whatever_is_there(void **) {
    One one;
    const Client other = open_client();
    reset(open_atom(other, one.key), "not known to the first client");
    const Value value = reset(one.atom, "set");
    assert_bytes("set", value);
    assert_int_equal(exoref_value_version(value), 3);
    assert_bytes("set", deref(one.atom));
}

static void A4_watchers_of_a_reset_get_the_exact_predecessor(void **) {
    Recorder recorder;
    One one;
    const Client other = open_client();
    const Atom theirs = open_atom(other, one.key);
    recorder.watch(one.atom);
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&one, &theirs, t] {
            for (int i = 0; i < 10; ++i) {
                assert_ok(try_reset(t % 2 == 0 ? one.atom : theirs, std::to_string(t) + ":" + std::to_string(i)));
            }
        });
    }
    for (std::thread &thread : threads) thread.join();
    const auto changes = recorder.wait(40);
    assert_int_equal(changes.size(), 40);
    std::string before = "1";
    for (const Change &change : changes) {
        assert_int_equal(change.missed, 0);
        assert_true(change.old_value == before);
        before = *change.new_value;
    }
    assert_ok(exoref_client_close(one.client, enough(), nullptr));
}

static void A5_reset_vals_gives_the_exact_pair(void **) {
    One one;
    const Client other = open_client();
    reset(open_atom(other, one.key), "theirs");
    Value before;
    Value after;
    assert_ok(exoref_atom_reset_vals(one.atom, "ours", 4, enough(), before.out(), after.out(), nullptr));
    assert_bytes("theirs", before);
    assert_bytes("ours", after);
    assert_int_equal(exoref_value_version(before), 2);
    assert_int_equal(exoref_value_version(after), 3);
    Future future;
    assert_ok(exoref_atom_reset_async(one.atom, "more", 4, true, enough(), future.out(), nullptr));
    assert_ok(outcome(future));
    assert_bytes("ours", Value(exoref_future_old_value(future)));
    assert_bytes("more", Value(exoref_future_value(future)));
}

static void A5_swap_vals_gives_the_exact_pair(void **) {
    Interference i;
    deref(i.one.atom);
    Value before;
    Value after;
    assert_ok(exoref_atom_swap_vals(i.one.atom, Interference::fn, &i, enough(), before.out(), after.out(), nullptr));
    assert_bytes("10", before);
    assert_bytes("11", after);
    assert_int_equal(exoref_value_version(before) + 1, exoref_value_version(after));
    Future future;
    assert_ok(exoref_atom_swap_async(i.one.atom, add_one, nullptr, nullptr, enough(), future.out(), nullptr));
    assert_ok(outcome(future));
    assert_bytes("11", Value(exoref_future_old_value(future)));
    assert_bytes("12", Value(exoref_future_value(future)));
}

static void A5_concurrent_pairs_are_one_chain(void **) {
    One one;
    std::mutex mutex;
    std::vector<std::pair<std::string, std::string>> pairs;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < 10; ++i) {
                Value before, after;
                assert_ok(
                    exoref_atom_swap_vals(one.atom, add_one, nullptr, enough(), before.out(), after.out(), nullptr));
                const std::lock_guard lock(mutex);
                pairs.emplace_back(bytes(before), bytes(after));
            }
        });
    }
    for (std::thread &thread : threads) thread.join();
    std::vector<bool> seen(42, false);
    for (const auto &[before, after] : pairs) {
        assert_int_equal(std::stoi(before) + 1, std::stoi(after));
        assert_false(seen[static_cast<std::size_t>(std::stoi(after))]);
        seen[static_cast<std::size_t>(std::stoi(after))] = true;
    }
    assert_int_equal(pairs.size(), 40);
}

static void A6_deref_asks_the_server(void **) {
    One one;
    const Client other = open_client();
    const Atom theirs = open_atom(other, one.key);
    for (int i = 0; i < 20; ++i) {
        reset(theirs, std::to_string(i));
        assert_bytes(std::to_string(i).c_str(), deref(one.atom));
    }
}

static void A6_deref_can_time_out(void **) {
    RedisServer own;
    const Client client = open_client({}, own.unix_url());
    const Atom atom = create_atom(client, "k", "1");
    own.pause();
    Value value;
    assert_status(EXOREF_ETIMEOUT, exoref_atom_deref(atom, 50, value.out(), nullptr));
    assert_null(value.get());
    own.resume();
    assert_bytes("1", deref(atom));
}

static void A6_a_deleted_atom_is_not_found(void **) {
    One one;
    server().must({"DEL", one.key});
    Value value;
    Error error;
    assert_status_error(EXOREF_ENOTFOUND, exoref_atom_deref(one.atom, enough(), value.out(), error.out()), error);
    assert_null(value.get());
    std::size_t size = 0;
    const char *key = exoref_error_key(error, &size);
    assert_true(std::string(key, size) == one.key);
}

static void A7_opening_creates_only_if_absent_and_tells(void **) {
    const Client client = open_client();
    const std::string key = fresh_key();
    Atom atom;
    bool created = false;
    assert_ok(
        exoref_atom_create(client, key.data(), key.size(), "1", 1, nullptr, enough(), atom.out(), &created, nullptr));
    assert_true(created);
    assert_ok(
        exoref_atom_create(client, key.data(), key.size(), "2", 1, nullptr, enough(), atom.out(), &created, nullptr));
    assert_false(created);
    assert_bytes("1", deref(atom));
    Future future;
    assert_ok(
        exoref_atom_create_async(client, key.data(), key.size(), "3", 1, nullptr, enough(), future.out(), nullptr));
    assert_ok(outcome(future));
    assert_false(exoref_future_flag(future));
    assert_bytes("1", Value(exoref_future_value(future)));
}

static void A7_of_many_that_create_at_once_one_does(void **) {
    const std::string key = fresh_key();
    std::atomic<int> creators{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t) {
        threads.emplace_back([&, t] {
            const Client client = open_client();
            Atom atom;
            bool created = false;
            const std::string initial = std::to_string(t);
            assert_ok(exoref_atom_create(client, key.data(), key.size(), initial.data(), initial.size(), nullptr,
                                         enough(), atom.out(), &created, nullptr));
            creators += created ? 1 : 0;
        });
    }
    for (std::thread &thread : threads) thread.join();
    assert_int_equal(creators.load(), 1);
    assert_int_equal(exoref_value_version(deref(open_atom(open_client(), key))), 1);
}

static void A7_opening_an_absent_key_without_an_initial_value_is_not_found(void **) {
    const Client client = open_client();
    Atom atom;
    Error error;
    assert_status_error(EXOREF_ENOTFOUND,
                        exoref_atom_open(client, "absent", 6, nullptr, enough(), atom.out(), error.out()), error);
    assert_null(atom.get());
    assert_int_equal(server().must({"EXISTS", "absent"}).integer, 0);
}

static void A7_an_option_allows_an_absent_one(void **) {
    const Client client = open_client();
    const std::string key = fresh_key();
    const Atom atom = open_atom(client, key, options({{"absent", "allow"}}));
    Value value;
    assert_status(EXOREF_ENOTFOUND, exoref_atom_deref(atom, enough(), value.out(), nullptr));
    assert_status(EXOREF_ENOTFOUND, try_reset(atom, "x"));
    create_atom(client, key, "here");
    assert_bytes("here", deref(atom));
}

static void A7_an_option_waits_for_an_absent_one(void **) {
    const Client client = open_client();
    const std::string key = fresh_key();
    Atom atom;
    const Options wait = options({{"absent", "wait"}});
    assert_status(EXOREF_ETIMEOUT, exoref_atom_open(client, key.data(), key.size(), wait, 50, atom.out(), nullptr));
    assert_null(atom.get());
    Future future;
    assert_ok(exoref_atom_open_async(client, key.data(), key.size(), wait, enough(), future.out(), nullptr));
    const Client other = open_client();
    create_atom(other, key, "here");
    assert_ok(outcome(future));
    assert_bytes("here", deref(Atom(exoref_future_atom(future))));
}

static void A7_a_key_of_another_type_is_refused_and_left_as_it_is(void **) {
    const Client client = open_client();
    Atom atom;
    Error error;
    server().must({"SET", "a string", "s"});
    assert_status_error(
        EXOREF_ETYPE,
        exoref_atom_create(client, "a string", 8, "1", 1, nullptr, enough(), atom.out(), nullptr, error.out()), error);
    assert_true(contains(exoref_error_message(error), "string"));
    server().must({"HSET", "a hash", "field", "x"});
    assert_status(EXOREF_ETYPE, exoref_atom_open(client, "a hash", 6, nullptr, enough(), atom.out(), nullptr));
    assert_string_equal(server().must({"GET", "a string"}).text.c_str(), "s");
    assert_int_equal(server().must({"HLEN", "a hash"}).integer, 1);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(A2_compare_and_set_is_byte_for_byte),
        cmocka_unit_test(A2_compare_and_set_by_value_knows_no_history),
        cmocka_unit_test(A2_compare_and_set_at_a_state_is_free_of_aba),
        cmocka_unit_test(A2_a_state_below_the_floor_of_the_records_does_not_match),
        cmocka_unit_test(A2_the_asynchronous_forms_tell_swapped_and_standing),
        cmocka_unit_test(A2_a_state_of_another_atom_is_refused_or_does_not_match),
        cmocka_unit_test(A3_the_new_value_is_validated_even_where_nothing_would_match),
        cmocka_unit_test(A3_also_at_a_state),
        cmocka_unit_test(A4_reset_sets_whatever_is_there),
        cmocka_unit_test(A4_watchers_of_a_reset_get_the_exact_predecessor),
        cmocka_unit_test(A5_reset_vals_gives_the_exact_pair),
        cmocka_unit_test(A5_swap_vals_gives_the_exact_pair),
        cmocka_unit_test(A5_concurrent_pairs_are_one_chain),
        cmocka_unit_test(A6_deref_asks_the_server),
        cmocka_unit_test(A6_deref_can_time_out),
        cmocka_unit_test(A6_a_deleted_atom_is_not_found),
        cmocka_unit_test(A7_opening_creates_only_if_absent_and_tells),
        cmocka_unit_test(A7_of_many_that_create_at_once_one_does),
        cmocka_unit_test(A7_opening_an_absent_key_without_an_initial_value_is_not_found),
        cmocka_unit_test(A7_an_option_allows_an_absent_one),
        cmocka_unit_test(A7_an_option_waits_for_an_absent_one),
        cmocka_unit_test(A7_a_key_of_another_type_is_refused_and_left_as_it_is),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
