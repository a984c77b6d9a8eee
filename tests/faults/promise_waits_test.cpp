// Connections that are lost at every moment of a wait: who waits for a promise wakes all the same, and not later than G4 says.
#include <vector>

#include "faults/expect.hpp"
#include "faults/promise.hpp"
#include "support/fault_proxy.hpp"
#include "support/redis_server.hpp"

using namespace exo::faults;
using namespace exo::support;

namespace {

// Where a wait stands when its connections are killed.
struct Moment {
    const char *name;
    const char *command;  // whose reply is kept back; null: nothing is
    std::uint64_t nth;
};

constexpr Moment kMoments[] = {
    {"before the first look is answered", "HMGET", 1},
    {"before the subscription is confirmed", "SUBSCRIBE", 1},
    {"between the confirmation and the look that follows it", "HMGET", 2},
    {"once it stands", nullptr, 0},
};

// Who waits does so through the proxy; the server is asked beside it.
struct Rig {
    RedisServer server;
    FaultProxy proxy{server.tcp()};
    Client direct{server.url()};

    bool listened_to(const std::string &key) { return server.must({"PUBSUB", "NUMSUB", key}).elements[1].integer > 0; }
    void reach(const Moment &moment, RuleId held, const std::string &key) {
        if (moment.command != nullptr) {
            EXPECT_TRUE_SAYING(proxy.wait_fired(held), moment.name);
        } else {
            EXPECT_TRUE(eventually(Millis(10000), [&] { return listened_to(key); }));
        }
    }
    RuleId hold(const Moment &moment) {
        if (moment.command == nullptr) {
            return 0;
        }
        Rule rule;
        rule.direction = Direction::kToClient;
        rule.action = Action::kHold;
        rule.match = command_is(moment.command);
        rule.nth = moment.nth;
        return proxy.arm(rule);
    }
};

void kill_at_every_moment(const std::vector<const char *> &types, bool deliver_first) {
    Rig rig;
    for (const Moment &moment : kMoments) {
        // No sweep: what wakes is the connection that comes back.
        const Client client(rig.proxy.url(), {{"sweep_interval", "1h"}, {"backoff_max", "50ms"}});
        const std::string key = std::string("p ") + moment.name;
        Promise mine(client, key);
        Promise theirs(rig.direct, key);
        const RuleId held = rig.hold(moment);
        Wait wait(mine);
        rig.reach(moment, held, key);
        if (deliver_first) {
            EXPECT_OK(theirs.deliver("x"));
        }
        for (const char *type : types) {
            rig.server.must({"CLIENT", "KILL", "TYPE", type, "SKIPME", "yes"});
        }
        if (!deliver_first) {
            EXPECT_OK(theirs.deliver("x"));
        }
        rig.proxy.release_all();
        const Outcome woken = wait.within(kSlack);
        EXPECT_TRUE_SAYING(woken.ok(), std::string(moment.name) + ": " + woken.show());
        EXPECT_EQ(wait.value(), std::string("x"));
        rig.proxy.disarm_all();
    }
}

}  // namespace

static void G4_P3_the_subscription_is_killed_at_every_moment_before_the_delivery(void **) {
    kill_at_every_moment({"pubsub"}, false);
}
static void G4_P3_the_subscription_is_killed_at_every_moment_after_the_delivery(void **) {
    kill_at_every_moment({"pubsub"}, true);
}
static void G4_P3_the_command_connection_is_killed_at_every_moment_before_the_delivery(void **) {
    kill_at_every_moment({"normal"}, false);
}
static void G4_P3_the_command_connection_is_killed_at_every_moment_after_the_delivery(void **) {
    kill_at_every_moment({"normal"}, true);
}
static void G4_P3_both_connections_are_killed_at_every_moment(void **) {
    kill_at_every_moment({"pubsub", "normal"}, false);
    kill_at_every_moment({"pubsub", "normal"}, true);
}

// The subscription goes silent without being closed, as behind a NAT that has forgotten it: found by the health check.
static void G4_a_subscription_that_goes_silent_is_replaced_within_the_health_interval(void **) {
    Rig rig;
    const Client client(rig.proxy.url(),
                        {{"sweep_interval", "1h"}, {"health_interval", "500ms"}, {"backoff_max", "50ms"}});
    Promise mine(client, "k");
    Wait wait(mine);
    EXPECT_TRUE(eventually(Millis(10000), [&] { return rig.listened_to("k"); }));
    // A message has come and been followed up: nothing is under way that the result could be told by.
    const RuleId asked = rig.proxy.arm(Rule::observe(Direction::kToClient, command_is("HMGET")));
    rig.server.must({"PUBLISH", "k", "mark"});
    EXPECT_TRUE(rig.proxy.wait_fired(asked));
    EXPECT_TRUE(eventually(Millis(10000), [&] { return client.stat("messages") >= 1 && client.stat("pending") == 0; }));
    for (const LinkInfo &link : rig.proxy.links()) {
        if (link.subscriber && link.client_open) {
            rig.proxy.freeze(link.id);
        }
    }
    Promise theirs(rig.direct, "k");
    EXPECT_OK(theirs.deliver("x"));
    EXPECT_OK(wait.within(Millis(500) + kSlack));
    EXPECT_EQ(wait.value(), std::string("x"));
    EXPECT_TRUE_SAYING(client.stat("health_failures") >= 1, "nothing was found silent");
}

static void G4_P3_a_server_restarted_in_a_wait(void **) {
    RedisServerOptions options;
    options.append_only = true;
    RedisServer server(options);
    const Client client(server.url(), {{"sweep_interval", "1h"}, {"backoff_max", "50ms"}});
    const Client other(server.url(), {{"backoff_max", "50ms"}});
    Promise before(client, "before"), after(client, "after");
    Wait first(before), second(after);
    Promise theirs(other, "before"), theirs_too(other, "after");
    EXPECT_OK(theirs.deliver("x"));
    server.kill9();
    server.restart();
    EXPECT_OK(theirs_too.deliver("y"));
    EXPECT_OK(first.within(kSlack));
    EXPECT_OK(second.within(kSlack));
    EXPECT_EQ(first.value() + second.value(), std::string("xy"));
}

// There is no connection at all for a while, and nobody who waits is told anything wrong meanwhile.
static void G4_P2_waits_outlast_an_outage_and_time_out_in_it(void **) {
    Rig rig;
    const Client client(rig.proxy.url(), {{"sweep_interval", "1h"}, {"backoff_max", "50ms"}});
    Promise mine(client, "k");
    Wait wait(mine);
    EXPECT_TRUE(eventually(Millis(10000), [&] { return rig.listened_to("k"); }));
    rig.proxy.refuse();
    rig.proxy.cut_all(CutKind::kReset);
    Promise theirs(rig.direct, "k");
    EXPECT_OK(theirs.deliver("x"));
    Value value;
    EXPECT_EQ(mine.deref(&value, Millis(200)).status, EXOREF_ETIMEOUT);
    EXPECT_TRUE(!wait.over());
    rig.proxy.listen_again();
    EXPECT_OK(wait.within(kSlack));
    EXPECT_OK(mine.deref(&value, Millis(0)));
    EXPECT_EQ(value.bytes(), std::string("x"));
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(G4_P3_the_subscription_is_killed_at_every_moment_before_the_delivery),
        cmocka_unit_test(G4_P3_the_subscription_is_killed_at_every_moment_after_the_delivery),
        cmocka_unit_test(G4_P3_the_command_connection_is_killed_at_every_moment_before_the_delivery),
        cmocka_unit_test(G4_P3_the_command_connection_is_killed_at_every_moment_after_the_delivery),
        cmocka_unit_test(G4_P3_both_connections_are_killed_at_every_moment),
        cmocka_unit_test(G4_a_subscription_that_goes_silent_is_replaced_within_the_health_interval),
        cmocka_unit_test(G4_P3_a_server_restarted_in_a_wait),
        cmocka_unit_test(G4_P2_waits_outlast_an_outage_and_time_out_in_it),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
