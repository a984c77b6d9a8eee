// Who holds a delay's lease: the scripts delay_claim, delay_renew and delay_release (guarantee G5, rules D1, D5, D7).
#include "scripts/delay_bench.hpp"

namespace exo::scripts_test {
namespace {

void D1_a_first_claim_is_granted_and_raises_the_request(void **) {
    make_delay();
    const Reply reply = raw(claim_args({kB, 7}));
    ASSERT_REPLY(reply, op_of(kB, 7), "granted", "now", "1", "delay", "-", kEpoch, "0", "-", "", "-", "-", "wanted",
                 "1", op_of(kB, 7), "0", "*", "10000", "0", "1", "-", "-", "-", "-", "*");
    assert_int_equal(reply.elements.size(), 25);
    const std::int64_t ends = std::stoll(reply.elements[16].text);
    assert_int_equal(ends - std::stoll(reply.elements[24].text), 10000);
    const DelayAnswer wanted = ask(request_args({kC}));
    assert_true(wanted.kind == Kind::wanted && wanted.repeat);
    assert_true((wanted.delay.lease == LeaseId{1, op_of(kB, 7)}));
    assert_in_range(*wanted.delay.lease_left_ms, 1, 10000);
}

void G5_a_lease_that_is_held_is_granted_to_nobody_else(void **) {
    make_delay();
    const LeaseId lease = claimed({kB});
    const std::string before = bench().bytes();
    const DelayAnswer held = ask(claim_args({kC}));
    assert_true(held.kind == Kind::held && held.delay.lease == lease && held.delay.renewals == 0);
    assert_in_range(*held.delay.lease_left_ms, 1, 10000);
    // Nor to another claim of the same client, nor to one whose number only begins alike.
    assert_true(ask(claim_args({kB, 2})).kind == Kind::held);
    assert_true(ask(claim_args({kB, 11})).kind == Kind::held);
    ASSERT_TEXT(bench().bytes(), before);
}

void G5_a_claim_that_finds_itself_as_owner_is_granted_the_same_lease(void **) {
    make_delay();
    const LeaseId lease = claimed({kB, 1, 2});
    leave_lease(200);
    // The late original after its repeat, and a further repeat: one run, counted once, and the lease is whole again.
    for (const unsigned sending : {1U, 3U}) {
        const DelayAnswer again = ask(claim_args({kB, 1, sending}));
        assert_true(again.kind == Kind::granted && again.repeat && again.delay.lease == lease);
        assert_int_equal(again.delay.attempt, 1);
        assert_int_equal(*again.delay.lease_left_ms, 10000);
    }
    ASSERT_TEXT(bench().field("renewals"), "2");
    // Also when it has ended, and nobody has taken over.
    leave_lease(-5000);
    assert_true(ask(claim_args({kB, 1, 4})).delay.lease == lease);
}

void G5_a_lease_that_has_ended_is_granted_to_the_next(void **) {
    make_delay();
    claimed({kB});
    ask(renew_args({kB, 2}, {1, op_of(kB, 1)}));
    leave_lease(1);
    support::eventually(support::Millis(5000), [] { return server_ms() > std::stoll(bench().field("lease_until")); });
    const DelayAnswer next = ask(claim_args({kC}));
    assert_true(next.kind == Kind::granted && !next.repeat);
    assert_true((next.delay.lease == LeaseId{2, op_of(kC, 1)}));
    assert_true(next.delay.attempt == 2 && next.delay.renewals == 0 && next.delay.phase == Phase::wanted);
    // The one before it is told (D7), by whatever it asks, and changes nothing.
    const LeaseId lost{1, op_of(kB, 1)};
    const std::string before = bench().bytes();
    assert_true(ask(renew_args({kB, 3}, lost)).kind == Kind::lost);
    assert_true(ask(release_args({kB, 4}, lost)).kind == Kind::lost);
    assert_true(ask(claim_args({kB, 1, 2})).kind == Kind::held);
    ASSERT_TEXT(bench().bytes(), before);
}

void G5_a_lease_seen_unchanged_for_too_long_is_granted_whatever_the_clock_says(void **) {
    make_delay();
    const LeaseId lease = claimed({kB});
    ask(renew_args({kB, 2}, lease));
    store::DelayClaimArgs args = claim_args({kC});
    args.stale_token = 1;
    args.stale_owner = lease.owner;
    args.stale_renewals = 0;  // it was renewed since
    assert_true(ask(args).kind == Kind::held);
    args.stale_renewals = 1;
    args.stale_token = 2;
    assert_true(ask(args).kind == Kind::held);
    const std::string other = op_of(kA, 1);  // the same numbers, given anew after a loss
    args.stale_token = 1;
    args.stale_owner = other;
    assert_true(ask(args).kind == Kind::held);
    args.stale_owner = lease.owner;
    const DelayAnswer granted = ask(args);
    assert_true(granted.kind == Kind::granted && granted.delay.lease.token == 2);
    assert_true(ask(renew_args({kB, 3}, lease)).kind == Kind::lost);
}

void G5_a_clock_that_was_set_back_prolongs_no_lease_beyond_its_length(void **) {
    make_delay();
    claimed({kB});
    leave_lease(3600 * 1000);
    const DelayAnswer held = ask(claim_args({kC}));
    assert_true(held.kind == Kind::held);
    assert_int_equal(*held.delay.lease_left_ms, 10000);
    assert_true(std::stoll(bench().field("lease_until")) <= server_ms() + 10000);
    // Whoever sees it first sets it right: a waiter as well.
    leave_lease(3600 * 1000);
    const DelayAnswer wanted = ask(request_args({kC}));
    assert_int_equal(*wanted.delay.lease_left_ms, 10000);
    assert_true(std::stoll(bench().field("lease_until")) <= server_ms() + 10000);
    // And one that is a whole lease ahead is none that jumped.
    const std::string before = bench().bytes();
    assert_true(ask(claim_args({kC})).kind == Kind::held);
    ASSERT_TEXT(bench().bytes(), before);
}

void D1_who_only_serves_is_granted_what_somebody_waits_for(void **) {
    make_delay();
    store::DelayClaimArgs serving = claim_args({kB});
    serving.forcing = false;
    const std::string before = bench().bytes();
    assert_true(ask(serving).kind == Kind::idle);
    ASSERT_TEXT(bench().bytes(), before);
    ask(request_args({kC}));
    assert_true(ask(serving).kind == Kind::granted);
    serving = claim_args({kA, 2});
    serving.forcing = false;
    assert_true(ask(serving).kind == Kind::held);
}

void D2_who_only_serves_begins_no_attempt_after_a_failure_that_nobody_has_asked_beyond(void **) {
    make_delay(true);
    const LeaseId lease = claimed({kB});
    ask(fail_args({kB, 2}, lease));
    store::DelayClaimArgs serving = claim_args({kC});
    serving.forcing = false;
    assert_true(ask(serving).kind == Kind::idle);
    // Its own knowledge of failures does not matter then: it does not wait.
    ask(request_args({kA, 5}, lease));
    assert_true(ask(serving).kind == Kind::granted);
}

void G5_a_claim_may_bring_the_length_of_its_lease(void **) {
    make_delay(false, 5000);
    store::DelayClaimArgs args = claim_args({kB});
    args.lease_ms = 2000;
    const DelayAnswer own = ask(args);
    assert_true(own.delay.lease_ms == 2000 && own.delay.lease_left_ms == std::uint64_t{2000});
    assert_int_equal(*ask(renew_args({kB, 2}, own.delay.lease)).delay.lease_left_ms, 2000);
    ask(release_args({kB, 3}, own.delay.lease));
    assert_int_equal(*ask(claim_args({kC})).delay.lease_left_ms, 2000);
}

void G5_renewing_takes_token_and_owner(void **) {
    make_delay();
    const LeaseId lease = claimed({kB});
    leave_lease(300);
    const Reply reply = raw(renew_args({kB, 2}, lease));
    ASSERT_REPLY(reply, op_of(kB, 2), "renewed", "now", "1", "delay", "-", kEpoch, "0", "-", "", "-", "-", "wanted",
                 "1", op_of(kB, 1), "1");
    assert_in_range(std::stoull(bench().field("lease_until")), server_ms() + 5000, server_ms() + 10000);
    const std::string before = bench().bytes();
    assert_true(ask(renew_args({kB, 3}, {2, lease.owner})).kind == Kind::lost);
    assert_true(ask(renew_args({kB, 4}, {1, op_of(kC, 1)})).kind == Kind::lost);
    assert_true(ask(renew_args({kB, 5}, {1, ""})).kind == Kind::lost);
    ASSERT_TEXT(bench().bytes(), before);
    // Each sending of a renewal prolongs it, and moves the number that waiters watch.
    ask(renew_args({kB, 2, 2}, lease));
    ASSERT_TEXT(bench().field("renewals"), "2");
}

void G5_an_ended_lease_is_renewed_by_its_owner_while_nobody_has_taken_over(void **) {
    make_delay();
    const LeaseId lease = claimed({kB});
    leave_lease(-60000);
    assert_true(ask(renew_args({kB, 2}, lease)).kind == Kind::renewed);
    assert_true(ask(claim_args({kC})).kind == Kind::held);
    // Also when a waiter has told of it already.
    leave_lease(-60000);
    ask(request_args({kC}));
    assert_true(ask(renew_args({kB, 3}, lease)).kind == Kind::renewed);
    assert_true(ask(claim_args({kC, 2})).kind == Kind::held);
}

void D5_a_lease_given_back_is_free_and_still_wanted(void **) {
    make_delay();
    const LeaseId lease = claimed({kB});
    const DelayAnswer released = ask(release_args({kB, 2}, lease));
    assert_true(released.kind == Kind::released && released.delay.phase == Phase::wanted);
    assert_true(released.delay.lease.owner.empty() && released.delay.lease_left_ms == std::uint64_t{0});
    // A repeat, a renewal and a result of it are too late.
    const std::string before = bench().bytes();
    assert_true(ask(release_args({kB, 2, 2}, lease)).kind == Kind::lost);
    assert_true(ask(renew_args({kB, 3}, lease)).kind == Kind::lost);
    assert_true(ask(deliver_args({kB, 4}, lease)).kind == Kind::lost);
    assert_true(ask(fail_args({kB, 5}, lease)).kind == Kind::lost);
    ASSERT_TEXT(bench().bytes(), before);
    store::DelayClaimArgs serving = claim_args({kC});
    serving.forcing = false;
    const DelayAnswer next = ask(serving);
    assert_true(next.kind == Kind::granted && next.delay.lease.token == 2 && next.delay.attempt == 2);
}

void G5_a_late_claim_costs_at_most_one_lease(void **) {
    make_delay();
    const LeaseId lease = claimed({kB, 1, 2});
    ask(release_args({kB, 2}, lease));
    const DelayAnswer late = ask(claim_args({kB, 1, 1}));  // nobody is there to use it
    assert_true(late.kind == Kind::granted && late.delay.lease.token == 2);
    const DelayAnswer held = ask(claim_args({kC}));
    assert_true(held.kind == Kind::held && *held.delay.lease_left_ms <= 10000);
    leave_lease(0);
    assert_true(ask(claim_args({kC, 1, 2})).kind == Kind::granted);
}

void G5_a_result_ends_every_lease(void **) {
    for (const bool failed : {false, true}) {
        make_delay();
        const LeaseId lease = claimed({kB});
        if (failed) {
            ask(fail_args({kB, 2}, lease));
        } else {
            ask(deliver_args({kB, 2}, lease));
        }
        const std::string before = bench().bytes();
        const Kind stands = failed ? Kind::failed : Kind::realized;
        for (const LeaseId &id : {lease, LeaseId{9, op_of(kC, 9)}}) {
            const DelayAnswer renewed = ask(renew_args({kB, 3}, id));
            assert_true(renewed.kind == stands && renewed.delay.lease_left_ms == std::uint64_t{0});
            assert_false(renewed.there.state->value || (renewed.delay.failure && renewed.delay.failure->told));
            assert_true(ask(release_args({kB, 4}, id)).kind == stands);
        }
        assert_true(ask(claim_args({kC})).kind == stands);
        assert_true(ask(claim_args({kB, 1, 2})).kind == stands);
        ASSERT_TEXT(bench().bytes(), before);
    }
}

void G5_a_thousand_leases_are_renewed_in_one_round_trip(void **) {
    bench().call({"FLUSHALL"});
    constexpr unsigned kMany = 1000;
    std::string renewals;
    redis::CommandWriter out(renewals);
    const LeaseId lease{1, op_of(kB, 1)};
    for (unsigned n = 0; n < kMany; ++n) {
        const std::string key = "k" + std::to_string(n);
        store::CreateArgs create = create_delay_args();
        create.key = key;
        bench().run(create);
        store::DelayClaimArgs claim = claim_args({kB});
        claim.key = key;
        raw(claim);
        store::DelayRenewArgs renew = renew_args({kB, 2 + n}, lease);
        renew.key = key;
        store::write_delay_renew(out, renew);
    }
    assert_true(bench().client().send_raw(renewals));
    for (unsigned n = 0; n < kMany; ++n) {
        const auto reply = bench().client().receive(support::Millis(20000));
        assert_true(reply.has_value());
        ASSERT_REPLY(*reply, op_of(kB, 2 + n), "renewed");
    }
}

}  // namespace
}  // namespace exo::scripts_test

int main() {
    using namespace exo::scripts_test;
    const CMUnitTest tests[] = {
        cmocka_unit_test(D1_a_first_claim_is_granted_and_raises_the_request),
        cmocka_unit_test(G5_a_lease_that_is_held_is_granted_to_nobody_else),
        cmocka_unit_test(G5_a_claim_that_finds_itself_as_owner_is_granted_the_same_lease),
        cmocka_unit_test(G5_a_lease_that_has_ended_is_granted_to_the_next),
        cmocka_unit_test(G5_a_lease_seen_unchanged_for_too_long_is_granted_whatever_the_clock_says),
        cmocka_unit_test(G5_a_clock_that_was_set_back_prolongs_no_lease_beyond_its_length),
        cmocka_unit_test(D1_who_only_serves_is_granted_what_somebody_waits_for),
        cmocka_unit_test(D2_who_only_serves_begins_no_attempt_after_a_failure_that_nobody_has_asked_beyond),
        cmocka_unit_test(G5_a_claim_may_bring_the_length_of_its_lease),
        cmocka_unit_test(G5_renewing_takes_token_and_owner),
        cmocka_unit_test(G5_an_ended_lease_is_renewed_by_its_owner_while_nobody_has_taken_over),
        cmocka_unit_test(D5_a_lease_given_back_is_free_and_still_wanted),
        cmocka_unit_test(G5_a_late_claim_costs_at_most_one_lease),
        cmocka_unit_test(G5_a_result_ends_every_lease),
        cmocka_unit_test(G5_a_thousand_leases_are_renewed_in_one_round_trip),
    };
    return cmocka_run_group_tests(tests, nullptr, end_bench);
}
