// The scripted server says what it is told to say.

#include "support/fake_server.hpp"
#include "support/cmocka.hpp"
#include "support/redis_client.hpp"

using namespace exo::support;

static void it_behaves_like_a_redis_in_a_handshake(void **) {
    FakeServer server(polite_then(nullptr));
    RedisClient client(server.endpoint());
    assert_true(client.call({"AUTH", "u", "p"}).is_ok());
    assert_true(client.call({"CLIENT", "SETNAME", "n"}).is_ok());
    assert_true(client.call({"SELECT", "3"}).is_ok());
    assert_string_equal(client.call({"PING"}).text.c_str(), "PONG");
    assert_string_equal(parse_info(client.call({"INFO"}).text)["redis_version"].c_str(), "7.0.15");
    assert_string_equal(client.call({"SUBSCRIBE", "c"}).show().c_str(), "[\"subscribe\", \"c\", 1]");
    assert_int_equal(server.count("select"), 1);
    assert_int_equal(server.commands().size(), 6);
}

static void then_it_misbehaves_as_scripted(void **) {
    FakeServer server(polite_then_bytes("*4294967295\r\n"));
    RedisClient client(server.endpoint(), Millis(100));
    assert_string_equal(client.call({"PING"}).text.c_str(), "PONG");
    assert_true(client.call({"EVALSHA", "x", "0"}).is_error());
    Manners old;
    old.version = "5.0.3";
    server.set_behaviour(polite_then(nullptr, old));
    assert_string_equal(parse_info(client.call({"INFO"}).text)["redis_version"].c_str(), "5.0.3");
}

static void bytes_are_dripped_one_by_one(void **) {
    FakeServer server(
        polite_then([](FakeConnection &connection, const Command &) { connection.drip(encode_bulk("hello")); }));
    RedisClient client(server.endpoint());
    assert_string_equal(client.call({"GET", "k"}).text.c_str(), "hello");
    assert_string_equal(client.call({"GET", "k"}).text.c_str(), "hello");
}

static void banners_come_unasked(void **) {
    for (const std::string &text : {http_banner(), ssh_banner(), tls_alert_banner()}) {
        FakeServer server(banner(text));
        RedisClient client(server.endpoint(), Millis(200));
        assert_true(client.call({"PING"}).text.find("CLIENT ") == 0);
        assert_int_equal(server.connections(), 1);
    }
}

static void it_floods_closes_and_resets(void **) {
    FakeServer server(polite_then([](FakeConnection &connection, const Command &command) {
        if (command[0] == "FLOOD") {
            connection.flood("+endless\r\n");
        } else if (command[0] == "CLOSE") {
            connection.send("+bye\r\n");
            connection.close();
        } else {
            connection.reset();
        }
    }));
    RedisClient client(server.endpoint());
    assert_true(client.send({"FLOOD"}));
    for (int i = 0; i < 1000; ++i) {
        assert_string_equal(client.receive(Millis(3000))->text.c_str(), "endless");
    }
    client.close();
    assert_string_equal(client.call({"CLOSE"}).text.c_str(), "bye");
    assert_true(client.call({"PING"}).is_error());
    assert_true(client.call({"RESET"}).is_error());
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(it_behaves_like_a_redis_in_a_handshake),
        cmocka_unit_test(then_it_misbehaves_as_scripted),
        cmocka_unit_test(bytes_are_dripped_one_by_one),
        cmocka_unit_test(banners_come_unasked),
        cmocka_unit_test(it_floods_closes_and_resets),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
