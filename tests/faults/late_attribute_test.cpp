// Metadata and time to live have no record: each write is a compare-and-set on the id of the one before. So the late original
// of one must overwrite nobody else's, and a repeat that is refused can't tell whether the original was applied.
#include <functional>
#include <string>
#include <thread>

#include "faults/api.hpp"
#include "faults/expect.hpp"
#include "faults/late_rig.hpp"

using namespace exo::faults;
using namespace exo::support;

namespace {

constexpr std::int64_t kMine = 3600 * 1000;
constexpr std::int64_t kTheirs = 7200 * 1000;

// The two attributes as these tests see them: written by a client as "mine" or "theirs", read by hand.
struct Attribute {
    const char *field;
    std::string mine;
    std::string theirs;
    std::function<Outcome(const Client &, const std::string &key, const std::string &)> write_to;

    Outcome write(const Client &client, const std::string &text) const { return write_to(client, "k", text); }
};

Outcome write_meta(const Client &client, const std::string &key, const std::string &text) {
    Atom atom(client, key, "");
    exoref_error *error = nullptr;
    const exoref_status status =
        exoref_atom_reset_meta(atom.get(), text.data(), text.size(), scaled(Millis(10000)).count(), &error);
    return outcome_of(status, error);
}

Outcome write_ttl(const Client &client, const std::string &key, const std::string &text) {
    exoref_error *error = nullptr;
    const exoref_status status =
        exoref_expire(client.get(), key.data(), key.size(), std::stoll(text), scaled(Millis(10000)).count(), &error);
    return outcome_of(status, error);
}

Attribute meta() { return {"meta", "mine", "theirs", write_meta}; }
Attribute ttl() { return {"ttl", std::to_string(kMine), std::to_string(kTheirs), write_ttl}; }

std::string standing(LateRig &rig, const Attribute &attribute) {
    return rig.server.must({"HGET", "k", attribute.field}).text;
}

// So that the server knows the script: what is sent from now on is acted upon at once.
void warm_up(LateRig &rig, const Attribute &attribute) {
    const Atom other(rig.direct, "warm", "");
    EXPECT_OK(attribute.write_to(rig.direct, "warm", attribute.theirs));
}

// Only what writes the attribute: opening the atom again is a script, too.
FrameMatch writes_of(const Attribute &attribute) {
    return [mine = attribute.mine](const Frame &frame) { return frame.is_script() && frame.command->back() == mine; };
}

// What counts for the time to live is that the key really lives so long.
void expect_standing(LateRig &rig, const Attribute &attribute, const std::string &expected) {
    EXPECT_EQ(standing(rig, attribute), expected);
    if (attribute.field != std::string("ttl")) {
        return;
    }
    const std::int64_t left = rig.server.must({"PTTL", "k"}).integer;
    const std::int64_t whole = std::stoll(expected);
    EXPECT_TRUE_SAYING(left <= whole && left > whole - 1800 * 1000, std::to_string(left) + " ms left");
}

// The original comes after its repeat was applied and after somebody else's write. `before`: it was written already, so that the
// first attempt is refused and the second, which knows what stands there, is the one that comes late.
void late_original(const Attribute &attribute, bool before) {
    LateRig rig;
    const Atom atom(rig.client, "k", "v");
    warm_up(rig, attribute);
    if (before) {
        EXPECT_OK(attribute.write(rig.direct, attribute.theirs));
    }
    Rule rule = Rule::hold_command(writes_of(attribute));
    rule.nth = before ? 2 : 1;
    const RuleId held = rig.proxy.arm(rule);
    EXPECT_OK(attribute.write(rig.client, attribute.mine));
    EXPECT_EQ(rig.proxy.fired(held), 1U);
    expect_standing(rig, attribute, attribute.mine);
    EXPECT_OK(attribute.write(rig.direct, attribute.theirs));
    rig.let_it_arrive();
    expect_standing(rig, attribute, attribute.theirs);
}

// While the client has no connection, somebody else writes: its repeat is refused then. Whether the original was applied before
// (`applied`: it was, and its reply was lost) or still lies somewhere, it can't know.
void refused_repeat(const Attribute &attribute, bool applied) {
    LateRig rig;
    const Atom atom(rig.client, "k", "v");
    warm_up(rig, attribute);
    const FrameMatch match = writes_of(attribute);
    const RuleId fault = rig.proxy.arm(applied ? Rule::lose_reply(match) : Rule::hold_command(match));
    rig.proxy.refuse();
    Outcome outcome;
    std::thread caller([&] { outcome = attribute.write(rig.client, attribute.mine); });
    const bool fired = rig.proxy.wait_fired(fault);
    const std::string between = standing(rig, attribute);
    const Outcome theirs = attribute.write(rig.direct, attribute.theirs);
    rig.proxy.listen_again();
    caller.join();
    EXPECT_TRUE(fired);
    EXPECT_EQ(between == attribute.mine, applied);
    EXPECT_OK(theirs);
    EXPECT_TRUE_SAYING(outcome.status == EXOREF_EUNKNOWN, outcome.show());
    EXPECT_EQ(outcome.reason, EXOREF_REASON_HISTORY_DROPPED);
    if (!applied) {
        rig.let_it_arrive();
    }
    expect_standing(rig, attribute, attribute.theirs);
}

// A repeat that finds its own id has been applied, once.
void lost_reply(const Attribute &attribute) {
    LateRig rig;
    const Atom atom(rig.client, "k", "v");
    warm_up(rig, attribute);
    const RuleId lost = rig.proxy.arm(Rule::lose_reply(writes_of(attribute)));
    EXPECT_OK(attribute.write(rig.client, attribute.mine));
    EXPECT_EQ(rig.proxy.fired(lost), 1U);
    expect_standing(rig, attribute, attribute.mine);
}

}  // namespace

static void G2_C8_metadata_set_twice_by_a_late_original_does_not_hide_a_later_one(void **) {
    late_original(meta(), false);
    late_original(meta(), true);
}

static void G2_C11_a_time_to_live_set_twice_by_a_late_original_does_not_hide_a_later_one(void **) {
    late_original(ttl(), false);
    late_original(ttl(), true);
}

static void G2_C8_metadata_whose_repeat_is_refused_is_unknown(void **) {
    refused_repeat(meta(), false);
    refused_repeat(meta(), true);
}

static void G2_C11_a_time_to_live_whose_repeat_is_refused_is_unknown(void **) {
    refused_repeat(ttl(), false);
    refused_repeat(ttl(), true);
}

static void G2_C8_C11_a_repeat_that_finds_its_own_write_has_succeeded(void **) {
    lost_reply(meta());
    lost_reply(ttl());
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(G2_C8_metadata_set_twice_by_a_late_original_does_not_hide_a_later_one),
        cmocka_unit_test(G2_C11_a_time_to_live_set_twice_by_a_late_original_does_not_hide_a_later_one),
        cmocka_unit_test(G2_C8_metadata_whose_repeat_is_refused_is_unknown),
        cmocka_unit_test(G2_C11_a_time_to_live_whose_repeat_is_refused_is_unknown),
        cmocka_unit_test(G2_C8_C11_a_repeat_that_finds_its_own_write_has_succeeded),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
