// Deliveries whose command or answer is lost, or comes late; and a server that forgets them: one value, and every outcome is said
// as it is.
#include <algorithm>
#include <thread>
#include <vector>

#include "faults/expect.hpp"
#include "faults/promise.hpp"
#include "support/fault_proxy.hpp"
#include "support/redis_server.hpp"

using namespace exo::faults;
using namespace exo::support;

namespace {

struct Rig {
    RedisServer server;
    FaultProxy proxy{server.tcp()};
    Client direct{server.url()};
    Client client{proxy.url(), {{"backoff_max", "50ms"}}};
    Promise mine{client, "k"};
    Promise theirs{direct, "k"};

    // The server knows the scripts: what is lost or late is no refusal of one that it does not know.
    Rig() { EXPECT_OK(Promise(direct, "warm").deliver("x")); }

    // Lets the command that was held go on and waits until the server has answered it.
    std::string let_it_arrive() {
        for (const LinkInfo &link : proxy.links()) {
            if (link.held > 0) {
                proxy.release(link.id);
                EXPECT_TRUE(proxy.wait_orphan_replies(link.id, 1));
                return proxy.link(link.id).orphan_replies.front();
            }
        }
        FAIL_TEST("nothing was held");
    }
};

}  // namespace

static void G2_P1_a_delivery_whose_answer_is_lost_has_delivered(void **) {
    Rig rig;
    const RuleId rule = rig.proxy.arm(Rule::lose_reply(any_script()));
    bool delivered = false;
    Value standing;
    EXPECT_OK(rig.mine.deliver("mine", &delivered, &standing));
    EXPECT_EQ(rig.proxy.fired(rule), 1U);
    EXPECT_TRUE(delivered);
    EXPECT_EQ(standing.bytes(), std::string("mine"));
    EXPECT_EQ(rig.client.stat("resends_recorded"), 1);
    EXPECT_OK(rig.theirs.deliver("theirs", &delivered, &standing));
    EXPECT_TRUE(!delivered);
    EXPECT_EQ(standing.bytes(), std::string("mine"));
}

static void G2_P1_an_original_that_comes_after_its_repeat_changes_nothing(void **) {
    Rig rig;
    rig.proxy.arm(Rule::hold_command(any_script()));
    bool delivered = false;
    EXPECT_OK(rig.mine.deliver("mine", &delivered));
    EXPECT_TRUE(delivered);
    const std::string before = rig.server.must({"DUMP", "k"}).text;
    rig.let_it_arrive();
    EXPECT_TRUE(rig.server.must({"DUMP", "k"}).text == before);
}

static void G2_P1_an_original_that_comes_after_somebody_elses_delivery_does_not_deliver(void **) {
    Rig rig;
    rig.proxy.arm(Rule::hold_command(any_script()));
    rig.proxy.refuse();
    bool delivered = false;
    std::thread other;
    const Outcome outcome = rig.mine.deliver("mine", &delivered, nullptr, Millis(300));
    EXPECT_TRUE_SAYING(outcome.unknown() && outcome.reason == EXOREF_REASON_TIMEOUT, outcome.show());
    EXPECT_OK(rig.theirs.deliver("theirs", &delivered));
    EXPECT_TRUE(delivered);
    rig.let_it_arrive();
    rig.proxy.listen_again();
    Value value;
    EXPECT_OK(rig.mine.deref(&value));
    EXPECT_EQ(value.bytes(), std::string("theirs"));
}

static void G2_C10_an_original_that_comes_to_the_next_promise_of_that_name_does_not_deliver_it(void **) {
    Rig rig;
    rig.proxy.arm(Rule::hold_command(any_script()));
    EXPECT_OK(rig.mine.deliver("mine"));
    EXPECT_EQ(exoref_delete(rig.direct.get(), "k", 1, scaled(Millis(10000)).count(), nullptr, nullptr), EXOREF_OK);
    Promise next(rig.direct, "k");
    rig.let_it_arrive();
    EXPECT_TRUE(!next.realized());
}

static void G2_a_repeat_that_finds_the_promise_gone_is_unknown(void **) {
    Rig rig;
    rig.proxy.arm(Rule::lose_reply(any_script()));
    rig.proxy.arm([] {
        Rule rule;
        rule.direction = Direction::kToServer;
        rule.action = Action::kHold;
        rule.match = any_script();
        rule.nth = 2;
        return rule;
    }());
    std::string how;
    std::thread delivering([&] {
        const Outcome outcome = rig.mine.deliver("mine");
        how = outcome.unknown() ? "unknown" : outcome.show();
    });
    const bool held = eventually(Millis(10000), [&] { return rig.proxy.stats().held > 0; });
    rig.server.must({"DEL", "k"});
    rig.proxy.release_all();
    delivering.join();
    EXPECT_TRUE(held);
    EXPECT_EQ(how, std::string("unknown"));
}

// Every one of many deliveries, through a proxy that loses one reply in three, ends as delivered by exactly one.
static void G2_P1_of_many_deliveries_with_lost_answers_exactly_one_has_delivered(void **) {
    RedisServer server;
    FaultProxy proxy(server.tcp());
    proxy.arm(Rule::lose_reply(any_script(), 0.33, kAlways));
    const Client client(proxy.url(), {{"backoff_max", "20ms"}}), other(proxy.url(), {{"backoff_max", "20ms"}});
    for (int round = 0; round < 20; ++round) {
        const std::string key = "k" + std::to_string(round);
        Promise mine(client, key), theirs(other, key);
        bool by_me = false, by_them = false;
        Outcome me, them;
        std::thread thread([&] { them = theirs.deliver("theirs", &by_them); });
        me = mine.deliver("mine", &by_me);
        thread.join();
        EXPECT_OK(me);
        EXPECT_OK(them);
        EXPECT_TRUE(by_me != by_them);
        EXPECT_EQ(server.must({"HGET", key, "value"}).text, std::string(by_me ? "mine" : "theirs"));
    }
    EXPECT_TRUE(proxy.stats().lost_script_replies > 0);
}

static void G8_a_promise_stays_as_it_was_read_when_the_server_forgets_it(void **) {
    RedisServerOptions options;
    options.append_only = true;
    RedisServer server(options);
    const Client client(server.url(), {{"backoff_max", "50ms"}});
    Promise promise(client, "k");
    const std::uint64_t kept = server.aof_size();
    EXPECT_OK(promise.deliver("read"));
    server.kill9();
    server.truncate_aof(server.aof_size() - kept);
    server.restart();
    const Client other(server.url());
    Promise same(other, "k");
    EXPECT_TRUE(!same.realized());
    EXPECT_OK(same.deliver("another"));
    Value value;
    EXPECT_OK(promise.deref(&value));
    EXPECT_EQ(value.bytes(), std::string("read"));
    EXPECT_TRUE(promise.realized());
}

static void G6_a_creation_that_is_sent_twice_undelivers_nothing(void **) {
    RedisServer server;
    FaultProxy proxy(server.tcp());
    const Client direct(server.url());
    const Client client(proxy.url(), {{"backoff_max", "50ms"}});
    proxy.arm(Rule::hold_command(any_script()));
    Promise mine(client, "k");
    Promise theirs(direct, "k");
    EXPECT_OK(theirs.deliver("x"));
    const std::string before = server.must({"DUMP", "k"}).text;
    for (const LinkInfo &link : proxy.links()) {
        if (link.held > 0) {
            proxy.release(link.id);
            EXPECT_TRUE(proxy.wait_orphan_replies(link.id, 1));
        }
    }
    EXPECT_TRUE(server.must({"DUMP", "k"}).text == before);
    Value value;
    EXPECT_OK(mine.deref(&value));
    EXPECT_EQ(value.bytes(), std::string("x"));
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(G2_P1_a_delivery_whose_answer_is_lost_has_delivered),
        cmocka_unit_test(G2_P1_an_original_that_comes_after_its_repeat_changes_nothing),
        cmocka_unit_test(G2_P1_an_original_that_comes_after_somebody_elses_delivery_does_not_deliver),
        cmocka_unit_test(G2_C10_an_original_that_comes_to_the_next_promise_of_that_name_does_not_deliver_it),
        cmocka_unit_test(G2_a_repeat_that_finds_the_promise_gone_is_unknown),
        cmocka_unit_test(G2_P1_of_many_deliveries_with_lost_answers_exactly_one_has_delivered),
        cmocka_unit_test(G8_a_promise_stays_as_it_was_read_when_the_server_forgets_it),
        cmocka_unit_test(G6_a_creation_that_is_sent_twice_undelivers_nothing),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
