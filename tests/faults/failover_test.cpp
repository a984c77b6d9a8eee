// Failover: a real primary with a real replica, whose link is cut before the primary dies, so that what was acknowledged last
// is lost; and failovers that lose nothing, or everything. Clients are led to the new primary as by a moved address.
#include <string>
#include <thread>

#include "faults/api.hpp"
#include "faults/expect.hpp"
#include "faults/watch_log.hpp"
#include "support/fault_proxy.hpp"
#include "support/redis_server.hpp"

using namespace exo::faults;
using namespace exo::support;

namespace {

RedisServerOptions replica_of(const Endpoint &primary) {
    RedisServerOptions options;
    options.config = {"replicaof " + primary.host + " " + std::to_string(primary.port), "repl-diskless-sync yes",
                      "repl-diskless-sync-delay 0"};
    return options;
}

RedisServerOptions syncing_at_once() {
    RedisServerOptions options;
    options.config = {"repl-diskless-sync yes", "repl-diskless-sync-delay 0"};
    return options;
}

struct Pair {
    RedisServer primary{syncing_at_once()};
    FaultProxy replication{primary.tcp()};
    RedisServer replica{replica_of(replication.endpoint())};
    FaultProxy front{primary.tcp()};

    Pair() {
        EXPECT_TRUE_SAYING(
            eventually(Millis(20000), [&] { return replica.info("replication")["master_link_status"] == "up"; }),
            "the replica never caught up; its log:\n" + replica.log());
    }

    std::string at_replica(const std::string &field) { return replica.cli({"HGET", "n", field}).text; }
    void wait_replicated(const std::string &value) {
        EXPECT_TRUE(eventually(Millis(20000), [&] { return at_replica("value") == value; }));
    }
    // From now on the replica lags. What it has got is what it keeps.
    void cut_replication() {
        replication.refuse();
        EXPECT_TRUE(replication.cut_all(CutKind::kReset) >= 1);
        EXPECT_TRUE(
            eventually(Millis(20000), [&] { return replica.info("replication")["master_link_status"] == "down"; }));
    }
    // The primary is gone, the replica takes its place; clients still find nobody.
    void promote() {
        front.refuse();
        primary.kill9();
        replica.must({"REPLICAOF", "NO", "ONE"});
        front.cut_all(CutKind::kReset);
        front.set_target(replica.tcp());
    }
    void lead_clients_there() { front.listen_again(); }
};

// A client that goes by the front door, what it uses, and what its watch was told.
struct Watcher {
    explicit Watcher(FaultProxy &front, const std::string &history = "64")
        : client(front.url(), {{"sweep_interval", "300ms"}, {"backoff_max", "50ms"}}),
          atom(client, "n", "0", {{"history", history}}),
          log(atom, "log") {}

    Client client;
    Atom atom;
    WatchLog log;
};

// Counts up to 3, of which all is replicated, and then to 5 at a primary whose replica hears nothing any more.
void count_to_3_and_lose_5(Pair &pair, Watcher &watcher, Value *last = nullptr) {
    for (int i = 1; i <= 3; ++i) {
        EXPECT_OK(watcher.atom.add());
    }
    pair.wait_replicated("3");
    pair.cut_replication();
    EXPECT_OK(watcher.atom.add());
    EXPECT_OK(watcher.atom.swap(adding(1), Millis(10000), last));
    EXPECT_TRUE(watcher.log.wait_for_value("5"));
    EXPECT_EQ(pair.at_replica("value"), std::string("3"));
}

}  // namespace

static void G3_G8_a_failover_that_loses_nothing_is_no_event(void **) {
    Pair pair;
    Watcher watcher(pair.front);
    for (int i = 1; i <= 10; ++i) {
        EXPECT_OK(watcher.atom.add());
    }
    pair.wait_replicated("10");
    pair.promote();
    {
        const Client other(pair.replica.url());
        Atom same(other, "n", "");
        EXPECT_OK(same.add());
    }
    pair.lead_clients_there();
    EXPECT_OK(watcher.atom.add());
    EXPECT_TRUE(watcher.log.wait_for_value("12"));
    EXPECT_GOOD_LOG(watcher.log);
    EXPECT_EQ(watcher.log.changes().size(), 12U);
    for (const Change &change : watcher.log.changes()) {
        EXPECT_TRUE_SAYING(change.flags == 0 && change.missed == 0, change.show());
    }
}

// The old primary lives on as the new one's replica: who is still connected to it is refused there and leaves.
static void G1_G3_clients_leave_a_primary_that_was_made_a_replica(void **) {
    Pair pair;
    Watcher watcher(pair.front);
    EXPECT_OK(watcher.atom.add());
    pair.wait_replicated("1");
    pair.replica.must({"REPLICAOF", "NO", "ONE"});
    pair.front.set_target(pair.replica.tcp());
    pair.primary.must({"REPLICAOF", pair.replica.tcp().host, std::to_string(pair.replica.tcp().port)});
    EXPECT_OK(watcher.atom.add());
    EXPECT_EQ(pair.at_replica("value"), std::string("2"));
    EXPECT_TRUE(watcher.log.wait_for_value("2"));
    const Client other(pair.replica.url());
    Atom same(other, "n", "");
    EXPECT_OK(same.add());
    EXPECT_TRUE(watcher.log.wait_for_value("3"));
    EXPECT_GOOD_LOG(watcher.log);
    EXPECT_EQ(watcher.log.missed(), 0U);
}

static void G8_watchers_are_told_of_a_failover_to_a_replica_that_lagged(void **) {
    Pair pair;
    Watcher watcher(pair.front);
    count_to_3_and_lose_5(pair, watcher);
    pair.promote();
    pair.lead_clients_there();
    EXPECT_TRUE(watcher.log.wait_for_flag(EXOREF_CHANGE_REWOUND));
    EXPECT_TRUE(watcher.log.wait_for_value("3"));
    EXPECT_EQ(watcher.log.changes().back().version, 4U);
    EXPECT_OK(watcher.atom.add(10));
    EXPECT_TRUE(watcher.log.wait_for_value("13"));
    EXPECT_GOOD_LOG(watcher.log);
    EXPECT_TRUE_SAYING(watcher.client.stat("rewinds") >= 1, "the loss was not counted");
}

// The new primary has gone past the number of the version that was lost: no number shows it. And where the history does not
// reach back so far, it is the list of servers that tells.
static void grown_past_what_was_lost(const std::string &history) {
    Pair pair;
    Watcher watcher(pair.front, history);
    count_to_3_and_lose_5(pair, watcher);
    pair.promote();
    {
        const Client other(pair.replica.url());
        Atom same(other, "n", "");
        for (int i = 0; i < 5; ++i) {
            EXPECT_OK(same.add(100));
        }
    }
    pair.lead_clients_there();
    EXPECT_TRUE(watcher.log.wait_for_flag(EXOREF_CHANGE_REWOUND));
    EXPECT_TRUE(watcher.log.wait_for_value("503"));
    EXPECT_EQ(watcher.log.changes().back().version, 9U);
    EXPECT_OK(watcher.atom.add());
    EXPECT_TRUE(watcher.log.wait_for_value("504"));
}

static void G8_watchers_are_told_of_a_failover_whose_history_has_grown_past_what_was_lost(void **) {
    grown_past_what_was_lost("64");
    grown_past_what_was_lost("2");
}

// On the new primary a state stands that has the lost one's epoch, version and bytes. It is another all the same.
static void G8_A2_a_state_lost_in_a_failover_is_never_the_base_of_a_change(void **) {
    Pair pair;
    Watcher watcher(pair.front);
    Value lost;
    count_to_3_and_lose_5(pair, watcher, &lost);
    EXPECT_EQ(lost.version(), 6U);
    pair.promote();
    const Client other(pair.replica.url());
    Atom same(other, "n", "");
    EXPECT_OK(same.add());
    Value twin;
    EXPECT_OK(same.swap(adding(1), Millis(10000), &twin));
    EXPECT_EQ(twin.version(), lost.version());
    EXPECT_EQ(twin.bytes(), lost.bytes());
    pair.lead_clients_there();
    bool swapped = true;
    EXPECT_OK(watcher.atom.compare_and_set_at(lost, "upon the lost one", &swapped));
    EXPECT_TRUE(!swapped);
    EXPECT_EQ(same.must_deref().version(), twin.version());
    EXPECT_OK(watcher.atom.compare_and_set_at(twin, "upon the one that stands", &swapped));
    EXPECT_TRUE(swapped);
}

// What this client takes for the newest state was lost. Its writes neither rest on it nor are stopped by it.
static void G8_A1_A4_writes_go_on_after_a_failover_that_lost_what_they_knew(void **) {
    Pair pair;
    Watcher watcher(pair.front);
    count_to_3_and_lose_5(pair, watcher);
    pair.promote();
    pair.lead_clients_there();
    EXPECT_OK(watcher.atom.add());
    EXPECT_EQ(watcher.atom.must_deref().bytes(), std::string("4"));
    EXPECT_OK(watcher.atom.reset("9"));
    EXPECT_EQ(watcher.atom.must_deref().version(), 6U);
}

// A write was done by the old primary and its reply lost; the repeat meets the new one. `replicated`: the new one has the write, and
// its record; else it has gone the way of the last `lost_before` writes.
static void repeat_over_a_failover(bool unconditional, bool replicated, int lost_before) {
    Pair pair;
    Watcher watcher(pair.front);
    EXPECT_OK(watcher.atom.add());
    pair.wait_replicated("1");
    if (!replicated) {
        pair.cut_replication();
    }
    for (int i = 0; i < lost_before; ++i) {
        EXPECT_OK(watcher.atom.add(100));
    }
    const RuleId lost = pair.front.arm(Rule::lose_reply(any_script()));
    pair.front.refuse();
    Outcome outcome;
    Value told;
    const std::string mine = "1000";
    std::thread caller([&] {
        outcome = unconditional ? watcher.atom.reset(mine, Millis(20000), &told)
                                : watcher.atom.swap([&](const std::string &) { return mine; }, Millis(20000), &told);
    });
    const bool fired = pair.front.wait_fired(lost);
    const std::string done = pair.primary.cli({"HGET", "n", "value"}).text;
    if (replicated) {
        eventually(Millis(20000), [&] { return pair.at_replica("value") == mine; });
    }
    const std::string kept = pair.at_replica("value");
    pair.promote();
    pair.lead_clients_there();
    caller.join();
    EXPECT_TRUE(fired);
    EXPECT_EQ(done, mine);
    EXPECT_EQ(kept, replicated ? mine : std::string("1"));
    EXPECT_TRUE_SAYING(outcome.ok() || outcome.unknown(), outcome.show());
    const Value now = watcher.atom.must_deref();
    if (replicated) {
        EXPECT_OK(outcome);
    }
    if (outcome.ok()) {
        // Once: the version after the one that it was made upon.
        EXPECT_EQ(now.bytes(), mine);
        EXPECT_EQ(now.version(), told.version());
        EXPECT_EQ(now.version(), 3U);
    } else {
        EXPECT_TRUE_SAYING((now.bytes() == "1" && now.version() == 2U) || (now.bytes() == mine && now.version() == 3U),
                           now.bytes());
    }
}

static void G2_G8_a_repeat_that_meets_its_record_on_the_new_primary_is_exact(void **) {
    repeat_over_a_failover(false, true, 0);
    repeat_over_a_failover(true, true, 0);
}

static void G2_G8_a_repeat_whose_original_was_lost_in_a_failover_is_applied_once_or_unknown(void **) {
    for (int lost_before = 0; lost_before < 3; ++lost_before) {
        repeat_over_a_failover(false, false, lost_before);
        repeat_over_a_failover(true, false, lost_before);
    }
}

// A primary without persistence comes back empty, before anybody has promoted its replica: the replica copies the emptiness.
static void G8_C10_a_primary_that_came_back_empty_and_emptied_its_replica_has_deleted_everything(void **) {
    Pair pair;
    Watcher watcher(pair.front);
    EXPECT_OK(watcher.atom.add());
    EXPECT_TRUE(watcher.log.wait_for_value("1"));
    pair.wait_replicated("1");
    pair.front.refuse();
    pair.primary.restart();
    EXPECT_TRUE(eventually(Millis(30000), [&] { return pair.replica.cli({"DBSIZE"}).integer == 0; }));
    pair.promote();
    pair.lead_clients_there();
    EXPECT_TRUE(watcher.log.wait_for_flag(EXOREF_CHANGE_DELETED));
    EXPECT_EQ(watcher.log.changes().size(), 2U);
    Value value;
    EXPECT_EQ(watcher.atom.deref(&value).status, EXOREF_ENOTFOUND);
    EXPECT_EQ(watcher.atom.add().status, EXOREF_ENOTFOUND);
    const Atom again(watcher.client, "n", "new");
    EXPECT_TRUE(again.created());
    EXPECT_TRUE(watcher.log.wait_for_flag(EXOREF_CHANGE_RECREATED));
    EXPECT_TRUE(watcher.log.wait_for_value("new"));
}

// The repeat of a write whose record went with everything else: nobody can know.
static void G2_G8_a_repeat_that_meets_an_emptied_replica_is_unknown(void **) {
    Pair pair;
    Watcher watcher(pair.front);
    EXPECT_OK(watcher.atom.add());
    pair.wait_replicated("1");
    const RuleId lost = pair.front.arm(Rule::lose_reply(any_script()));
    pair.front.refuse();
    Outcome outcome;
    std::thread caller([&] { outcome = watcher.atom.reset("mine", Millis(60000)); });
    const bool fired = pair.front.wait_fired(lost);
    pair.primary.restart();
    const bool emptied = eventually(Millis(30000), [&] { return pair.replica.cli({"DBSIZE"}).integer == 0; });
    pair.promote();
    pair.lead_clients_there();
    caller.join();
    EXPECT_TRUE(fired);
    EXPECT_TRUE(emptied);
    EXPECT_TRUE_SAYING(outcome.status == EXOREF_EUNKNOWN, outcome.show());
    EXPECT_EQ(outcome.reason, EXOREF_REASON_DATA_LOST);
    EXPECT_EQ(pair.replica.must({"DBSIZE"}).integer, 0);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(G3_G8_a_failover_that_loses_nothing_is_no_event),
        cmocka_unit_test(G1_G3_clients_leave_a_primary_that_was_made_a_replica),
        cmocka_unit_test(G8_watchers_are_told_of_a_failover_to_a_replica_that_lagged),
        cmocka_unit_test(G8_watchers_are_told_of_a_failover_whose_history_has_grown_past_what_was_lost),
        cmocka_unit_test(G8_A2_a_state_lost_in_a_failover_is_never_the_base_of_a_change),
        cmocka_unit_test(G8_A1_A4_writes_go_on_after_a_failover_that_lost_what_they_knew),
        cmocka_unit_test(G2_G8_a_repeat_that_meets_its_record_on_the_new_primary_is_exact),
        cmocka_unit_test(G2_G8_a_repeat_whose_original_was_lost_in_a_failover_is_applied_once_or_unknown),
        cmocka_unit_test(G8_C10_a_primary_that_came_back_empty_and_emptied_its_replica_has_deleted_everything),
        cmocka_unit_test(G2_G8_a_repeat_that_meets_an_emptied_replica_is_unknown),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
