// Where a node may live and what may happen to its process: the application's loop, a fork, a write to a dead peer, a
// private server that is killed.
#include <uv.h>

#include <csignal>
#include <thread>

#include "redis/local/local_server.hpp"
#include "support/fake_server.hpp"
#include "support/fork.hpp"
#include "support/redis_server.hpp"
#include "support/resources.hpp"
#include "support/temp_dir.hpp"
#include "unit/redis/node_bench.hpp"

#include "support/cmocka.hpp"

namespace {

namespace base = exo::base;
using exo::base::Stat;
using exo::base::Status;
using exo::support::eventually;
using exo::support::in_forked_child;
using exo::support::Millis;
using exo::support::RedisServer;
using exo::test::Bench;
using exo::test::config_for;
using exo::test::Recorded;
using exo::test::RecordedPtr;

void a_node_lives_on_the_applications_loop(void **) {
    RedisServer server;
    uv_loop_t app;
    assert_int_equal(uv_loop_init(&app), 0);
    {
        auto made = exo::loop::Loop::borrowed(&app);
        assert_true(made.ok());
        const auto loop = *made;
        const auto stats = std::make_shared<exo::base::Stats>();
        const auto node =
            exo::redis::Node::create(loop, config_for(server.tcp()), stats, std::make_shared<exo::base::Log>());
        const auto request = std::make_shared<Recorded>(std::vector<std::string>{"PING"});
        assert_null(node->submit(request).get());
        while (request->ends() == 0) uv_run(&app, UV_RUN_ONCE);
        assert_string_equal(request->text().c_str(), "PONG");
        const auto listener = std::make_shared<exo::test::Listener>();
        node->subscribe("c", listener);
        while (listener->events().empty()) uv_run(&app, UV_RUN_ONCE);
        loop->end([node] { node->close(); });
        uv_run(&app, UV_RUN_DEFAULT);
        assert_true(loop->wait_ended(exo::base::Clock::now()));
    }
    assert_int_equal(uv_loop_close(&app), 0);
}

void writing_to_a_peer_that_is_gone_raises_no_signal(void **) {
    std::signal(SIGPIPE, SIG_DFL);
    exo::support::FakeServer server(exo::support::polite_then(
        [](exo::support::FakeConnection &connection, const exo::support::Command &) { connection.reset(); }));
    uv_loop_t app;
    assert_int_equal(uv_loop_init(&app), 0);
    {
        // The application's thread: its signal mask is not ours to change.
        auto made = exo::loop::Loop::borrowed(&app);
        const auto loop = *made;
        auto config = config_for(server.endpoint());
        config.backoff_first = config.backoff_max = Millis(1);
        const auto stats = std::make_shared<exo::base::Stats>();
        const auto node = exo::redis::Node::create(loop, config, stats, std::make_shared<exo::base::Log>());
        const std::string value(std::size_t{4} << 20, 'v');
        for (int i = 0; i < 20; ++i) {
            const auto first = std::make_shared<Recorded>(std::vector<std::string>{"SET", "k", "v"});
            const auto large = std::make_shared<Recorded>(std::vector<std::string>{"SET", "k", value});
            assert_null(node->submit(first).get());
            assert_null(node->submit(large).get());
            while (first->ends() == 0 || large->ends() == 0) uv_run(&app, UV_RUN_ONCE);
        }
        loop->end([node] { node->close(); });
        uv_run(&app, UV_RUN_DEFAULT);
    }
    assert_int_equal(uv_loop_close(&app), 0);
}

void a_forked_child_gets_efork_and_disturbs_nothing(void **) {
    RedisServer server;
    Bench bench(config_for(server.tcp()));
    const auto listener = bench.subscribe("c");
    assert_true(listener->wait_for("subscribed"));
    std::vector<RecordedPtr> sent;
    for (int i = 0; i < 1000; ++i) sent.push_back(bench.send({"ECHO", std::to_string(i)}));
    const int code = in_forked_child([&] {
        const auto refused = bench.node().submit(std::make_shared<Recorded>(std::vector<std::string>{"PING"}));
        base::ErrorPtr ready;
        bench.node().when_ready([&](const base::ErrorPtr &why) { ready = why; });
        bench.node().reconnect("not from here");
        bench.node().unsubscribe("c", *listener);
        bench.node().close();
        const bool good = refused && refused->status == Status::EFORK && ready && ready->status == Status::EFORK &&
                          bench.node().last_error()->status == Status::EFORK;
        return good ? 0 : 1;
    });
    assert_int_equal(code, 0);
    for (int i = 0; i < 1000; ++i) {
        assert_true(sent[static_cast<std::size_t>(i)]->wait());
        assert_string_equal(sent[static_cast<std::size_t>(i)]->text().c_str(), std::to_string(i).c_str());
    }
    server.must({"PUBLISH", "c", "still here"});
    assert_true(listener->wait_for("message still here"));
    assert_int_equal(bench.stat(Stat::connects), 2);
}

void a_child_that_lets_go_of_everything_closes_nothing(void **) {
    RedisServer server;
    auto made = exo::loop::Loop::own_thread();
    auto loop = *made;
    made = base::ErrorPtr();
    const auto stats = std::make_shared<exo::base::Stats>();
    auto node = exo::redis::Node::create(loop, config_for(server.tcp()), stats, std::make_shared<exo::base::Log>());
    const auto ping = [&] {
        const auto request = std::make_shared<Recorded>(std::vector<std::string>{"PING"});
        assert_null(node->submit(request).get());
        assert_true(request->wait());
        assert_string_equal(request->text().c_str(), "PONG");
    };
    ping();
    const int answer = in_forked_child([&] {
        loop->end([] {});
        node.reset();
        loop.reset();
        return 0;
    });
    assert_int_equal(answer, 0);
    ping();
    assert_int_equal(stats->get(Stat::connects), 1);
    loop->end([node] { node->close(); });
    assert_true(loop->wait_ended(exo::base::kNever));
}

void descriptors_and_threads_are_as_before_after_many_losses(void **) {
    RedisServer server;
    const auto fds = exo::support::open_fds();
    const auto threads = exo::support::thread_count();
    for (int round = 0; round < 3; ++round) {
        auto config = config_for(server.tcp());
        config.backoff_first = config.backoff_max = Millis(1);
        Bench bench(config);
        const auto listener = bench.subscribe("c");
        assert_true(listener->wait_for("subscribed"));
        for (int i = 0; i < 10; ++i) {
            server.must({"CLIENT", "KILL", "TYPE", "pubsub"});
            assert_true(listener->wait_for("subscribed", static_cast<std::size_t>(i) + 2));
            bench.on_loop([&] { bench.node().reconnect("again"); });
            assert_string_equal(bench.call({"PING"})->text().c_str(), "PONG");
        }
    }
    // The test's own client of the server may have one open.
    assert_true(eventually(Millis(10000), [&] { return exo::support::open_fds() <= fds + 1; }));
    assert_true(eventually(Millis(10000), [&] { return exo::support::thread_count() <= threads; }));
}

void a_private_server_is_started_and_started_again_when_it_was_killed(void **) {
    const exo::support::TempDir folder;
    exo::redis::NodeConfig config;
    config.kind = exo::redis::NodeConfig::Kind::local;
    config.path = folder.file("data");
    config.shown = "local:" + config.path;
    config.connect_timeout = exo::support::scaled(Millis(10000));
    Bench bench(config);
    assert_null(bench.ready(nullptr, Millis(20000)).get());
    assert_string_equal(bench.call({"SET", "k", "v"})->text().c_str(), "OK");
    const auto info = bench.call({"INFO", "server"})->text();
    const auto at = info.find("process_id:");
    assert_true(at != std::string::npos);
    kill(std::stoi(info.substr(at + 11)), SIGKILL);
    const auto lost = [&] { return bench.stat(Stat::reconnects) >= 1; };
    assert_true(eventually(Millis(20000), lost));
    assert_string_equal(bench.call({"GET", "k"})->text().c_str(), "v");
    bench.close();
    const std::atomic<bool> never{false};
    assert_true(exo::redis::local::stop(config.path, Millis(20000), never).ok());
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_node_lives_on_the_applications_loop),
        cmocka_unit_test(writing_to_a_peer_that_is_gone_raises_no_signal),
        cmocka_unit_test(a_forked_child_gets_efork_and_disturbs_nothing),
        cmocka_unit_test(a_child_that_lets_go_of_everything_closes_nothing),
        cmocka_unit_test(descriptors_and_threads_are_as_before_after_many_losses),
        cmocka_unit_test(a_private_server_is_started_and_started_again_when_it_was_killed),
    };
    return cmocka_run_group_tests_name("redis/node_life", tests, nullptr, nullptr);
}
