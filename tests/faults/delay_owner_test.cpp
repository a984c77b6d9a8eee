// The owner of a delay's lease dies, stands still, or is cut off in its body: another takes over within a lease, the late result is
// refused, and one value is published (G5, D1, D7).
#include <signal.h>

#include "faults/delay_process.hpp"
#include "faults/expect.hpp"
#include "support/fault_proxy.hpp"
#include "support/redis_server.hpp"

using namespace exo::faults;
using namespace exo::support;

namespace {

bool listened_to(RedisServer &server, const std::string &key) {
    return server.must({"PUBSUB", "NUMSUB", key}).elements[1].integer > 0;
}

}  // namespace

static void G5_D1_an_owner_killed_in_its_body_is_followed_within_a_lease(void **) {
    RedisServer server;
    const auto owner = start_owner(server.url());
    const Client client(server.url(), {{"sweep_interval", "1h"}});
    BodyFunction body = [](exoref_lease *lease) { return "second " + std::to_string(exoref_lease_token(lease)); };
    const Delay delay(client, "d", {{"lease", "1s"}}, &body);
    Forcing forcing(delay);
    EXPECT_TRUE(eventually(Millis(10000), [&] { return listened_to(server, "d"); }));
    kill_it(*owner);
    const Outcome outcome = forcing.within(kLease + kSlack);
    EXPECT_TRUE_SAYING(outcome.ok(), outcome.show());
    EXPECT_EQ(forcing.value(), std::string("second 2"));
}

// Who waits without a body asks when the lease ends: an idle body elsewhere comes by that, without a sweep of its own.
static void G5_D1_an_idle_body_elsewhere_takes_over_from_one_that_was_killed(void **) {
    RedisServer server;
    const auto owner = start_owner(server.url());
    const Client waits(server.url(), {{"sweep_interval", "1h"}}), idle(server.url(), {{"sweep_interval", "1h"}});
    BodyFunction body = [](exoref_lease *) { return std::string("second"); };
    const Delay theirs(waits, "d");
    Forcing forcing(theirs);
    const Delay mine(idle, "d", {{"lease", "1s"}}, &body);
    kill_it(*owner);
    const Outcome outcome = forcing.within(kLease + kSlack);
    EXPECT_TRUE_SAYING(outcome.ok(), outcome.show());
    EXPECT_EQ(forcing.value(), std::string("second"));
}

static void D7_an_owner_that_stood_still_is_told_and_its_late_result_is_refused(void **) {
    RedisServer server;
    const auto owner = start_owner(server.url());
    owner->send_signal(SIGSTOP);
    const Client client(server.url());
    BodyFunction body = [](exoref_lease *) { return std::string("second"); };
    const Delay delay(client, "d", {{"lease", "1s"}}, &body);
    Value value;
    const Outcome outcome = delay.deref(&value, kLease + kSlack);
    EXPECT_TRUE_SAYING(outcome.ok(), outcome.show());
    EXPECT_EQ(value.bytes(), std::string("second"));
    owner->close_stdin();
    owner->send_signal(SIGCONT);
    EXPECT_TRUE(owner->wait(Millis(20000)).has_value());
    EXPECT_TRUE_SAYING(owner->out().find("\nlost\nEXOREF_ELEASE") != std::string::npos, owner->out());
    const Delay late(client, "d");
    EXPECT_OK(late.deref(&value));
    EXPECT_EQ(value.bytes(), std::string("second"));
    EXPECT_EQ(server.must({"HGET", "d", "value"}).text, std::string("second"));
}

// The replies to renewals are lost, but not the renewals: the owner knows by its own clock.
static void D7_an_owner_that_hears_nothing_loses_the_lease_by_its_own_clock(void **) {
    RedisServer server;
    FaultProxy proxy(server.tcp());
    const Client cut_off(proxy.url(), {{"health_interval", "1h"}});
    const Delay mine(cut_off, "d", {{"lease", "1s"}});
    Lease lease = mine.must_claim();
    Rule deaf;
    deaf.direction = Direction::kToClient;
    deaf.action = Action::kSwallow;
    deaf.match = any_script();
    const RuleId id = proxy.arm(deaf);
    EXPECT_TRUE(proxy.wait_fired(id));
    EXPECT_TRUE(eventually(kLease + kSlack, [&] { return lease.lost(); }));
    EXPECT_EQ(lease.deliver("late").status, EXOREF_ELEASE);
    const Client client(server.url());
    const Delay theirs(client, "d");
    Lease next = theirs.must_claim(kLease * 2 + kSlack);
    EXPECT_EQ(next.token(), 2);
    EXPECT_OK(next.deliver("second"));
}

// The renewals do not come through, the other direction works.
static void D7_an_owner_whose_renewals_are_lost_is_followed(void **) {
    RedisServer server;
    FaultProxy proxy(server.tcp());
    const Client cut_off(proxy.url(), {{"health_interval", "1h"}});
    const Delay mine(cut_off, "d", {{"lease", "1s"}});
    Lease lease = mine.must_claim();
    Rule mute;
    mute.direction = Direction::kToServer;
    mute.action = Action::kSwallow;
    mute.match = any_script();
    proxy.arm(mute);
    const Client client(server.url());
    const Delay theirs(client, "d");
    Lease next = theirs.must_claim(kLease + kSlack);
    EXPECT_EQ(next.token(), 2);
    EXPECT_OK(next.deliver("second"));
    EXPECT_TRUE(eventually(kSlack, [&] { return lease.lost(); }));
    EXPECT_EQ(lease.deliver("late").status, EXOREF_ELEASE);
}

static void D7_a_client_that_lost_its_lease_and_claims_again_publishes_by_the_second_alone(void **) {
    RedisServer server;
    FaultProxy proxy(server.tcp());
    const Client client(proxy.url(), {{"backoff_max", "50ms"}});
    const Delay delay(client, "d", {{"lease", "1s"}});
    Lease first = delay.must_claim();
    proxy.refuse();
    proxy.cut_all(CutKind::kReset);
    EXPECT_TRUE(eventually(kLease + kSlack, [&] { return first.lost(); }));
    proxy.listen_again();
    Lease second = delay.must_claim(kLease * 2 + kSlack);
    EXPECT_TRUE(second.token() > first.token());
    EXPECT_EQ(first.deliver("from the first").status, EXOREF_ELEASE);
    EXPECT_OK(second.deliver("from the second"));
    EXPECT_EQ(server.must({"HGET", "d", "value"}).text, std::string("from the second"));
}

static void G2_D1_a_server_restarted_in_a_body_gets_the_result_once(void **) {
    RedisServerOptions with;
    with.append_only = true;
    with.config = {"appendfsync always"};
    RedisServer server(with);
    const Client client(server.url(), {{"backoff_max", "50ms"}});
    int runs = 0;
    BodyFunction body = [&](exoref_lease *) {
        if (++runs == 1) {
            server.restart();
        }
        return "run " + std::to_string(runs);
    };
    const Delay delay(client, "d", {{"lease", "20s"}}, &body);
    Value value;
    const Outcome outcome = delay.deref(&value, Millis(60000));
    EXPECT_TRUE_SAYING(outcome.ok(), outcome.show());
    EXPECT_EQ(value.bytes(), std::string("run 1"));
    EXPECT_EQ(server.must({"HGET", "d", "attempt"}).text, std::string("1"));
}

int main(int argc, char **argv) {
    if (started_as_owner(argc, argv)) {
        return own(argv[2]);
    }
    const CMUnitTest tests[] = {
        cmocka_unit_test(G5_D1_an_owner_killed_in_its_body_is_followed_within_a_lease),
        cmocka_unit_test(G5_D1_an_idle_body_elsewhere_takes_over_from_one_that_was_killed),
        cmocka_unit_test(D7_an_owner_that_stood_still_is_told_and_its_late_result_is_refused),
        cmocka_unit_test(D7_an_owner_that_hears_nothing_loses_the_lease_by_its_own_clock),
        cmocka_unit_test(D7_an_owner_whose_renewals_are_lost_is_followed),
        cmocka_unit_test(D7_a_client_that_lost_its_lease_and_claims_again_publishes_by_the_second_alone),
        cmocka_unit_test(G2_D1_a_server_restarted_in_a_body_gets_the_result_once),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
