// Connections that are lost at every moment of a wait for a delay: who waits is told all the same, and a body that is asked for runs, not
// later than G4 says.
#include <vector>

#include "faults/delay.hpp"
#include "faults/expect.hpp"
#include "support/fault_proxy.hpp"
#include "support/redis_server.hpp"

using namespace exo::faults;
using namespace exo::support;

namespace {

// Where a wait stands when its connections are killed.
enum class Moment {
    reading,      // its first look is not answered
    subscribing,  // its subscription is not confirmed
    asking,       // it is confirmed, and the question that follows is not answered
    standing
};
constexpr Moment kMoments[] = {Moment::reading, Moment::subscribing, Moment::asking, Moment::standing};
constexpr const char *kNames[] = {"reading", "subscribing", "asking", "standing"};

Rule holding(FrameMatch match) {
    Rule rule;
    rule.direction = Direction::kToClient;
    rule.action = Action::kHold;
    rule.match = std::move(match);
    return rule;
}

// Who waits does so through the proxy; the owner is beside it. No sweep: what tells is the connection that comes back.
struct Rig {
    RedisServer server;
    FaultProxy proxy{server.tcp()};
    Client direct{server.url()};

    bool listened_to(const std::string &key) { return server.must({"PUBSUB", "NUMSUB", key}).elements[1].integer > 1; }

    // The owner listens as well.
    Forcing wait_until(Moment moment, const Delay &mine, const std::string &key) {
        if (moment == Moment::subscribing) {
            const RuleId held = proxy.arm(holding(command_is("SUBSCRIBE")));
            Forcing forcing(mine);
            EXPECT_TRUE(proxy.wait_fired(held));
            return forcing;
        }
        if (moment == Moment::standing) {
            Forcing forcing(mine);
            EXPECT_TRUE(eventually(Millis(10000), [&] { return listened_to(key); }));
            return forcing;
        }
        const RuleId held = proxy.arm(holding(command_is("HMGET")));
        Forcing forcing(mine);
        EXPECT_TRUE(proxy.wait_fired(held));
        if (moment == Moment::asking) {
            EXPECT_TRUE(eventually(Millis(10000), [&] { return listened_to(key); }));
            const RuleId asked = proxy.arm(holding(script_with(key)));
            proxy.release_all();
            EXPECT_TRUE(proxy.wait_fired(asked));
        }
        return forcing;
    }
    void kill(const std::vector<const char *> &types) {
        for (const char *type : types) {
            server.must({"CLIENT", "KILL", "TYPE", type, "SKIPME", "yes"});
        }
    }
};

void kill_at_every_moment(const std::vector<const char *> &types, bool end_first, bool fails) {
    Rig rig;
    for (const Moment moment : kMoments) {
        const std::string key = kNames[static_cast<int>(moment)];
        const Client client(rig.proxy.url(), {{"sweep_interval", "1h"}, {"backoff_max", "50ms"}});
        const Delay mine(client, key), theirs(rig.direct, key, {{"lease", "60s"}});
        Lease lease = theirs.must_claim();
        EXPECT_TRUE(eventually(Millis(10000), [&] {
            return rig.server.must({"PUBSUB", "NUMSUB", key}).elements[1].integer == 1;
        }));
        Forcing forcing = rig.wait_until(moment, mine, key);
        const auto end = [&] { EXPECT_OK(fails ? lease.publish_failure("x") : lease.deliver("x")); };
        if (end_first) {
            end();
        }
        rig.kill(types);
        if (!end_first) {
            end();
        }
        rig.proxy.release_all();
        const Outcome told = forcing.within(kSlack);
        EXPECT_TRUE_SAYING(told.status == (fails ? EXOREF_EBODY : EXOREF_OK), key + ": " + told.show());
        EXPECT_EQ(fails ? told.message : forcing.value(), std::string("x"));
        rig.proxy.disarm_all();
    }
}

}  // namespace

static void G4_the_subscription_is_killed_at_every_moment_before_the_result(void **) {
    kill_at_every_moment({"pubsub"}, false, false);
    kill_at_every_moment({"pubsub"}, false, true);
}
static void G4_the_subscription_is_killed_at_every_moment_after_the_result(void **) {
    kill_at_every_moment({"pubsub"}, true, false);
    kill_at_every_moment({"pubsub"}, true, true);
}
static void G4_the_command_connection_is_killed_at_every_moment_before_the_result(void **) {
    kill_at_every_moment({"normal"}, false, false);
    kill_at_every_moment({"normal"}, false, true);
}
static void G4_the_command_connection_is_killed_at_every_moment_after_the_result(void **) {
    kill_at_every_moment({"normal"}, true, false);
    kill_at_every_moment({"normal"}, true, true);
}
static void G4_both_connections_are_killed_at_every_moment(void **) {
    for (const bool end_first : {false, true}) {
        kill_at_every_moment({"pubsub", "normal"}, end_first, false);
        kill_at_every_moment({"pubsub", "normal"}, end_first, true);
    }
}

// The body that is asked for is behind the connections that are killed.
static void G4_D5_a_body_whose_connections_are_killed_serves_what_is_asked_meanwhile(void **) {
    std::atomic<int> runs{0};
    BodyFunction body = [&](exoref_lease *) { return "run " + std::to_string(++runs); };
    Rig rig;
    const Client asks(rig.server.url(), {{"sweep_interval", "1h"}, {"backoff_max", "50ms"}});
    const Client serves(rig.proxy.url(), {{"sweep_interval", "1h"}, {"backoff_max", "50ms"}});
    int round = 0;
    for (const std::vector<const char *> &types :
         {std::vector<const char *>{"pubsub"}, std::vector<const char *>{"normal"},
          std::vector<const char *>{"pubsub", "normal"}}) {
        const std::string key = "d" + std::to_string(++round);
        const Delay offered(serves, key, {}, &body), mine(asks, key);
        EXPECT_TRUE(eventually(Millis(10000), [&] {
            return rig.server.must({"PUBSUB", "NUMSUB", key}).elements[1].integer == 1;
        }));
        // What the request says is lost with the connection.
        const RuleId held = rig.proxy.arm(holding(any_push()));
        Forcing forcing(mine);
        EXPECT_TRUE(rig.proxy.wait_fired(held));
        rig.kill(types);
        rig.proxy.cut_all(CutKind::kReset);
        rig.proxy.disarm_all();
        const Outcome told = forcing.within(kSlack);
        EXPECT_TRUE_SAYING(told.ok(), key + ": " + told.show());
        EXPECT_EQ(forcing.value(), "run " + std::to_string(round));
    }
    EXPECT_EQ(runs.load(), round);
}

// The subscription goes silent without being closed, as behind a NAT that has forgotten it: found by the health check.
static void G4_a_subscription_that_goes_silent_is_replaced_within_the_health_interval(void **) {
    Rig rig;
    const Client client(rig.proxy.url(),
                        {{"sweep_interval", "1h"}, {"health_interval", "500ms"}, {"backoff_max", "50ms"}});
    const Delay mine(client, "d"), theirs(rig.direct, "d", {{"lease", "60s"}});
    Lease lease = theirs.must_claim();
    Forcing forcing = rig.wait_until(Moment::standing, mine, "d");
    // A message has come and been followed up: nothing is under way that the result could be told by.
    const RuleId asked = rig.proxy.arm(Rule::observe(Direction::kToClient, script_with("d")));
    rig.server.must({"PUBLISH", "d", "mark"});
    EXPECT_TRUE(rig.proxy.wait_fired(asked));
    EXPECT_TRUE(eventually(Millis(10000), [&] { return client.stat("messages") >= 1 && client.stat("pending") == 0; }));
    for (const LinkInfo &link : rig.proxy.links()) {
        if (link.subscriber && link.client_open) {
            rig.proxy.freeze(link.id);
        }
    }
    EXPECT_OK(lease.deliver("x"));
    EXPECT_OK(forcing.within(Millis(500) + kSlack));
    EXPECT_EQ(forcing.value(), std::string("x"));
    EXPECT_TRUE_SAYING(client.stat("health_failures") >= 1, "nothing was found silent");
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(G4_the_subscription_is_killed_at_every_moment_before_the_result),
        cmocka_unit_test(G4_the_subscription_is_killed_at_every_moment_after_the_result),
        cmocka_unit_test(G4_the_command_connection_is_killed_at_every_moment_before_the_result),
        cmocka_unit_test(G4_the_command_connection_is_killed_at_every_moment_after_the_result),
        cmocka_unit_test(G4_both_connections_are_killed_at_every_moment),
        cmocka_unit_test(G4_D5_a_body_whose_connections_are_killed_serves_what_is_asked_meanwhile),
        cmocka_unit_test(G4_a_subscription_that_goes_silent_is_replaced_within_the_health_interval),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
