// The script delay_request, and what all the scripts of a delay tell who listens (guarantee G4, rules D1, D5).
#include "store/message.hpp"

#include "scripts/delay_bench.hpp"
#include "support/deadline.hpp"

namespace exo::scripts_test {
namespace {

using store::Message;

// What a subscriber hears. Nothing more came before the mark that it then publishes itself.
class Ear {
public:
    Ear() : client_(bench().server().unix_socket()) { client_.call({"SUBSCRIBE", "k"}); }

    std::vector<std::string> heard() {
        bench().server().must({"PUBLISH", "k", "mark"});
        std::vector<std::string> all;
        while (true) {
            const auto push = client_.receive(support::Millis(5000));
            if (!push || push->elements.size() != 3) support::fatal("the subscription was lost");
            if (push->elements[2].text == "mark") return all;
            all.push_back(push->elements[2].text);
        }
    }

private:
    support::RedisClient client_;
};

std::string news(const std::string &event, unsigned version, const std::string &op, const std::string &rest = "- -") {
    return "1 " + event + " 3 " + kEpoch + " 0 - " + std::to_string(version) + " " + op + " " + rest;
}

template <typename Args>
Args in_db_3(Args args) {
    args.db = 3;
    return args;
}

void assert_heard(Ear &ear, const std::vector<std::string> &expected, const char *file, int line) {
    const std::vector<std::string> heard = ear.heard();
    if (heard == expected) return;
    for (const std::string &message : heard) print_error("heard: %s\n", message.c_str());
    _fail(file, line);
}
#define ASSERT_HEARD(ear, ...) assert_heard(ear, {__VA_ARGS__}, __FILE__, __LINE__)

void D1_the_first_request_is_raised_and_told(void **) {
    make_delay();
    Ear ear;
    const Reply reply = raw(in_db_3(request_args({kB, 4})));
    ASSERT_REPLY(reply, op_of(kB, 4), "wanted", "now", "1", "delay", "-", kEpoch, "0", "-", "", "-", "-", "wanted", "0",
                 "-", "-", "-", "10000", "0", "0", "-", "-", "-", "-", "*");
    ASSERT_HEARD(ear, news("wanted", 0, op_of(kB, 4)));
}

void D5_a_request_that_stands_is_not_changed_and_not_told_again(void **) {
    make_delay();
    ask(request_args({kB}));
    Ear ear;
    const std::string before = bench().bytes();
    for (const Who &who : {Who{kB, 1, 2}, Who{kC, 1}, Who{kB, 1, 1}}) {
        const DelayAnswer answer = ask(request_args(who));
        assert_true(answer.kind == Kind::wanted && answer.repeat && answer.delay.lease_left_ms == std::uint64_t{0});
    }
    claimed({kB, 2});
    const std::string claimed_now = bench().bytes();
    const DelayAnswer running = ask(request_args({kC, 2}));
    assert_true((running.delay.lease == LeaseId{1, op_of(kB, 2)}) && running.delay.attempt == 1);
    assert_in_range(*running.delay.lease_left_ms, 1, 10000);
    ASSERT_TEXT(bench().bytes(), claimed_now);
    assert_true(before != claimed_now);
    ASSERT_HEARD(ear);
}

void G5_a_lease_that_ended_without_a_result_is_told_once(void **) {
    make_delay();
    const LeaseId lease = claimed({kB});
    leave_lease(-1);
    Ear ear;
    for (unsigned n = 1; n <= 5; ++n) {
        const DelayAnswer answer = ask(in_db_3(request_args({kC, n})));
        assert_true(answer.kind == Kind::wanted && answer.repeat && answer.delay.lease == lease);
        assert_true(answer.delay.lease_left_ms == std::uint64_t{0});
    }
    ASSERT_HEARD(ear, news("wanted", 0, op_of(kC, 1)));
    // And the next one again.
    claimed({kA, 2});
    leave_lease(-1);
    ask(in_db_3(request_args({kC, 6})));
    ASSERT_HEARD(ear, news("wanted", 0, op_of(kC, 6)));
}

void G4_a_value_is_told_with_its_bytes(void **) {
    make_delay();
    const LeaseId lease = claimed({kB});
    Ear ear;
    ask(renew_args({kB, 2}, lease));
    ask(in_db_3(deliver_args({kB, 3}, lease, "a value\n")));
    ask(in_db_3(deliver_args({kB, 3, 2}, lease, "a value\n")));  // what changes nothing says nothing
    const std::string told = news("change", 1, op_of(kB, 3), "1:" + kServer + " va value\n");
    ASSERT_HEARD(ear, told);
    const auto message = store::parse_message(told);
    assert_true(message && message->kind == Message::Kind::change && message->value == "a value\n");
}

void G4_a_big_value_is_left_out_of_the_message(void **) {
    for (const std::size_t size : {std::size_t{16384}, std::size_t{16385}}) {
        make_delay();
        const LeaseId lease = claimed({kB});
        Ear ear;
        const std::string value(size, 'x');
        ask(in_db_3(deliver_args({kB, 3}, lease, value)));
        const std::string content = size <= 16384 ? " v" + value : " -";
        ASSERT_HEARD(ear, news("change", 1, op_of(kB, 3), "1:" + kServer + content));
    }
}

void G4_failures_and_a_lease_given_back_are_told(void **) {
    make_delay(true);
    LeaseId lease = claimed({kB});
    Ear ear;
    ask(in_db_3(release_args({kB, 2}, lease)));
    ASSERT_HEARD(ear, news("wanted", 0, op_of(kB, 2)));
    lease = claimed({kB, 3});
    ask(in_db_3(fail_args({kB, 4}, lease)));
    const std::string again = news("failed", 0, op_of(kB, 4));
    ASSERT_HEARD(ear, again);
    const LeaseId seen = lease;
    lease = claimed({kB, 5}, seen);
    store::DelayFailArgs kept = in_db_3(fail_args({kB, 6}, lease));
    kept.retry = false;
    ask(kept);
    const std::string over = news("failed", 1, op_of(kB, 6), "1:" + kServer + " -");
    ASSERT_HEARD(ear, over);
    assert_true(store::parse_message(again)->kind == Message::Kind::failed);
    assert_true(store::parse_message(over)->kind == Message::Kind::failed);
}

void G4_refusals_are_not_told(void **) {
    make_delay(true);
    const LeaseId lost = claimed({kB});
    leave_lease(-1);
    const LeaseId lease = claimed({kC});
    Ear ear;
    ask(claim_args({kA, 2}));
    ask(renew_args({kB, 2}, lost));
    ask(release_args({kB, 3}, lost));
    ask(deliver_args({kB, 4}, lost));
    ask(fail_args({kB, 5}, lost));
    ASSERT_HEARD(ear);
    ask(fail_args({kC, 2}, lease));
    assert_int_equal(ear.heard().size(), 1);
    ask(request_args({kA, 3}));
    ask(claim_args({kA, 4}));
    ASSERT_HEARD(ear);
}

}  // namespace
}  // namespace exo::scripts_test

int main() {
    using namespace exo::scripts_test;
    const CMUnitTest tests[] = {
        cmocka_unit_test(D1_the_first_request_is_raised_and_told),
        cmocka_unit_test(D5_a_request_that_stands_is_not_changed_and_not_told_again),
        cmocka_unit_test(G5_a_lease_that_ended_without_a_result_is_told_once),
        cmocka_unit_test(G4_a_value_is_told_with_its_bytes),
        cmocka_unit_test(G4_a_big_value_is_left_out_of_the_message),
        cmocka_unit_test(G4_failures_and_a_lease_given_back_are_told),
        cmocka_unit_test(G4_refusals_are_not_told),
    };
    return cmocka_run_group_tests(tests, nullptr, end_bench);
}
