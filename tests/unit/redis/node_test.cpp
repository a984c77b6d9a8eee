// The node against a real server: handshake, order, both kinds of connection.
#include "support/cmocka.hpp"

#include "unit/redis/node_bench.hpp"
#include "support/redis_server.hpp"

namespace {

using exo::base::Stat;
using exo::base::Status;
using exo::support::eventually;
using exo::support::Millis;
using exo::support::RedisServer;
using exo::test::Bench;
using exo::test::config_for;

RedisServer *server = nullptr;

int start_server(void **) {
    server = new RedisServer();
    return 0;
}

int stop_server(void **) {
    delete server;
    server = nullptr;
    return 0;
}

void commands_are_answered_over_tcp_and_socket_file(void **) {
    for (const auto &endpoint : {server->tcp(), server->unix_socket()}) {
        Bench bench(config_for(endpoint));
        assert_null(bench.ready().get());
        assert_string_equal(bench.call({"SET", "a", std::string("x\0\r\ny", 5)})->text().c_str(), "OK");
        assert_true(bench.call({"GET", "a"})->text() == std::string("x\0\r\ny", 5));
        assert_int_equal(bench.call({"INCR", "n"})->integer() > 0, 1);
        assert_true(bench.call({"INCR", "a"})->is_error());
        assert_true(bench.node().ever_connected());
        assert_null(bench.node().last_error().get());
    }
}

void the_peer_is_named_as_info_names_it(void **) {
    Bench bench(config_for(server->tcp()));
    const auto ping = bench.call({"PING"});
    assert_string_equal(ping->peer().run_id.c_str(), server->info("server")["run_id"].substr(0, 16).c_str());
    assert_string_equal(ping->peer().replication_id.c_str(),
                        server->info("replication")["master_replid"].substr(0, 16).c_str());
    assert_true(ping->peer().connection > 0);
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(commands_are_answered_over_tcp_and_socket_file),
        cmocka_unit_test(the_peer_is_named_as_info_names_it),
    };
    return cmocka_run_group_tests_name("redis/node", tests, start_server, stop_server);
}
