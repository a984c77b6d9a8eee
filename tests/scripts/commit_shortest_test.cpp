// The shortest way of a commit, upon the state that its client knows: it must do to the byte what the long way does, and be
// taken only when the table of answers says "applied".
#include "scripts/script_bench.hpp"

namespace exo::scripts_test {
namespace {

using store::CommitArgs;

// Client B has a record, so that its commits upon the head may take the shortest way.
CommitArgs prepared(std::string_view value) {
    bench().make_atom();
    bench().run(ScriptBench::commit_args("two"));
    CommitArgs args = ScriptBench::commit_args();
    static const std::string head = op_of(kB, 1);
    args.counter = 2;
    args.base_version = 2;
    args.base_op = head;
    args.value = value;
    return args;
}

bool is_short(const Reply &reply) { return reply.type == Reply::Type::kString; }

void G2_both_ways_leave_the_same_bytes(void **) {
    for (const bool conditional : {false, true}) {
        CommitArgs args = prepared("three");
        args.conditional = conditional;
        const Reply long_way = bench().run(args);
        ASSERT_REPLY(long_way, op_of(kB, 2), "applied", "now", "3", op_of(kB, 2), "1:" + kServer, "2", op_of(kB, 1),
                     "-");
        const auto expected = bench().hash();
        args = prepared("three");
        args.conditional = conditional;
        const Reply short_way = bench().run_known(args);
        assert_true(is_short(short_way));
        ASSERT_TEXT(short_way.text, op_of(kB, 2));
        assert_true(bench().hash() == expected);
    }
}

void G3_both_ways_publish_the_same_message(void **) {
    support::RedisClient ear(bench().server().unix_socket());
    const auto heard = [&] {
        const auto push = ear.receive(support::Millis(5000));
        return push && push->elements.size() == 3 ? push->elements[2].text : "";
    };
    CommitArgs args = prepared("three");
    args.db = 7;
    ear.call({"SUBSCRIBE", "k"});
    bench().run(args);
    const std::string expected = heard();
    args = prepared("three");
    heard();  // the creation and the commit of the preparation
    heard();
    args.db = 7;
    assert_true(is_short(bench().run_known(args)));
    ASSERT_TEXT(heard(), expected);
    ASSERT_TEXT(expected,
                "1 change 7 " + kEpoch + " 2 " + op_of(kB, 1) + " 3 " + op_of(kB, 2) + " 1:" + kServer + " vthree");
}

void G2_a_repeat_never_takes_the_shortest_way(void **) {
    CommitArgs args = prepared("three");
    bench().run_known(args);
    args.sending = 2;
    ASSERT_REPLY(bench().run_known(args), op_of(kB, 2, 2), "applied", "record", "3", op_of(kB, 2, 1));
    args.sending = 1;
    ASSERT_REPLY(bench().run_known(args), op_of(kB, 2, 1), "applied", "record", "3", op_of(kB, 2, 1));
}

void G2_what_needs_more_goes_the_long_way(void **) {
    CommitArgs args = prepared("three");
    args.want_old = true;
    ASSERT_REPLY(bench().run_known(args), "*", "applied", "now", "3", "*", "*", "2", "*", "two");
    args = prepared("three");
    args.server = kOther;
    ASSERT_REPLY(bench().run_known(args), "*", "applied", "now", "3", "*", "3:" + kOther);
    args = prepared("three");
    args.server = "";
    ASSERT_REPLY(bench().run_known(args), "*", "applied", "now", "3", "*", "-");
    args = prepared("three");
    args.ring_limit = 4;
    ASSERT_REPLY(bench().run_known(args), "*", "applied", "now");
    ASSERT_TEXT(bench().field("h3"), "3 " + op_of(kB, 2) + " -");
    args = prepared("three");
    args.session = kC;  // no record yet
    ASSERT_REPLY(bench().run_known(args), "*", "applied", "now");
    args = prepared("three");
    bench().prepare({{"ttl", "60000"}});
    ASSERT_REPLY(bench().run_known(args), "*", "applied", "now");
    assert_true(bench().server().must({"PTTL", "k"}).integer > 50000);
}

void G2_what_is_refused_is_refused_on_the_short_way_too(void **) {
    CommitArgs args = prepared("three");
    bench().prepare({{"fmt", "2"}});
    ASSERT_REPLY(bench().run_known(args), "*", "format", "1", "2");
    args = prepared("three");
    const std::string other = op_of(kB, 1, 2);
    args.base_op = other;
    args.conditional = true;
    ASSERT_REPLY(bench().run_known(args), "*", "conflict");
    args = prepared("three");
    bench().call({"FLUSHALL"});
    ASSERT_REPLY(bench().run_known(args), "*", "gone", "none");
    bench().server().must({"SET", "k", "x"});
    ASSERT_REPLY(bench().run_known(args), "*", "gone", "string");
}

void the_ring_goes_round_on_the_shortest_way(void **) {
    CommitArgs args = prepared("x");
    std::string head = op_of(kB, 1);
    for (std::uint64_t version = 2; version < 20; ++version) {
        const std::string value = "v" + std::to_string(version + 1);
        args.counter = version;
        args.base_version = version;
        args.base_op = head;
        args.value = value;
        args.conditional = true;
        assert_true(is_short(bench().run_known(args)));
        head = op_of(kB, static_cast<unsigned>(version));
    }
    const auto hash = bench().hash();
    for (unsigned version = 17; version <= 20; ++version) {
        ASSERT_TEXT(hash.at("h" + std::to_string(version % 4)),
                    std::to_string(version) + " " + op_of(kB, version - 1) + " vv" + std::to_string(version));
    }
    ASSERT_TEXT(hash.at("r:" + kB), "0 20 20 " + op_of(kB, 19));
    ASSERT_TEXT(hash.at("value"), "v20");
}

void a_commit_upon_the_head_costs_three_commands(void **) {
    CommitArgs args = prepared("three");
    bench().server().reset_calls();
    bench().run_known(args);
    assert_int_equal(bench().server().calls("hmget"), 1);
    assert_int_equal(bench().server().calls("hset"), 1);
    assert_int_equal(bench().server().calls("publish"), 1);
    assert_int_equal(bench().server().calls("time") + bench().server().calls("hget"), 0);
}

}  // namespace
}  // namespace exo::scripts_test

int main() {
    using namespace exo::scripts_test;
    const CMUnitTest tests[] = {
        cmocka_unit_test(G2_both_ways_leave_the_same_bytes),
        cmocka_unit_test(G3_both_ways_publish_the_same_message),
        cmocka_unit_test(G2_a_repeat_never_takes_the_shortest_way),
        cmocka_unit_test(G2_what_needs_more_goes_the_long_way),
        cmocka_unit_test(G2_what_is_refused_is_refused_on_the_short_way_too),
        cmocka_unit_test(the_ring_goes_round_on_the_shortest_way),
        cmocka_unit_test(a_commit_upon_the_head_costs_three_commands),
    };
    return cmocka_run_group_tests(tests, nullptr, end_bench);
}
