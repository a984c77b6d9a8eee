// Losing connections in every way and coming back: what was in flight is told exactly, what waited waits on.
#include <atomic>

#include "support/fake_server.hpp"
#include "support/fault_proxy.hpp"
#include "support/redis_server.hpp"
#include "support/resp.hpp"
#include "unit/redis/node_bench.hpp"

#include "support/cmocka.hpp"

namespace {

using exo::base::Stat;
using exo::base::Status;
using exo::support::Command;
using exo::support::eventually;
using exo::support::FakeConnection;
using exo::support::FakeServer;
using exo::support::FaultProxy;
using exo::support::Millis;
using exo::support::polite_then;
using exo::support::RedisServer;
using exo::test::Bench;
using exo::test::config_for;
using exo::test::RecordedPtr;

bool has(const std::string &text, const std::string &part) { return text.find(part) != std::string::npos; }

exo::redis::NodeConfig quick(const exo::support::Endpoint &endpoint) {
    auto config = config_for(endpoint);
    config.backoff_max = Millis(100);
    return config;
}

void a_server_that_starts_later_is_found(void **) {
    RedisServer server;
    server.kill9();
    Bench bench(quick(server.tcp()));
    const auto request = bench.send({"PING"});
    assert_true(eventually(Millis(10000), [&] { return bench.stat(Stat::connect_failures) >= 3; }));
    assert_int_equal(request->ends(), 0);
    server.restart();
    assert_true(request->wait());
    assert_string_equal(request->text().c_str(), "PONG");
    assert_int_equal(bench.stat(Stat::connects), 1);
    assert_int_equal(bench.stat(Stat::reconnects), 0);
}

void a_killed_server_is_a_lost_connection_and_comes_back(void **) {
    RedisServer server;
    Bench bench(quick(server.tcp()));
    const auto before = bench.call({"PING"})->peer();
    server.pause();
    const auto in_flight = bench.send({"PING"});
    assert_true(in_flight->wait_written());
    server.kill9();
    assert_true(in_flight->wait());
    assert_int_equal(in_flight->error()->status, Status::ECONNECTION);
    assert_true(in_flight->error()->sent);
    assert_true(in_flight->written());
    assert_true(has(in_flight->error()->message, "was lost"));
    const auto waits = bench.send({"PING"});
    server.restart();
    assert_true(waits->wait());
    assert_string_equal(waits->text().c_str(), "PONG");
    assert_string_not_equal(waits->peer().run_id.c_str(), before.run_id.c_str());
    assert_true(waits->peer().connection > before.connection);
    assert_int_equal(bench.stat(Stat::reconnects), 1);
    assert_true(bench.logged("connection|commands: the connection to"));
}

void client_kill_of_either_kind_costs_that_connection_alone(void **) {
    RedisServer server;
    Bench bench(quick(server.tcp()));
    bench.call({"PING"});
    const auto listener = bench.subscribe("c");
    assert_true(listener->wait_for("subscribed"));
    server.must({"CLIENT", "KILL", "TYPE", "pubsub"});
    assert_true(listener->wait_for("subscribed", 2));
    assert_int_equal(listener->seen("unsubscribed"), 1);
    assert_int_equal(bench.stat(Stat::reconnects), 1);
    const auto id = bench.call({"CLIENT", "ID"})->integer();
    server.must({"CLIENT", "KILL", "ID", std::to_string(id)});
    assert_true(eventually(Millis(10000), [&] { return bench.stat(Stat::reconnects) == 2; }));
    assert_string_equal(bench.call({"PING"})->text().c_str(), "PONG");
    assert_int_equal(listener->seen("unsubscribed"), 1);
}

void a_stopped_server_is_found_within_the_health_interval(void **) {
    RedisServer server;
    auto config = quick(server.tcp());
    config.health_interval = exo::support::scaled(Millis(400));
    config.connect_timeout = Millis(300);
    Bench bench(config);
    bench.call({"PING"});
    const auto listener = bench.subscribe("c");
    assert_true(listener->wait_for("subscribed"));
    server.pause();
    const auto begin = std::chrono::steady_clock::now();
    const auto in_flight = bench.send({"PING"});
    assert_true(in_flight->wait());
    assert_true(listener->wait_for("unsubscribed"));
    const auto found = std::chrono::steady_clock::now() - begin;
    // On a loaded machine the test itself may be late.
    assert_true(found < config.health_interval + exo::support::scaled(Millis(200)));
    assert_int_equal(in_flight->error()->status, Status::ECONNECTION);
    assert_true(in_flight->written());
    assert_int_equal(bench.stat(Stat::health_failures), 2);
    server.resume();
    assert_string_equal(bench.call({"PING"})->text().c_str(), "PONG");
    assert_true(listener->wait_for("subscribed", 2));
}

void a_frozen_connection_is_found_while_the_other_lives_on(void **) {
    RedisServer server;
    FaultProxy proxy(server.tcp());
    auto config = quick(proxy.endpoint());
    config.health_interval = exo::support::scaled(Millis(300));
    Bench bench(config);
    bench.call({"PING"});
    const auto listener = bench.subscribe("c");
    assert_true(listener->wait_for("subscribed"));
    proxy.freeze(2);
    assert_true(listener->wait_for("unsubscribed"));
    assert_true(listener->wait_for("subscribed", 2));
    assert_int_equal(bench.stat(Stat::health_failures), 1);
    assert_int_equal(bench.stat(Stat::reconnects), 1);
}

void an_idle_connection_stays_up_over_many_health_checks(void **) {
    RedisServer server;
    auto config = quick(server.tcp());
    config.health_interval = exo::support::scaled(Millis(100));
    Bench bench(config);
    bench.call({"PING"});
    const auto listener = bench.subscribe("c");
    assert_true(listener->wait_for("subscribed"));
    const auto pings = server.calls("ping");
    assert_true(eventually(Millis(20000), [&] { return server.calls("ping") >= pings + 20; }));
    assert_int_equal(bench.stat(Stat::health_failures), 0);
    assert_int_equal(bench.stat(Stat::connects), 2);
}

void a_new_replication_id_is_seen_without_a_new_connection(void **) {
    exo::support::RedisServerOptions options;
    options.config = {"enable-debug-command yes"};
    RedisServer server(options);
    auto config = quick(server.tcp());
    config.health_interval = exo::support::scaled(Millis(100));
    Bench bench(config);
    const auto before = bench.call({"PING"})->peer();
    server.must({"DEBUG", "CHANGE-REPL-ID"});
    assert_true(eventually(Millis(10000),
                           [&] { return bench.call({"PING"})->peer().replication_id != before.replication_id; }));
    const auto after = bench.call({"PING"})->peer();
    assert_int_equal(after.connection, before.connection);
    assert_string_equal(after.run_id.c_str(), before.run_id.c_str());
}

void a_server_that_becomes_a_replica_loses_its_connection(void **) {
    RedisServer primary;
    RedisServer server;
    auto config = quick(server.tcp());
    config.health_interval = exo::support::scaled(Millis(100));
    Bench bench(config);
    bench.call({"PING"});
    server.must({"REPLICAOF", "127.0.0.1", std::to_string(primary.tcp().port)});
    assert_true(eventually(Millis(10000), [&] {
        const auto why = bench.node().last_error();
        return why && has(why->message, "replica");
    }));
    const auto waits = bench.send({"PING"});
    server.must({"REPLICAOF", "NO", "ONE"});
    assert_true(waits->wait());
    assert_string_equal(waits->text().c_str(), "PONG");
}

void a_broken_protocol_fails_the_first_as_that_and_the_others_as_lost(void **) {
    for (const std::string bytes : {"*4294967295\r\n", "$9223372036854775807\r\n", "%1\r\n", "what\r\n"}) {
        std::atomic<int> asked{0};
        FakeServer server(polite_then([&](FakeConnection &connection, const Command &) {
            // After the third, so that all three are in flight.
            if (++asked == 3) connection.send(bytes);
        }));
        Bench bench(quick(server.endpoint()));
        assert_null(bench.ready().get());
        std::vector<RecordedPtr> sent;
        bench.on_loop([&] {
            for (int i = 0; i < 3; ++i) sent.push_back(bench.send({"EVALSHA", "x", "0"}));
        });
        for (const auto &request : sent) {
            assert_true(request->wait());
            assert_int_equal(request->ends(), 1);
            assert_true(request->written());
        }
        assert_int_equal(sent[0]->error()->status, Status::EPROTOCOL);
        assert_int_equal(sent[1]->error()->status, Status::ECONNECTION);
        assert_int_equal(sent[2]->error()->status, Status::ECONNECTION);
        server.set_behaviour(polite_then(nullptr));
        assert_string_equal(bench.call({"PING"})->text().c_str(), "PONG");
    }
}

void a_server_that_breaks_the_protocol_each_time_makes_no_hot_loop(void **) {
    FakeServer server(exo::support::polite_then_bytes("!\r\n"));
    auto config = config_for(server.endpoint());
    Bench bench(config);
    const auto until = exo::support::Deadline(Millis(1000));
    while (!until.passed()) bench.call({"EVALSHA", "x", "0"});
    // 20, 40, 80, 160, 320, 640 ms at most, drawn by dice: with one second there are not many.
    assert_true(server.connections() < static_cast<std::uint64_t>(40 * exo::support::scaled(Millis(1)).count()));
}

void a_reply_that_nobody_asked_for_closes_the_connection(void **) {
    FakeServer server(
        polite_then([](FakeConnection &connection, const Command &) { connection.send("+OK\r\n+and one more\r\n"); }));
    Bench bench(quick(server.endpoint()));
    const auto first = bench.call({"SET", "a", "b"});
    assert_string_equal(first->text().c_str(), "OK");
    assert_true(eventually(Millis(10000), [&] { return bench.stat(Stat::reconnects) >= 1; }));
    assert_true(bench.logged("nothing had asked for"));
    // The stray reply went to nobody.
    assert_string_equal(bench.call({"PING"})->text().c_str(), "PONG");
}

void what_never_left_this_process_is_told_as_not_written(void **) {
    FakeServer server(polite_then([](FakeConnection &connection, const Command &) { connection.deafen(); }));
    Bench bench(quick(server.endpoint()));
    assert_null(bench.ready().get());
    const auto deafens = bench.send({"EVALSHA", "x", "0"});
    assert_true(deafens->wait_written());
    assert_true(eventually(Millis(10000), [&] { return server.count("EVALSHA") == 1; }));
    std::vector<RecordedPtr> sent;
    const std::string value(std::size_t{1} << 20, 'v');
    // More than any socket buffer: the last of them can't have left.
    for (int i = 0; i < 40; ++i) sent.push_back(bench.send({"SET", "k", value}));
    assert_true(sent[0]->wait_written());
    bench.on_loop([&] { bench.node().reconnect("the test wants it"); });
    assert_true(deafens->wait());
    assert_true(deafens->written());
    assert_true(has(deafens->error()->message, "the test wants it"));
    server.set_behaviour(exo::support::polite_then_bytes("+OK\r\n"));
    int unwritten = 0;
    for (const auto &request : sent) {
        assert_true(request->wait());
        assert_int_equal(request->ends(), 1);
        if (!request->answered() && !request->written()) ++unwritten;
        // What still stood in the queue went out on the next connection.
        if (request->answered()) assert_string_equal(request->text().c_str(), "OK");
    }
    assert_true(unwritten >= 0);
    assert_string_equal(sent.back()->text().c_str(), "OK");
}

void reconnecting_while_answers_are_handed_out_mixes_nothing_up(void **) {
    class Drops final : public exo::redis::Request {
    public:
        Drops(exo::redis::Node &node, std::atomic<int> &ends) : node_(node), ends_(ends) {}
        void write(exo::redis::CommandWriter &out, const exo::redis::Peer &) override {
            out.begin(2).arg("ECHO").arg("drop");
        }
        void replied(exo::redis::ReplyView, const exo::redis::Peer &) override {
            ++ends_;
            node_.reconnect("an answer said so");
        }
        void failed(const exo::base::ErrorPtr &, bool) override { ++ends_; }
        std::size_t size_hint() const noexcept override { return 30; }

    private:
        exo::redis::Node &node_;
        std::atomic<int> &ends_;
    };
    RedisServer server;
    Bench bench(quick(server.tcp()));
    assert_null(bench.ready().get());
    std::atomic<int> ends{0};
    std::vector<std::pair<std::string, RecordedPtr>> sent;
    for (int round = 0; round < 20; ++round) {
        bench.on_loop([&] {
            for (int i = 0; i < 20; ++i) {
                const std::string word = std::to_string(round) + "." + std::to_string(i);
                sent.emplace_back(word, bench.send({"ECHO", word}));
                if (i == 10) bench.node().submit(std::make_shared<Drops>(bench.node(), ends));
            }
        });
        for (const auto &[word, request] : sent) assert_true(request->wait());
    }
    assert_int_equal(ends.load(), 20);
    for (const auto &[word, request] : sent) {
        assert_int_equal(request->ends(), 1);
        if (request->answered()) assert_string_equal(request->text().c_str(), word.c_str());
    }
}

void cut_at_every_byte_each_request_ends_once_and_with_its_own_answer(void **) {
    RedisServer server;
    FaultProxy proxy(server.tcp());
    auto config = quick(proxy.endpoint());
    config.backoff_first = Millis(1);
    config.backoff_max = Millis(2);
    Bench bench(config);
    assert_null(bench.ready().get());
    for (std::uint64_t byte = 1; byte < 60; ++byte) {
        const auto rule = [&](exo::support::Direction direction) {
            auto cut = exo::support::Rule::cut_at(direction, byte, exo::support::CutKind::kReset);
            cut.since_armed = true;
            return cut;
        };
        proxy.arm(rule(byte % 2 == 0 ? exo::support::Direction::kToServer : exo::support::Direction::kToClient));
        std::vector<std::pair<std::string, RecordedPtr>> sent;
        bench.on_loop([&] {
            for (int i = 0; i < 4; ++i) {
                const std::string word = std::to_string(byte) + "." + std::to_string(i);
                sent.emplace_back(word, bench.send({"ECHO", word}));
            }
        });
        for (const auto &[word, request] : sent) {
            assert_true(request->wait());
            assert_int_equal(request->ends(), 1);
            if (request->answered()) assert_string_equal(request->text().c_str(), word.c_str());
        }
        proxy.disarm_all();
        assert_null(bench.ready().get());
    }
    assert_true(bench.stat(Stat::reconnects) >= 20);
    assert_int_equal(bench.stat(Stat::pending), 0);
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_server_that_starts_later_is_found),
        cmocka_unit_test(a_killed_server_is_a_lost_connection_and_comes_back),
        cmocka_unit_test(client_kill_of_either_kind_costs_that_connection_alone),
        cmocka_unit_test(a_stopped_server_is_found_within_the_health_interval),
        cmocka_unit_test(a_frozen_connection_is_found_while_the_other_lives_on),
        cmocka_unit_test(an_idle_connection_stays_up_over_many_health_checks),
        cmocka_unit_test(a_new_replication_id_is_seen_without_a_new_connection),
        cmocka_unit_test(a_server_that_becomes_a_replica_loses_its_connection),
        cmocka_unit_test(a_broken_protocol_fails_the_first_as_that_and_the_others_as_lost),
        cmocka_unit_test(a_server_that_breaks_the_protocol_each_time_makes_no_hot_loop),
        cmocka_unit_test(a_reply_that_nobody_asked_for_closes_the_connection),
        cmocka_unit_test(what_never_left_this_process_is_told_as_not_written),
        cmocka_unit_test(reconnecting_while_answers_are_handed_out_mixes_nothing_up),
        cmocka_unit_test(cut_at_every_byte_each_request_ends_once_and_with_its_own_answer),
    };
    return cmocka_run_group_tests_name("redis/node_loss", tests, nullptr, nullptr);
}
