// What is said first on a connection and what the answers mean: the pure part, and against servers that answer oddly.
#include "redis/handshake.hpp"
#include "support/fake_server.hpp"
#include "support/redis_server.hpp"
#include "support/resp.hpp"
#include "unit/redis/node_bench.hpp"

#include "support/cmocka.hpp"

namespace {

using exo::base::Stat;
using exo::base::Status;
using exo::redis::NodeConfig;
using exo::redis::ServerInfo;
using exo::support::Command;
using exo::support::eventually;
using exo::support::FakeConnection;
using exo::support::FakeServer;
using exo::support::Manners;
using exo::support::Millis;
using exo::support::polite_then;
using exo::support::RedisServer;
using exo::test::Bench;
using exo::test::config_for;

bool has(const std::string &text, const std::string &part) { return text.find(part) != std::string::npos; }

void the_final_error_is(NodeConfig config, Status status, const std::string &part) {
    Bench bench(std::move(config));
    const auto waiting = bench.send({"PING"});
    const auto why = bench.ready();
    assert_non_null(why.get());
    if (why->status != status) fail_msg("%s: %s", exo::base::status_name(why->status), why->message.c_str());
    if (!has(why->message, part)) fail_msg("'%s' is not in: %s", part.c_str(), why->message.c_str());
    assert_true(has(why->message, "could not connect to " + bench.node().config().shown));
    assert_false(has(why->message + why->server_text, "sesame"));
    // What waits fails with it, and so does what comes later, and who asks later.
    assert_true(waiting->wait());
    assert_int_equal(waiting->error()->status, status);
    assert_false(waiting->written());
    const auto later = bench.call({"PING"});
    assert_int_equal(later->error()->status, status);
    assert_int_equal(bench.ready()->status, status);
    assert_int_equal(bench.node().last_error()->status, status);
    assert_false(bench.node().ever_connected());
}

void info_is_read_by_its_lines(void **) {
    ServerInfo info;
    info.read("# Server\r\nredis_version:7.2.4\r\nrun_id:0123456789abcdef0123456789abcdef01234567\r\n");
    info.read("role:master\r\nmaster_replid:FEDCBA98765432100123456789abcdef01234567\r\nmaster_replid2:00");
    assert_string_equal(info.version.c_str(), "7.2.4");
    assert_string_equal(info.run_id.c_str(), "0123456789abcdef");
    assert_string_equal(info.replication_id.c_str(), "FEDCBA9876543210");
    assert_string_equal(info.role.c_str(), "master");
    ServerInfo odd;
    odd.read("");
    odd.read("\r\n:\r\nrun_id\r\nrun_id:short\r\nrun_id:not-a-hexadecimal-number\r\nredis_version:\r\n");
    assert_true(odd.run_id.empty());
    assert_true(odd.version.empty());
}

void user_password_name_and_database_are_set(void **) {
    exo::support::RedisServerOptions options;
    options.users = {"alice on >sesame ~* &* +@all"};
    RedisServer server(options);
    auto config = config_for(server.tcp());
    config.username = "alice";
    config.password = "sesame";
    config.database = 3;
    config.client_name = "the-name";
    Bench bench(config);
    assert_string_equal(bench.call({"ACL", "WHOAMI"})->text().c_str(), "alice");
    assert_string_equal(bench.call({"CLIENT", "GETNAME"})->text().c_str(), "the-name");
    bench.call({"SET", "k", "v"});
    assert_true(has(bench.call({"CLIENT", "INFO"})->text(), " db=3 "));
}

void a_wrong_password_is_final(void **) {
    exo::support::RedisServerOptions options;
    options.password = "right";
    options.users = {"alice on >right ~* &* +@all"};
    RedisServer server(options);
    auto config = config_for(server.tcp());
    the_final_error_is(config, Status::EAUTH, "wants a password");
    config.password = "sesame";
    the_final_error_is(config, Status::EAUTH, "refused the user or password");
    config.username = "alice";
    the_final_error_is(config, Status::EAUTH, "refused the user or password");
    config.username = "nobody";
    the_final_error_is(config, Status::EAUTH, "refused the user or password");
}

void a_password_where_none_is_set_is_final(void **) {
    RedisServer server;
    auto config = config_for(server.tcp());
    config.username = "nobody";
    config.password = "sesame";
    the_final_error_is(config, Status::EAUTH, "refused the user or password");
}

void a_password_that_is_put_right_on_the_server_is_found_to_be_right(void **) {
    exo::support::RedisServerOptions options;
    options.password = "old";
    RedisServer server(options);
    auto config = config_for(server.tcp());
    config.password = "new";
    config.backoff_max = Millis(50);
    Bench bench(config);
    assert_int_equal(bench.ready()->status, Status::EAUTH);
    server.must({"CONFIG", "SET", "requirepass", "new"});
    assert_true(eventually(Millis(10000), [&] { return bench.node().ever_connected(); }));
    assert_string_equal(bench.call({"PING"})->text().c_str(), "PONG");
    assert_null(bench.node().last_error().get());
}

void a_database_that_is_not_there_is_final(void **) {
    RedisServer server;
    auto config = config_for(server.tcp());
    config.database = 4711;
    the_final_error_is(config, Status::ESERVER, "database 4711");
}

void something_else_than_redis_is_final_and_named(void **) {
    for (const auto &[bytes, name] :
         {std::pair<std::string, std::string>(exo::support::http_banner(), "an HTTP server"),
          {exo::support::ssh_banner(), "an SSH server"},
          {exo::support::tls_alert_banner(), "a TLS server"},
          {"220 mail ESMTP\r\n", "mail"},
          {"what?\r\n", "something else"}}) {
        FakeServer server(exo::support::banner(bytes));
        the_final_error_is(config_for(server.endpoint()), Status::EPROTOCOL, "not a Redis server but ");
        the_final_error_is(config_for(server.endpoint()), Status::EPROTOCOL, name);
    }
    FakeServer odd(exo::support::banner("+well\r\n:7\r\n"));
    the_final_error_is(config_for(odd.endpoint()), Status::EPROTOCOL, "no Redis server");
}

void an_old_server_is_refused_by_its_version(void **) {
    Manners manners;
    manners.version = "6.0.16";
    FakeServer server(polite_then(nullptr, manners));
    the_final_error_is(config_for(server.endpoint()), Status::EVERSION, "6.0.16");
    manners.version = "6.2.0";
    FakeServer oldest(polite_then(nullptr, manners));
    Bench bench(config_for(oldest.endpoint()));
    assert_null(bench.ready().get());
}

void a_replica_is_tried_again_until_it_is_a_primary(void **) {
    Manners manners;
    manners.role = "slave";
    FakeServer server(polite_then(nullptr, manners));
    auto config = config_for(server.endpoint());
    config.backoff_max = Millis(20);
    Bench bench(config);
    assert_true(eventually(Millis(10000), [&] { return bench.node().last_error() != nullptr; }));
    assert_int_equal(bench.node().last_error()->status, Status::ECONNECTION);
    assert_true(has(bench.node().last_error()->message, "is a replica"));
    server.set_behaviour(polite_then(nullptr));
    assert_null(bench.ready().get());
}

void what_passes_is_waited_for(void **) {
    for (const std::string error :
         {"LOADING Redis is loading the dataset in memory", "BUSY Redis is busy running a script",
          "MASTERDOWN Link with MASTER is down", "ERR max number of clients reached"}) {
        exo::support::FakeBehaviour busy;
        busy.on_command = [error](FakeConnection &connection, const Command &) {
            connection.send(exo::support::encode_error(error));
        };
        FakeServer server(busy);
        auto config = config_for(server.endpoint());
        config.backoff_max = Millis(20);
        config.password = "sesame";
        Bench bench(config);
        const auto request = bench.send({"PING"});
        assert_true(eventually(Millis(10000), [&] { return bench.stat(Stat::connect_failures) >= 3; }));
        assert_int_equal(bench.node().last_error()->status, Status::ECONNECTION);
        assert_int_equal(request->ends(), 0);
        server.set_behaviour(polite_then(nullptr));
        assert_true(request->wait());
        assert_string_equal(request->text().c_str(), "PONG");
    }
}

void a_server_that_hides_who_it_is_serves_all_the_same(void **) {
    exo::support::RedisServerOptions options;
    options.users = {"alice on >sesame ~* &* +@all -info -client"};
    RedisServer server(options);
    auto config = config_for(server.tcp());
    config.username = "alice";
    config.password = "sesame";
    config.health_interval = Millis(100);
    Bench bench(config);
    const auto ping = bench.call({"PING"});
    assert_string_equal(ping->text().c_str(), "PONG");
    assert_true(ping->peer().run_id.empty());
    assert_true(ping->peer().replication_id.empty());
    // Its health is asked for by PING alone.
    const auto pings = server.calls("ping");
    assert_true(eventually(Millis(10000), [&] { return server.calls("ping") >= pings + 4; }));
    assert_int_equal(bench.stat(Stat::connects), 1);
}

void a_password_that_the_server_quotes_is_not_told(void **) {
    exo::support::FakeBehaviour quoting;
    quoting.on_command = [](FakeConnection &connection, const Command &command) {
        std::string text = "ERR unknown command '" + command[0] + "', with args beginning with:";
        for (std::size_t i = 1; i < command.size(); ++i) text += " '" + command[i] + "'";
        connection.send(exo::support::encode_error(text));
    };
    FakeServer server(quoting);
    auto config = config_for(server.endpoint());
    config.password = "sesame";
    the_final_error_is(config, Status::EAUTH, "refused the user or password");
    config.username = "alice";
    Bench bench(config);
    assert_int_equal(bench.ready()->status, Status::EAUTH);
    assert_true(bench.logged("refused the user or password"));
    assert_false(bench.logged("sesame"));
}

void a_silent_peer_ends_the_attempt_at_its_time(void **) {
    FakeServer server(exo::support::FakeBehaviour{});
    auto config = config_for(server.endpoint());
    config.connect_timeout = Millis(100);
    Bench bench(config);
    assert_true(eventually(Millis(10000), [&] { return bench.node().last_error() != nullptr; }));
    assert_int_equal(bench.node().last_error()->status, Status::ECONNECTION);
    assert_true(has(bench.node().last_error()->message, "did not answer within 100 ms"));
    assert_true(eventually(Millis(10000), [&] { return server.connections() >= 2; }));
}

void a_connection_cut_in_the_handshake_is_tried_again(void **) {
    std::atomic<int> left{3};
    exo::support::FakeBehaviour cutting;
    cutting.on_command = [&left](FakeConnection &connection, const Command &command) {
        if (left > 0) {
            --left;
            connection.reset();
            return;
        }
        connection.send(exo::support::polite_reply(command));
    };
    FakeServer server(cutting);
    auto config = config_for(server.endpoint());
    Bench bench(config);
    assert_null(bench.ready().get());
    assert_true(bench.stat(Stat::connect_failures) >= 1);
}

void a_dripping_server_is_understood(void **) {
    exo::support::FakeBehaviour dripping;
    dripping.on_command = [](FakeConnection &connection, const Command &command) {
        connection.drip(exo::support::polite_reply(command));
    };
    FakeServer server(dripping);
    Bench bench(config_for(server.endpoint()));
    assert_null(bench.ready().get());
    assert_string_equal(bench.call({"PING"})->text().c_str(), "PONG");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(info_is_read_by_its_lines),
        cmocka_unit_test(user_password_name_and_database_are_set),
        cmocka_unit_test(a_wrong_password_is_final),
        cmocka_unit_test(a_password_where_none_is_set_is_final),
        cmocka_unit_test(a_password_that_is_put_right_on_the_server_is_found_to_be_right),
        cmocka_unit_test(a_database_that_is_not_there_is_final),
        cmocka_unit_test(something_else_than_redis_is_final_and_named),
        cmocka_unit_test(an_old_server_is_refused_by_its_version),
        cmocka_unit_test(a_replica_is_tried_again_until_it_is_a_primary),
        cmocka_unit_test(what_passes_is_waited_for),
        cmocka_unit_test(a_server_that_hides_who_it_is_serves_all_the_same),
        cmocka_unit_test(a_password_that_the_server_quotes_is_not_told),
        cmocka_unit_test(a_silent_peer_ends_the_attempt_at_its_time),
        cmocka_unit_test(a_connection_cut_in_the_handshake_is_tried_again),
        cmocka_unit_test(a_dripping_server_is_understood),
    };
    return cmocka_run_group_tests_name("redis/handshake", tests, nullptr, nullptr);
}
