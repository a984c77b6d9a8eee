// The server can't serve for now: read-only, busy, stopped, full of clients. A refusal is "certainly not applied": it is tried
// again within the timeout and is no unknown outcome.
#include <functional>
#include <thread>

#include "faults/api.hpp"
#include "faults/expect.hpp"
#include "support/fault_proxy.hpp"
#include "support/redis_server.hpp"

using namespace exo::faults;
using namespace exo::support;

static void G2_a_read_only_replica_changes_nothing_and_passes_when_it_is_primary_again(void **) {
    RedisServer server;
    const Client client(server.url(), {{"backoff_max", "50ms"}});
    Atom atom(client, "n", "0");
    EXPECT_OK(atom.add());
    // Of a primary that is not there, so that its data stay.
    server.must({"REPLICAOF", "127.0.0.1", std::to_string(free_port())});
    const Outcome outcome = atom.add(1, Millis(500));
    EXPECT_TRUE_SAYING(outcome.not_applied(), outcome.show());
    server.must({"REPLICAOF", "NO", "ONE"});
    EXPECT_OK(atom.add(1, Millis(10000)));
    EXPECT_EQ(atom.must_deref().bytes(), std::string("2"));
}

static void G2_a_busy_server_is_waited_for(void **) {
    RedisServerOptions options;
    options.config = {"busy-reply-threshold 50"};
    RedisServer server(options);
    const Client client(server.url());
    Atom atom(client, "n", "0");
    EXPECT_OK(atom.add());
    RedisClient blocker(server.tcp(), Millis(30000));
    EXPECT_TRUE(blocker.send({"EVAL", "while true do end", "0"}));
    EXPECT_TRUE(eventually(Millis(10000), [&] { return server.cli({"PING"}).text.find("BUSY") == 0; }));
    const Outcome outcome = atom.add(1, Millis(300));
    EXPECT_TRUE_SAYING(outcome.not_applied(), outcome.show());
    std::thread later([&] {
        pause_for(Millis(200));
        server.cli({"SCRIPT", "KILL"});
    });
    const Outcome patient = atom.add(1, Millis(20000));
    later.join();
    EXPECT_OK(patient);
    EXPECT_EQ(atom.must_deref().bytes(), std::string("2"));
}

static void G2_G7_a_stopped_server_ends_calls_in_time_and_tells_the_truth(void **) {
    RedisServer server;
    const Client client(server.url(), {{"health_interval", "500ms"}, {"backoff_max", "50ms"}});
    Atom atom(client, "n", "0");
    EXPECT_OK(atom.add());
    server.pause();
    const auto begin = std::chrono::steady_clock::now();
    const Outcome write = atom.add(1, Millis(300));
    Value value;
    const Outcome read = atom.deref(&value, Millis(300));
    const auto took = std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now() - begin);
    server.resume();
    EXPECT_EQ(write.status, EXOREF_EUNKNOWN);
    EXPECT_TRUE_SAYING(read.not_applied(), read.show());
    EXPECT_TRUE_SAYING(took < scaled(Millis(600)) + Millis(200), std::to_string(took.count()) + " ms");
    EXPECT_OK(atom.add(1, Millis(10000)));
    const std::int64_t now = atom.must_deref().number();
    EXPECT_TRUE_SAYING(now == 2 || now == 3, std::to_string(now));
}

static void G2_too_many_clients_is_waited_for(void **) {
    RedisServer server;
    server.must({"CONFIG", "SET", "maxclients", "1"});
    Client client;
    std::thread later([&] {
        pause_for(Millis(200));
        server.must({"CONFIG", "SET", "maxclients", "100"});
    });
    const Outcome outcome = client.open(server.url(), {{"backoff_max", "50ms"}}, Millis(20000));
    later.join();
    EXPECT_OK(outcome);
    Atom atom(client, "n", "0");
    EXPECT_OK(atom.add());
}

static void G2_a_lone_wrong_answer_is_never_taken_for_success(void **) {
    RedisServer server;
    FaultProxy proxy(server.tcp());
    const Client client(proxy.url(), {{"backoff_max", "50ms"}});
    Atom atom(client, "n", "0");
    std::int64_t count = 0;
    for (const char *forged :
         {":1\r\n", "+OK\r\n", "*0\r\n", "$-1\r\n", "*3\r\n$1\r\na\r\n$7\r\napplied\r\n$3\r\nnow\r\n",
          "*1\r\n*1\r\n*0\r\n", "$5\r\nhello\r\n"}) {
        EXPECT_OK(atom.add());
        ++count;
        Rule rule = Rule::lose_reply(any_script());
        rule.action = Action::kReplace;
        rule.bytes = forged;
        const RuleId id = proxy.arm(rule);
        const Outcome outcome = atom.add(1, Millis(10000));
        EXPECT_EQ(proxy.fired(id), 1U);
        proxy.disarm_all();
        // The change was made; the client may find out by asking again, or say that it does not know.
        ++count;
        EXPECT_TRUE_SAYING(outcome.ok() || outcome.unknown(), std::string(forged) + ": " + outcome.show());
        EXPECT_EQ(atom.must_deref().number(), count);
    }
}

// Replaces the answer to the next script, and says how the call ended. The server has acted all the same.
static Outcome told_nonsense(FaultProxy &proxy, const std::function<exoref_status(exoref_error **)> &call) {
    Rule rule = Rule::lose_reply(any_script());
    rule.action = Action::kReplace;
    rule.bytes = "*0\r\n";
    const RuleId id = proxy.arm(rule);
    exoref_error *error = nullptr;
    const exoref_status status = call(&error);
    EXPECT_EQ(proxy.fired(id), 1U);
    proxy.disarm_all();
    return outcome_of(status, error);
}

static void G2_a_write_whose_answer_can_not_be_read_is_unknown(void **) {
    RedisServer server;
    FaultProxy proxy(server.tcp());
    const Client client(proxy.url(), {{"backoff_max", "50ms"}});
    Atom atom(client, "n", "0");
    const std::int64_t time = scaled(Millis(10000)).count();
    {
        // So that the server knows the scripts, and what is replaced is their answer.
        const Atom first(client, "first", "0");
        EXPECT_EQ(exoref_atom_reset_meta(first.get(), "m", 1, time, nullptr), EXOREF_OK);
        EXPECT_EQ(exoref_expire(client.get(), "first", 5, 600000, time, nullptr), EXOREF_OK);
        EXPECT_EQ(exoref_delete(client.get(), "first", 5, time, nullptr, nullptr), EXOREF_OK);
    }
    Outcome outcome = told_nonsense(
        proxy, [&](exoref_error **error) { return exoref_atom_reset_meta(atom.get(), "m", 1, time, error); });
    EXPECT_TRUE_SAYING(outcome.unknown(), outcome.show());
    EXPECT_TRUE(server.must({"HGET", "n", "meta"}).text == "m");
    outcome = told_nonsense(
        proxy, [&](exoref_error **error) { return exoref_expire(client.get(), "n", 1, 600000, time, error); });
    EXPECT_TRUE_SAYING(outcome.unknown(), outcome.show());
    EXPECT_TRUE(server.must({"PTTL", "n"}).integer > 0);
    outcome = told_nonsense(
        proxy, [&](exoref_error **error) { return exoref_delete(client.get(), "n", 1, time, nullptr, error); });
    EXPECT_TRUE_SAYING(outcome.unknown(), outcome.show());
    EXPECT_EQ(server.must({"EXISTS", "n"}).integer, 0);
    outcome = told_nonsense(proxy, [&](exoref_error **error) {
        exoref_atom *made = nullptr;
        const exoref_status status =
            exoref_atom_create(client.get(), "m", 1, "0", 1, nullptr, time, &made, nullptr, error);
        exoref_atom_release(made);
        return status;
    });
    EXPECT_TRUE_SAYING(outcome.unknown(), outcome.show());
    EXPECT_EQ(server.must({"EXISTS", "m"}).integer, 1);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(G2_a_read_only_replica_changes_nothing_and_passes_when_it_is_primary_again),
        cmocka_unit_test(G2_a_busy_server_is_waited_for),
        cmocka_unit_test(G2_G7_a_stopped_server_ends_calls_in_time_and_tells_the_truth),
        cmocka_unit_test(G2_too_many_clients_is_waited_for),
        cmocka_unit_test(G2_a_lone_wrong_answer_is_never_taken_for_success),
        cmocka_unit_test(G2_a_write_whose_answer_can_not_be_read_is_unknown),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
