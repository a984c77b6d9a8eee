// What comes of a body: the scripts delay_deliver and delay_fail (guarantee G5, rules D1, D2, D3, D7).
#include "scripts/delay_bench.hpp"

namespace exo::scripts_test {
namespace {

// Two bodies ran: B's, and C's that took over when B's lease had ended.
struct Takeover {
    LeaseId lost;
    LeaseId holds;
};
Takeover take_over(bool retry = false) {
    make_delay(retry);
    Takeover both;
    both.lost = claimed({kB});
    leave_lease(-1);
    both.holds = claimed({kC});
    return both;
}

void D1_the_holders_value_stands_for_ever(void **) {
    make_delay();
    const LeaseId lease = claimed({kB});
    const Reply reply = raw(deliver_args({kB, 2}, lease, "done"));
    ASSERT_REPLY(reply, op_of(kB, 2), "applied", "now", "1", "delay", "-", kEpoch, "1", op_of(kB, 2), "1:" + kServer,
                 "-", "-", "realized", "1", op_of(kB, 1), "0", "0", "10000", "0", "1", "-", "-", "-", "-", "*");
    ASSERT_TEXT(bench().field("value"), "done");
    const DelayAnswer found = ask(request_args({kC}));
    assert_true(found.kind == Kind::realized && found.there.state->value == "done");
    assert_true((found.there.state->identity == store::Identity{kEpoch, 1, op_of(kB, 2)}));
    assert_true(found.there.state->term == "1:" + kServer);
    assert_true(ask(claim_args({kC, 2})).there.state->value == "done");
}

void D1_values_of_any_bytes_and_64_mebibytes(void **) {
    const std::string big(std::size_t{64} << 20, 'x');
    for (const std::string &value : {std::string(), std::string("\0\r\n\xff v", 7), big}) {
        make_delay();
        const LeaseId lease = claimed({kB});
        assert_true(ask(deliver_args({kB, 2}, lease, value)).kind == Kind::applied);
        const DelayAnswer found = ask(request_args({kC}));
        assert_true(found.kind == Kind::realized && found.there.state->value == value);
    }
}

void G2_a_deliver_that_finds_its_own_lease_as_maker_was_applied(void **) {
    make_delay();
    const LeaseId lease = claimed({kB});
    ask(deliver_args({kB, 2, 2}, lease, "done"));
    const std::string before = bench().bytes();
    // The late original after its repeat, and a repeat of it.
    for (const unsigned sending : {1U, 3U}) {
        const DelayAnswer again = ask(deliver_args({kB, 2, sending}, lease, "done"));
        assert_true(again.kind == Kind::applied && again.repeat);
        ASSERT_TEXT(again.there.state->identity.op, op_of(kB, 2, 2));
    }
    ASSERT_TEXT(bench().bytes(), before);
}

void D7_a_late_result_is_refused_with_what_stands(void **) {
    const Takeover both = take_over();
    const std::string running = bench().bytes();
    const DelayAnswer lost = ask(deliver_args({kB, 2}, both.lost, "late"));
    assert_true(lost.kind == Kind::lost && lost.delay.lease == both.holds);
    assert_true(ask(fail_args({kB, 3}, both.lost)).kind == Kind::lost);
    ASSERT_TEXT(bench().bytes(), running);
    ask(deliver_args({kC, 2}, both.holds, "one"));
    const std::string before = bench().bytes();
    const DelayAnswer refused = ask(deliver_args({kB, 2, 2}, both.lost, "late"));
    assert_true(refused.kind == Kind::realized && refused.there.state->value == "one");
    assert_true(ask(fail_args({kB, 3, 2}, both.lost)).kind == Kind::realized);
    // Nor does its maker change it.
    assert_true(ask(fail_args({kC, 3}, both.holds)).kind == Kind::realized);
    ASSERT_TEXT(bench().bytes(), before);
}

void G5_a_result_takes_token_and_owner(void **) {
    make_delay();
    const LeaseId lease = claimed({kB});
    const std::string before = bench().bytes();
    // The number alone is given again after a failover that lost changes.
    for (const LeaseId &other : {LeaseId{1, op_of(kC, 1)}, LeaseId{2, lease.owner}, LeaseId{0, ""}, LeaseId{1, ""}}) {
        assert_true(ask(deliver_args({kC, 2}, other)).kind == Kind::lost);
        assert_true(ask(fail_args({kC, 3}, other)).kind == Kind::lost);
    }
    ASSERT_TEXT(bench().bytes(), before);
    ask(deliver_args({kB, 2}, lease));
    assert_true(ask(deliver_args({kC, 2}, {1, op_of(kC, 1)})).kind == Kind::realized);
    assert_true(ask(deliver_args({kC, 2}, {2, lease.owner})).kind == Kind::realized);
}

void G5_nothing_is_delivered_where_nobody_claimed(void **) {
    make_delay();
    std::string before = bench().bytes();
    assert_true(ask(deliver_args({kB}, {0, ""})).kind == Kind::lost);
    assert_true(ask(fail_args({kB}, {0, ""})).kind == Kind::lost);
    ASSERT_TEXT(bench().bytes(), before);
    const LeaseId lease = claimed({kB, 2});
    ask(release_args({kB, 3}, lease));
    before = bench().bytes();
    assert_true(ask(deliver_args({kB, 4}, {1, ""})).kind == Kind::lost);
    assert_true(ask(renew_args({kB, 5}, {1, ""})).kind == Kind::lost);
    ASSERT_TEXT(bench().bytes(), before);
}

void G5_the_result_of_an_ended_lease_counts_while_nobody_has_taken_over(void **) {
    make_delay();
    const LeaseId lease = claimed({kB});
    leave_lease(-60000);
    assert_true(ask(deliver_args({kB, 2}, lease)).kind == Kind::applied);
}

void D2_a_failure_is_kept_like_a_result(void **) {
    make_delay();
    const LeaseId lease = claimed({kB});
    const std::string message("no\0disk\xff", 8);
    const std::string payload("\0\r\n p", 5);
    store::DelayFailArgs args = fail_args({kB, 2}, lease, message);
    args.payload = payload;
    const Reply reply = raw(args);
    ASSERT_REPLY(reply, op_of(kB, 2), "applied", "now", "1", "delay", "-", kEpoch, "1", op_of(kB, 2), "1:" + kServer,
                 "-", "-", "failed", "1", op_of(kB, 1), "0", "0", "10000", "0", "1", "*", "-", "-", "-", "*");
    for (const DelayAnswer &told :
         {ask(request_args({kC})), ask(claim_args({kC, 2})), ask(request_args({kC, 3}, {1, "x"})),
          ask(deliver_args({kC, 4}, {9, op_of(kC, 9)}))}) {
        assert_true(told.kind == Kind::failed && told.delay.failure->told && !told.there.state->value);
        assert_true(told.delay.failure->kind == "io" && told.delay.failure->message == message);
        assert_true(told.delay.failure->payload == payload && told.delay.failure->by == lease);
        assert_int_equal(told.delay.failure->attempt, 1);
    }
    // D3: realized, which who reads identities sees as a version.
    ASSERT_TEXT(bench().field("version"), "1");
}

void G2_a_failure_that_finds_its_own_lease_as_maker_was_applied(void **) {
    make_delay();
    const LeaseId lease = claimed({kB});
    ask(fail_args({kB, 2, 2}, lease, "first"));
    const std::string before = bench().bytes();
    const DelayAnswer late = ask(fail_args({kB, 2, 1}, lease, "first"));
    assert_true(late.kind == Kind::applied && late.repeat);
    assert_true(ask(fail_args({kC, 2}, {2, op_of(kC, 1)}, "other")).kind == Kind::failed);
    assert_true(ask(deliver_args({kB, 3}, lease)).kind == Kind::failed);
    ASSERT_TEXT(bench().bytes(), before);
}

void D2_a_failure_without_a_payload_has_none(void **) {
    make_delay(true);
    LeaseId lease = claimed({kB});
    store::DelayFailArgs args = fail_args({kB, 2}, lease, "");
    args.payload = "";
    ask(args);
    assert_true(ask(request_args({kC})).delay.failure->payload == std::string());
    const LeaseId first = lease;
    lease = claimed({kB, 3}, first);
    args = fail_args({kB, 4}, lease);
    ask(args);
    const DelayAnswer told = ask(request_args({kC, 2}, first));
    assert_true(told.delay.failure->message == "no disk" && !told.delay.failure->payload);
}

void D2_with_retry_a_failure_leaves_the_delay_unrealized(void **) {
    make_delay(true);
    const LeaseId lease = claimed({kB});
    const Reply reply = raw(fail_args({kB, 2}, lease));
    ASSERT_REPLY(reply, op_of(kB, 2), "applied", "now", "1", "delay", "-", kEpoch, "0", "-", "", "-", "-", "open", "1",
                 "", "0", "0", "10000", "1", "1", "*", "-", "-", "-", "*");
    // Of the body that failed nothing else is taken.
    const std::string before = bench().bytes();
    assert_true(ask(deliver_args({kB, 3}, lease)).kind == Kind::lost);
    assert_true(ask(renew_args({kB, 4}, lease)).kind == Kind::lost);
    const DelayAnswer repeat = ask(fail_args({kB, 2, 2}, lease));
    assert_true(repeat.kind == Kind::applied && repeat.repeat);
    assert_true(ask(fail_args({kC, 2}, {1, op_of(kC, 1)})).kind == Kind::lost);
    assert_true(ask(fail_args({kC, 3}, {2, lease.owner})).kind == Kind::lost);
    ASSERT_TEXT(bench().bytes(), before);
}

void D2_with_retry_who_waited_is_told_and_only_a_later_wait_begins_the_next_attempt(void **) {
    make_delay(true);
    ask(request_args({kA, 2}));
    const LeaseId lease = claimed({kB});
    ask(fail_args({kB, 2}, lease, "first"));
    const std::string before = bench().bytes();
    // Two hundred waiters, who all missed the message: their sweep, a claim of theirs, and late originals of both.
    for (unsigned n = 0; n < 200; ++n) {
        const DelayAnswer told = n % 2 == 0 ? ask(request_args({kC, n})) : ask(claim_args({kC, n}));
        assert_true(told.kind == Kind::attempt_failed);
        assert_true(told.delay.failure->message == "first" && told.delay.failure->by == lease);
    }
    assert_true(ask(claim_args({kB, 1, 2})).kind == Kind::attempt_failed);
    ASSERT_TEXT(bench().bytes(), before);
    ASSERT_TEXT(bench().field("attempt"), "1");
    // One who begins to wait now names that failure.
    const DelayAnswer later = ask(request_args({kC, 900}, lease));
    assert_true(later.kind == Kind::wanted && !later.repeat);
    const LeaseId second = claimed({kB, 3}, lease);
    assert_int_equal(second.token, 2);
    // Who waited before is told even now, while the next attempt runs.
    assert_true(ask(request_args({kC, 901})).kind == Kind::attempt_failed);
}

void D2_with_retry_who_missed_two_attempts_is_told_the_last(void **) {
    make_delay(true);
    LeaseId seen;
    for (unsigned n = 1; n <= 3; ++n) {
        const LeaseId lease = claimed({kB, n * 10}, seen);
        ask(fail_args({kB, n * 10 + 1}, lease, "attempt " + std::to_string(n)));
        seen = lease;
    }
    for (const LeaseId &since : {LeaseId{}, LeaseId{1, op_of(kB, 10)}, LeaseId{2, op_of(kB, 20)}}) {
        const DelayAnswer told = ask(request_args({kC, 1}, since));
        assert_true(told.kind == Kind::attempt_failed && told.delay.failure->message == "attempt 3");
        assert_int_equal(told.delay.failure->attempt, 3);
    }
    // A failure that was passed by a later one can't tell its maker any more: it holds no lease.
    assert_true(ask(fail_args({kB, 11, 2}, {1, op_of(kB, 10)})).kind == Kind::lost);
    // What has succeeded in the end is told to all, whatever failed before.
    const LeaseId lease = claimed({kB, 40}, seen);
    ask(deliver_args({kB, 41}, lease, "at last"));
    const DelayAnswer found = ask(request_args({kC, 2}));
    assert_true(found.kind == Kind::realized && found.there.state->value == "at last" && !found.delay.failure->told);
    assert_true(ask(fail_args({kB, 31, 2}, {3, op_of(kB, 30)})).repeat);
}

void D2_a_late_repeat_of_a_failure_does_not_end_the_next_attempt(void **) {
    make_delay(true);
    const LeaseId first = claimed({kB});
    ask(fail_args({kB, 2}, first));
    const LeaseId second = claimed({kC, 1}, first);
    const std::string before = bench().bytes();
    assert_true(ask(fail_args({kB, 2, 2}, first)).repeat);
    ASSERT_TEXT(bench().bytes(), before);
    assert_true(ask(deliver_args({kC, 2}, second)).kind == Kind::applied);
}

void D2_a_failure_may_say_itself_whether_it_is_kept(void **) {
    for (const bool created : {false, true}) {
        for (const bool said : {false, true}) {
            make_delay(created);
            const LeaseId lease = claimed({kB});
            store::DelayFailArgs args = fail_args({kB, 2}, lease);
            args.retry = said;
            assert_true(ask(args).delay.phase == (said ? Phase::open : Phase::failed));
        }
    }
}

void D2_a_failures_age_is_told_by_the_servers_clock(void **) {
    make_delay(true);
    const LeaseId lease = claimed({kB});
    ask(fail_args({kB, 2}, lease));
    const std::int64_t then = server_ms() - 60000;
    bench().prepare({{"failure", "1 1 " + lease.owner + " " + std::to_string(then) + " -"}});
    assert_in_range(*ask(request_args({kC})).delay.failure->age_ms, 60000, 120000);
}

}  // namespace
}  // namespace exo::scripts_test

int main() {
    using namespace exo::scripts_test;
    const CMUnitTest tests[] = {
        cmocka_unit_test(D1_the_holders_value_stands_for_ever),
        cmocka_unit_test(D1_values_of_any_bytes_and_64_mebibytes),
        cmocka_unit_test(G2_a_deliver_that_finds_its_own_lease_as_maker_was_applied),
        cmocka_unit_test(D7_a_late_result_is_refused_with_what_stands),
        cmocka_unit_test(G5_a_result_takes_token_and_owner),
        cmocka_unit_test(G5_nothing_is_delivered_where_nobody_claimed),
        cmocka_unit_test(G5_the_result_of_an_ended_lease_counts_while_nobody_has_taken_over),
        cmocka_unit_test(D2_a_failure_is_kept_like_a_result),
        cmocka_unit_test(G2_a_failure_that_finds_its_own_lease_as_maker_was_applied),
        cmocka_unit_test(D2_a_failure_without_a_payload_has_none),
        cmocka_unit_test(D2_with_retry_a_failure_leaves_the_delay_unrealized),
        cmocka_unit_test(D2_with_retry_who_waited_is_told_and_only_a_later_wait_begins_the_next_attempt),
        cmocka_unit_test(D2_with_retry_who_missed_two_attempts_is_told_the_last),
        cmocka_unit_test(D2_a_late_repeat_of_a_failure_does_not_end_the_next_attempt),
        cmocka_unit_test(D2_a_failure_may_say_itself_whether_it_is_kept),
        cmocka_unit_test(D2_a_failures_age_is_told_by_the_servers_clock),
    };
    return cmocka_run_group_tests(tests, nullptr, end_bench);
}
