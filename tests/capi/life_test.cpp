// Deletion, expiry, time to live: rules C10, C11.
#include <chrono>

#include "capi/fixture.hpp"

using namespace exo::capi_test;

namespace {

bool remove(const Client &client, const std::string &key) {
    bool deleted = false;
    assert_ok(exoref_delete(client, key.data(), key.size(), enough(), &deleted, nullptr));
    return deleted;
}
exoref_status expire(const Client &client, const std::string &key, std::int64_t ttl_ms) {
    return exoref_expire(client, key.data(), key.size(), ttl_ms, enough(), nullptr);
}
std::int64_t pttl(const std::string &key) { return server().must({"PTTL", key}).integer; }

}  // namespace

static void C10_watchers_of_a_deleted_atom_get_one_change_flagged_deleted(void **) {
    Recorder recorder;
    const Client client = open_client();
    const std::string key = fresh_key();
    const Atom atom = create_atom(client, key, "1");
    recorder.watch(atom);
    reset(atom, "2");
    const Client other = open_client();
    assert_true(remove(other, key));
    assert_false(remove(other, key));
    const auto changes = recorder.wait(2);
    assert_int_equal(changes.size(), 2);
    assert_int_equal(changes[1].flags & EXOREF_CHANGE_DELETED, EXOREF_CHANGE_DELETED);
    assert_false(changes[1].new_value.has_value());
    assert_true(changes[1].old_value == "2");
    assert_int_equal(changes[1].version, 2);
    assert_status(EXOREF_ENOTFOUND, try_reset(atom, "3"));
    Value value;
    assert_status(EXOREF_ENOTFOUND, exoref_atom_deref(atom, enough(), value.out(), nullptr));
    assert_ok(exoref_client_close(client, enough(), nullptr));
    assert_int_equal(recorder.all().size(), 2);
}

static void C10_an_atom_created_anew_is_adopted_and_its_watchers_are_told(void **) {
    Recorder recorder;
    const Client client = open_client();
    const std::string key = fresh_key();
    const Atom atom = create_atom(client, key, "1");
    recorder.watch(atom);
    const Client other = open_client();
    assert_true(remove(other, key));
    const Atom second = create_atom(other, key, "anew");
    const auto changes = recorder.wait(2);
    assert_true(changes.size() >= 1);
    const Change last = changes.back();
    assert_int_equal(last.flags & EXOREF_CHANGE_RECREATED, EXOREF_CHANGE_RECREATED);
    assert_true(last.new_value == "anew");
    assert_false(last.old_value.has_value());
    assert_int_equal(last.version, 1);
    assert_bytes("anew", deref(atom));
    assert_ok(try_reset(atom, "through the old handle"));
    assert_bytes("through the old handle", deref(second));
    assert_ok(exoref_client_close(client, enough(), nullptr));
}

static void C10_watchers_of_an_expired_atom_are_told(void **) {
    Recorder recorder;
    const Client client = open_client({{"sweep_interval", "100ms"}});
    const std::string key = fresh_key();
    const Atom atom = create_atom(client, key, "1");
    recorder.watch(atom);
    assert_ok(expire(client, key, 30));
    const auto changes = recorder.wait(1);
    assert_int_equal(changes.size(), 1);
    assert_int_equal(changes[0].flags & EXOREF_CHANGE_DELETED, EXOREF_CHANGE_DELETED);
    assert_ok(exoref_client_close(client, enough(), nullptr));
}

static void C10_a_state_of_a_deleted_atom_never_matches_the_new_one(void **) {
    const Client client = open_client();
    const std::string key = fresh_key();
    const Atom atom = create_atom(client, key, "same");
    const Value state = deref(atom);
    assert_true(remove(client, key));
    create_atom(client, key, "same");
    bool swapped = true;
    Value standing;
    assert_ok(exoref_atom_compare_and_set_at(atom, state, "x", 1, enough(), &swapped, standing.out(), nullptr));
    assert_false(swapped);
    assert_bytes("same", standing);
    assert_false(exoref_value_same_state(state, standing));
}

static void C11_time_to_live_counts_from_the_last_change(void **) {
    const Client client = open_client();
    const std::string key = fresh_key();
    const Atom atom = create_atom(client, key, "1", options({{"ttl", "1h"}}));
    assert_in_range(pttl(key), 3500 * 1000, 3600 * 1000);
    server().must({"PEXPIRE", key, "100000"});
    reset(atom, "2");
    assert_in_range(pttl(key), 3500 * 1000, 3600 * 1000);
    assert_ok(exoref_atom_reset_meta(atom, "m", 1, enough(), nullptr));
    assert_in_range(pttl(key), 3500 * 1000, 3600 * 1000);
}

static void C11_expire_sets_it_and_takes_it_away(void **) {
    const Client client = open_client();
    const std::string key = fresh_key();
    const Atom atom = create_atom(client, key, "1");
    assert_int_equal(pttl(key), -1);
    assert_ok(expire(client, key, 60000));
    assert_in_range(pttl(key), 50000, 60000);
    server().must({"PEXPIRE", key, "10000"});
    reset(atom, "2");
    assert_in_range(pttl(key), 50000, 60000);
    assert_ok(expire(client, key, EXOREF_TTL_NONE));
    assert_int_equal(pttl(key), -1);
    reset(atom, "3");
    assert_int_equal(pttl(key), -1);
    assert_int_equal(exoref_value_version(deref(atom)), 3);
}

static void C11_expire_is_no_change_of_the_value(void **) {
    Recorder recorder;
    const Client client = open_client();
    const std::string key = fresh_key();
    const Atom atom = create_atom(client, key, "1");
    recorder.watch(atom);
    assert_ok(expire(client, key, 60000));
    reset(atom, "2");
    const auto changes = recorder.wait(1);
    assert_int_equal(changes.size(), 1);
    assert_int_equal(changes[0].version, 2);
    assert_ok(exoref_client_close(client, enough(), nullptr));
}

static void C11_an_expired_atom_is_not_found(void **) {
    const Client client = open_client();
    const std::string key = fresh_key();
    const Atom atom = create_atom(client, key, "1", options({{"ttl", "20ms"}}));
    Value value;
    assert_true(eventually(
        Millis(10000), [&] { return exoref_atom_deref(atom, enough(), value.out(), nullptr) == EXOREF_ENOTFOUND; }));
    assert_null(value.get());
    assert_status(EXOREF_ENOTFOUND, expire(client, key, 1000));
}

static void C11_times_that_are_none_are_refused(void **) {
    const Client client = open_client();
    const std::string key = fresh_key();
    const Atom atom = create_atom(client, key, "1");
    for (const std::int64_t ttl : {INT64_C(0), INT64_C(-2), INT64_MIN}) {
        assert_status(EXOREF_EINVAL, expire(client, key, ttl));
    }
    assert_int_equal(pttl(key), -1);
    assert_status(EXOREF_ENOTFOUND, expire(client, "not there", 1000));
    Future future;
    assert_ok(exoref_expire_async(client, key.data(), key.size(), 60000, enough(), future.out(), nullptr));
    assert_ok(outcome(future));
    assert_in_range(pttl(key), 50000, 60000);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(C10_watchers_of_a_deleted_atom_get_one_change_flagged_deleted),
        cmocka_unit_test(C10_an_atom_created_anew_is_adopted_and_its_watchers_are_told),
        cmocka_unit_test(C10_watchers_of_an_expired_atom_are_told),
        cmocka_unit_test(C10_a_state_of_a_deleted_atom_never_matches_the_new_one),
        cmocka_unit_test(C11_time_to_live_counts_from_the_last_change),
        cmocka_unit_test(C11_expire_sets_it_and_takes_it_away),
        cmocka_unit_test(C11_expire_is_no_change_of_the_value),
        cmocka_unit_test(C11_an_expired_atom_is_not_found),
        cmocka_unit_test(C11_times_that_are_none_are_refused),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
