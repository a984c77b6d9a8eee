// With `retry`, after a failover that lost failed attempts: who waits is told no failure that came before it began to wait, and misses
// none that comes after (G5, D2). The failover is made by putting back what the replica had of the key.
#include "faults/delay.hpp"
#include "faults/expect.hpp"
#include "support/fault_proxy.hpp"
#include "support/redis_server.hpp"

using namespace exo::faults;
using namespace exo::support;

namespace {

struct Rig {
    RedisServer server;
    FaultProxy proxy{server.tcp()};
    Client owner{server.url()};
    Client waits{proxy.url(), {{"sweep_interval", "100ms"}}};
    Delay mine{owner, "d", {{"retry", "true"}, {"lease", "60s"}}};
    Delay theirs{waits, "d"};

    void fail_attempt(const std::string &message) {
        Lease lease;
        EXPECT_OK(mine.claim(&lease));
        EXPECT_TRUE(static_cast<bool>(lease));
        EXPECT_OK(lease.publish_failure(message));
    }
    // A wait that knows what failed before it.
    Forcing begin_to_wait(const Delay &delay) {
        const RuleId read = proxy.arm(Rule::observe(Direction::kToClient, command_is("HMGET")));
        Forcing forcing(delay);
        EXPECT_TRUE(proxy.wait_fired(read));
        return forcing;
    }
    // Those who wait have asked since this began, and been answered; or nobody waits any more.
    void let_ask(const Forcing &forcing) {
        const RuleId asked = proxy.arm(Rule::observe(Direction::kToClient, script_with("d")));
        EXPECT_TRUE(eventually(Millis(10000), [&] { return proxy.fired(asked) >= 3 || forcing.over(); }));
    }
    void replicate() { server.must({"COPY", "d", "replica", "REPLACE"}); }
    void fail_over() { server.must({"COPY", "replica", "d", "REPLACE"}); }
};

void expect_failure(Forcing &forcing, const std::string &message) {
    const Outcome outcome = forcing.within(Millis(10000));
    EXPECT_TRUE_SAYING(outcome.status == EXOREF_EBODY, outcome.show());
    EXPECT_EQ(outcome.message, message);
}

}  // namespace

static void G5_D2_an_older_failure_that_comes_back_is_not_told_and_the_next_one_is(void **) {
    Rig rig;
    rig.fail_attempt("first");
    rig.replicate();
    rig.fail_attempt("second, which is lost");
    Forcing forcing = rig.begin_to_wait(rig.theirs);
    rig.let_ask(forcing);
    EXPECT_TRUE(!forcing.over());
    rig.fail_over();
    rig.let_ask(forcing);
    EXPECT_TRUE_SAYING(!forcing.over(), "told: " + forcing.within(Millis(0)).message);
    rig.fail_attempt("second again");
    expect_failure(forcing, "second again");
}

// What each wait knows is its own: one that began after the failover knows the older failure.
static void G5_D2_waits_before_and_after_a_failover_are_each_told_what_is_news_to_them(void **) {
    Rig rig;
    rig.fail_attempt("first");
    rig.replicate();
    rig.fail_attempt("second, which is lost");
    rig.fail_attempt("third, which is lost");
    Forcing before = rig.begin_to_wait(rig.theirs);
    rig.fail_over();
    Forcing after = rig.begin_to_wait(rig.theirs);
    rig.let_ask(after);
    EXPECT_TRUE(!before.over() && !after.over());
    rig.fail_attempt("second again");
    expect_failure(after, "second again");
    // The one who knows the third can't tell the second from an older one: it waits for the next.
    rig.let_ask(before);
    EXPECT_TRUE(!before.over());
    rig.fail_attempt("third again");
    expect_failure(before, "third again");
}

// The one who waits claims itself: the failure that came back keeps it from nothing.
static void G5_D2_who_waits_with_a_body_runs_it_after_a_failover_and_is_not_told_the_past(void **) {
    Rig rig;
    BodyFunction body = [](exoref_lease *lease) { return "by " + std::to_string(exoref_lease_token(lease)); };
    rig.fail_attempt("first");
    rig.replicate();
    rig.fail_attempt("second, which is lost");
    Lease lost = rig.mine.must_claim();
    const Delay waiting(rig.waits, "d", {}, &body);
    Forcing forcing = rig.begin_to_wait(waiting);
    EXPECT_TRUE(!forcing.over());
    rig.fail_over();
    const Outcome outcome = forcing.within(Millis(10000));
    EXPECT_TRUE_SAYING(outcome.ok(), outcome.show());
    EXPECT_EQ(forcing.value(), std::string("by 2"));
    EXPECT_EQ(lost.deliver("of the lost branch").status, EXOREF_ELEASE);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(G5_D2_an_older_failure_that_comes_back_is_not_told_and_the_next_one_is),
        cmocka_unit_test(G5_D2_waits_before_and_after_a_failover_are_each_told_what_is_news_to_them),
        cmocka_unit_test(G5_D2_who_waits_with_a_body_runs_it_after_a_failover_and_is_not_told_the_past),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
