// What is published about a delay is a hint: denied, doubled, forged, late or from elsewhere, it neither keeps anybody waiting longer than
// G4 says, nor tells anybody what did not happen, nor runs a body that nobody asked for (D1, D2, C10).
#include <vector>

#include "faults/delay_process.hpp"
#include "faults/expect.hpp"
#include "support/fault_proxy.hpp"
#include "support/redis_server.hpp"

using namespace exo::faults;
using namespace exo::support;

namespace {

constexpr Millis kSweep{400};
const std::string kSweepText = std::to_string(kSweep.count()) + "ms";

struct Rig {
    explicit Rig(OptionList list = {{"lease", "60s"}}, const std::string &sweep = kSweepText)
        : client(proxy.url(), {{"sweep_interval", sweep}}), mine(client, "d", list), theirs(direct, "d", list) {}

    RedisServer server;
    FaultProxy proxy{server.tcp()};
    Client direct{server.url()};
    Client client;
    Delay mine;
    Delay theirs;

    std::int64_t listeners(const std::string &key = "d") {
        return server.must({"PUBSUB", "NUMSUB", key}).elements[1].integer;
    }
    // A wait of the client behind the proxy, which knows what was before it, and listens, as the owner does.
    Forcing begin_to_wait() {
        const RuleId read = proxy.arm(Rule::observe(Direction::kToClient, command_is("HMGET")));
        Forcing forcing(mine);
        EXPECT_TRUE(proxy.wait_fired(read));
        EXPECT_TRUE(eventually(Millis(10000), [&] { return listeners() == 2; }));
        return forcing;
    }
    // Everything that was published has come to the client behind the proxy, which listens again.
    void let_messages_come() {
        EXPECT_TRUE(eventually(Millis(10000), [&] { return listeners() == 2; }));
        constexpr int kMarks = 5;
        const std::int64_t heard = client.stat("messages") + kMarks;
        for (int i = 0; i < kMarks; ++i) {
            server.must({"PUBLISH", "d", "mark"});
        }
        EXPECT_TRUE(eventually(Millis(10000), [&] { return client.stat("messages") >= heard; }));
    }
    std::string epoch() { return server.must({"HGET", "d", "epoch"}).text; }
    std::string field(const std::string &name) { return server.must({"HGET", "d", name}).text; }
};

Rule on_pushes(Action action) {
    Rule rule;
    rule.action = action;
    rule.match = any_push();
    rule.times = kAlways;
    return rule;
}

std::string url_of(const RedisServer &server, const std::string &user) { return server.tcp().url(user + ":pw"); }

void expect_told_failure(Forcing &forcing, Millis time, const std::string &message) {
    const Outcome outcome = forcing.within(time);
    EXPECT_TRUE_SAYING(outcome.status == EXOREF_EBODY && outcome.message == message, outcome.show());
}

void expect_told(Forcing &forcing, Millis time, const std::string &value) {
    const Outcome outcome = forcing.within(time);
    EXPECT_TRUE_SAYING(outcome.ok(), outcome.show());
    EXPECT_EQ(forcing.value(), value);
}

void remove_by(RedisServer &server, const std::string &how) {
    if (how == "delete") {
        server.must({"DEL", how});
    } else if (how == "expire") {
        server.must({"PEXPIRE", how, "1"});
    } else if (how == "flush") {
        server.must({"FLUSHALL"});
    } else {
        server.must({"SET", how, "string"});
    }
}

// Deleted, expired or replaced without a word that reaches anybody: who waits and who claims learn of it by looking, long before the
// lease ends; who owns a lease, when it renews it.
void expect_told_of_removal(const char *lease_time, bool owner_is_told) {
    BodyFunction never = [](exoref_lease *) { return std::string("never"); };
    RedisServer server;
    FaultProxy proxy(server.tcp());
    proxy.arm(on_pushes(Action::kDrop));
    const Client owner(proxy.url(), {{"sweep_interval", kSweepText}});
    const Client client(proxy.url(), {{"sweep_interval", kSweepText}});
    const Client claims(proxy.url(), {{"sweep_interval", kSweepText}});
    for (const std::string how : {"delete", "expire", "other type", "flush"}) {
        const Delay owned(owner, how, {{"lease", lease_time}}), waited(client, how), claimed(claims, how, {}, &never);
        Lease lease = owned.must_claim();
        const RuleId asked = proxy.arm(Rule::observe(Direction::kToClient, script_with(how)));
        Forcing waits(waited), wants_it(claimed);
        EXPECT_TRUE(proxy.wait_fired(asked, 2));
        remove_by(server, how);
        for (Forcing *one : {&waits, &wants_it}) {
            const Outcome told = one->within(kSweep + kSlack);
            EXPECT_TRUE_SAYING(told.status == EXOREF_EDELETED, how + ": " + told.show());
        }
        if (owner_is_told) {
            EXPECT_TRUE_SAYING(eventually(kLease + kSlack, [&] { return lease.lost(); }), how);
            EXPECT_EQ(lease.deliver("late").status, EXOREF_ELEASE);
        }
        EXPECT_TRUE(server.must({"TYPE", how}).text == (how == "other type" ? "string" : "none"));
    }
}

}  // namespace

static void G4_who_may_not_publish_ends_its_body_and_waiters_learn_by_looking(void **) {
    RedisServerOptions options;
    options.users = {"mute on >pw ~* +@all resetchannels"};
    RedisServer server(options);
    const Client writer(url_of(server, "mute")), client(server.url(), {{"sweep_interval", kSweepText}});
    for (const char *retry : {"false", "true"}) {
        for (const bool fails : {false, true}) {
            const std::string key = std::string("retry ") + retry + (fails ? ", fails" : ", delivers");
            const Delay mine(client, key), theirs(writer, key, {{"retry", retry}, {"lease", "60s"}});
            Lease lease = theirs.must_claim();
            server.reset_calls();
            Forcing forcing(mine);
            EXPECT_TRUE(eventually(Millis(10000), [&] { return server.calls("evalsha") > 0; }));
            EXPECT_OK(fails ? lease.publish_failure("no") : lease.deliver("x"));
            fails ? expect_told_failure(forcing, kSweep + kSlack, "no") : expect_told(forcing, kSweep + kSlack, "x");
        }
    }
}

static void G4_a_request_of_one_who_may_not_publish_is_found_by_the_body_elsewhere(void **) {
    RedisServerOptions options;
    options.users = {"mute on >pw ~* &* +@all -publish"};
    RedisServer server(options);
    BodyFunction body = [](exoref_lease *) { return std::string("served"); };
    const Client asks(url_of(server, "mute"), {{"sweep_interval", "1h"}});
    const Client serves(server.url(), {{"sweep_interval", kSweepText}});
    const Delay offered(serves, "d", {}, &body), mine(asks, "d");
    Forcing forcing(mine);
    expect_told(forcing, kSweep + kSlack, "served");
}

static void G4_who_may_not_listen_serves_and_learns_by_looking(void **) {
    RedisServerOptions options;
    options.users = {"deaf on >pw ~* +@all resetchannels"};
    RedisServer server(options);
    BodyFunction body = [](exoref_lease *) { return std::string("served"); };
    const Client asks(url_of(server, "deaf"), {{"sweep_interval", kSweepText}});
    const Client serves(url_of(server, "deaf"), {{"sweep_interval", kSweepText}});
    const Delay offered(serves, "d", {}, &body), mine(asks, "d");
    Forcing forcing(mine);
    // The body finds the request by a sweep, and who waits the value by another.
    expect_told(forcing, kSweep * 2 + kSlack, "served");
}

static void D1_D2_doubled_notifications_run_one_body_and_tell_once(void **) {
    std::atomic<int> runs{0};
    BodyFunction body = [&](exoref_lease *) { return "run " + std::to_string(++runs); };
    Rig rig({{"retry", "true"}, {"lease", "60s"}});
    const RuleId doubled = rig.proxy.arm(on_pushes(Action::kDuplicate));
    Lease first = rig.theirs.must_claim();
    Forcing one = rig.begin_to_wait(), other = rig.begin_to_wait();
    EXPECT_OK(first.publish_failure("attempt 1"));
    expect_told_failure(one, kSlack, "attempt 1");
    expect_told_failure(other, kSlack, "attempt 1");
    EXPECT_TRUE(rig.proxy.wait_fired(doubled));
    EXPECT_EQ(rig.field("attempt"), std::string("1"));
    // The request is told twice to the body behind the proxy, and its value twice to who waits there.
    const Delay offered(rig.client, "d", {}, &body);
    const Client asks(rig.server.url());
    const Delay asking(asks, "d");
    Forcing elsewhere(asking), again(rig.mine);
    expect_told(elsewhere, kSlack, "run 1");
    expect_told(again, kSlack, "run 1");
    EXPECT_EQ(runs.load(), 1);
    EXPECT_EQ(rig.field("attempt"), std::string("2"));
}

static void D1_D2_forged_notifications_tell_nobody_and_run_nothing(void **) {
    std::atomic<int> runs{0};
    BodyFunction body = [&](exoref_lease *) { return "run " + std::to_string(++runs); };
    Rig rig({{"retry", "true"}, {"lease", "60s"}});
    const Delay idle(rig.client, "d", {}, &body);
    EXPECT_TRUE(eventually(Millis(10000), [&] { return rig.listeners() == 1; }));
    const std::string epoch = rig.epoch(), zeros(32, '0');
    const std::vector<std::string> forged = {
        "",
        "garbage",
        std::string("\0\xff\r\n", 4),
        std::string(100000, 'x'),
        "1 wanted 0 " + epoch + " 0 - 0 y - -",
        "1 wanted 0 " + epoch + " 0 x 7 y - -",
        "1 wanted 0 " + zeros + " 0 - 0 y - -",
        "1 wanted 7 " + epoch + " 0 - 0 y - -",
        "1 failed 0 " + epoch + " 0 - 0 y - -",
        "1 failed 0 " + epoch + " 0 - 1 y - -",
        "1 failed 0 " + zeros + " 0 - 1 y - -",
        "1 change 0 " + zeros + " 0 - 1 y - vforged",
        "1 change 7 " + epoch + " 0 - 1 y - vforged",
        "1 change 0 " + epoch + " 1 x 2 y - vforged",
        "1 change 0 " + epoch + " 0 x 1 y - vforged",
        "1 change 0 " + epoch + " 0 - 2 y - vforged",
        "1 change 0 " + epoch + " 0 - 1 y - -",
        "2 change 0 " + epoch + " 0 - 1 y - vforged",
        "1 create 0 " + zeros + " 0 - 0 y - -",
        "1 delete 0 " + epoch + " 0 - 0 y - -",
    };
    const auto forge = [&] {
        const std::int64_t heard = rig.client.stat("messages") + static_cast<std::int64_t>(forged.size());
        for (const std::string &message : forged) {
            EXPECT_EQ(rig.server.must({"PUBLISH", "d", message}).integer, rig.listeners());
        }
        EXPECT_TRUE(eventually(Millis(10000), [&] { return rig.client.stat("messages") >= heard; }));
    };
    // Nobody waits: nothing runs.
    forge();
    EXPECT_EQ(rig.field("attempt"), std::string("0"));
    // Somebody has the lease: nobody takes it, and who waits is told nothing.
    Lease lease = rig.theirs.must_claim();
    Forcing forcing = rig.begin_to_wait();
    forge();
    EXPECT_TRUE(!forcing.over());
    EXPECT_TRUE(!lease.lost());
    EXPECT_OK(lease.deliver("x"));
    expect_told(forcing, kSlack, "x");
    EXPECT_EQ(runs.load(), 0);
    EXPECT_EQ(rig.field("attempt"), std::string("1"));
}

static void G7_a_flood_of_forged_notifications_does_not_become_a_flood_of_questions(void **) {
    Rig rig;
    Lease lease = rig.theirs.must_claim();
    Forcing forcing = rig.begin_to_wait();
    const std::string message = "1 wanted 0 " + rig.epoch() + " 0 - 0 y - -";
    rig.server.reset_calls();
    RedisClient hand(rig.server.tcp());
    constexpr int kFlood = 5000;
    for (int i = 0; i < kFlood; ++i) {
        EXPECT_TRUE(hand.send({"PUBLISH", "d", message}));
    }
    for (int i = 0; i < kFlood; ++i) {
        EXPECT_TRUE(hand.receive(Millis(10000)).has_value());
    }
    EXPECT_TRUE(eventually(Millis(20000), [&] { return rig.client.stat("messages") >= kFlood; }));
    EXPECT_OK(lease.deliver("x"));
    expect_told(forcing, kSlack, "x");
    const std::uint64_t asked = rig.server.calls("evalsha");
    EXPECT_TRUE_SAYING(asked < kFlood / 2, std::to_string(asked) + " questions");
}

// The sweep has long told what the messages say when they come: nothing of it is told again to those who wait then.
static void D2_notifications_that_come_much_later_change_nothing(void **) {
    Rig rig({{"retry", "true"}, {"lease", "60s"}});
    Lease first = rig.theirs.must_claim();
    Forcing forcing = rig.begin_to_wait();
    const RuleId held = rig.proxy.arm(on_pushes(Action::kHold));
    EXPECT_OK(first.publish_failure("attempt 1"));
    EXPECT_TRUE(rig.proxy.wait_fired(held));
    expect_told_failure(forcing, kSweep + kSlack, "attempt 1");
    Lease second = rig.theirs.must_claim();
    Forcing next(rig.mine);
    rig.proxy.disarm_all();
    rig.proxy.release_all();
    rig.let_messages_come();
    EXPECT_TRUE(!next.over());
    EXPECT_OK(second.deliver("x"));
    expect_told(next, kSlack, "x");
    EXPECT_EQ(rig.field("attempt"), std::string("2"));
}

// Who waits for the delay that is gone and who waits for its successor hear the same messages, late: each is told its own.
static void C10_a_late_notification_of_a_former_delay_tells_nobody_else(void **) {
    Rig rig({{"lease", "60s"}}, "1h");
    Lease lease = rig.theirs.must_claim();
    Forcing forcing = rig.begin_to_wait();
    const RuleId held = rig.proxy.arm(on_pushes(Action::kHold));
    EXPECT_OK(lease.deliver("old"));
    EXPECT_TRUE(rig.proxy.wait_fired(held));
    EXPECT_EQ(exoref_delete(rig.direct.get(), "d", 1, scaled(Millis(10000)).count(), nullptr, nullptr), EXOREF_OK);
    const Delay anew(rig.direct, "d", {{"lease", "60s"}}), mine_anew(rig.client, "d");
    Lease next = anew.must_claim();
    const RuleId asked = rig.proxy.arm(Rule::observe(Direction::kToClient, script_with("d")));
    Forcing again(mine_anew);
    EXPECT_TRUE(rig.proxy.wait_fired(asked));
    rig.proxy.disarm_all();
    rig.proxy.release_all();
    expect_told(forcing, kSlack, "old");
    rig.let_messages_come();
    EXPECT_TRUE(!again.over());
    EXPECT_OK(next.deliver("new"));
    expect_told(again, kSlack, "new");
}

static void D1_a_delay_of_the_same_name_in_another_database_concerns_nobody(void **) {
    Rig rig;
    Lease lease = rig.theirs.must_claim();
    Forcing forcing = rig.begin_to_wait();
    const Client elsewhere(rig.server.url() + "/5");
    {
        const Delay namesake(elsewhere, "d");
        EXPECT_OK(namesake.must_claim().deliver("elsewhere"));
    }
    EXPECT_TRUE(eventually(Millis(10000), [&] { return rig.client.stat("messages_stale") >= 1; }));
    // Nor a copy of the very same delay, epoch, lease and all.
    const Client copied(rig.server.url() + "/6");
    rig.server.must({"COPY", "d", "d", "DB", "6"});
    RedisClient hand(rig.server.unix_socket());
    EXPECT_TRUE(!hand.call({"SELECT", "6"}).is_error());
    EXPECT_TRUE(!hand.call({"HSET", "d", "lease_until", "1"}).is_error());
    const std::int64_t stale = rig.client.stat("messages_stale");
    const Delay copy(copied, "d");
    EXPECT_OK(copy.must_claim().deliver("of the copy"));
    EXPECT_TRUE(eventually(Millis(10000), [&] { return rig.client.stat("messages_stale") > stale; }));
    EXPECT_TRUE(!forcing.over());
    EXPECT_OK(lease.deliver("here"));
    expect_told(forcing, kSlack, "here");
}

static void C10_G4_who_waits_learns_of_a_removal_that_no_message_told(void **) { expect_told_of_removal("60s", false); }
static void C10_D7_who_owns_the_lease_learns_of_a_removal_that_no_message_told(void **) {
    expect_told_of_removal("1s", true);
}

// The time to live runs out under those who wait while the owner, which kept it alive, is dead.
static void C11_G4_a_delay_whose_time_to_live_runs_out_tells_those_who_wait(void **) {
    RedisServer server;
    const Client creates(server.url());
    const Delay short_lived(creates, "d", {{"ttl", "1500ms"}, {"lease", "1s"}});
    const auto owner = start_owner(server.url());
    const Client client(server.url(), {{"sweep_interval", kSweepText}});
    const Delay waited(client, "d");
    Forcing forcing(waited);
    // Renewals keep it alive, longer than it would live without.
    EXPECT_TRUE(eventually(Millis(20000), [&] {
        return std::strtoll(server.must({"HGET", "d", "renewals"}).text.c_str(), nullptr, 10) >= 6;
    }));
    EXPECT_TRUE(!forcing.over());
    kill_it(*owner);
    const Outcome told = forcing.within(Millis(1500) + kSweep + kSlack);
    EXPECT_TRUE_SAYING(told.status == EXOREF_EDELETED, told.show());
}

int main(int argc, char **argv) {
    if (started_as_owner(argc, argv)) {
        return own(argv[2]);
    }
    const CMUnitTest tests[] = {
        cmocka_unit_test(G4_who_may_not_publish_ends_its_body_and_waiters_learn_by_looking),
        cmocka_unit_test(G4_a_request_of_one_who_may_not_publish_is_found_by_the_body_elsewhere),
        cmocka_unit_test(G4_who_may_not_listen_serves_and_learns_by_looking),
        cmocka_unit_test(D1_D2_doubled_notifications_run_one_body_and_tell_once),
        cmocka_unit_test(D1_D2_forged_notifications_tell_nobody_and_run_nothing),
        cmocka_unit_test(G7_a_flood_of_forged_notifications_does_not_become_a_flood_of_questions),
        cmocka_unit_test(D2_notifications_that_come_much_later_change_nothing),
        cmocka_unit_test(C10_a_late_notification_of_a_former_delay_tells_nobody_else),
        cmocka_unit_test(D1_a_delay_of_the_same_name_in_another_database_concerns_nobody),
        cmocka_unit_test(C10_G4_who_waits_learns_of_a_removal_that_no_message_told),
        cmocka_unit_test(C10_D7_who_owns_the_lease_learns_of_a_removal_that_no_message_told),
        cmocka_unit_test(C11_G4_a_delay_whose_time_to_live_runs_out_tells_those_who_wait),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
