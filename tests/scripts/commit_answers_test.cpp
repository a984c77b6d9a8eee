// The script `commit`: every row of the table of answers, in its order, for each sending of an operation (guarantee G2).
#include "scripts/script_bench.hpp"

namespace exo::scripts_test {
namespace {

using store::CommitArgs;

void A4_a_reset_makes_the_next_version_and_names_its_predecessor(void **) {
    bench().make_atom("one");
    CommitArgs args = ScriptBench::commit_args("two");
    args.want_old = true;
    ASSERT_REPLY(bench().run(args), op_of(kB, 1), "applied", "now", "2", op_of(kB, 1), "1:" + kServer, "1",
                 op_of(kA, 1), "one");
    auto hash = bench().hash();
    ASSERT_TEXT(hash["version"], "2");
    ASSERT_TEXT(hash["op"], op_of(kB, 1));
    ASSERT_TEXT(hash["value"], "two");
    ASSERT_TEXT(hash["h2"], "2 " + op_of(kB, 1) + " vtwo");
    ASSERT_TEXT(hash["h1"], "1 " + op_of(kA, 1) + " vone");
    ASSERT_TEXT(hash["s0"], kB);
    ASSERT_TEXT(hash["r:" + kB], "0 2 2 " + op_of(kB, 1));
}

void the_old_value_comes_only_when_it_is_wanted(void **) {
    bench().make_atom("one");
    ASSERT_REPLY(bench().run(ScriptBench::commit_args()), op_of(kB, 1), "applied", "now", "2", "*", "*", "1",
                 op_of(kA, 1), "-");
}

void G2_gone_when_the_key_is_absent_and_only_create_creates(void **) {
    bench().call({"FLUSHALL"});
    ASSERT_REPLY(bench().run(ScriptBench::commit_args()), op_of(kB, 1), "gone", "none", "-", "-", "-", "-", "-", "-",
                 "-", "-", "-");
    assert_int_equal(bench().server().must({"EXISTS", "k"}).integer, 0);
}

void G2_gone_when_the_epoch_is_another_and_the_newest_state_comes_along(void **) {
    bench().make_atom("one");
    const std::string before = bench().bytes();
    CommitArgs args = ScriptBench::commit_args();
    const std::string epoch(32, 'd');
    args.epoch = epoch;
    ASSERT_REPLY(bench().run(args), op_of(kB, 1), "gone", "hash", "1", "atom", "-", kEpoch, "1", op_of(kA, 1),
                 "1:" + kServer, "4", "one");
    ASSERT_TEXT(bench().bytes(), before);
}

void G2_gone_when_the_key_holds_something_else(void **) {
    bench().call({"FLUSHALL"});
    bench().server().must({"SADD", "k", "x"});
    ASSERT_REPLY(bench().run(ScriptBench::commit_args()), op_of(kB, 1), "gone", "set", "-");
    bench().call({"FLUSHALL"});
    bench().prepare({{"name", "Ada"}});
    ASSERT_REPLY(bench().run(ScriptBench::commit_args()), op_of(kB, 1), "gone", "hash", "-");
    ASSERT_TEXT(bench().field("name"), "Ada");
}

void a_higher_format_is_refused_with_both_numbers_and_left(void **) {
    bench().make_atom("one");
    bench().prepare({{"fmt", "7"}});
    const std::string before = bench().bytes();
    ASSERT_REPLY(bench().run(ScriptBench::commit_args()), op_of(kB, 1), "format", "1", "7", "atom");
    ASSERT_TEXT(bench().bytes(), before);
}

void G2_a_repeat_finds_its_record_and_is_told_the_sending_that_was_applied(void **) {
    bench().make_atom("one");
    CommitArgs args = ScriptBench::commit_args("two");
    args.want_old = true;
    bench().run(args);
    const std::string before = bench().bytes();
    args.sending = 2;
    args.server = kOther;
    ASSERT_REPLY(bench().run(args), op_of(kB, 1, 2), "applied", "record", "2", op_of(kB, 1, 1), "1:" + kServer, "1",
                 op_of(kA, 1), "one");
    ASSERT_TEXT(bench().bytes(), before);
}

void G2_a_late_original_after_its_repeat_is_applied_once(void **) {
    bench().make_atom("one");
    CommitArgs args = ScriptBench::commit_args("two");
    args.sending = 2;
    bench().run(args);
    CommitArgs other = ScriptBench::commit_args("three");
    other.session = kC;
    bench().run(other);
    args.sending = 1;
    args.fresh = true;
    ASSERT_REPLY(bench().run(args), op_of(kB, 1, 1), "applied", "record", "2", op_of(kB, 1, 2));
    ASSERT_TEXT(bench().field("value"), "three");
    ASSERT_TEXT(bench().field("version"), "3");
}

void G2_a_repeat_that_the_ring_has_passed_has_no_predecessor_any_more(void **) {
    bench().make_atom("one");
    CommitArgs args = ScriptBench::commit_args("two");
    args.want_old = true;
    bench().run(args);
    CommitArgs other = ScriptBench::commit_args("x");
    other.session = kC;
    for (other.counter = 1; other.counter <= 3; ++other.counter) {
        ASSERT_REPLY(bench().run(other), "*", "applied", "now");
    }
    args.sending = 2;
    ASSERT_REPLY(bench().run(args), op_of(kB, 1, 2), "applied", "record", "2", op_of(kB, 1), "1:" + kServer, "-", "-",
                 "-");
}

void G2_stale_when_a_later_operation_of_the_session_is_done(void **) {
    bench().make_atom("one");
    CommitArgs args = ScriptBench::commit_args("two");
    args.counter = 10;
    bench().run(args);
    const std::string before = bench().bytes();
    args.counter = 9;
    ASSERT_REPLY(bench().run(args), op_of(kB, 9), "stale", "hash", "1", "atom", "-", kEpoch, "2", op_of(kB, 10),
                 "1:" + kServer, "4", "two");
    ASSERT_TEXT(bench().bytes(), before);
}

void G2_too_old_when_a_record_above_the_base_was_dropped(void **) {
    bench().make_atom("one");
    bench().run(ScriptBench::commit_args("two"));
    bench().prepare({{"floor", "2"}});
    const std::string before = bench().bytes();
    CommitArgs args = ScriptBench::commit_args("three");
    args.session = kC;
    ASSERT_REPLY(bench().run(args), op_of(kC, 1), "too-old", "hash", "1", "atom", "-", kEpoch, "2");
    args.fresh = true;  // an original may come after its repeat was applied and forgotten
    ASSERT_REPLY(bench().run(args), op_of(kC, 1), "too-old");
    args.conditional = true;
    ASSERT_REPLY(bench().run(args), op_of(kC, 1), "too-old");
    ASSERT_TEXT(bench().bytes(), before);
    // From a base at the floor nothing can have been forgotten.
    const std::string base_op = op_of(kB, 1);
    args.conditional = false;
    args.base_version = 2;
    args.base_op = base_op;
    ASSERT_REPLY(bench().run(args), op_of(kC, 1), "applied", "now", "3");
}

void A2_conflict_when_the_head_is_not_the_base(void **) {
    bench().make_atom("one");
    bench().run(ScriptBench::commit_args("two"));
    const std::string before = bench().bytes();
    CommitArgs args = ScriptBench::commit_args("three");
    args.session = kC;
    args.conditional = true;
    ASSERT_REPLY(bench().run(args), op_of(kC, 1), "conflict", "hash", "1", "atom", "-", kEpoch, "2", op_of(kB, 1),
                 "1:" + kServer, "4", "two");
    ASSERT_TEXT(bench().bytes(), before);
}

void A2_a_compare_and_set_compares_identities_not_numbers(void **) {
    bench().make_atom("one");
    CommitArgs args = ScriptBench::commit_args("two");
    args.conditional = true;
    const std::string other_sending = op_of(kA, 1, 2);
    args.base_op = other_sending;
    ASSERT_REPLY(bench().run(args), op_of(kB, 1), "conflict");
    const std::string right = op_of(kA, 1, 1);
    args.base_op = right;
    ASSERT_REPLY(bench().run(args), op_of(kB, 1), "applied", "now", "2");
}

void G2_conflict_when_the_base_lies_on_another_history(void **) {
    bench().make_atom("one");
    bench().run(ScriptBench::commit_args("two"));
    const std::string before = bench().bytes();
    CommitArgs args = ScriptBench::commit_args("three");
    args.session = kC;
    const std::string lost_term = "1:" + kOther;
    args.base_term = lost_term;
    args.fresh = true;
    ASSERT_REPLY(bench().run(args), op_of(kC, 1), "conflict");
    const std::string term = "1:" + kServer;
    args.base_term = term;
    args.base_version = 3;  // above the head: lost
    ASSERT_REPLY(bench().run(args), op_of(kC, 1), "conflict");
    ASSERT_TEXT(bench().bytes(), before);
}

void G2_too_old_when_nothing_can_place_the_base_of_a_reset(void **) {
    bench().make_atom("one");
    CommitArgs other = ScriptBench::commit_args("x");
    for (other.counter = 1; other.counter <= 5; ++other.counter) {
        bench().run(other);
    }
    bench().prepare({{"terms", ""}});
    CommitArgs args = ScriptBench::commit_args("y");
    args.session = kC;
    args.server = "";
    const std::string before = bench().bytes();
    ASSERT_REPLY(bench().run(args), op_of(kC, 1), "too-old");
    ASSERT_TEXT(bench().bytes(), before);
    args.fresh = true;  // read on the very connection that carries it
    ASSERT_REPLY(bench().run(args), op_of(kC, 1), "applied", "now", "7", op_of(kC, 1), "-", "6");
}

void G2_the_ring_places_a_base_where_servers_hide_who_they_are(void **) {
    bench().make_atom("one");
    bench().prepare({{"terms", ""}});
    CommitArgs args = ScriptBench::commit_args("two");
    args.server = "";
    args.base_term = "";
    bench().run(args);
    args.session = kC;
    ASSERT_REPLY(bench().run(args), op_of(kC, 1), "applied", "now", "3");
    const std::string lost = op_of(kA, 1, 2);
    args.counter = 2;
    args.base_op = lost;
    ASSERT_REPLY(bench().run(args), op_of(kC, 2), "conflict");
}

void A4_a_reset_without_any_base_is_always_placed(void **) {
    bench().make_atom("one");
    CommitArgs args = ScriptBench::commit_args("two");
    args.base_version = 0;
    args.base_op = "";
    args.base_term = "";
    ASSERT_REPLY(bench().run(args), op_of(kB, 1), "applied", "now", "2");
}

void counters_compare_as_numbers(void **) {
    bench().make_atom("one");
    CommitArgs args = ScriptBench::commit_args("two");
    args.counter = 9;
    bench().run(args);
    args.counter = 10;
    ASSERT_REPLY(bench().run(args), op_of(kB, 10), "applied", "now", "3");
}

void versions_beyond_15_digits_stay_exact(void **) {
    bench().make_atom("one");
    bench().prepare({{"version", "1795455887762219"}});
    CommitArgs args = ScriptBench::commit_args("two");
    args.base_version = 1795455887762219;
    ASSERT_REPLY(bench().run(args), op_of(kB, 1), "applied", "now", "1795455887762220", "*", "*", "1795455887762219");
    ASSERT_TEXT(bench().field("version"), "1795455887762220");
}

}  // namespace
}  // namespace exo::scripts_test

int main() {
    using namespace exo::scripts_test;
    const CMUnitTest tests[] = {
        cmocka_unit_test(A4_a_reset_makes_the_next_version_and_names_its_predecessor),
        cmocka_unit_test(the_old_value_comes_only_when_it_is_wanted),
        cmocka_unit_test(G2_gone_when_the_key_is_absent_and_only_create_creates),
        cmocka_unit_test(G2_gone_when_the_epoch_is_another_and_the_newest_state_comes_along),
        cmocka_unit_test(G2_gone_when_the_key_holds_something_else),
        cmocka_unit_test(a_higher_format_is_refused_with_both_numbers_and_left),
        cmocka_unit_test(G2_a_repeat_finds_its_record_and_is_told_the_sending_that_was_applied),
        cmocka_unit_test(G2_a_late_original_after_its_repeat_is_applied_once),
        cmocka_unit_test(G2_a_repeat_that_the_ring_has_passed_has_no_predecessor_any_more),
        cmocka_unit_test(G2_stale_when_a_later_operation_of_the_session_is_done),
        cmocka_unit_test(G2_too_old_when_a_record_above_the_base_was_dropped),
        cmocka_unit_test(A2_conflict_when_the_head_is_not_the_base),
        cmocka_unit_test(A2_a_compare_and_set_compares_identities_not_numbers),
        cmocka_unit_test(G2_conflict_when_the_base_lies_on_another_history),
        cmocka_unit_test(G2_too_old_when_nothing_can_place_the_base_of_a_reset),
        cmocka_unit_test(G2_the_ring_places_a_base_where_servers_hide_who_they_are),
        cmocka_unit_test(A4_a_reset_without_any_base_is_always_placed),
        cmocka_unit_test(counters_compare_as_numbers),
        cmocka_unit_test(versions_beyond_15_digits_stay_exact),
    };
    return cmocka_run_group_tests(tests, nullptr, end_bench);
}
