// Functions for any reference: delete, inspect, list; formats and fields of other versions.
#include <cstring>
#include <set>

#include "capi/atoms.hpp"

using namespace exo::capi_test;

namespace {

Info inspect(const Client &client, const std::string &key) {
    Info info;
    assert_ok(exoref_inspect(client, key.data(), key.size(), enough(), info.out(), nullptr));
    return info;
}

std::multiset<std::string> list(const Client &client, const char *pattern, const char *type = nullptr) {
    Scan scan;
    assert_ok(exoref_scan_new(client, pattern, pattern ? std::strlen(pattern) : 0, type, scan.out(), nullptr));
    std::multiset<std::string> keys;
    for (;;) {
        Info info;
        assert_ok(exoref_scan_next(scan, enough(), info.out(), nullptr));
        if (!info) break;
        std::size_t size = 0;
        const char *key = exoref_info_key(info, &size);
        keys.insert(std::string(key, size));
        assert_string_equal(exoref_info_text(info, "type"), "atom");
    }
    Info again;
    assert_ok(exoref_scan_next(scan, enough(), again.out(), nullptr));
    assert_null(again.get());
    return keys;
}

}  // namespace

static void inspect_tells_all_of_a_reference(void **) {
    const Client client = open_client();
    const std::string key = fresh_key();
    const Atom atom = create_atom(client, key, "1", options({{"codec", "json"}, {"ttl", "1h"}, {"history", "8"}}));
    assert_ok(exoref_atom_reset_meta(atom, "about", 5, enough(), nullptr));
    for (int i = 2; i <= 5; ++i) reset(atom, std::to_string(i));
    const Info info = inspect(client, key);
    assert_string_equal(exoref_info_text(info, "type"), "atom");
    assert_string_equal(exoref_info_text(info, "version"), "5");
    assert_string_equal(exoref_info_text(info, "codec"), "json");
    assert_string_equal(exoref_info_text(info, "size"), "1");
    assert_string_equal(exoref_info_text(info, "ttl"), "3600000");
    assert_string_equal(exoref_info_text(info, "history"), "8");
    assert_int_equal(std::strlen(exoref_info_text(info, "epoch")), 32);
    assert_true(std::atol(exoref_info_text(info, "expires")) > 3500 * 1000);
    assert_non_null(exoref_info_text(info, "terms"));
    assert_null(exoref_info_text(info, "no such thing"));
    assert_null(exoref_info_text(info, nullptr));
    assert_string_equal(exoref_info_key(info, nullptr), key.c_str());
    assert_bytes("5", Value(exoref_info_value(info)));
    assert_bytes("about", Value(exoref_info_meta(info)));
    assert_int_equal(exoref_info_change_count(info), 5);
    for (std::size_t n = 0; n < 5; ++n) {
        assert_int_equal(exoref_info_change_version(info, n), 5 - n);
        assert_bytes(std::to_string(5 - n).c_str(), Value(exoref_info_change_value(info, n)));
    }
    assert_int_equal(exoref_info_change_version(info, 5), 0);
    assert_null(exoref_info_change_value(info, SIZE_MAX));
}

static void the_history_holds_so_many_changes(void **) {
    const Client client = open_client();
    const std::string key = fresh_key();
    const Atom atom = create_atom(client, key, "1", options({{"history", "3"}}));
    for (int i = 2; i <= 10; ++i) reset(atom, std::to_string(i));
    const Info info = inspect(client, key);
    assert_int_equal(exoref_info_change_count(info), 3);
    assert_int_equal(exoref_info_change_version(info, 0), 10);
    assert_int_equal(exoref_info_change_version(info, 2), 8);
}

static void inspect_says_what_is_not_there_or_no_reference(void **) {
    const Client client = open_client();
    Info info;
    assert_status(EXOREF_ENOTFOUND, exoref_inspect(client, "nothing", 7, enough(), info.out(), nullptr));
    assert_null(info.get());
    server().must({"RPUSH", "a list", "x"});
    Error error;
    assert_status_error(EXOREF_ETYPE, exoref_inspect(client, "a list", 6, enough(), info.out(), error.out()), error);
    assert_true(contains(exoref_error_message(error), "list"));
}

static void delete_leaves_alone_what_is_no_reference(void **) {
    const Client client = open_client();
    server().must({"SET", "not ours", "x"});
    bool deleted = true;
    assert_status(EXOREF_ETYPE, exoref_delete(client, "not ours", 8, enough(), &deleted, nullptr));
    assert_false(deleted);
    assert_int_equal(server().must({"EXISTS", "not ours"}).integer, 1);
    assert_ok(exoref_delete(client, "nothing", 7, enough(), &deleted, nullptr));
    assert_false(deleted);
    const std::string key = fresh_key();
    create_atom(client, key, "1");
    assert_ok(exoref_delete(client, key.data(), key.size(), enough(), &deleted, nullptr));
    assert_true(deleted);
    assert_int_equal(server().must({"EXISTS", key}).integer, 0);
}

static void a_listing_knows_patterns_and_types_and_passes_over_what_is_not_ours(void **) {
    RedisServer own;
    const Client client = open_client({}, own.unix_url());
    std::multiset<std::string> expected;
    for (int i = 0; i < 250; ++i) {
        const std::string key = "user:" + std::to_string(i);
        create_atom(client, key, "1");
        expected.insert(key);
    }
    create_atom(client, "order:1", "1");
    own.must({"SET", "user:string", "x"});
    own.must({"HSET", "user:hash", "f", "x"});
    assert_true(list(client, "user:*") == expected);
    assert_true(list(client, "user:*", "atom") == expected);
    assert_int_equal(list(client, "user:?").size(), 10);
    expected.insert("order:1");
    assert_true(list(client, nullptr) == expected);
    assert_int_equal(list(client, "nobody*").size(), 0);
}

static void a_listing_keeps_to_the_prefix_and_takes_it_off(void **) {
    RedisServer own;
    const Client app = open_client({{"prefix", "app[1]:"}}, own.unix_url());
    const Client other = open_client({{"prefix", "app1:"}}, own.unix_url());
    create_atom(app, "a", "1");
    create_atom(app, "b", "1");
    create_atom(other, "c", "1");
    assert_true(list(app, nullptr) == (std::multiset<std::string>{"a", "b"}));
    assert_true(list(app, "a*") == (std::multiset<std::string>{"a"}));
    assert_true(list(other, "*") == (std::multiset<std::string>{"c"}));
    assert_int_equal(own.must({"EXISTS", "app[1]:a", "app1:c"}).integer, 2);
}

static void a_reference_of_a_newer_format_is_refused_and_left_as_it_is(void **) {
    const Client client = open_client();
    const std::string key = fresh_key();
    const Atom atom = create_atom(client, key, "1");
    server().must({"HSET", key, "fmt", "97"});
    const std::string before = server().must({"HGETALL", key}).show();
    Error error;
    Atom again;
    assert_status_error(EXOREF_EFORMAT,
                        exoref_atom_open(client, key.data(), key.size(), nullptr, enough(), again.out(), error.out()),
                        error);
    assert_true(contains(exoref_error_message(error), "97"));
    assert_status(EXOREF_EFORMAT, try_reset(atom, "2"));
    assert_status(EXOREF_EFORMAT, exoref_inspect(client, key.data(), key.size(), enough(), Info().out(), nullptr));
    assert_string_equal(server().must({"HGETALL", key}).show().c_str(), before.c_str());
}

static void unknown_fields_survive_every_write(void **) {
    const Client client = open_client();
    const std::string key = fresh_key();
    const Atom atom = create_atom(client, key, "1");
    server().must({"HSET", key, "zz_future", "kept"});
    reset(atom, "2");
    assert_ok(exoref_atom_swap(atom, add_one, nullptr, enough(), nullptr, nullptr));
    assert_ok(exoref_atom_reset_meta(atom, "m", 1, enough(), nullptr));
    assert_ok(exoref_expire(client, key.data(), key.size(), 100000, enough(), nullptr));
    assert_string_equal(server().must({"HGET", key, "zz_future"}).text.c_str(), "kept");
}

static void a_local_directory_that_is_none_is_refused(void **) {
    bool stopped = true;
    assert_status(EXOREF_EINVAL, exoref_local_start("", 100, nullptr));
    const exo::support::TempDir folder;
    assert_ok(exoref_local_stop(folder.path().c_str(), enough(), &stopped, nullptr));
    assert_false(stopped);
    Value status;
    assert_ok(exoref_local_status(folder.path().c_str(), enough(), status.out(), nullptr));
    assert_null(status.get());
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(inspect_tells_all_of_a_reference),
        cmocka_unit_test(the_history_holds_so_many_changes),
        cmocka_unit_test(inspect_says_what_is_not_there_or_no_reference),
        cmocka_unit_test(delete_leaves_alone_what_is_no_reference),
        cmocka_unit_test(a_listing_knows_patterns_and_types_and_passes_over_what_is_not_ours),
        cmocka_unit_test(a_listing_keeps_to_the_prefix_and_takes_it_off),
        cmocka_unit_test(a_reference_of_a_newer_format_is_refused_and_left_as_it_is),
        cmocka_unit_test(unknown_fields_survive_every_write),
        cmocka_unit_test(a_local_directory_that_is_none_is_refused),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
