// The original of a write arrives after its repeat has been answered: it lay in some buffer while the client had long
// gone on over a new connection. It must change nothing any more, however late.
#include <string>

#include "faults/api.hpp"
#include "faults/expect.hpp"
#include "faults/late_rig.hpp"

using namespace exo::faults;
using namespace exo::support;

static void G2_A4_a_reset_whose_original_comes_after_its_repeat_counts_once(void **) {
    LateRig rig;
    Atom atom(rig.client, "k", "first");
    Atom other(rig.direct, "k", "");
    const RuleId rule = rig.hold_next("k");
    Value done;
    EXPECT_OK(atom.reset("mine", Millis(10000), &done));
    EXPECT_EQ(rig.proxy.fired(rule), 1U);
    EXPECT_EQ(done.version(), 2U);
    EXPECT_OK(other.reset("theirs"));
    rig.let_it_arrive();
    const Value now = other.must_deref();
    EXPECT_EQ(now.bytes(), std::string("theirs"));
    EXPECT_EQ(now.version(), 3U);
}

static void G2_A1_a_swap_whose_original_comes_after_its_repeat_counts_once(void **) {
    LateRig rig;
    Atom atom(rig.client, "k", "0");
    EXPECT_OK(atom.add());
    rig.hold_next("k");
    EXPECT_OK(atom.add());
    rig.let_it_arrive();
    const Value now = atom.must_deref();
    EXPECT_EQ(now.bytes(), std::string("2"));
    EXPECT_EQ(now.version(), 3U);
}

static void G2_A2_a_compare_and_set_whose_original_comes_when_the_old_value_is_back_counts_once(void **) {
    LateRig rig;
    Atom atom(rig.client, "k", "a");
    Atom other(rig.direct, "k", "");
    rig.hold_next("k");
    bool swapped = false;
    EXPECT_OK(atom.compare_and_set("a", "b", &swapped));
    EXPECT_TRUE(swapped);
    EXPECT_OK(other.reset("a"));
    rig.let_it_arrive();
    const Value now = other.must_deref();
    EXPECT_EQ(now.bytes(), std::string("a"));
    EXPECT_EQ(now.version(), 3U);
}

static void G2_an_original_that_comes_when_the_same_client_has_gone_on_is_stale(void **) {
    LateRig rig;
    Atom atom(rig.client, "k", "0");
    rig.hold_next("k");
    for (int i = 1; i <= 20; ++i) {
        EXPECT_OK(atom.reset(std::to_string(i)));
    }
    rig.let_it_arrive();
    const Value now = atom.must_deref();
    EXPECT_EQ(now.bytes(), std::string("20"));
    EXPECT_EQ(now.version(), 21U);
}

// The record that knew the operation has been dropped, and the ring has turned many times: still not applied again.
static void G2_an_original_that_comes_when_its_record_is_dropped_is_refused(void **) {
    LateRig rig;
    Atom atom(rig.client, "k", "first", {{"history", "2"}, {"writers", "8"}});
    rig.hold_next("k");
    EXPECT_OK(atom.reset("mine"));
    for (int i = 0; i < 24; ++i) {
        const Client writer(rig.server.url());
        Atom same(writer, "k", "");
        EXPECT_OK(same.reset("other " + std::to_string(i)));
    }
    const std::string floor = rig.server.must({"HGET", "k", "floor"}).text;
    EXPECT_TRUE_SAYING(std::strtoll(floor.c_str(), nullptr, 10) >= 2, "no record was dropped");
    rig.let_it_arrive();
    Atom direct(rig.direct, "k", "");
    const Value now = direct.must_deref();
    EXPECT_EQ(now.bytes(), std::string("other 23"));
    EXPECT_EQ(now.version(), 26U);
}

static void G6_a_late_delete_leaves_what_was_created_anew(void **) {
    LateRig rig;
    const Atom atom(rig.client, "k", "old");
    rig.hold_next("k");
    bool deleted = false;
    exoref_error *error = nullptr;
    const exoref_status status =
        exoref_delete(rig.client.get(), "k", 1, scaled(Millis(10000)).count(), &deleted, &error);
    EXPECT_OK(outcome_of(status, error));
    Atom again(rig.direct, "k", "new");
    EXPECT_TRUE(again.created());
    rig.let_it_arrive();
    EXPECT_EQ(again.must_deref().bytes(), std::string("new"));
}

static void G6_a_late_create_leaves_what_is_there(void **) {
    LateRig rig;
    rig.hold_next("k");
    const Atom atom(rig.client, "k", "initial");
    EXPECT_TRUE(atom.created());
    Atom other(rig.direct, "k", "");
    EXPECT_OK(other.reset("changed"));
    rig.let_it_arrive();
    const Value now = other.must_deref();
    EXPECT_EQ(now.bytes(), std::string("changed"));
    EXPECT_EQ(now.version(), 2U);
}

// Nobody may be told a reply to somebody else's operation: here the late answer to the original finds no one.
static void G2_the_answer_to_a_late_original_reaches_no_caller(void **) {
    LateRig rig;
    Atom atom(rig.client, "k", "0");
    for (int i = 1; i <= 10; ++i) {
        rig.hold_next("k");
        Value value;
        EXPECT_OK(atom.swap(adding(1), Millis(10000), &value));
        rig.let_it_arrive();
        EXPECT_EQ(value.number(), static_cast<std::int64_t>(i));
        EXPECT_EQ(atom.must_deref().number(), static_cast<std::int64_t>(i));
    }
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(G2_A4_a_reset_whose_original_comes_after_its_repeat_counts_once),
        cmocka_unit_test(G2_A1_a_swap_whose_original_comes_after_its_repeat_counts_once),
        cmocka_unit_test(G2_A2_a_compare_and_set_whose_original_comes_when_the_old_value_is_back_counts_once),
        cmocka_unit_test(G2_an_original_that_comes_when_the_same_client_has_gone_on_is_stale),
        cmocka_unit_test(G2_an_original_that_comes_when_its_record_is_dropped_is_refused),
        cmocka_unit_test(G6_a_late_delete_leaves_what_was_created_anew),
        cmocka_unit_test(G6_a_late_create_leaves_what_is_there),
        cmocka_unit_test(G2_the_answer_to_a_late_original_reaches_no_caller),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
