// The server's clock jumps by an hour while clients wait for a delay and own it: whoever dies is followed in time, whoever lives keeps the
// lease or is told, and one result is published (G5, D1, D7).
#include <atomic>
#include <map>
#include <thread>
#include <vector>

#include "faults/delay_process.hpp"
#include "faults/expect.hpp"
#include "support/fault_proxy.hpp"
#include "support/redis_server.hpp"

using namespace exo::faults;
using namespace exo::support;

namespace {

constexpr Millis kHour{3600 * 1000};

RedisServerOptions shifted() {
    RedisServerOptions options;
    options.shifted_clock = true;
    return options;
}

// No sweep: what takes over is who waits.
struct Rig {
    RedisServer server{shifted()};
    Client waits{server.url(), {{"sweep_interval", "1h"}}}, other{server.url(), {{"sweep_interval", "1h"}}};
    std::string field(const std::string &name) { return server.must({"HGET", "d", name}).text; }
    std::int64_t renewals() { return std::strtoll(field("renewals").c_str(), nullptr, 10); }
};

void expect_takeover_after(Millis jump) {
    BodyFunction body = [](exoref_lease *) { return std::string("second"); };
    Rig rig;
    const auto owner = start_owner(rig.server.url());
    const Delay theirs(rig.waits, "d");
    const Delay mine(rig.other, "d", {{"lease", "1s"}}, &body);
    Forcing forcing(theirs);
    Lease none;
    EXPECT_EQ(theirs.claim(&none, Millis(50)).status, EXOREF_ETIMEOUT);
    rig.server.shift_clock(jump);
    kill_it(*owner);
    const TakeoverTime time;
    const Outcome outcome = forcing.within(TakeoverTime::kPatience);
    EXPECT_TAKEN_OVER_IN_TIME(time);
    EXPECT_TRUE_SAYING(outcome.ok(), outcome.show());
    EXPECT_EQ(forcing.value(), std::string("second"));
    EXPECT_EQ(rig.field("value"), std::string("second"));
}

}  // namespace

static void D1_takeover_keeps_its_bound_when_the_clock_is_set_forward(void **) { expect_takeover_after(kHour); }
static void D1_takeover_keeps_its_bound_when_the_clock_is_set_back(void **) { expect_takeover_after(-kHour); }

// Who claims itself does so by its own clock, too.
static void D1_a_claim_keeps_its_bound_when_the_clock_is_set_back(void **) {
    Rig rig;
    const auto owner = start_owner(rig.server.url());
    const Delay delay(rig.waits, "d", {{"lease", "1s"}});
    Lease none;
    EXPECT_EQ(delay.claim(&none, Millis(50)).status, EXOREF_ETIMEOUT);
    rig.server.shift_clock(-kHour);
    kill_it(*owner);
    const TakeoverTime time;
    Lease lease = delay.must_claim(TakeoverTime::kPatience);
    EXPECT_TAKEN_OVER_IN_TIME(time);
    EXPECT_OK(lease.deliver("second"));
}

// A lease granted while the clock was ahead ends, for a clock that is right again, in an hour.
static void D1_takeover_keeps_its_bound_when_the_clock_was_ahead_and_is_right_again(void **) {
    Rig rig;
    rig.server.shift_clock(kHour);
    const auto owner = start_owner(rig.server.url());
    rig.server.shift_clock(Millis(0));
    kill_it(*owner);
    const TakeoverTime time;
    const Delay delay(rig.waits, "d", {{"lease", "1s"}});
    Lease lease = delay.must_claim(TakeoverTime::kPatience);
    EXPECT_TAKEN_OVER_IN_TIME(time);
    EXPECT_EQ(lease.token(), 2);
    EXPECT_OK(lease.deliver("second"));
}

// Nobody takes the lease from an owner that renews it.
static void D1_an_owner_that_lives_keeps_its_lease_when_the_clock_is_set_back(void **) {
    BodyFunction never = [](exoref_lease *) { return std::string("second"); };
    Rig rig;
    const Delay mine(rig.other, "d", {{"lease", "1s"}}), theirs(rig.waits, "d");
    Lease lease = mine.must_claim();
    const Client eager(rig.server.url(), {{"sweep_interval", "100ms"}});
    const Delay wants_it(eager, "d", {{"lease", "1s"}}, &never);
    Forcing forcing(wants_it), waiting(theirs);
    rig.server.shift_clock(-kHour);
    // For two leases by the owner's clock.
    const std::int64_t before = rig.renewals();
    EXPECT_TRUE(eventually(Millis(20000), [&] { return rig.renewals() >= before + 6; }));
    EXPECT_TRUE(!lease.lost());
    EXPECT_EQ(rig.field("token"), std::string("1"));
    EXPECT_OK(lease.deliver("first"));
    EXPECT_OK(forcing.within(kSlack));
    EXPECT_OK(waiting.within(kSlack));
    EXPECT_EQ(forcing.value(), std::string("first"));
}

// The other side of a clock that is set forward: a lease may be taken from one who lives. It is told, and its result is refused.
static void D7_an_owner_whose_lease_ends_by_a_clock_set_forward_is_told_and_refused(void **) {
    Rig rig;
    FaultProxy proxy(rig.server.tcp());
    const Client first(proxy.url(), {{"health_interval", "1h"}});
    const Delay mine(first, "d", {{"lease", "1s"}}), theirs(rig.waits, "d", {{"lease", "1s"}});
    Lease lease = mine.must_claim();
    // Until then no renewal comes between the clock and the next claim.
    Rule hold;
    hold.direction = Direction::kToServer;
    hold.action = Action::kHold;
    hold.match = any_script();
    EXPECT_TRUE(proxy.wait_fired(proxy.arm(hold)));
    rig.server.shift_clock(kHour);
    const TakeoverTime time;
    Lease next = theirs.must_claim(TakeoverTime::kPatience);
    EXPECT_TAKEN_OVER_IN_TIME(time);
    EXPECT_EQ(next.token(), 2);
    proxy.release_all();
    EXPECT_TRUE(eventually(kLease + kSlack, [&] { return lease.lost(); }));
    EXPECT_EQ(lease.deliver("first").status, EXOREF_ELEASE);
    EXPECT_OK(next.deliver("second"));
    EXPECT_EQ(rig.field("value"), std::string("second"));
    Value value;
    EXPECT_OK(mine.deref(&value));
    EXPECT_EQ(value.bytes(), std::string("second"));
}

// Bodies may run at the same time then, but one result is published, and all get it.
static void G5_one_value_is_published_though_the_clock_jumps_all_the_while(void **) {
    constexpr int kClients = 8;
    BodyFunction body = [](exoref_lease *lease) {
        pause_for(Millis(300));
        return "run " + std::to_string(exoref_lease_token(lease));
    };
    Rig rig;
    std::atomic<bool> over{false};
    std::thread jumping([&] {
        for (int n = 0; !over; ++n) {
            rig.server.shift_clock(n % 2 == 0 ? kHour : -kHour);
            pause_for(Millis(250));
        }
    });
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < kClients; ++i) {
        // Who waits asks often enough to see each jump.
        clients.push_back(std::make_unique<Client>(rig.server.url(), OptionList{{"sweep_interval", "100ms"}}));
    }
    std::string problem;
    std::map<std::string, std::string> told;
    int overtaken = 0;
    for (int round = 0; round < 10 && problem.empty(); ++round) {
        const std::string key = "d" + std::to_string(round);
        std::vector<Delay> delays;
        std::vector<Forcing> forcing;
        for (const auto &client : clients) {
            delays.emplace_back(*client, key, OptionList{{"lease", "1s"}}, &body);
            forcing.emplace_back(delays.back());
        }
        for (Forcing &one : forcing) {
            const Outcome outcome = one.within(Millis(30000));
            if (!outcome.ok() || one.value() != forcing.front().value()) {
                problem = key + ": " + outcome.show();
                break;
            }
        }
        told[key] = forcing.front().value();
        overtaken += told[key] == "run 1" ? 0 : 1;
    }
    over = true;
    jumping.join();
    EXPECT_TRUE_SAYING(problem.empty(), problem);
    EXPECT_TRUE_SAYING(overtaken > 0, "no jump took a lease from a running body");
    // Closing waits for all bodies, also those that were overtaken.
    clients.clear();
    for (const auto &[key, value] : told) {
        EXPECT_EQ(rig.server.must({"HGET", key, "value"}).text, value);
    }
}

int main(int argc, char **argv) {
    if (started_as_owner(argc, argv)) {
        return own(argv[2]);
    }
    const CMUnitTest tests[] = {
        cmocka_unit_test(D1_takeover_keeps_its_bound_when_the_clock_is_set_forward),
        cmocka_unit_test(D1_takeover_keeps_its_bound_when_the_clock_is_set_back),
        cmocka_unit_test(D1_a_claim_keeps_its_bound_when_the_clock_is_set_back),
        cmocka_unit_test(D1_takeover_keeps_its_bound_when_the_clock_was_ahead_and_is_right_again),
        cmocka_unit_test(D1_an_owner_that_lives_keeps_its_lease_when_the_clock_is_set_back),
        cmocka_unit_test(D7_an_owner_whose_lease_ends_by_a_clock_set_forward_is_told_and_refused),
        cmocka_unit_test(G5_one_value_is_published_though_the_clock_jumps_all_the_while),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
