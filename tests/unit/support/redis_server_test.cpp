// A real server under the test's hand: start, kill, restart, loss.
#include <filesystem>

#include "support/cmocka.hpp"
#include "support/redis_server.hpp"
#include "support/resources.hpp"

using namespace exo::support;

static void a_server_answers_on_its_port_and_its_socket(void **) {
    RedisServer server;
    assert_int_not_equal(server.tcp().port, 6379);
    RedisClient tcp(server.tcp());
    assert_string_equal(tcp.call({"PING"}).text.c_str(), "PONG");
    const std::string value("a\0b\r\n", 5);
    assert_true(tcp.call({"SET", "k", value}).is_ok());
    assert_true(server.cli({"GET", "k"}).text == value);
}

static void a_server_is_gone_with_its_owner(void **) {
    std::string folder;
    pid_t pid = 0;
    {
        RedisServer server;
        folder = server.folder();
        pid = server.pid();
    }
    assert_int_equal(resident_bytes(pid), 0);
    assert_false(std::filesystem::exists(folder));
}

static void a_killed_server_comes_back_with_its_data_if_it_kept_them(void **) {
    RedisServerOptions options;
    options.append_only = true;
    RedisServer server(options);
    const std::uint16_t port = server.tcp().port;
    server.must({"SET", "k", "v"});
    server.kill9();
    assert_true(server.cli({"PING"}).is_error());
    server.restart();
    assert_int_equal(server.tcp().port, port);
    assert_string_equal(server.cli({"GET", "k"}).text.c_str(), "v");
    server.terminate();
    server.restart();
    assert_string_equal(server.cli({"GET", "k"}).text.c_str(), "v");
}

static void a_server_without_a_file_comes_back_empty(void **) {
    RedisServer server;
    server.must({"SET", "k", "v"});
    server.restart();
    assert_true(server.cli({"GET", "k"}).is_nil());
}

static void a_cut_append_only_file_loses_what_was_acknowledged(void **) {
    RedisServerOptions options;
    options.append_only = true;
    RedisServer server(options);
    server.must({"SET", "k", "first"});
    server.must({"SET", "k", "second"});
    server.kill9();
    const std::uint64_t size = server.aof_size();
    assert_int_equal(server.truncate_aof(5), 5);
    assert_int_equal(server.aof_size(), size - 5);
    server.restart();
    assert_string_equal(server.cli({"GET", "k"}).text.c_str(), "first");
}

static void a_paused_server_is_silent_until_it_is_resumed(void **) {
    RedisServer server;
    server.pause();
    RedisClient client(server.tcp(), Millis(50));
    assert_true(client.call({"PING"}).is_error());
    server.resume();
    assert_string_equal(server.cli({"PING"}).text.c_str(), "PONG");
}

static void commands_are_counted_by_the_server(void **) {
    RedisServer server;
    server.reset_calls();
    for (int i = 0; i < 3; ++i) {
        server.must({"INCR", "n"});
    }
    assert_int_equal(server.calls("incr"), 3);
    assert_int_equal(server.calls("evalsha"), 0);
}

static void users_and_passwords_are_as_asked(void **) {
    RedisServerOptions options;
    options.password = "secret";
    options.users = {"alice on >pw ~* +@all resetchannels"};
    RedisServer server(options);
    assert_string_equal(server.unix_url().c_str(),
                        ("redis+unix://:secret@" + server.unix_socket().socket_path).c_str());
    RedisClient nobody(server.tcp());
    assert_true(nobody.call({"GET", "k"}).text.find("NOAUTH") == 0);
    RedisClient alice(server.tcp());
    alice.authenticate("alice", "pw");
    assert_true(alice.call({"SET", "k", "v"}).is_ok());
    assert_true(alice.call({"PUBLISH", "c", "m"}).text.find("NOPERM") == 0);
    assert_string_equal(server.cli({"GET", "k"}).text.c_str(), "v");
}

static void connections_are_listed_by_kind(void **) {
    RedisServer server;
    RedisClient subscriber(server.tcp());
    assert_true(subscriber.send({"SUBSCRIBE", "c"}));
    assert_true(subscriber.receive(Millis(5000)).has_value());
    assert_int_equal(server.clients().size(), 1);
    assert_int_equal(server.clients("pubsub").size(), 1);
    assert_int_equal(server.clients("normal").size(), 0);
    server.must({"PUBLISH", "c", "m"});
    const std::optional<Reply> message = subscriber.receive(Millis(5000));
    assert_string_equal(message->show().c_str(), "[\"message\", \"c\", \"m\"]");
}

static void a_server_listens_on_ipv6_if_asked(void **) {
    if (!has_ipv6_loopback()) {
        skip();
    }
    RedisServerOptions options;
    options.ipv6 = true;
    RedisServer server(options);
    RedisClient client(server.tcp());
    assert_string_equal(client.call({"PING"}).text.c_str(), "PONG");
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_server_answers_on_its_port_and_its_socket),
        cmocka_unit_test(a_server_is_gone_with_its_owner),
        cmocka_unit_test(a_killed_server_comes_back_with_its_data_if_it_kept_them),
        cmocka_unit_test(a_server_without_a_file_comes_back_empty),
        cmocka_unit_test(a_cut_append_only_file_loses_what_was_acknowledged),
        cmocka_unit_test(a_paused_server_is_silent_until_it_is_resumed),
        cmocka_unit_test(commands_are_counted_by_the_server),
        cmocka_unit_test(users_and_passwords_are_as_asked),
        cmocka_unit_test(connections_are_listed_by_kind),
        cmocka_unit_test(a_server_listens_on_ipv6_if_asked),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
