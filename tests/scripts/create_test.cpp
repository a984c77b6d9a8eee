// The script `create`: makes what is absent, and leaves what is there (guarantee G6).
#include "scripts/script_bench.hpp"

namespace exo::scripts_test {
namespace {

void A7_create_makes_an_absent_atom_at_version_1(void **) {
    bench().call({"FLUSHALL"});
    const Reply reply = bench().run(ScriptBench::create_args("one"));
    ASSERT_REPLY(reply, op_of(kA, 1), "created", "none", "1", "atom", "-", kEpoch, "1", op_of(kA, 1), "1:" + kServer,
                 "4", "one");
    const std::map<std::string, std::string> expected = {{"fmt", "1"},
                                                         {"type", "atom"},
                                                         {"epoch", kEpoch},
                                                         {"version", "1"},
                                                         {"op", op_of(kA, 1)},
                                                         {"value", "one"},
                                                         {"ring_n", "4"},
                                                         {"rec_n", "1024"},
                                                         {"terms", "1:" + kServer},
                                                         {"ttl", "0"},
                                                         {"h1", "1 " + op_of(kA, 1) + " vone"}};
    assert_true(bench().hash() == expected);
    assert_int_equal(bench().server().must({"PTTL", "k"}).integer, -1);
}

void G6_create_never_changes_what_is_there(void **) {
    bench().make_atom("one");
    const std::string before = bench().bytes();
    store::CreateArgs args = ScriptBench::create_args("other");
    const std::string epoch(32, 'd');
    args.session = kB;
    args.epoch = epoch;
    const Reply reply = bench().run(args);
    ASSERT_REPLY(reply, op_of(kB, 1), "exists", "hash", "1", "atom", "-", kEpoch, "1", op_of(kA, 1), "1:" + kServer,
                 "4", "one");
    ASSERT_TEXT(bench().bytes(), before);
}

void A7_a_repeat_that_finds_the_epoch_of_an_own_sending_created_it(void **) {
    bench().make_atom("one");
    store::CreateArgs args = ScriptBench::create_args("one");
    const std::string epoch(32, 'd');
    const std::string earlier = std::string(32, 'c') + " " + kEpoch;
    args.sending = 3;
    args.epoch = epoch;
    args.earlier = earlier;
    ASSERT_REPLY(bench().run(args), op_of(kA, 1, 3), "created", "hash", "1", "atom", "-", kEpoch, "1", op_of(kA, 1));
    // A part of an epoch is no epoch.
    const std::string part = kEpoch.substr(0, 31);
    args.earlier = part;
    ASSERT_REPLY(bench().run(args), op_of(kA, 1, 3), "exists");
}

void C9_create_keeps_codec_label_meta_and_time_to_live(void **) {
    bench().call({"FLUSHALL"});
    store::CreateArgs args = ScriptBench::create_args("");
    args.codec = "json";
    args.meta = "";
    args.ttl = 60000;
    ASSERT_REPLY(bench().run(args), op_of(kA, 1), "created", "none", "1", "atom", "json");
    ASSERT_TEXT(bench().field("codec"), "json");
    auto hash = bench().hash();
    assert_true(hash.contains("meta") && hash["meta"].empty() && hash["value"].empty());
    ASSERT_TEXT(hash["meta_op"], op_of(kA, 1));
    ASSERT_TEXT(hash["ttl"], "60000");
    assert_in_range(static_cast<unsigned long>(bench().server().must({"PTTL", "k"}).integer), 1, 60000);
}

void P6_create_without_a_value_stands_at_version_0(void **) {
    bench().call({"FLUSHALL"});
    store::CreateArgs args = ScriptBench::create_args();
    args.kind = "promise";
    args.value.reset();
    args.ring_n = 0;
    args.rec_n = 0;
    ASSERT_REPLY(bench().run(args), op_of(kA, 1), "created", "none", "1", "promise", "-", kEpoch, "0", "-");
    const std::map<std::string, std::string> expected = {{"fmt", "1"},     {"type", "promise"}, {"epoch", kEpoch},
                                                         {"version", "0"}, {"terms", ""},       {"ttl", "0"}};
    assert_true(bench().hash() == expected);
}

void G6_a_key_of_another_redis_type_is_named_and_left(void **) {
    bench().call({"FLUSHALL"});
    bench().server().must({"SET", "k", "text"});
    ASSERT_REPLY(bench().run(ScriptBench::create_args()), op_of(kA, 1), "wrongtype", "string", "-", "-", "-", "-", "-",
                 "-", "-", "-", "-");
    ASSERT_TEXT(bench().server().must({"GET", "k"}).text, "text");
    bench().server().must({"DEL", "k"});
    bench().server().must({"RPUSH", "k", "x"});
    ASSERT_REPLY(bench().run(ScriptBench::create_args()), op_of(kA, 1), "wrongtype", "list");
}

void G6_a_hash_that_is_not_ours_is_left(void **) {
    bench().call({"FLUSHALL"});
    bench().prepare({{"name", "Ada"}});
    const std::string before = bench().bytes();
    ASSERT_REPLY(bench().run(ScriptBench::create_args()), op_of(kA, 1), "foreign", "hash");
    bench().prepare({{"fmt", "pdf"}});
    ASSERT_REPLY(bench().run(ScriptBench::create_args()), op_of(kA, 1), "foreign", "hash");
    bench().server().must({"HDEL", "k", "fmt"});
    ASSERT_TEXT(bench().bytes(), before);
}

void a_higher_format_is_refused_with_both_numbers_and_left(void **) {
    bench().call({"FLUSHALL"});
    bench().prepare({{"fmt", "2"}, {"type", "atom"}, {"epoch", kEpoch}, {"secret", "x"}});
    const std::string before = bench().bytes();
    ASSERT_REPLY(bench().run(ScriptBench::create_args()), op_of(kA, 1), "format", "1", "2", "atom", "-", kEpoch);
    ASSERT_TEXT(bench().bytes(), before);
}

void G9_any_bytes_are_legal_in_keys_and_values(void **) {
    bench().call({"FLUSHALL"});
    const std::string key("k\0\r\n\xff }{ *", 10);
    const std::string value("v\0\r\n\xfe ", 6);
    store::CreateArgs args = ScriptBench::create_args(value);
    args.key = key;
    const Reply reply = bench().run(args);
    ASSERT_REPLY(reply, op_of(kA, 1), "created");
    assert_true(reply.elements[11].text == value);
    assert_true(bench().hash(key)["h1"] == "1 " + op_of(kA, 1) + " v" + value);
}

void a_value_above_the_ring_limit_is_kept_once(void **) {
    bench().call({"FLUSHALL"});
    const std::string value(4097, 'x');
    bench().run(ScriptBench::create_args(value));
    ASSERT_TEXT(bench().field("h1"), "1 " + op_of(kA, 1) + " -");
    assert_int_equal(bench().field("value").size(), 4097);
}

}  // namespace
}  // namespace exo::scripts_test

int main() {
    using namespace exo::scripts_test;
    const CMUnitTest tests[] = {
        cmocka_unit_test(A7_create_makes_an_absent_atom_at_version_1),
        cmocka_unit_test(G6_create_never_changes_what_is_there),
        cmocka_unit_test(A7_a_repeat_that_finds_the_epoch_of_an_own_sending_created_it),
        cmocka_unit_test(C9_create_keeps_codec_label_meta_and_time_to_live),
        cmocka_unit_test(P6_create_without_a_value_stands_at_version_0),
        cmocka_unit_test(G6_a_key_of_another_redis_type_is_named_and_left),
        cmocka_unit_test(G6_a_hash_that_is_not_ours_is_left),
        cmocka_unit_test(a_higher_format_is_refused_with_both_numbers_and_left),
        cmocka_unit_test(G9_any_bytes_are_legal_in_keys_and_values),
        cmocka_unit_test(a_value_above_the_ring_limit_is_kept_once),
    };
    return cmocka_run_group_tests(tests, nullptr, end_bench);
}
