// Channels: confirmed before they count, resubscribed after a loss, and never a message or a confirmation of an older
// subscription for a newer one.
#include "support/fake_server.hpp"
#include "support/redis_server.hpp"
#include "support/resp.hpp"
#include "unit/redis/node_bench.hpp"

#include "support/cmocka.hpp"

namespace {

using exo::base::Stat;
using exo::base::Status;
using exo::support::Command;
using exo::support::encode_array;
using exo::support::encode_bulk;
using exo::support::encode_integer;
using exo::support::eventually;
using exo::support::FakeConnection;
using exo::support::FakeServer;
using exo::support::Manners;
using exo::support::Millis;
using exo::support::polite_reply;
using exo::support::polite_then;
using exo::support::RedisServer;
using exo::test::Bench;
using exo::test::config_for;
using exo::test::Listener;

exo::redis::NodeConfig quick(const exo::support::Endpoint &endpoint) {
    auto config = config_for(endpoint);
    config.backoff_max = Millis(100);
    return config;
}

std::string pushed(const std::string &channel, const std::string &payload) {
    return encode_array({encode_bulk("message"), encode_bulk(channel), encode_bulk(payload)});
}

std::string confirmation(const std::string &kind, const std::string &channel) {
    return encode_array({encode_bulk(kind), encode_bulk(channel), encode_integer(1)});
}

/// Waits until all that was sent before has passed through the subscription connection.
void settle(Bench &bench, const std::string &channel = "the-last-one") {
    assert_true(bench.subscribe(channel)->wait_for("subscribed"));
}

void messages_come_after_the_confirmation_with_all_their_bytes(void **) {
    RedisServer server;
    Bench bench(quick(server.tcp()));
    const std::string channel("odd \0\r\n channel", 15);
    const auto listener = bench.subscribe(channel);
    assert_true(listener->wait_for("subscribed"));
    assert_string_equal(listener->peer().run_id.c_str(), server.info("server")["run_id"].substr(0, 16).c_str());
    const std::string payload("a\0\r\nb", 5);
    assert_int_equal(server.must({"PUBLISH", channel, payload}).integer, 1);
    assert_int_equal(server.must({"PUBLISH", channel, ""}).integer, 1);
    assert_true(listener->wait_for("message "));
    const auto events = listener->events();
    assert_int_equal(events.size(), 3);
    assert_true(events[1] == "message " + payload);
}

void the_connection_is_opened_with_the_first_channel(void **) {
    RedisServer server;
    Bench bench(quick(server.tcp()));
    bench.call({"PING"});
    assert_int_equal(bench.stat(Stat::connects), 1);
    settle(bench);
    settle(bench, "another");
    assert_int_equal(bench.stat(Stat::connects), 2);
}

void all_channels_come_back_after_a_loss(void **) {
    RedisServer server;
    Bench bench(quick(server.tcp()));
    std::vector<std::shared_ptr<Listener>> listeners;
    bench.on_loop([&] {
        for (int i = 0; i < 500; ++i) {
            listeners.push_back(std::make_shared<Listener>());
            bench.node().subscribe("c" + std::to_string(i), listeners.back());
        }
    });
    for (const auto &listener : listeners) assert_true(listener->wait_for("subscribed"));
    server.kill9();
    for (const auto &listener : listeners) assert_true(listener->wait_for("unsubscribed"));
    server.restart();
    for (const auto &listener : listeners) assert_true(listener->wait_for("subscribed", 2));
    server.must({"PUBLISH", "c77", "again"});
    assert_true(listeners[77]->wait_for("message again"));
    for (const auto &listener : listeners) {
        assert_int_equal(listener->seen("subscribed"), 2);
        assert_int_equal(listener->seen("unsubscribed"), 1);
    }
}

void an_unsubscribed_channel_says_nothing_more(void **) {
    RedisServer server;
    Bench bench(quick(server.tcp()));
    const auto listener = bench.subscribe("c");
    assert_true(listener->wait_for("subscribed"));
    bench.on_loop([&] {
        bench.node().unsubscribe("c", *listener);
        bench.node().unsubscribe("c", *listener);
        bench.node().unsubscribe("never known", *listener);
    });
    settle(bench);
    assert_int_equal(server.must({"PUBLISH", "c", "late"}).integer, 0);
    settle(bench, "x");
    assert_int_equal(listener->events().size(), 1);
    assert_true(listener.use_count() == 1);
}

void a_message_under_way_when_a_channel_is_dropped_or_renewed_is_ignored(void **) {
    FakeServer server(polite_then(nullptr));
    exo::support::FakeBehaviour racing;
    // Each confirmation of UNSUBSCRIBE is preceded by a message that was already under way.
    racing.on_command = [](FakeConnection &connection, const Command &command) {
        if (command[0] == "UNSUBSCRIBE") connection.send(pushed(command[1], "late"));
        connection.send(polite_reply(command));
        if (command[0] == "SUBSCRIBE") connection.send(pushed(command[1], "fresh"));
    };
    server.set_behaviour(racing);
    Bench bench(quick(server.endpoint()));
    const auto first = bench.subscribe("c");
    assert_true(first->wait_for("message fresh"));
    const auto second = std::make_shared<Listener>();
    bench.on_loop([&] {
        bench.node().unsubscribe("c", *first);
        bench.node().subscribe("c", second);
    });
    assert_true(second->wait_for("message fresh"));
    assert_int_equal(second->events().size(), 2);
    assert_string_equal(second->events()[0].c_str(), "subscribed");
    assert_int_equal(first->events().size(), 2);
}

void only_the_newest_subscription_is_told_of_its_confirmation(void **) {
    FakeServer server(polite_then(nullptr));
    Bench bench(quick(server.endpoint()));
    settle(bench);
    const auto first = std::make_shared<Listener>();
    const auto second = std::make_shared<Listener>();
    bench.on_loop([&] {
        bench.node().subscribe("c", first);
        bench.node().unsubscribe("c", *first);
        bench.node().subscribe("c", second);
    });
    assert_true(second->wait_for("subscribed"));
    settle(bench, "x");
    assert_true(first->events().empty());
    assert_int_equal(second->events().size(), 1);
}

void a_channel_has_several_listeners_until_the_last_one_leaves(void **) {
    RedisServer server;
    Bench bench(quick(server.tcp()));
    const auto first = bench.subscribe("c");
    assert_true(first->wait_for("subscribed"));
    const auto second = bench.subscribe("c");
    assert_true(second->wait_for("subscribed"));
    server.must({"PUBLISH", "c", "m"});
    assert_true(second->wait_for("message m"));
    assert_true(first->wait_for("message m"));
    assert_int_equal(first->seen("subscribed"), 1);
    bench.on_loop([&] { bench.node().unsubscribe("c", *first); });
    assert_int_equal(server.must({"PUBLISH", "c", "n"}).integer, 1);
    assert_true(second->wait_for("message n"));
    assert_int_equal(first->events().size(), 2);
    bench.on_loop([&] { bench.node().unsubscribe("c", *second); });
    settle(bench);
    assert_int_equal(server.must({"PUBLISH", "c", "o"}).integer, 0);
    // And all of them come back after a loss.
    const auto third = bench.subscribe("c");
    const auto fourth = bench.subscribe("c");
    assert_true(third->wait_for("subscribed") && fourth->wait_for("subscribed"));
    server.must({"CLIENT", "KILL", "TYPE", "pubsub"});
    assert_true(third->wait_for("subscribed", 2) && fourth->wait_for("subscribed", 2));
    assert_int_equal(fourth->seen("unsubscribed"), 1);
}

void a_refused_channel_is_told_and_the_others_stand(void **) {
    exo::support::RedisServerOptions options;
    options.users = {"alice on >sesame ~* +@all resetchannels &ok"};
    RedisServer server(options);
    auto config = quick(server.tcp());
    config.username = "alice";
    config.password = "sesame";
    Bench bench(config);
    const auto refused = bench.subscribe("forbidden");
    const auto taken = bench.subscribe("ok");
    assert_true(taken->wait_for("subscribed"));
    assert_true(refused->wait_for("refused"));
    assert_int_equal(refused->events().size(), 1);
    server.must({"PUBLISH", "ok", "m"});
    assert_true(taken->wait_for("message m"));
    assert_int_equal(bench.stat(Stat::connects), 2);
}

void what_is_neither_message_nor_confirmation_closes_the_connection(void **) {
    for (const std::string &bytes : {encode_integer(1), encode_array({encode_bulk("message")}), std::string("+OK\r\n"),
                                     confirmation("subscribe", "other"), confirmation("unsubscribe", "c"),
                                     encode_array({encode_bulk("smessage"), encode_bulk("c"), encode_bulk("x")}),
                                     std::string("*-1\r\n"), std::string("-ERR what\r\n"), std::string("!\r\n")}) {
        FakeServer server(polite_then(nullptr));
        std::atomic<bool> hostile{true};
        exo::support::FakeBehaviour odd;
        odd.on_command = [&, bytes](FakeConnection &connection, const Command &command) {
            connection.send(polite_reply(command));
            if (command[0] == "SUBSCRIBE" && hostile.exchange(false)) connection.send(bytes);
        };
        server.set_behaviour(odd);
        Bench bench(quick(server.endpoint()));
        const auto listener = bench.subscribe("c");
        assert_true(listener->wait_for("unsubscribed"));
        assert_true(listener->wait_for("subscribed", 2));
        assert_int_equal(bench.stat(Stat::reconnects), 1);
    }
}

void two_connections_to_different_servers_are_both_closed(void **) {
    FakeServer server(polite_then(nullptr));
    std::atomic<int> connections{0};
    std::atomic<bool> split{true};
    exo::support::FakeBehaviour splitting;
    splitting.on_command = [&](FakeConnection &connection, const Command &command) {
        Manners manners;
        if (split && connection.id() % 2 == 0) manners.run_id = "ffffffffffffffffffffffffffffffffffffffff";
        connection.send(polite_reply(command, manners));
    };
    splitting.on_connect = [&](FakeConnection &) { ++connections; };
    server.set_behaviour(splitting);
    Bench bench(quick(server.endpoint()));
    assert_null(bench.ready().get());
    const auto listener = bench.subscribe("c");
    assert_true(eventually(Millis(10000), [&] { return bench.logged("led to different servers"); }));
    split = false;
    assert_true(listener->wait_for("subscribed"));
    assert_string_equal(bench.call({"PING"})->text().c_str(), "PONG");
    assert_true(connections >= 4);
    // The closed command connection was opened anew, too.
    assert_true(bench.stat(Stat::reconnects) >= 2);
}

void closing_tells_listeners_nothing_and_forgets_them(void **) {
    RedisServer server;
    Bench bench(quick(server.tcp()));
    const auto listener = bench.subscribe("c");
    assert_true(listener->wait_for("subscribed"));
    bench.close();
    assert_int_equal(listener->events().size(), 1);
    assert_true(listener.use_count() == 1);
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(messages_come_after_the_confirmation_with_all_their_bytes),
        cmocka_unit_test(the_connection_is_opened_with_the_first_channel),
        cmocka_unit_test(all_channels_come_back_after_a_loss),
        cmocka_unit_test(an_unsubscribed_channel_says_nothing_more),
        cmocka_unit_test(a_message_under_way_when_a_channel_is_dropped_or_renewed_is_ignored),
        cmocka_unit_test(only_the_newest_subscription_is_told_of_its_confirmation),
        cmocka_unit_test(a_channel_has_several_listeners_until_the_last_one_leaves),
        cmocka_unit_test(a_refused_channel_is_told_and_the_others_stand),
        cmocka_unit_test(what_is_neither_message_nor_confirmation_closes_the_connection),
        cmocka_unit_test(two_connections_to_different_servers_are_both_closed),
        cmocka_unit_test(closing_tells_listeners_nothing_and_forgets_them),
    };
    return cmocka_run_group_tests_name("redis/subscription", tests, nullptr, nullptr);
}
