// Who waits for a delay: in large numbers, with messages that are missed, and what all that costs the server (G4, D1, D2).
#include <memory>
#include <vector>

#include "faults/delay.hpp"
#include "faults/expect.hpp"
#include "support/fault_proxy.hpp"
#include "support/redis_server.hpp"

using namespace exo::faults;
using namespace exo::support;

namespace {

std::uint64_t number(RedisServer &server, const std::string &key, const std::string &field) {
    return std::strtoull(server.must({"HGET", key, field}).text.c_str(), nullptr, 10);
}

std::uint64_t reads_of(RedisServer &server) {
    const std::string info = server.must({"INFO", "stats"}).text;
    const std::size_t at = info.find("total_reads_processed:");
    if (at == std::string::npos) {
        fatal("the server does not count its reads");
    }
    return std::strtoull(info.c_str() + at + sizeof "total_reads_processed:" - 1, nullptr, 10);
}

}  // namespace

static void D1_two_hundred_clients_force_one_delay_and_one_body_runs(void **) {
    constexpr int kClients = 200;
    RedisServer server;
    std::atomic<int> runs{0};
    BodyFunction body = [&](exoref_lease *) { return "run " + std::to_string(++runs); };
    std::vector<std::unique_ptr<Client>> clients;
    std::vector<Delay> delays;
    std::vector<Forcing> forcing;
    for (int i = 0; i < kClients; ++i) {
        clients.push_back(std::make_unique<Client>(server.unix_url(), OptionList{}, Millis(60000)));
        delays.emplace_back(*clients.back(), "d", OptionList{}, &body);
    }
    for (const Delay &delay : delays) {
        forcing.emplace_back(delay);
    }
    for (Forcing &one : forcing) {
        const Outcome outcome = one.within(Millis(60000));
        EXPECT_TRUE_SAYING(outcome.ok(), outcome.show());
        EXPECT_EQ(one.value(), std::string("run 1"));
    }
    EXPECT_EQ(runs.load(), 1);
    EXPECT_EQ(number(server, "d", "attempt"), 1U);
}

// Half of those who wait hear no message: the sweep tells them the same failure, once, and no other attempt is begun by it.
static void D2_with_retry_each_of_many_waiters_is_told_once(void **) {
    constexpr int kEach = 100;
    RedisServer server;
    FaultProxy proxy(server.tcp());
    const OptionList retry = {{"retry", "true"}};
    const Client owner(server.url()), hears(server.url(), {{"sweep_interval", "1h"}});
    const Client deaf(proxy.url(), {{"sweep_interval", "500ms"}});
    const Delay mine(owner, "d", retry), heard(hears, "d"), missed(deaf, "d");
    Rule lose = Rule::observe(Direction::kToClient, any_push());
    lose.action = Action::kDrop;
    lose.times = kAlways;
    proxy.arm(lose);
    Lease lease = mine.must_claim();
    server.reset_calls();
    std::vector<Forcing> forcing;
    for (int i = 0; i < kEach; ++i) {
        forcing.emplace_back(heard);
        forcing.emplace_back(missed);
    }
    // Settled: what is begun after them on the same connection comes after their first look, and after the one that follows it for
    // those who came meanwhile.
    for (const Client *const client : {&hears, &deaf, &hears, &deaf}) {
        EXPECT_EQ(exoref_client_ping(client->get(), scaled(Millis(20000)).count(), nullptr, nullptr, nullptr),
                  EXOREF_OK);
    }
    EXPECT_TRUE(eventually(Millis(20000), [&] {
        return server.must({"PUBSUB", "NUMSUB", "d"}).elements[1].integer == 3 && server.calls("evalsha") >= 2;
    }));
    EXPECT_OK(lease.publish_failure("attempt 1"));
    for (Forcing &one : forcing) {
        const Outcome outcome = one.within(Millis(500) + kSlack);
        EXPECT_EQ(outcome.status, EXOREF_EBODY);
        EXPECT_EQ(outcome.message, std::string("attempt 1"));
    }
    EXPECT_EQ(number(server, "d", "attempt"), 1U);
    EXPECT_EQ(server.must({"HGET", "d", "state"}).text, std::string("open"));
    // A deref begun now waits for the second attempt.
    Forcing later(missed);
    Lease second = mine.must_claim();
    EXPECT_EQ(second.token(), 2);
    EXPECT_OK(second.deliver("v"));
    EXPECT_OK(later.within(Millis(500) + kSlack));
}

static void G4_a_realization_whose_message_is_lost_is_found_by_the_sweep(void **) {
    RedisServer server;
    FaultProxy proxy(server.tcp());
    const Client owner(server.url()), deaf(proxy.url(), {{"sweep_interval", "300ms"}});
    const Delay mine(owner, "d"), theirs(deaf, "d");
    Rule lose = Rule::observe(Direction::kToClient, any_push());
    lose.action = Action::kDrop;
    lose.times = kAlways;
    proxy.arm(lose);
    Lease lease = mine.must_claim();
    server.reset_calls();
    Forcing forcing(theirs);
    // Its request: from now on only a message or the sweep tells it more.
    EXPECT_TRUE(eventually(Millis(10000), [&] { return server.calls("evalsha") > 0; }));
    EXPECT_OK(lease.deliver("v"));
    const Outcome outcome = forcing.within(Millis(300) + kSlack);
    EXPECT_TRUE_SAYING(outcome.ok(), outcome.show());
    EXPECT_EQ(forcing.value(), std::string("v"));
}

// The request of one who waits is missed by the idle body: its own sweep finds it.
static void G4_a_request_whose_message_is_lost_is_found_by_the_sweep_of_the_idle_body(void **) {
    RedisServer server;
    FaultProxy proxy(server.tcp());
    const Client asks(server.url(), {{"sweep_interval", "1h"}}), deaf(proxy.url(), {{"sweep_interval", "300ms"}});
    Rule lose = Rule::observe(Direction::kToClient, any_push());
    lose.action = Action::kDrop;
    lose.times = kAlways;
    proxy.arm(lose);
    BodyFunction body = [](exoref_lease *) { return std::string("served"); };
    const Delay mine(deaf, "d", {}, &body), theirs(asks, "d");
    EXPECT_TRUE(eventually(Millis(10000), [&] {
        return server.must({"PUBSUB", "NUMSUB", "d"}).elements[1].integer == 1;
    }));
    Forcing forcing(theirs);
    const Outcome outcome = forcing.within(Millis(300) + kSlack);
    EXPECT_TRUE_SAYING(outcome.ok(), outcome.show());
    EXPECT_EQ(forcing.value(), std::string("served"));
}

static void G5_a_thousand_leases_are_renewed_together(void **) {
    constexpr int kLeases = 1000;
    RedisServer server;
    const Client client(server.unix_url());
    std::vector<Delay> delays;
    std::vector<Lease> leases;
    for (int i = 0; i < kLeases; ++i) {
        delays.emplace_back(client, "d" + std::to_string(i), OptionList{{"lease", "6s"}});
        leases.push_back(delays.back().must_claim());
    }
    // Until each has been renewed since: a read of the server's takes many of them in, and none takes a turn of its own.
    server.reset_calls();
    const std::uint64_t before = reads_of(server);
    std::uint64_t looks = 1;
    EXPECT_TRUE(eventually(Millis(20000), [&] {
        ++looks;
        return server.calls("evalsha") >= kLeases;
    }));
    const std::uint64_t asked = reads_of(server) - before;
    EXPECT_TRUE_SAYING(asked < looks + kLeases / 4,
                       std::to_string(asked) + " reads, " + std::to_string(looks) + " ours");
    for (const Lease &lease : leases) {
        EXPECT_TRUE(!lease.lost());
    }
}

static void D1_a_first_force_costs_three_round_trips_at_most(void **) {
    RedisServer server;
    FaultProxy proxy(server.tcp());
    const Client client(proxy.url(), {{"health_interval", "1h"}});
    BodyFunction body = [](exoref_lease *) { return std::string(); };
    Value value;
    {
        // The scripts are there from now on.
        const Delay warm(client, "warm", {}, &body);
        EXPECT_OK(warm.deref(&value));
    }
    const RuleId opening = proxy.arm(Rule::observe(Direction::kToClient, script_with("cold")));
    const Delay delay(client, "cold", {}, &body);
    // The creation, and the one question of a body that serves, once its subscription stands.
    EXPECT_TRUE(proxy.wait_fired(opening, 2));
    Rule all = Rule::observe(Direction::kToServer, [](const Frame &frame) { return !frame.subscriber; });
    all.times = kAlways;
    const RuleId asked = proxy.arm(all);
    EXPECT_OK(delay.deref(&value));
    EXPECT_TRUE_SAYING(proxy.fired(asked) <= 3, std::to_string(proxy.fired(asked)));
    const std::uint64_t before = proxy.fired(asked);
    for (int i = 0; i < 100; ++i) {
        EXPECT_OK(delay.deref(&value));
    }
    EXPECT_EQ(proxy.fired(asked), before);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(D1_two_hundred_clients_force_one_delay_and_one_body_runs),
        cmocka_unit_test(D2_with_retry_each_of_many_waiters_is_told_once),
        cmocka_unit_test(G4_a_realization_whose_message_is_lost_is_found_by_the_sweep),
        cmocka_unit_test(G4_a_request_whose_message_is_lost_is_found_by_the_sweep_of_the_idle_body),
        cmocka_unit_test(G5_a_thousand_leases_are_renewed_together),
        cmocka_unit_test(D1_a_first_force_costs_three_round_trips_at_most),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
