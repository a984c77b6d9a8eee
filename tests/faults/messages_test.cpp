// Notifications are hints: dropped, doubled, late or forged ones change nothing of what a watch is told (G3).
#include <vector>

#include "faults/api.hpp"
#include "faults/expect.hpp"
#include "faults/watch_log.hpp"
#include "support/fault_proxy.hpp"
#include "support/redis_server.hpp"

using namespace exo::faults;
using namespace exo::support;

namespace {

// Who watches does so through the proxy, others write beside it.
struct Rig {
    RedisServer server;
    FaultProxy proxy{server.tcp()};
    Client writer{server.url()};
    Client client{proxy.url(), {{"sweep_interval", "300ms"}}};
    Atom theirs{writer, "n", "0"};
    Atom atom{client, "n", "0"};
    WatchLog log{atom, "log"};

    void expect_exactly(std::int64_t count) {
        EXPECT_TRUE(log.wait_for_value(std::to_string(count)));
        EXPECT_GOOD_LOG(log);
        EXPECT_EQ(log.missed(), 0U);
        EXPECT_EQ(log.changes().size(), static_cast<std::size_t>(count));
    }
};

Rule on_pushes(Action action, std::uint64_t times = kAlways) {
    Rule rule;
    rule.action = action;
    rule.match = any_push();
    rule.times = times;
    return rule;
}

}  // namespace

static void G3_dropped_messages_are_made_good_by_looking(void **) {
    Rig rig;
    const RuleId id = rig.proxy.arm(on_pushes(Action::kDrop));
    for (int i = 0; i < 20; ++i) {
        EXPECT_OK(rig.theirs.add());
    }
    rig.expect_exactly(20);
    EXPECT_TRUE(rig.proxy.fired(id) >= 20);
    EXPECT_TRUE_SAYING(rig.client.stat("sweep_finds") >= 1, "nothing was found by looking");
}

static void G3_a_message_lost_among_others_is_read_from_the_history(void **) {
    Rig rig;
    Rule rule = on_pushes(Action::kDrop);
    rule.probability = 0.3;
    const RuleId id = rig.proxy.arm(rule);
    for (int i = 0; i < 100; ++i) {
        EXPECT_OK(rig.theirs.add());
    }
    EXPECT_TRUE_SAYING(rig.proxy.fired(id) >= 5, "no messages were lost");
    rig.proxy.disarm(id);
    EXPECT_OK(rig.theirs.add());
    rig.expect_exactly(101);
}

static void G3_doubled_messages_are_told_once(void **) {
    Rig rig;
    const RuleId id = rig.proxy.arm(on_pushes(Action::kDuplicate));
    for (int i = 0; i < 50; ++i) {
        EXPECT_OK(rig.theirs.add());
    }
    rig.expect_exactly(50);
    EXPECT_TRUE(rig.proxy.fired(id) >= 50);
}

static void G3_late_messages_are_told_in_order_and_once(void **) {
    Rig rig;
    Rule rule = on_pushes(Action::kDelay);
    rule.delay = Millis(30);
    rule.probability = 0.3;
    const RuleId id = rig.proxy.arm(rule);
    for (int i = 0; i < 50; ++i) {
        EXPECT_OK(rig.theirs.add());
        if (i % 5 == 0) {
            EXPECT_OK(rig.atom.add());
            EXPECT_OK(rig.theirs.add(-1));
        }
    }
    EXPECT_TRUE_SAYING(rig.proxy.fired(id) >= 1, "no message came late");
    const Value last = rig.theirs.must_deref();
    EXPECT_TRUE(rig.log.wait(
        [&](const std::vector<Change> &all) { return !all.empty() && all.back().version == last.version(); }));
    EXPECT_GOOD_LOG(rig.log);
    EXPECT_EQ(rig.log.missed(), 0U);
    EXPECT_EQ(rig.log.changes().size(), static_cast<std::size_t>(last.version() - 1));
}

// More changes than the history holds pass unseen: the watch is told how many it missed, and where things stand.
static void G3_C4_what_the_history_no_longer_holds_is_told_as_missed(void **) {
    RedisServer server;
    FaultProxy proxy(server.tcp());
    const Client writer(server.url());
    const Client client(proxy.url(), {{"sweep_interval", "300ms"}, {"backoff_max", "50ms"}});
    Atom theirs(writer, "n", "0", {{"history", "4"}});
    Atom atom(client, "n", "0");
    WatchLog log(atom, "log");
    EXPECT_OK(theirs.add());
    EXPECT_TRUE(log.wait_for_value("1"));
    proxy.refuse();
    proxy.cut_all(CutKind::kReset);
    for (int i = 0; i < 30; ++i) {
        EXPECT_OK(theirs.add());
    }
    proxy.listen_again();
    EXPECT_TRUE(log.wait_for_value("31"));
    EXPECT_GOOD_LOG(log);
    const std::size_t told = log.changes().size();
    EXPECT_EQ(log.missed() + told, 31U);
    EXPECT_TRUE_SAYING(log.missed() >= 26, "a history of four can't hold more: " + log.show());
    EXPECT_OK(theirs.add());
    EXPECT_TRUE(log.wait_for_value("32"));
}

static void G3_forged_messages_change_nothing(void **) {
    Rig rig;
    EXPECT_OK(rig.theirs.add());
    EXPECT_TRUE(rig.log.wait_for_value("1"));
    const std::string epoch = rig.server.must({"HGET", "n", "epoch"}).text;
    const std::string zeros(32, '0');
    const std::vector<std::string> forged = {
        "",
        "garbage",
        std::string("\0\xff\r\n", 4),
        std::string(100000, 'x'),
        "1 change 0 " + epoch + " 1 x 2 y - vforged",
        "1 change 0 " + epoch + " 99999999999999999999999 x 99999999999999999999999 y - vforged",
        "1 change 0 " + zeros + " 2 x 3 y - vforged",
        "1 change 7 " + epoch + " 2 x 3 y - vforged",
        "1 change 0 " + epoch + " -1 x 0 y - vforged",
        "1 change 0 " + epoch + " 9007199254740992 " + zeros + "-1-1 9007199254740993 " + zeros + "-2-1 - vforged",
        "2 change 0 " + epoch + " 2 x 3 y - vforged",
        "1 delete 0 " + zeros + " 2 x 3 y -",
        "1 delete 0 " + epoch + " 2 x 3 y -",
    };
    for (const std::string &message : forged) {
        rig.server.must({"PUBLISH", "n", message});
    }
    EXPECT_OK(rig.theirs.add());
    rig.expect_exactly(2);
    for (const Change &change : rig.log.changes()) {
        EXPECT_EQ(change.flags, 0);
    }
    EXPECT_EQ(rig.atom.must_deref().bytes(), std::string("2"));
}

// Each forged message may cause a look at the server, but not one look each.
static void G7_a_flood_of_forged_messages_does_not_become_a_flood_of_reads(void **) {
    Rig rig;
    const std::string epoch = rig.server.must({"HGET", "n", "epoch"}).text;
    rig.server.reset_calls();
    RedisClient hand(rig.server.tcp());
    constexpr int kFlood = 5000;
    for (int i = 0; i < kFlood; ++i) {
        EXPECT_TRUE(hand.send({"PUBLISH", "n", "1 change 0 " + epoch + " 77 x 78 y - vforged"}));
    }
    for (int i = 0; i < kFlood; ++i) {
        EXPECT_TRUE(hand.receive(Millis(10000)).has_value());
    }
    EXPECT_OK(rig.theirs.add());
    rig.expect_exactly(1);
    const std::uint64_t reads = rig.server.calls("evalsha") + rig.server.calls("hmget") +
                                rig.server.calls("evalsha_ro") + rig.server.calls("hgetall");
    EXPECT_TRUE_SAYING(reads < kFlood / 2, std::to_string(reads) + " reads");
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(G3_dropped_messages_are_made_good_by_looking),
        cmocka_unit_test(G3_a_message_lost_among_others_is_read_from_the_history),
        cmocka_unit_test(G3_doubled_messages_are_told_once),
        cmocka_unit_test(G3_late_messages_are_told_in_order_and_once),
        cmocka_unit_test(G3_C4_what_the_history_no_longer_holds_is_told_as_missed),
        cmocka_unit_test(G3_forged_messages_change_nothing),
        cmocka_unit_test(G7_a_flood_of_forged_messages_does_not_become_a_flood_of_reads),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
