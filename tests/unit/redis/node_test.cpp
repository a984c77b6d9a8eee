// The node and its queue: order, pipelining, bounds, taking back, closing.
#include <cstring>
#include <thread>

#include "support/fake_server.hpp"
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
using exo::support::Millis;
using exo::support::polite_then;
using exo::support::RedisServer;
using exo::test::Bench;
using exo::test::config_for;
using exo::test::RecordedPtr;

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

/// Nobody listens here.
exo::redis::NodeConfig nowhere() {
    auto config = config_for(exo::support::Endpoint::tcp(exo::support::free_port()));
    return config;
}

void commands_are_answered_over_tcp_and_socket_file(void **) {
    for (const auto &endpoint : {server->tcp(), server->unix_socket()}) {
        Bench bench(config_for(endpoint));
        assert_null(bench.ready().get());
        assert_string_equal(bench.call({"SET", "a", std::string("x\0\r\ny", 5)})->text().c_str(), "OK");
        assert_true(bench.call({"GET", "a"})->text() == std::string("x\0\r\ny", 5));
        assert_true(bench.call({"INCR", "n"})->integer() > 0);
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

void values_of_many_megabytes_pass_both_ways(void **) {
    Bench bench(config_for(server->tcp()));
    for (const std::size_t megabytes : {1U, 9U, 64U}) {
        std::string value(megabytes << 20, 'v');
        for (std::size_t i = 0; i < value.size(); i += 1009) value[i] = static_cast<char>(i);
        assert_string_equal(bench.call({"SET", "big", value})->text().c_str(), "OK");
        assert_true(bench.call({"GET", "big"})->text() == value);
    }
    bench.call({"DEL", "big"});
    assert_int_equal(bench.stat(Stat::connects), 1);
}

void many_requests_of_eight_threads_keep_their_own_answers(void **) {
    Bench bench(config_for(server->tcp()));
    std::vector<std::thread> threads;
    std::atomic<int> wrong{0};
    for (int t = 0; t < 8; ++t) {
        threads.emplace_back([&, t] {
            std::vector<std::pair<std::string, RecordedPtr>> sent;
            for (int i = 0; i < 500; ++i) {
                const std::string word = std::to_string(t) + "." + std::to_string(i);
                sent.emplace_back(word, bench.send({"ECHO", word}));
            }
            for (const auto &[word, request] : sent) {
                if (!request->wait() || request->text() != word || request->ends() != 1) ++wrong;
            }
        });
    }
    for (auto &thread : threads) thread.join();
    assert_int_equal(wrong.load(), 0);
    assert_int_equal(bench.stat(Stat::pending), 0);
    assert_int_equal(bench.stat(Stat::commands), 4000);
}

void requests_are_written_in_the_order_of_submission(void **) {
    Bench bench(config_for(server->tcp()));
    bench.call({"DEL", "list"});
    RecordedPtr last;
    for (int i = 0; i < 2000; ++i) last = bench.send({"RPUSH", "list", std::to_string(i)});
    assert_true(last->wait());
    for (const int i : {0, 1, 777, 1999}) {
        assert_string_equal(bench.call({"LINDEX", "list", std::to_string(i)})->text().c_str(),
                            std::to_string(i).c_str());
    }
}

void what_is_submitted_together_is_written_together(void **) {
    Bench bench(config_for(server->tcp()));
    assert_null(bench.ready().get());
    const auto reads = [] { return std::stoll(server->info("stats")["total_reads_processed"]); };
    const auto before = reads();
    std::vector<RecordedPtr> sent;
    bench.on_loop([&] {
        for (int i = 0; i < 500; ++i) sent.push_back(bench.send({"PING"}));
    });
    for (const auto &request : sent) assert_true(request->wait());
    // The server reads 16 KiB at a time; each question of ours is one read, too.
    assert_true(reads() - before <= 6);
}

void a_full_queue_refuses_and_takes_again(void **) {
    auto config = config_for(server->tcp());
    config.max_pending = 10;
    Bench bench(config);
    assert_null(bench.ready().get());
    server->pause();
    std::vector<RecordedPtr> sent;
    for (int i = 0; i < 10; ++i) sent.push_back(bench.send({"PING"}));
    const auto refused = bench.send({"PING"});
    assert_int_equal(refused->ends(), 1);
    assert_int_equal(refused->error()->status, Status::EXOREF_EAGAIN);
    server->resume();
    for (const auto &request : sent) assert_true(request->wait());
    assert_string_equal(bench.call({"PING"})->text().c_str(), "PONG");
}

void bytes_that_wait_are_bounded_too(void **) {
    auto config = nowhere();
    config.max_pending_bytes = 100000;
    Bench bench(config);
    const std::string value(60000, 'v');
    const auto first = bench.send({"SET", "a", value});
    assert_int_equal(first->ends(), 0);
    const auto second = bench.send({"SET", "a", value});
    assert_int_equal(second->error()->status, Status::EXOREF_EAGAIN);
    bench.on_loop([&] { assert_true(bench.node().withdraw(first)); });
    assert_int_equal(bench.send({"SET", "a", value})->ends(), 0);
}

void a_request_is_taken_back_before_it_is_written_and_not_after(void **) {
    Bench bench(nowhere());
    std::vector<RecordedPtr> sent;
    for (int i = 0; i < 300; ++i) sent.push_back(bench.send({"PING"}));
    bench.on_loop([&] {
        for (std::size_t i = 0; i < sent.size(); i += 2) assert_true(bench.node().withdraw(sent[i]));
        for (std::size_t i = 0; i < sent.size(); i += 2) assert_false(bench.node().withdraw(sent[i]));
    });
    assert_int_equal(bench.stat(Stat::pending), 150);
    bench.close();
    for (std::size_t i = 0; i < sent.size(); ++i) assert_int_equal(sent[i]->ends(), i % 2 == 0 ? 0 : 1);

    Bench standing(config_for(server->tcp()));
    assert_null(standing.ready().get());
    server->pause();
    const auto written = standing.send({"PING"});
    assert_true(written->wait_written());
    standing.on_loop([&] { assert_false(standing.node().withdraw(written)); });
    server->resume();
    assert_true(written->wait());
    assert_string_equal(written->text().c_str(), "PONG");
    standing.on_loop([&] { assert_false(standing.node().withdraw(written)); });
}

void requests_that_come_and_go_without_a_connection_leave_nothing(void **) {
    Bench bench(nowhere());
    const auto stays = bench.send({"PING"});
    bench.on_loop([&] {
        for (int i = 0; i < 20000; ++i) assert_true(bench.node().withdraw(bench.send({"PING"})));
    });
    assert_int_equal(bench.stat(Stat::pending), 1);
    assert_int_equal(stays->ends(), 0);
}

void closing_ends_everything_exactly_once(void **) {
    std::vector<RecordedPtr> sent;
    {
        Bench bench(config_for(server->tcp()));
        assert_null(bench.ready().get());
        server->pause();
        const std::string value(200000, 'v');
        // Some written, some in the socket, some waiting behind it.
        for (int i = 0; i < 200; ++i) sent.push_back(bench.send({"SET", "k", value}));
        assert_true(sent[0]->wait_written());
        bench.close();
        server->resume();
        assert_int_equal(bench.stat(Stat::pending), 0);
    }
    bool some_unwritten = false;
    for (const auto &request : sent) {
        assert_int_equal(request->ends(), 1);
        assert_false(request->answered());
        assert_int_equal(request->error()->status, Status::ECLOSED);
        some_unwritten = some_unwritten || !request->written();
    }
    assert_true(sent[0]->written());
    assert_true(some_unwritten);
}

void a_closed_node_refuses(void **) {
    Bench bench(config_for(server->tcp()));
    assert_null(bench.ready().get());
    bench.on_loop([&] {
        bench.node().close();
        bench.node().close();
    });
    const auto late = bench.send({"PING"});
    assert_int_equal(late->error()->status, Status::ECLOSED);
    assert_int_equal(bench.ready()->status, Status::ECLOSED);
}

void a_node_that_is_let_go_closes_itself(void **) {
    auto made = exo::loop::Loop::own_thread();
    const auto loop = *made;
    const auto stats = std::make_shared<exo::base::Stats>();
    auto node = exo::redis::Node::create(loop, config_for(server->tcp()), stats, std::make_shared<exo::base::Log>());
    const auto request = std::make_shared<exo::test::Recorded>(std::vector<std::string>{"PING"});
    assert_null(node->submit(request).get());
    assert_true(request->wait());
    const auto clients = server->clients("normal").size();
    assert_true(clients >= 1);
    node.reset();
    assert_true(eventually(Millis(10000), [&] { return server->clients("normal").size() < clients; }));
    loop->end({});
    assert_true(loop->wait_ended(exo::base::kNever));
}

void closing_races_with_submitting_from_eight_threads(void **) {
    for (int round = 0; round < 20; ++round) {
        Bench bench(config_for(server->tcp()));
        std::vector<std::thread> threads;
        std::mutex mutex;
        std::vector<RecordedPtr> all;
        auto &node = bench.node();
        for (int t = 0; t < 8; ++t) {
            threads.emplace_back([&] {
                for (int i = 0; i < 100; ++i) {
                    auto request = std::make_shared<exo::test::Recorded>(std::vector<std::string>{"PING"});
                    if (const auto refused = node.submit(request)) {
                        assert_int_equal(refused->status, Status::ECLOSED);
                        break;
                    }
                    const std::lock_guard lock(mutex);
                    all.push_back(request);
                }
            });
        }
        bench.on_loop([&] { node.close(); });
        for (auto &thread : threads) thread.join();
        for (const auto &request : all) {
            assert_true(request->wait());
            assert_int_equal(request->ends(), 1);
        }
    }
}

void a_request_submitted_by_an_answer_needs_no_wake_up_and_is_answered(void **) {
    class Chain final : public exo::redis::Request {
    public:
        Chain(exo::redis::Node &node, std::atomic<int> &left, std::weak_ptr<Chain> *self)
            : node_(node), left_(left), self_(self) {}
        void write(exo::redis::CommandWriter &out, const exo::redis::Peer &) override { out.begin(1).arg("PING"); }
        void replied(exo::redis::ReplyView, const exo::redis::Peer &) override {
            if (--left_ > 0) node_.submit(self_->lock());
        }
        void failed(const exo::base::ErrorPtr &, bool) override { left_ = -1; }
        std::size_t size_hint() const noexcept override { return 14; }

    private:
        exo::redis::Node &node_;
        std::atomic<int> &left_;
        std::weak_ptr<Chain> *self_;
    };
    Bench bench(config_for(server->tcp()));
    std::atomic<int> left{1000};
    std::weak_ptr<Chain> self;
    const auto chain = std::make_shared<Chain>(bench.node(), left, &self);
    self = chain;
    assert_null(bench.node().submit(chain).get());
    assert_true(eventually(Millis(20000), [&] { return left <= 0; }));
    assert_int_equal(left.load(), 0);
}

void a_name_with_several_addresses_is_tried_in_turn(void **) {
    for (const bool ipv6 : {false, true}) {
        if (ipv6 && !exo::support::has_ipv6_loopback()) continue;
        exo::support::RedisServerOptions options;
        options.ipv6 = ipv6;
        RedisServer one(options);
        auto config = config_for(one.tcp());
        config.host = "localhost";
        config.backoff_max = Millis(50);
        Bench bench(config);
        bool told = false;
        // A machine whose localhost is IPv4 alone can't show the other half.
        const auto why = bench.ready(&told, ipv6 ? Millis(1000) : Millis(10000));
        if (!told && ipv6) continue;
        assert_null(why.get());
        assert_string_equal(bench.call({"PING"})->text().c_str(), "PONG");
    }
}

void a_name_that_does_not_resolve_fails_within_the_timeout(void **) {
    auto config = nowhere();
    config.host = "no-such-host.invalid";
    config.connect_timeout = Millis(2000);
    config.shown = "redis://no-such-host.invalid:1";
    Bench bench(config);
    assert_true(eventually(Millis(4000), [&] { return bench.node().last_error() != nullptr; }));
    const auto why = bench.node().last_error();
    assert_int_equal(why->status, Status::ECONNECTION);
    assert_non_null(std::strstr(why->message.c_str(), "resolved"));
    // Closing waits for no look-up.
    const auto begin = std::chrono::steady_clock::now();
    bench.close();
    assert_true(std::chrono::steady_clock::now() - begin < exo::support::scaled(Millis(1000)));
}

void a_refusal_says_what_to_look_at(void **) {
    auto config = nowhere();
    Bench bench(config);
    assert_true(eventually(Millis(10000), [&] { return bench.node().last_error() != nullptr; }));
    assert_string_equal(
        bench.node().last_error()->message.c_str(),
        ("could not connect to " + config.shown + ": connection refused; is the server running there?").c_str());
    config.kind = exo::redis::NodeConfig::Kind::unix_socket;
    config.path = "/nowhere/at/all.sock";
    Bench other(config);
    assert_true(eventually(Millis(10000), [&] { return other.node().last_error() != nullptr; }));
    assert_non_null(std::strstr(other.node().last_error()->message.c_str(), "is the server running there?"));
    config.path = std::string(200, 'p');
    Bench long_path(config);
    assert_int_equal(long_path.ready()->status, Status::EXOREF_EINVAL);
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(commands_are_answered_over_tcp_and_socket_file),
        cmocka_unit_test(the_peer_is_named_as_info_names_it),
        cmocka_unit_test(values_of_many_megabytes_pass_both_ways),
        cmocka_unit_test(many_requests_of_eight_threads_keep_their_own_answers),
        cmocka_unit_test(requests_are_written_in_the_order_of_submission),
        cmocka_unit_test(what_is_submitted_together_is_written_together),
        cmocka_unit_test(a_full_queue_refuses_and_takes_again),
        cmocka_unit_test(bytes_that_wait_are_bounded_too),
        cmocka_unit_test(a_request_is_taken_back_before_it_is_written_and_not_after),
        cmocka_unit_test(requests_that_come_and_go_without_a_connection_leave_nothing),
        cmocka_unit_test(closing_ends_everything_exactly_once),
        cmocka_unit_test(a_closed_node_refuses),
        cmocka_unit_test(a_node_that_is_let_go_closes_itself),
        cmocka_unit_test(closing_races_with_submitting_from_eight_threads),
        cmocka_unit_test(a_request_submitted_by_an_answer_needs_no_wake_up_and_is_answered),
        cmocka_unit_test(a_name_with_several_addresses_is_tried_in_turn),
        cmocka_unit_test(a_name_that_does_not_resolve_fails_within_the_timeout),
        cmocka_unit_test(a_refusal_says_what_to_look_at),
    };
    return cmocka_run_group_tests_name("redis/node", tests, start_server, stop_server);
}
