// Around the value: unknown fields, time to live, big and odd values, removal, metadata, what is replicated and published.
#include "store/message.hpp"

#include "scripts/script_bench.hpp"

namespace exo::scripts_test {
namespace {

using store::CommitArgs;

void C10_delete_removes_its_epoch_alone(void **) {
    bench().make_atom();
    const std::string other(32, 'd');
    store::DeleteArgs args{"k", kB, 1, 1, other, 0};
    ASSERT_REPLY(bench().run(args), op_of(kB, 1), "gone", "hash", "1", "atom", "-", kEpoch, "1");
    args.epoch = kEpoch;
    ASSERT_REPLY(bench().run(args), op_of(kB, 1), "deleted", "hash", "1", "atom", "-", kEpoch, "1", op_of(kA, 1), "*",
                 "4", "-");
    assert_int_equal(bench().server().must({"EXISTS", "k"}).integer, 0);
    ASSERT_REPLY(bench().run(args), op_of(kB, 1), "gone", "none");
    // A late delete finds a newer one under the key, and leaves it.
    store::CreateArgs again = ScriptBench::create_args("again");
    again.epoch = other;
    bench().run(again);
    ASSERT_REPLY(bench().run(args), op_of(kB, 1), "gone", "hash");
    ASSERT_TEXT(bench().field("value"), "again");
}

void C10_delete_leaves_other_types_and_higher_formats(void **) {
    bench().call({"FLUSHALL"});
    bench().server().must({"SET", "k", "text"});
    const store::DeleteArgs args{"k", kB, 1, 1, kEpoch, 0};
    ASSERT_REPLY(bench().run(args), op_of(kB, 1), "gone", "string");
    bench().server().must({"DEL", "k"});
    bench().prepare({{"fmt", "2"}, {"epoch", kEpoch}});
    const std::string before = bench().bytes();
    ASSERT_REPLY(bench().run(args), op_of(kB, 1), "format", "1", "2");
    ASSERT_TEXT(bench().bytes(), before);
}

void unknown_fields_survive_every_write(void **) {
    bench().make_atom();
    bench().prepare({{"colour", "blue"}, {"x1", "y"}});
    bench().run(ScriptBench::commit_args("two"));
    bench().run(store::MetaArgs{"k", kB, 2, 1, kEpoch, false, "", "m"});
    bench().run(store::ExpireArgs{"k", kB, 3, 1, kEpoch, false, "", 60000});
    ASSERT_TEXT(bench().field("colour"), "blue");
    ASSERT_TEXT(bench().field("x1"), "y");
}

void C11_time_to_live_counts_from_the_last_change(void **) {
    bench().make_atom();
    ASSERT_REPLY(bench().run(store::ExpireArgs{"k", kB, 1, 1, kEpoch, false, "", 60000}), op_of(kB, 1), "applied",
                 "now", "60000", op_of(kB, 1), "1");
    bench().server().must({"PEXPIRE", "k", "5000"});
    bench().run(ScriptBench::commit_args("two"));
    assert_true(bench().server().must({"PTTL", "k"}).integer > 50000);
    // Metadata is no change.
    bench().server().must({"PEXPIRE", "k", "5000"});
    bench().run(store::MetaArgs{"k", kB, 4, 1, kEpoch, false, "", "m"});
    assert_true(bench().server().must({"PTTL", "k"}).integer <= 5000);
    ASSERT_REPLY(bench().run(store::ExpireArgs{"k", kB, 5, 1, kEpoch, false, "", {}}), op_of(kB, 5), "applied", "now",
                 "0");
    assert_int_equal(bench().server().must({"PTTL", "k"}).integer, -1);
    CommitArgs args = ScriptBench::commit_args("three");
    args.counter = 9;
    bench().run(args);
    assert_int_equal(bench().server().must({"PTTL", "k"}).integer, -1);
}

void C8_meta_is_a_compare_and_set_on_its_own_identity(void **) {
    bench().make_atom();
    const std::string mine = op_of(kB, 1);
    store::MetaArgs first{"k", kB, 1, 1, kEpoch, true, "", "one"};
    ASSERT_REPLY(bench().run(first), mine, "applied", "now", "one", mine, "1");
    store::MetaArgs other{"k", kC, 1, 1, kEpoch, true, "", "two"};
    ASSERT_REPLY(bench().run(other), op_of(kC, 1), "conflict", "hash", "one", mine, "1");
    other.base_op = mine;
    ASSERT_REPLY(bench().run(other), op_of(kC, 1), "applied", "now", "two", op_of(kC, 1));
    // A sending that finds its own id, whichever sending of it, has been applied.
    other.sending = 2;
    ASSERT_REPLY(bench().run(other), op_of(kC, 1, 2), "applied", "record", "two", op_of(kC, 1, 1));
    first.conditional = false;
    first.counter = 2;
    ASSERT_REPLY(bench().run(first), op_of(kB, 2), "applied", "now", "one");
    ASSERT_TEXT(bench().field("version"), "1");
    const std::string wrong(32, 'd');
    first.epoch = wrong;
    ASSERT_REPLY(bench().run(first), op_of(kB, 2), "gone", "hash");
}

void G9_values_of_any_bytes_and_64_mebibytes(void **) {
    bench().make_atom();
    const std::string odd("\0\r\n\xff v", 7);
    CommitArgs args = ScriptBench::commit_args(odd);
    ASSERT_REPLY(bench().run(args), "*", "applied", "now", "2");
    assert_true(bench().field("value") == odd);
    const std::string big(std::size_t{64} << 20, 'x');
    CommitArgs next = ScriptBench::commit_args(big);
    next.counter = 2;
    next.want_old = true;
    const Reply reply = bench().run(next);
    ASSERT_REPLY(reply, "*", "applied", "now", "3");
    assert_true(reply.elements[8].text == odd);
    assert_int_equal(bench().server().must({"HSTRLEN", "k", "value"}).integer, std::size_t{64} << 20);
    ASSERT_TEXT(bench().field("h3"), "3 " + op_of(kB, 2) + " -");
}

// What a subscriber hears of a script.
class Ear {
public:
    Ear() : client_(bench().server().unix_socket()) { client_.call({"SUBSCRIBE", "k"}); }
    std::string next() {
        const auto push = client_.receive(support::Millis(5000));
        return push && push->elements.size() == 3 ? push->elements[2].text : "";
    }

private:
    support::RedisClient client_;
};

void G3_each_change_is_published_with_its_predecessor(void **) {
    bench().call({"FLUSHALL"});
    Ear ear;
    store::CreateArgs make = ScriptBench::create_args("one");
    make.db = 3;
    bench().run(make);
    CommitArgs args = ScriptBench::commit_args(" two\n");
    args.db = 3;
    bench().run(args);
    bench().run(store::DeleteArgs{"k", kC, 1, 1, kEpoch, 3});
    const std::string made = ear.next();
    const std::string changed = ear.next();
    const std::string removed = ear.next();
    ASSERT_TEXT(made, "1 create 3 " + kEpoch + " 0 - 1 " + op_of(kA, 1) + " 1:" + kServer + " vone");
    ASSERT_TEXT(changed,
                "1 change 3 " + kEpoch + " 1 " + op_of(kA, 1) + " 2 " + op_of(kB, 1) + " 1:" + kServer + " v two\n");
    ASSERT_TEXT(removed, "1 delete 3 " + kEpoch + " 2 " + op_of(kB, 1) + " 0 " + op_of(kC, 1) + " - -");
    assert_true(store::parse_message(made) && store::parse_message(changed) && store::parse_message(removed));
}

void G3_a_big_value_is_left_out_of_the_message(void **) {
    bench().make_atom();
    Ear ear;
    const std::string big(16385, 'x');
    CommitArgs args = ScriptBench::commit_args(big);
    bench().run(args);
    assert_true(ear.next().ends_with(" -"));
    // What changes nothing says nothing.
    args.sending = 2;
    bench().run(args);
    args.counter = 2;
    args.value = "y";
    bench().run(args);
    assert_true(ear.next().ends_with(" vy"));
}

void a_commit_replicates_at_most_twice_the_value_and_400_bytes(void **) {
    bench().make_atom();
    support::RedisServerOptions options;
    options.config = {"replicaof 127.0.0.1 " + std::to_string(bench().server().tcp().port)};
    support::RedisServer replica(options);
    assert_true(support::eventually(support::Millis(20000),
                                    [&] { return replica.info("replication")["master_link_status"] == "up"; }));
    const auto offset = [] { return std::stoull(bench().server().info("replication")["master_repl_offset"]); };
    CommitArgs args = ScriptBench::commit_args();
    for (const std::size_t size : {std::size_t{1}, std::size_t{1000}, std::size_t{4096}, std::size_t{100000}}) {
        const std::string value(size, 'x');
        args.value = value;
        const std::uint64_t before = offset();
        for (int n = 0; n < 100; ++n) {
            ++args.counter;
            ASSERT_REPLY(bench().run(args), "*", "applied", "now");
        }
        const std::uint64_t each = (offset() - before) / 100;
        print_message("value of %zu bytes: %llu bytes replicated\n", size, static_cast<unsigned long long>(each));
        assert_in_range(each, size, 2 * size + 400);
    }
    assert_true(support::eventually(support::Millis(10000), [&] {
        return replica.cli({"HGET", "k", "version"}).text == bench().field("version");
    }));
    for (const auto &[name, content] : bench().hash()) {
        assert_true(replica.cli({"HGET", "k", name}).text == content);
    }
}

}  // namespace
}  // namespace exo::scripts_test

int main() {
    using namespace exo::scripts_test;
    const CMUnitTest tests[] = {
        cmocka_unit_test(C10_delete_removes_its_epoch_alone),
        cmocka_unit_test(C10_delete_leaves_other_types_and_higher_formats),
        cmocka_unit_test(unknown_fields_survive_every_write),
        cmocka_unit_test(C11_time_to_live_counts_from_the_last_change),
        cmocka_unit_test(C8_meta_is_a_compare_and_set_on_its_own_identity),
        cmocka_unit_test(G9_values_of_any_bytes_and_64_mebibytes),
        cmocka_unit_test(G3_each_change_is_published_with_its_predecessor),
        cmocka_unit_test(G3_a_big_value_is_left_out_of_the_message),
        cmocka_unit_test(a_commit_replicates_at_most_twice_the_value_and_400_bytes),
    };
    return cmocka_run_group_tests(tests, nullptr, end_bench);
}
