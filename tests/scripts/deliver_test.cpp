// deliver.lua: each answer, and that what stands is never changed (P1).
#include <algorithm>
#include <sstream>

#include "scripts/script_bench.hpp"
#include "store/answers.hpp"

using namespace exo::scripts_test;
namespace store = exo::store;

namespace {

void make_promise(std::optional<std::uint64_t> ttl = {}) {
    bench().call({"FLUSHALL"});
    store::CreateArgs args = ScriptBench::create_args();
    args.kind = "promise";
    args.value.reset();
    args.ring_n = args.rec_n = 0;
    args.ttl = ttl;
    ASSERT_REPLY(bench().run(args), op_of(kA, 1), "created");
}

store::DeliverArgs deliver_args(std::string_view value = "it") {
    store::DeliverArgs args;
    args.key = "k";
    args.session = kB;
    args.counter = 7;
    args.sending = 1;
    args.epoch = kEpoch;
    args.server = kServer;
    args.message_limit = 16384;
    args.value = value;
    return args;
}

}  // namespace

static void P1_the_first_one_is_delivered(void **) {
    make_promise();
    ASSERT_TEXT(bench().run(deliver_args()).text, op_of(kB, 7));
    ASSERT_TEXT(bench().field("value"), "it");
    ASSERT_TEXT(bench().field("version"), "1");
    ASSERT_TEXT(bench().field("op"), op_of(kB, 7));
    ASSERT_TEXT(bench().field("terms"), "1:" + kServer);
}

// What blocked waiters wait for takes the server as little as can be.
static void the_first_one_costs_three_commands(void **) {
    make_promise();
    bench().call({"CONFIG", "RESETSTAT"});
    bench().run(deliver_args());
    std::vector<std::string> called;
    std::istringstream stats(bench().call({"INFO", "commandstats"}).text);
    for (std::string line; std::getline(stats, line);) {
        if (line.rfind("cmdstat_", 0) == 0) called.push_back(line.substr(8, line.find(',') - 8));
    }
    std::sort(called.begin(), called.end());
    const std::vector<std::string> expected = {"config|resetstat:calls=1", "evalsha:calls=1", "hmget:calls=1",
                                               "hset:calls=1", "publish:calls=1"};
    assert_true(called == expected);
}

static void P1_a_later_one_is_told_what_stands_and_changes_nothing(void **) {
    make_promise();
    bench().run(deliver_args("first"));
    const std::string before = bench().bytes();
    store::DeliverArgs later = deliver_args("second");
    later.session = kC;
    ASSERT_REPLY(bench().run(later), op_of(kC, 7), "standing", "hash", "1", "promise", "-", kEpoch, "1", op_of(kB, 7),
                 "*", "-", "first");
    store::DeliverArgs same_session = deliver_args("third");
    same_session.counter = 8;
    ASSERT_REPLY(bench().run(same_session), op_of(kB, 8), "standing");
    // A counter that only begins like that of the one who delivered.
    same_session.counter = 70;
    ASSERT_REPLY(bench().run(same_session), op_of(kB, 70), "standing");
    assert_true(bench().bytes() == before);
}

static void G2_every_sending_of_one_delivery_has_delivered(void **) {
    make_promise();
    store::DeliverArgs args = deliver_args();
    args.sending = 2;
    ASSERT_TEXT(bench().run(args).text, op_of(kB, 7, 2));
    const std::string before = bench().bytes();
    args.sending = 1;
    ASSERT_REPLY(bench().run(args), op_of(kB, 7, 1), "delivered", "record", "1", "promise", "-", kEpoch, "1",
                 op_of(kB, 7, 2));
    args.sending = 3;
    ASSERT_REPLY(bench().run(args), op_of(kB, 7, 3), "delivered", "record");
    assert_true(bench().bytes() == before);
}

static void C10_gone_names_what_is_there_instead(void **) {
    bench().call({"FLUSHALL"});
    ASSERT_REPLY(bench().run(deliver_args()), op_of(kB, 7), "gone", "none");
    bench().call({"SET", "k", "x"});
    ASSERT_REPLY(bench().run(deliver_args()), op_of(kB, 7), "gone", "string");
    make_promise();
    store::DeliverArgs other = deliver_args();
    const std::string epoch(32, 'f');
    other.epoch = epoch;
    const std::string before = bench().bytes();
    ASSERT_REPLY(bench().run(other), op_of(kB, 7), "gone", "hash", "1", "promise", "-", kEpoch, "0");
    assert_true(bench().bytes() == before);
}

static void a_newer_format_is_left_as_it_is(void **) {
    make_promise();
    bench().call({"HSET", "k", "fmt", "2"});
    const std::string before = bench().bytes();
    ASSERT_REPLY(bench().run(deliver_args()), op_of(kB, 7), "format", "1");
    assert_true(bench().bytes() == before);
}

static void C11_time_to_live_counts_from_the_delivery(void **) {
    make_promise(100000);
    bench().call({"PEXPIRE", "k", "5000"});
    ASSERT_TEXT(bench().run(deliver_args()).text, op_of(kB, 7));
    const std::int64_t left = bench().call({"PTTL", "k"}).integer;
    assert_true(left > 90000 && left <= 100000);
    bench().call({"PEXPIRE", "k", "5000"});
    bench().run(deliver_args());
    assert_true(bench().call({"PTTL", "k"}).integer <= 5000);
}

static void the_message_names_the_predecessor_and_the_value_if_it_fits(void **) {
    make_promise();
    exo::support::RedisClient listener(bench().server().unix_socket(), exo::support::Millis(20000));
    listener.call({"SUBSCRIBE", "k"});
    bench().run(deliver_args());
    const auto heard = listener.receive(exo::support::Millis(20000));
    assert_true(heard.has_value());
    ASSERT_TEXT(heard->elements[2].text, "1 change 0 " + kEpoch + " 0 - 1 " + op_of(kB, 7) + " 1:" + kServer + " vit");
    make_promise();
    listener.receive(exo::support::Millis(20000));  // of the creation
    store::DeliverArgs large = deliver_args("too large");
    large.message_limit = 3;
    bench().run(large);
    const auto short_one = listener.receive(exo::support::Millis(20000));
    assert_true(short_one.has_value());
    ASSERT_TEXT(short_one->elements[2].text,
                "1 change 0 " + kEpoch + " 0 - 1 " + op_of(kB, 7) + " 1:" + kServer + " -");
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(P1_the_first_one_is_delivered),
        cmocka_unit_test(the_first_one_costs_three_commands),
        cmocka_unit_test(P1_a_later_one_is_told_what_stands_and_changes_nothing),
        cmocka_unit_test(G2_every_sending_of_one_delivery_has_delivered),
        cmocka_unit_test(C10_gone_names_what_is_there_instead),
        cmocka_unit_test(a_newer_format_is_left_as_it_is),
        cmocka_unit_test(C11_time_to_live_counts_from_the_delivery),
        cmocka_unit_test(the_message_names_the_predecessor_and_the_value_if_it_fits),
    };
    return cmocka_run_group_tests(tests, nullptr, end_bench);
}
