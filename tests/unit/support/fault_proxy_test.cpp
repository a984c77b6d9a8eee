// The proxy does what its rules say, to the byte, and counts it. A test that trusts a fault which never happened
// proves nothing.
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>

#include "support/cmocka.hpp"
#include "support/fault_proxy.hpp"
#include "support/redis_server.hpp"

using namespace exo::support;

namespace {

struct Rig {
    RedisServer server;
    FaultProxy proxy{server.tcp()};
    RedisClient client{proxy.endpoint(), Millis(3000)};
};

const char kIncrement[] = "return redis.call('INCR', KEYS[1])";

std::string load_increment(Rig &rig) { return rig.server.must({"SCRIPT", "LOAD", kIncrement}).text; }

// What a raw reader gets until the end: the bytes, and whether the end was a reset.
struct RawEnd {
    std::string bytes;
    bool reset = false;
    bool ended = false;
};

RawEnd read_to_end(const Fd &fd, Millis time) {
    RawEnd result;
    const Deadline deadline(time);
    char chunk[4096];
    while (!result.ended && !deadline.passed()) {
        pollfd wait = {fd.get(), POLLIN, 0};
        ::poll(&wait, 1, deadline.poll_ms());
        const ssize_t n = ::recv(fd.get(), chunk, sizeof(chunk), 0);
        if (n > 0) {
            result.bytes.append(chunk, static_cast<std::size_t>(n));
        } else if (n == 0 || errno != EAGAIN) {
            result.ended = true;
            result.reset = n < 0 && errno == ECONNRESET;
        }
    }
    return result;
}

}  // namespace

static void what_is_not_meddled_with_passes_as_it_is(void **) {
    Rig rig;
    const std::string big(3 << 20, 'b');
    assert_true(rig.client.call({"SET", "k", big}).is_ok());
    assert_true(rig.client.call({"GET", "k"}).text == big);
    const FaultStats stats = rig.proxy.stats();
    assert_int_equal(stats.commands, 2);
    assert_int_equal(stats.replies, 2);
    assert_int_equal(stats.cuts, 0);
}

static void a_reply_is_cut_at_every_byte_by_fin_and_by_reset(void **) {
    Rig rig;
    rig.server.must({"SET", "k", "hello"});
    const std::string whole = encode_bulk("hello");
    for (const CutKind kind : {CutKind::kFin, CutKind::kReset}) {
        for (std::size_t k = 0; k <= whole.size(); ++k) {
            const RuleId rule = rig.proxy.arm(Rule::cut_frame(Direction::kToClient, command_is("GET"), k, kind));
            const Fd raw = connect_to(rig.proxy.endpoint(), Millis(3000));
            const std::string command = encode_command({"GET", "k"});
            assert_int_equal(::send(raw.get(), command.data(), command.size(), MSG_NOSIGNAL), command.size());
            const RawEnd end = read_to_end(raw, Millis(5000));
            assert_true(end.ended);
            assert_string_equal(end.bytes.c_str(), whole.substr(0, k).c_str());
            assert_int_equal(end.reset, kind == CutKind::kReset);
            assert_int_equal(rig.proxy.fired(rule), 1);
        }
    }
    assert_int_equal(rig.proxy.stats().cuts, 2 * (whole.size() + 1));
}

static void a_command_is_cut_at_every_byte_and_only_the_whole_one_is_executed(void **) {
    Rig rig;
    const std::string whole = encode_command({"INCR", "n"});
    for (std::size_t k = 0; k <= whole.size(); ++k) {
        rig.proxy.arm(Rule::cut_frame(Direction::kToServer, command_is("INCR"), k, CutKind::kFin));
        assert_true(rig.client.call({"INCR", "n"}).is_error());
    }
    assert_true(eventually(Millis(5000), [&] { return rig.server.cli({"GET", "n"}).text == "1"; }));
    assert_int_equal(rig.server.calls("incr"), 1);
}

static void bytes_are_counted_over_the_connection_or_since_arming(void **) {
    Rig rig;
    Rule rule = Rule::cut_at(Direction::kToClient, 17, CutKind::kFin);
    rule.since_armed = false;
    rig.proxy.arm(rule);
    assert_string_equal(rig.client.call({"PING"}).text.c_str(), "PONG");  // 7 bytes
    assert_string_equal(rig.client.call({"PING"}).text.c_str(), "PONG");
    assert_true(rig.client.call({"PING"}).is_error());
    assert_int_equal(rig.proxy.link(1).bytes_to_client, 17);
    assert_string_equal(rig.client.call({"PING"}).text.c_str(), "PONG");
    rig.proxy.arm(Rule::cut_at(Direction::kToClient, 7, CutKind::kFin));
    assert_string_equal(rig.client.call({"PING"}).text.c_str(), "PONG");
    assert_true(rig.client.call({"PING"}).is_error());
    assert_int_equal(rig.proxy.link(2).bytes_to_client, 14);
}

static void a_reply_is_lost_after_the_server_has_acted(void **) {
    Rig rig;
    const std::string sha = load_increment(rig);
    Rule rule = Rule::lose_reply(any_script());
    rule.nth = 2;
    const RuleId id = rig.proxy.arm(rule);
    assert_int_equal(rig.client.call({"EVALSHA", sha, "1", "n"}).integer, 1);
    assert_true(rig.client.call({"EVALSHA", sha, "1", "n"}).is_error());
    assert_string_equal(rig.server.cli({"GET", "n"}).text.c_str(), "2");
    assert_int_equal(rig.client.call({"EVALSHA", sha, "1", "n"}).integer, 3);
    assert_int_equal(rig.proxy.fired(id), 1);
    assert_int_equal(rig.proxy.stats().lost_script_replies, 1);
}

static void one_reply_in_five_is_lost_by_chance(void **) {
    Rig rig;
    const std::string sha = load_increment(rig);
    const RuleId id = rig.proxy.arm(Rule::lose_reply(any_script(), 0.2, kAlways));
    std::uint64_t lost = 0;
    for (int i = 0; i < 500; ++i) {
        lost += rig.client.call({"EVALSHA", sha, "1", "n"}).is_error() ? 1 : 0;
    }
    assert_true(lost > 40 && lost < 200);
    assert_int_equal(rig.proxy.fired(id), lost);
    assert_string_equal(rig.server.cli({"GET", "n"}).text.c_str(), "500");
}

static void a_swallowed_reply_leaves_the_connection_silent(void **) {
    Rig rig;
    rig.proxy.arm(Rule::swallow_reply(command_is("INCR")));
    RedisClient patient(rig.proxy.endpoint(), Millis(100));
    assert_true(patient.send({"INCR", "n"}));
    assert_false(patient.receive(Millis(100)).has_value());
    assert_true(patient.send({"PING"}));
    assert_false(patient.receive(Millis(100)).has_value());
    assert_true(rig.proxy.link(1).client_open);
    assert_string_equal(rig.server.cli({"GET", "n"}).text.c_str(), "1");
    assert_int_equal(rig.proxy.stats().lost_replies, 2);
}

static void an_original_arrives_after_its_repeat(void **) {
    Rig rig;
    const RuleId id = rig.proxy.arm(Rule::hold_command(command_is("APPEND")));
    assert_true(rig.client.call({"APPEND", "k", "original "}).is_error());
    assert_int_equal(rig.proxy.fired(id), 1);
    assert_false(rig.client.call({"APPEND", "k", "repeat "}).is_error());
    assert_string_equal(rig.server.cli({"GET", "k"}).text.c_str(), "repeat ");
    assert_int_equal(rig.proxy.link(1).held, 1);
    assert_false(rig.proxy.link(1).client_open);
    rig.proxy.release(1);
    assert_true(rig.proxy.wait_orphan_replies(1, 1));
    assert_string_equal(rig.server.cli({"GET", "k"}).text.c_str(), "repeat original ");
    assert_string_equal(rig.proxy.link(1).orphan_replies.at(0).c_str(), ":16\r\n");
    assert_true(eventually(Millis(5000), [&] { return !rig.proxy.link(1).open; }));
}

static void a_held_reply_comes_when_it_is_released(void **) {
    Rig rig;
    assert_string_equal(rig.client.call({"PING"}).text.c_str(), "PONG");
    rig.proxy.hold(1, Direction::kToClient);
    assert_true(rig.client.send({"INCR", "n"}));
    assert_false(rig.client.receive(Millis(50)).has_value());
    rig.proxy.release(1, Direction::kToClient);
    assert_int_equal(rig.client.receive(Millis(3000))->integer, 1);
}

static void a_frozen_connection_is_dead_without_a_word(void **) {
    Rig rig;
    Rule rule = Rule::cut_frame(Direction::kToServer, command_is("INCR"), 0, CutKind::kFin);
    rule.action = Action::kFreeze;
    rig.proxy.arm(rule);
    assert_true(rig.client.send({"INCR", "n"}));
    assert_false(rig.client.receive(Millis(50)).has_value());
    assert_true(rig.server.cli({"GET", "n"}).is_nil());
    rig.proxy.thaw_all();
    assert_int_equal(rig.client.receive(Millis(3000))->integer, 1);
}

static void delays_keep_the_order(void **) {
    Rig rig;
    rig.proxy.set_delay(Direction::kToServer, Millis(30));
    rig.proxy.set_delay(Direction::kToClient, Millis(30));
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < 10; ++i) {
        assert_true(rig.client.send({"INCR", "n"}));
    }
    for (int i = 1; i <= 10; ++i) {
        assert_int_equal(rig.client.receive(Millis(3000))->integer, i);
    }
    assert_true(std::chrono::steady_clock::now() - begin >= Millis(60));
}

static void frames_are_dropped_doubled_replaced_and_corrupted(void **) {
    Rig rig;
    Rule rule = Rule::observe(Direction::kToClient, command_is("ECHO"));
    const RuleId seen = rig.proxy.arm(rule);
    rule.record = false;
    rule.times = 1;
    rule.action = Action::kReplace;
    rule.bytes = "-BUSY forged\r\n";
    rig.proxy.arm(rule);
    assert_string_equal(rig.client.call({"ECHO", "a"}).text.c_str(), "BUSY forged");
    rule.action = Action::kDuplicate;
    rig.proxy.arm(rule);
    assert_string_equal(rig.client.call({"ECHO", "b"}).text.c_str(), "b");
    assert_string_equal(rig.client.receive(Millis(3000))->text.c_str(), "b");
    rule.action = Action::kCorrupt;
    rule.offset = 4;
    rig.proxy.arm(rule);
    assert_int_equal(rig.client.call({"ECHO", "c"}).text.at(0), 'c' ^ 0x55);
    rule.action = Action::kDrop;
    rig.proxy.arm(rule);
    assert_true(rig.client.send({"ECHO", "d"}));
    assert_string_equal(rig.client.call({"ECHO", "e"}).text.c_str(), "e");
    assert_int_equal(rig.proxy.recorded(seen).size(), 5);
}

static void messages_are_told_from_replies(void **) {
    Rig rig;
    Rule rule;
    rule.action = Action::kDrop;
    rule.match = any_push();
    rule.nth = 2;
    const RuleId id = rig.proxy.arm(rule);
    assert_true(rig.client.send({"SUBSCRIBE", "a", "b"}));
    assert_true(rig.client.receive(Millis(3000)).has_value());
    assert_true(rig.client.receive(Millis(3000)).has_value());
    for (const char *text : {"1", "2", "3"}) {
        rig.server.must({"PUBLISH", "a", text});
    }
    assert_string_equal(rig.client.receive(Millis(3000))->elements.at(2).text.c_str(), "1");
    assert_string_equal(rig.client.receive(Millis(3000))->elements.at(2).text.c_str(), "3");
    assert_int_equal(rig.proxy.fired(id), 1);
    assert_int_equal(rig.proxy.stats().pushes, 3);
    assert_true(rig.proxy.link(1).subscriber);
}

static void new_connections_are_refused_closed_or_left_alone(void **) {
    Rig rig;
    rig.proxy.refuse();
    assert_true(
        eventually(Millis(3000), [&] { return !static_cast<bool>(connect_to(rig.proxy.endpoint(), Millis(1000))); }));
    Endpoint taken = rig.proxy.endpoint();
    assert_false(static_cast<bool>(listen_on(taken)));  // nobody else gets the port meanwhile
    rig.proxy.listen_again();
    assert_string_equal(rig.client.call({"PING"}).text.c_str(), "PONG");
    for (int i = 0; i < 100; ++i) {
        rig.proxy.refuse();
        assert_true(rig.proxy.cut_all(CutKind::kFin) >= 1);
        rig.client.close();
        rig.proxy.listen_again();
        assert_string_equal(rig.client.call({"PING"}).text.c_str(), "PONG");
    }
    rig.proxy.set_accept(AcceptMode::kReset);
    rig.client.close();
    assert_true(rig.client.call({"PING"}).is_error());
    rig.proxy.set_accept(AcceptMode::kHalfOpen);
    RedisClient patient(rig.proxy.endpoint(), Millis(50));
    assert_true(patient.call({"PING"}).is_error());
    rig.proxy.set_accept(AcceptMode::kForward);
    assert_string_equal(rig.client.call({"PING"}).text.c_str(), "PONG");
}

static void a_server_that_goes_away_is_seen_by_the_client(void **) {
    Rig rig;
    assert_string_equal(rig.client.call({"PING"}).text.c_str(), "PONG");
    assert_true(rig.client.send({"BLPOP", "nothing", "0"}));
    rig.server.kill9();
    assert_false(rig.client.receive(Millis(5000)).has_value());
    rig.server.restart();
    rig.client.close();
    assert_string_equal(rig.client.call({"PING"}).text.c_str(), "PONG");
}

static void it_serves_on_a_socket_file_too(void **) {
    RedisServer server;
    FaultProxy proxy(server.unix_socket(), FaultProxy::Listen::kUnixSocket);
    RedisClient client(proxy.endpoint());
    assert_string_equal(client.call({"PING"}).text.c_str(), "PONG");
    assert_int_equal(proxy.cut_all(CutKind::kFin), 1);
    assert_string_equal(client.call({"PING"}).type == Reply::Type::kError ? "lost" : "alive", "lost");
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_meddled_with_passes_as_it_is),
        cmocka_unit_test(a_reply_is_cut_at_every_byte_by_fin_and_by_reset),
        cmocka_unit_test(a_command_is_cut_at_every_byte_and_only_the_whole_one_is_executed),
        cmocka_unit_test(bytes_are_counted_over_the_connection_or_since_arming),
        cmocka_unit_test(a_reply_is_lost_after_the_server_has_acted),
        cmocka_unit_test(one_reply_in_five_is_lost_by_chance),
        cmocka_unit_test(a_swallowed_reply_leaves_the_connection_silent),
        cmocka_unit_test(an_original_arrives_after_its_repeat),
        cmocka_unit_test(a_held_reply_comes_when_it_is_released),
        cmocka_unit_test(a_frozen_connection_is_dead_without_a_word),
        cmocka_unit_test(delays_keep_the_order),
        cmocka_unit_test(frames_are_dropped_doubled_replaced_and_corrupted),
        cmocka_unit_test(messages_are_told_from_replies),
        cmocka_unit_test(new_connections_are_refused_closed_or_left_alone),
        cmocka_unit_test(a_server_that_goes_away_is_seen_by_the_client),
        cmocka_unit_test(it_serves_on_a_socket_file_too),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
