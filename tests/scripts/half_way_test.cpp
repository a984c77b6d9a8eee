// No script stops half-way: either nothing has changed and the answer is an error, or it is done and the answer says so.
#include <functional>

#include "scripts/script_bench.hpp"

namespace exo::scripts_test {
namespace {

using store::CommitArgs;

const std::vector<std::string> kCommands = {"hmget", "hset",    "hget",    "hdel",    "time", "publish", "type",
                                            "del",   "pexpire", "persist", "hstrlen", "hlen", "pttl"};

// Works as a user to whom one command is forbidden; the channel too if so wished.
class AsUser {
public:
    explicit AsUser(const std::string &forbidden, const std::string &channels = "allchannels") {
        bench().server().must({"ACL", "SETUSER", "u", "reset", "on", ">p", "~*", "+@all", channels, "-" + forbidden});
        const Reply ok = bench().call({"AUTH", "u", "p"});
        assert_true(ok.is_ok());
    }
    ~AsUser() { bench().call({"AUTH", "default", ""}); }
};

void a_publisher_without_a_right_to_the_channel_succeeds(void **) {
    bench().make_atom();
    const AsUser user("flushall", "resetchannels");
    ASSERT_REPLY(bench().run(ScriptBench::commit_args("two")), "*", "applied", "now", "2");
    ASSERT_TEXT(bench().field("value"), "two");
    store::DeleteArgs gone{"k", kB, 2, 1, kEpoch, 0};
    ASSERT_REPLY(bench().run(gone), "*", "deleted");
    ASSERT_REPLY(bench().run(ScriptBench::create_args()), "*", "created");
}

template <typename Args>
void forbid_each(const std::function<void()> &prepare, const Args &args, const std::string &done) {
    for (const std::string &command : kCommands) {
        prepare();
        const std::string before = bench().bytes();
        Reply reply;
        {
            const AsUser user(command);
            reply = bench().run(args);
        }
        const bool changed = bench().bytes() != before;
        const bool applied = !reply.is_error() && reply.elements.size() > 1 && reply.elements[1].text == done;
        if (changed != applied || (!applied && !reply.is_error())) {
            fail_msg("without %s: changed %d, answer %s", command.c_str(), changed, reply.show().c_str());
        }
    }
}

void G2_commit_without_a_right_changes_nothing_or_is_applied(void **) {
    forbid_each([] { bench().make_atom(); }, ScriptBench::commit_args("two"), "applied");
}

void G2_commit_with_a_time_to_live_is_not_done_by_halves(void **) {
    const auto prepare = [] {
        bench().make_atom();
        bench().prepare({{"ttl", "60000"}});
        bench().server().must({"PEXPIRE", "k", "5000"});
    };
    forbid_each(prepare, ScriptBench::commit_args("two"), "applied");
    prepare();
    const AsUser user("pexpire");
    const Reply refused = bench().run(ScriptBench::commit_args("two"));
    assert_true(refused.is_error() && refused.text.starts_with("NOPERM"));
}

void G2_commit_that_drops_a_record_is_not_done_by_halves(void **) {
    const auto prepare = [] {
        bench().make_atom();
        bench().prepare({{"rec_n", "1"}, {"rec_used", "1"}, {"s0", kC}, {"r:" + kC, "0 1 1 " + op_of(kC, 1)}});
    };
    forbid_each(prepare, ScriptBench::commit_args("two"), "applied");
}

void G6_create_without_a_right_changes_nothing_or_creates(void **) {
    forbid_each([] { bench().call({"FLUSHALL"}); }, ScriptBench::create_args(), "created");
    store::CreateArgs args = ScriptBench::create_args();
    args.ttl = 60000;
    forbid_each([] { bench().call({"FLUSHALL"}); }, args, "created");
}

void C8_meta_expire_and_delete_are_not_done_by_halves(void **) {
    const store::MetaArgs meta{"k", kB, 1, 1, kEpoch, false, "", "m"};
    forbid_each([] { bench().make_atom(); }, meta, "applied");
    const store::ExpireArgs expire{"k", kB, 1, 1, kEpoch, false, "", 60000};
    forbid_each([] { bench().make_atom(); }, expire, "applied");
    const store::ExpireArgs persist{"k", kB, 1, 1, kEpoch, false, "", {}};
    forbid_each([] { bench().make_atom(); }, persist, "applied");
    const store::DeleteArgs removal{"k", kB, 1, 1, kEpoch, 0};
    forbid_each([] { bench().make_atom(); }, removal, "deleted");
}

void G7_out_of_memory_changes_nothing_and_says_so(void **) {
    bench().make_atom();
    bench().prepare(
        {{"ttl", "60000"}, {"rec_n", "1"}, {"rec_used", "1"}, {"s0", kC}, {"r:" + kC, "0 1 1 " + op_of(kC, 1)}});
    const std::string before = bench().bytes();
    bench().server().must({"CONFIG", "SET", "maxmemory", "1"});
    const Reply reply = bench().run(ScriptBench::commit_args("two"));
    const std::string after = bench().bytes();
    bench().server().must({"CONFIG", "SET", "maxmemory", "0"});
    assert_true(reply.is_error() && reply.text.starts_with("OOM"));
    assert_true(before == after);
}

void a_damaged_hash_is_an_error_and_stays_as_it_is(void **) {
    const std::vector<std::pair<std::string, std::string>> damages = {
        {"version", "abc"}, {"ring_n", "x"},     {"floor", "?"}, {"terms", "rubbish"}, {"r:" + kB, "rubbish"},
        {"rec_used", "x"},  {"rec_cursor", "x"}, {"rec_n", "x"}, {"ttl", "x"}};
    for (const auto &[name, content] : damages) {
        bench().make_atom();
        bench().prepare({{name, content}});
        const std::string before = bench().bytes();
        CommitArgs args = ScriptBench::commit_args("two");
        const Reply reply = bench().run(args);
        const bool applied = !reply.is_error() && reply.elements[1].text == "applied";
        if (applied != (bench().bytes() != before)) fail_msg("%s: %s", name.c_str(), reply.show().c_str());
    }
}

}  // namespace
}  // namespace exo::scripts_test

int main() {
    using namespace exo::scripts_test;
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_publisher_without_a_right_to_the_channel_succeeds),
        cmocka_unit_test(G2_commit_without_a_right_changes_nothing_or_is_applied),
        cmocka_unit_test(G2_commit_with_a_time_to_live_is_not_done_by_halves),
        cmocka_unit_test(G2_commit_that_drops_a_record_is_not_done_by_halves),
        cmocka_unit_test(G6_create_without_a_right_changes_nothing_or_creates),
        cmocka_unit_test(C8_meta_expire_and_delete_are_not_done_by_halves),
        cmocka_unit_test(G7_out_of_memory_changes_nothing_and_says_so),
        cmocka_unit_test(a_damaged_hash_is_an_error_and_stays_as_it_is),
    };
    return cmocka_run_group_tests(tests, nullptr, end_bench);
}
