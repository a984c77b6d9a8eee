// Completion records: one a session, in slots; old ones are taken over, and what is dropped raises the floor (guarantee G2).
#include <algorithm>

#include "scripts/script_bench.hpp"

namespace exo::scripts_test {
namespace {

using store::CommitArgs;

std::string session(unsigned n) {
    std::string text(32, '0');
    for (std::size_t at = 31; n > 0; n /= 10) text[at--] = static_cast<char>('0' + n % 10);
    return text;
}

std::uint64_t now_seconds() { return std::stoull(bench().server().must({"TIME"}).elements[0].text); }

// One unconditional commit of a session, read freshly, without a base that any floor could be above.
Reply commit_of(const std::string &by, unsigned counter = 1) {
    CommitArgs args = ScriptBench::commit_args("x");
    args.session = by;
    args.counter = counter;
    const std::string head = bench().field("op");
    args.base_version = std::stoull(bench().field("version"));
    args.base_op = head;
    return bench().run(args);
}

std::size_t count_records() {
    const auto hash = bench().hash();
    return static_cast<std::size_t>(
        std::count_if(hash.begin(), hash.end(), [](const auto &field) { return field.first.starts_with("r:"); }));
}

// A record as another time left it; somebody looked at it so many seconds ago, and it has not moved since.
void prepare_record(unsigned slot, const std::string &by, unsigned last, std::uint64_t noted_ago) {
    const std::string text = std::to_string(last);
    bench().prepare({{"s" + std::to_string(slot), by + " " + text + " " + std::to_string(now_seconds() - noted_ago)},
                     {"r:" + by, std::to_string(slot) + " " + text + " " + text + " " + op_of(by, 1)}});
}

void G2_a_session_keeps_one_record_and_rewrites_it_in_place(void **) {
    bench().make_atom();
    for (unsigned counter = 1; counter <= 20; ++counter) commit_of(kB, counter);
    assert_int_equal(count_records(), 1);
    ASSERT_TEXT(bench().field("rec_used"), "1");
    ASSERT_TEXT(bench().field("r:" + kB), "0 21 21 " + op_of(kB, 20));
    commit_of(kC);
    assert_int_equal(count_records(), 2);
    ASSERT_TEXT(bench().field("s1"), kC);
    ASSERT_TEXT(bench().field("rec_used"), "2");
}

void G2_a_record_older_than_a_minute_is_taken_over_and_raises_the_floor(void **) {
    bench().make_atom();
    bench().prepare({{"version", "9"}, {"rec_used", "3"}});
    prepare_record(0, session(1), 7, 30);
    prepare_record(1, session(2), 5, 62);
    prepare_record(2, session(3), 6, 90);
    ASSERT_REPLY(commit_of(kB), "*", "applied", "now", "10");
    auto hash = bench().hash();
    ASSERT_TEXT(hash["s1"], kB);
    ASSERT_TEXT(hash["floor"], "5");
    ASSERT_TEXT(hash["rec_used"], "3");
    assert_false(hash.contains("r:" + session(2)));
    assert_true(hash.contains("r:" + session(1)) && hash.contains("r:" + session(3)));
    ASSERT_TEXT(hash["r:" + kB], "1 10 10 " + op_of(kB, 1));
}

void G2_a_record_that_moved_since_it_was_looked_at_is_not_old(void **) {
    bench().make_atom();
    bench().prepare({{"version", "9"}, {"rec_used", "2"}});
    prepare_record(0, session(1), 7, 1000);
    bench().prepare({{"r:" + session(1), "0 8 8 " + op_of(session(1), 2)}});
    prepare_record(1, session(2), 6, 10);
    bench().prepare({{"s1", session(2)}});  // nobody has looked yet
    commit_of(kB);
    auto hash = bench().hash();
    ASSERT_TEXT(hash["s2"], kB);
    assert_false(hash.contains("floor"));
    // Both are noted now, and taken over once a minute has passed since.
    assert_true(hash["s0"].starts_with(session(1) + " 8 ") && hash["s1"].starts_with(session(2) + " 6 "));
    bench().prepare({{"s1", session(2) + " 6 " + std::to_string(now_seconds() - 62)}, {"rec_cursor", "0"}});
    commit_of(kC);
    ASSERT_TEXT(bench().field("s1"), kC);
    ASSERT_TEXT(bench().field("floor"), "6");
}

void G2_the_floor_never_falls(void **) {
    bench().make_atom();
    bench().prepare({{"version", "9"}, {"rec_used", "1"}, {"floor", "8"}});
    prepare_record(0, session(1), 5, 62);
    commit_of(kB);
    ASSERT_TEXT(bench().field("floor"), "8");
    ASSERT_TEXT(bench().field("s0"), kB);
}

void G2_a_slot_whose_session_has_moved_is_free(void **) {
    bench().make_atom();
    bench().prepare({{"version", "9"}, {"rec_used", "2"}});
    prepare_record(0, session(1), 7, 1);
    bench().prepare({{"s1", session(1)}});  // its record says slot 0
    commit_of(kB);
    auto hash = bench().hash();
    ASSERT_TEXT(hash["s1"], kB);
    assert_true(hash.contains("r:" + session(1)));
    assert_false(hash.contains("floor"));
}

void G2_young_records_grow_up_to_the_number_fixed_at_creation(void **) {
    bench().make_atom();
    bench().prepare({{"rec_n", "10"}});
    for (unsigned n = 1; n <= 10; ++n) {
        ASSERT_REPLY(commit_of(session(n)), "*", "applied", "now");
    }
    assert_int_equal(count_records(), 10);
    assert_false(bench().hash().contains("floor"));
    // All are taken and young: of eight after the cursor the one with the lowest last version goes.
    ASSERT_REPLY(commit_of(session(11)), "*", "applied", "now");
    assert_int_equal(count_records(), 10);
    assert_true(bench().hash().contains("floor"));
    ASSERT_TEXT(bench().field("rec_used"), "10");
    for (unsigned n = 12; n <= 60; ++n) {
        ASSERT_REPLY(commit_of(session(n)), "*", "applied", "now");
    }
    assert_int_equal(count_records(), 10);
}

void G2_the_lowest_of_the_eight_is_dropped(void **) {
    bench().make_atom();
    bench().prepare({{"version", "50"}, {"rec_n", "9"}, {"rec_used", "9"}, {"rec_cursor", "4"}});
    for (unsigned slot = 0; slot < 9; ++slot) prepare_record(slot, session(slot + 1), slot == 3 ? 1 : 30 + slot, 1);
    // Slots 4 5 6 7 8 0 1 2 are looked at: slot 3, lowest of all, is not.
    commit_of(kB);
    ASSERT_TEXT(bench().field("s0"), kB);
    ASSERT_TEXT(bench().field("floor"), "30");
    ASSERT_TEXT(bench().field("rec_cursor"), "3");
}

void G2_the_cursor_goes_round_so_that_every_old_record_is_found(void **) {
    bench().make_atom();
    bench().prepare({{"version", "200"}, {"rec_used", "40"}});
    for (unsigned slot = 0; slot < 40; ++slot) prepare_record(slot, session(slot + 1), slot + 1, slot < 32 ? 1 : 100);
    // Four looks find no old one and open new slots; the fifth does.
    for (unsigned n = 101; n <= 104; ++n) commit_of(session(n));
    ASSERT_TEXT(bench().field("rec_used"), "44");
    commit_of(session(105));
    ASSERT_TEXT(bench().field("rec_used"), "44");
    assert_true(std::stoul(bench().field("floor")) >= 33);
}

void G2_a_dropped_record_never_lets_its_operation_be_applied_twice(void **) {
    bench().make_atom();
    bench().prepare({{"rec_n", "1"}});
    CommitArgs lost = ScriptBench::commit_args("lost reply");
    ASSERT_REPLY(bench().run(lost), "*", "applied", "now", "2");
    ASSERT_REPLY(commit_of(kC), "*", "applied", "now", "3");  // drops the record of B
    assert_false(bench().hash().contains("r:" + kB));
    ASSERT_TEXT(bench().field("floor"), "2");
    lost.sending = 2;
    ASSERT_REPLY(bench().run(lost), op_of(kB, 1, 2), "too-old");
    ASSERT_TEXT(bench().field("version"), "3");
}

void a_takeover_over_a_thousand_slots_costs_no_more_than_a_few_reads(void **) {
    bench().make_atom();
    bench().prepare({{"version", "5000"}, {"rec_n", "1024"}, {"rec_used", "1024"}});
    for (unsigned slot = 0; slot < 1024; ++slot) prepare_record(slot, session(slot + 1), slot + 1, 1);
    bench().server().reset_calls();
    commit_of(kB);
    assert_true(bench().server().calls("hmget") <= 4);
    assert_int_equal(count_records(), 1024);
}

}  // namespace
}  // namespace exo::scripts_test

int main() {
    using namespace exo::scripts_test;
    const CMUnitTest tests[] = {
        cmocka_unit_test(G2_a_session_keeps_one_record_and_rewrites_it_in_place),
        cmocka_unit_test(G2_a_record_older_than_a_minute_is_taken_over_and_raises_the_floor),
        cmocka_unit_test(G2_a_record_that_moved_since_it_was_looked_at_is_not_old),
        cmocka_unit_test(G2_the_floor_never_falls),
        cmocka_unit_test(G2_a_slot_whose_session_has_moved_is_free),
        cmocka_unit_test(G2_young_records_grow_up_to_the_number_fixed_at_creation),
        cmocka_unit_test(G2_the_lowest_of_the_eight_is_dropped),
        cmocka_unit_test(G2_the_cursor_goes_round_so_that_every_old_record_is_found),
        cmocka_unit_test(G2_a_dropped_record_never_lets_its_operation_be_applied_twice),
        cmocka_unit_test(a_takeover_over_a_thousand_slots_costs_no_more_than_a_few_reads),
    };
    return cmocka_run_group_tests(tests, nullptr, end_bench);
}
