// The notification of a delivery is a hint: dropped, denied, doubled, forged, late or from elsewhere, it neither keeps anybody waiting
// longer than G4 says nor wakes anybody with what was not delivered.
#include <vector>

#include "faults/expect.hpp"
#include "faults/promise.hpp"
#include "support/fault_proxy.hpp"
#include "support/redis_server.hpp"

using namespace exo::faults;
using namespace exo::support;

namespace {

constexpr Millis kSweep{400};

struct Rig {
    RedisServer server;
    FaultProxy proxy{server.tcp()};
    Client direct{server.url()};
    Client client{proxy.url(), {{"sweep_interval", std::to_string(kSweep.count()) + "ms"}}};
    Promise mine{client, "k"};
    Promise theirs{direct, "k"};

    // The subscription stands, and the client knows it: it has looked at the beginning of the wait, and again then.
    void listening() {
        EXPECT_TRUE(eventually(Millis(10000), [&] {
            return server.must({"PUBSUB", "NUMSUB", "k"}).elements[1].integer > 0 && server.calls("hmget") >= 2 &&
                   client.stat("pending") == 0;
        }));
    }
    std::string epoch() { return server.must({"HGET", "k", "epoch"}).text; }
};

Rule on_pushes(Action action) {
    Rule rule;
    rule.action = action;
    rule.match = any_push();
    rule.times = kAlways;
    return rule;
}

std::string url_of(const RedisServer &server, const std::string &user) { return server.tcp().url(user + ":pw"); }

}  // namespace

static void G4_a_dropped_notification_is_made_good_by_the_sweep(void **) {
    Rig rig;
    Wait wait(rig.mine);
    rig.listening();
    const RuleId id = rig.proxy.arm(on_pushes(Action::kDrop));
    EXPECT_OK(rig.theirs.deliver("x"));
    EXPECT_OK(wait.within(kSweep + kSlack));
    EXPECT_EQ(wait.value(), std::string("x"));
    EXPECT_TRUE(rig.proxy.fired(id) >= 1);
    EXPECT_TRUE_SAYING(rig.client.stat("sweep_finds") >= 1, "nothing was found by looking");
}

static void G4_many_dropped_notifications_are_made_good_within_one_sweep(void **) {
    RedisServer server;
    FaultProxy proxy(server.tcp());
    const Client direct(server.url());
    const Client client(proxy.url(), {{"sweep_interval", "1s"}});
    proxy.arm(on_pushes(Action::kDrop));
    constexpr int kMany = 500;
    std::vector<std::unique_ptr<Promise>> promises;
    std::vector<std::unique_ptr<Wait>> waits;
    for (int i = 0; i < kMany; ++i) {
        promises.push_back(std::make_unique<Promise>(client, "k" + std::to_string(i)));
        waits.push_back(std::make_unique<Wait>(*promises.back()));
    }
    EXPECT_TRUE(eventually(Millis(10000), [&] {
        return server.must({"PUBSUB", "CHANNELS", "k*"}).elements.size() == kMany && client.stat("pending") == 0;
    }));
    for (int i = 0; i < kMany; ++i) {
        EXPECT_OK(Promise(direct, "k" + std::to_string(i)).deliver("x"));
    }
    const auto begun = std::chrono::steady_clock::now();
    for (const auto &wait : waits) {
        EXPECT_OK(wait->within(Millis(1000) + kSlack));
    }
    EXPECT_TRUE(std::chrono::steady_clock::now() - begun < scaled(Millis(1000) + kSlack));
}

static void G4_who_may_not_publish_delivers_and_waiters_learn_by_looking(void **) {
    RedisServerOptions options;
    options.users = {"mute on >pw ~* +@all resetchannels"};
    RedisServer server(options);
    const Client writer(url_of(server, "mute"));
    const Client client(server.url(), {{"sweep_interval", "400ms"}});
    Promise mine(client, "k"), theirs(writer, "k");
    Wait wait(mine);
    bool delivered = false;
    EXPECT_OK(theirs.deliver("x", &delivered));
    EXPECT_TRUE(delivered);
    EXPECT_OK(wait.within(kSweep + kSlack));
    EXPECT_EQ(wait.value(), std::string("x"));
}

static void G4_who_may_not_listen_learns_by_looking(void **) {
    RedisServerOptions options;
    options.users = {"deaf on >pw ~* +@all resetchannels"};
    RedisServer server(options);
    const Client writer(server.url());
    const Client client(url_of(server, "deaf"), {{"sweep_interval", "400ms"}});
    Promise mine(client, "k"), theirs(writer, "k");
    Wait wait(mine);
    EXPECT_OK(theirs.deliver("x"));
    EXPECT_OK(wait.within(kSweep + kSlack));
    EXPECT_EQ(wait.value(), std::string("x"));
}

static void P3_doubled_notifications_wake_once(void **) {
    Rig rig;
    Wait wait(rig.mine), other(rig.mine);
    rig.listening();
    const RuleId id = rig.proxy.arm(on_pushes(Action::kDuplicate));
    EXPECT_OK(rig.theirs.deliver("x"));
    EXPECT_OK(wait.within(kSlack));
    EXPECT_OK(other.within(kSlack));
    EXPECT_TRUE(rig.proxy.wait_fired(id));
    Value value;
    EXPECT_OK(rig.mine.deref(&value));
    EXPECT_EQ(value.bytes(), std::string("x"));
}

static void P4_forged_notifications_wake_nobody(void **) {
    Rig rig;
    Wait wait(rig.mine);
    rig.listening();
    const std::string epoch = rig.epoch(), zeros(32, '0');
    const std::vector<std::string> forged = {
        "",
        "garbage",
        std::string("\0\xff\r\n", 4),
        std::string(100000, 'x'),
        "1 change 0 " + zeros + " 0 - 1 y - vforged",
        "1 change 7 " + epoch + " 0 - 1 y - vforged",
        "1 change 0 " + epoch + " 1 x 2 y - vforged",
        "1 change 0 " + epoch + " 0 x 1 y - vforged",
        "1 change 0 " + epoch + " 0 - 2 y - vforged",
        "1 change 0 " + epoch + " 0 - 1 y - -",
        "2 change 0 " + epoch + " 0 - 1 y - vforged",
        "1 create 0 " + epoch + " 0 - 1 y - vforged",
        "1 create 0 " + zeros + " 0 - 1 y - vforged",
        "1 delete 0 " + epoch + " 0 - 0 y - -",
    };
    for (const std::string &message : forged) {
        EXPECT_EQ(rig.server.must({"PUBLISH", "k", message}).integer, 1);
    }
    EXPECT_TRUE(eventually(Millis(10000),
                           [&] { return rig.client.stat("messages") >= static_cast<std::int64_t>(forged.size()); }));
    EXPECT_TRUE(!wait.over());
    EXPECT_TRUE(!rig.mine.realized());
    EXPECT_OK(rig.theirs.deliver("x"));
    EXPECT_OK(wait.within(kSlack));
    EXPECT_EQ(wait.value(), std::string("x"));
}

static void G7_a_flood_of_forged_notifications_does_not_become_a_flood_of_reads(void **) {
    Rig rig;
    Wait wait(rig.mine);
    rig.listening();
    rig.server.reset_calls();
    RedisClient hand(rig.server.tcp());
    constexpr int kFlood = 5000;
    for (int i = 0; i < kFlood; ++i) {
        EXPECT_TRUE(hand.send({"PUBLISH", "k", "1 delete 0 " + rig.epoch() + " 0 - 0 y - -"}));
    }
    for (int i = 0; i < kFlood; ++i) {
        EXPECT_TRUE(hand.receive(Millis(10000)).has_value());
    }
    EXPECT_OK(rig.theirs.deliver("x"));
    EXPECT_OK(wait.within(kSlack));
    const std::uint64_t reads = rig.server.calls("hmget");
    EXPECT_TRUE_SAYING(reads < kFlood / 2, std::to_string(reads) + " reads");
}

// The sweep has long told when the message comes; it changes nothing then, nor for who waits for the next promise of that name.
static void P1_a_notification_that_comes_much_later_changes_nothing(void **) {
    Rig rig;
    Wait wait(rig.mine);
    rig.listening();
    Rule rule = on_pushes(Action::kHold);
    const RuleId id = rig.proxy.arm(rule);
    EXPECT_OK(rig.theirs.deliver("old"));
    EXPECT_TRUE(rig.proxy.wait_fired(id));
    EXPECT_OK(wait.within(kSweep + kSlack));
    EXPECT_EQ(exoref_delete(rig.direct.get(), "k", 1, scaled(Millis(10000)).count(), nullptr, nullptr), EXOREF_OK);
    Promise again(rig.direct, "k"), mine_again(rig.client, "k");
    Wait second(mine_again);
    rig.proxy.disarm_all();
    rig.proxy.release_all();
    EXPECT_TRUE(eventually(Millis(10000), [&] {
        return rig.server.must({"PUBSUB", "NUMSUB", "k"}).elements[1].integer > 0 && rig.client.stat("pending") == 0;
    }));
    EXPECT_TRUE(!second.over());
    EXPECT_OK(again.deliver("new"));
    EXPECT_OK(second.within(kSweep + kSlack));
    EXPECT_EQ(second.value(), std::string("new"));
}

static void P4_a_promise_of_the_same_name_in_another_database_wakes_nobody(void **) {
    Rig rig;
    Wait wait(rig.mine);
    rig.listening();
    const Client elsewhere(rig.server.url() + "/5");
    Promise namesake(elsewhere, "k");
    EXPECT_OK(namesake.deliver("elsewhere"));
    EXPECT_TRUE(eventually(Millis(10000), [&] { return rig.client.stat("messages_stale") >= 2; }));
    // Not even a copy of the very same promise, epoch and all.
    rig.server.must({"COPY", "k", "copy", "DB", "5"});
    const Client copied(rig.server.url() + "/5");
    EXPECT_TRUE(!wait.over());
    EXPECT_OK(rig.theirs.deliver("here"));
    EXPECT_OK(wait.within(kSlack));
    EXPECT_EQ(wait.value(), std::string("here"));
}

static void C10_G4_who_waits_learns_of_a_removal_that_no_message_told(void **) {
    Rig rig;
    rig.proxy.arm(on_pushes(Action::kDrop));
    for (const char *how : {"delete", "expire", "other type", "flush"}) {
        Promise promise(rig.client, how);
        Wait wait(promise);
        EXPECT_TRUE(eventually(Millis(10000), [&] {
            return rig.server.must({"PUBSUB", "NUMSUB", how}).elements[1].integer > 0 &&
                   rig.client.stat("pending") == 0;
        }));
        if (std::string(how) == "delete") {
            rig.server.must({"DEL", how});
        } else if (std::string(how) == "expire") {
            rig.server.must({"PEXPIRE", how, "1"});
        } else if (std::string(how) == "flush") {
            rig.server.must({"FLUSHALL"});
        } else {
            rig.server.must({"SET", how, "string"});
        }
        const Outcome told = wait.within(kSweep + kSlack);
        EXPECT_TRUE_SAYING(told.status == EXOREF_EDELETED, std::string(how) + ": " + told.show());
    }
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(G4_a_dropped_notification_is_made_good_by_the_sweep),
        cmocka_unit_test(G4_many_dropped_notifications_are_made_good_within_one_sweep),
        cmocka_unit_test(G4_who_may_not_publish_delivers_and_waiters_learn_by_looking),
        cmocka_unit_test(G4_who_may_not_listen_learns_by_looking),
        cmocka_unit_test(P3_doubled_notifications_wake_once),
        cmocka_unit_test(P4_forged_notifications_wake_nobody),
        cmocka_unit_test(G7_a_flood_of_forged_notifications_does_not_become_a_flood_of_reads),
        cmocka_unit_test(P1_a_notification_that_comes_much_later_changes_nothing),
        cmocka_unit_test(P4_a_promise_of_the_same_name_in_another_database_wakes_nobody),
        cmocka_unit_test(C10_G4_who_waits_learns_of_a_removal_that_no_message_told),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
