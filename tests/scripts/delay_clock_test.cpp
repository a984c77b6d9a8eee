// Delays on a server whose wall clock is set: a lease may end early, but none lasts longer than its length (guarantee G5).
#include "scripts/delay_bench.hpp"

namespace exo::scripts_test {
namespace {

constexpr support::Millis kHour{3600 * 1000};

void set_clock(support::Millis ahead) { bench().server().shift_clock(ahead); }

int begin(void **) {
    support::RedisServerOptions options;
    options.shifted_clock = true;
    shared_bench() = std::make_unique<ScriptBench>(options);
    return 0;
}

int clock_right(void **) {
    set_clock(support::Millis(0));
    return 0;
}

void the_clock_of_the_server_is_set(void **) {
    const std::int64_t before = server_ms();
    set_clock(kHour);
    assert_in_range(server_ms() - before, kHour.count(), kHour.count() + 60000);
    set_clock(-kHour);
    assert_in_range(before - server_ms(), kHour.count() - 60000, kHour.count());
}

void G5_an_hour_forward_ends_the_lease_and_its_owner_is_told(void **) {
    make_delay();
    const LeaseId lease = claimed({kB});
    set_clock(kHour);
    assert_int_equal(*ask(request_args({kA, 2})).delay.lease_left_ms, 0);
    const LeaseId next = claimed({kC});
    assert_int_equal(next.token, 2);
    assert_true(ask(renew_args({kB, 2}, lease)).kind == Kind::lost);
    assert_true(ask(deliver_args({kB, 3}, lease, "late")).kind == Kind::lost);
    ask(deliver_args({kC, 2}, next, "one"));
    assert_true(ask(deliver_args({kB, 3, 2}, lease, "late")).there.state->value == "one");
}

void G5_an_owner_that_renews_in_time_keeps_its_lease_over_an_hour_forward(void **) {
    make_delay();
    const LeaseId lease = claimed({kB});
    set_clock(kHour);
    assert_true(ask(renew_args({kB, 2}, lease)).kind == Kind::renewed);
    assert_true(ask(claim_args({kC})).kind == Kind::held);
}

void G5_an_hour_back_prolongs_the_lease_of_the_dead_by_no_more_than_its_length(void **) {
    make_delay();
    claimed({kB});
    set_clock(-kHour);
    // The first that looks sets it right: one whole lease from now, and not an hour.
    const DelayAnswer held = ask(claim_args({kC}));
    assert_true(held.kind == Kind::held && held.delay.lease_left_ms == std::uint64_t{10000});
    set_clock(-kHour + support::Millis(5000));
    const DelayAnswer later = ask(claim_args({kC, 2}));
    assert_true(later.kind == Kind::held && *later.delay.lease_left_ms <= 5000);
    set_clock(-kHour + support::Millis(10001));
    assert_true(ask(claim_args({kC, 3})).kind == Kind::granted);
}

void G5_an_hour_back_is_set_right_by_a_waiter_without_a_body(void **) {
    make_delay();
    claimed({kB});
    set_clock(-kHour);
    assert_int_equal(*ask(request_args({kC})).delay.lease_left_ms, 10000);
    set_clock(-kHour + support::Millis(10001));
    assert_int_equal(*ask(request_args({kC, 2})).delay.lease_left_ms, 0);
    store::DelayClaimArgs serving = claim_args({kA, 3});
    serving.forcing = false;
    assert_true(ask(serving).kind == Kind::granted);
}

void G5_a_clock_that_stands_still_ends_no_lease_but_its_waiters_clock_does(void **) {
    make_delay();
    const LeaseId lease = claimed({kB});
    set_clock(-kHour);
    assert_true(ask(claim_args({kC})).kind == Kind::held);
    for (unsigned n = 2; n < 5; ++n) {  // each time somebody looks, it has just been set back again
        set_clock(-kHour * n);
        assert_int_equal(*ask(claim_args({kC, n})).delay.lease_left_ms, 10000);
    }
    store::DelayClaimArgs args = claim_args({kC, 9});
    args.stale_token = lease.token;
    args.stale_owner = lease.owner;
    args.stale_renewals = 0;
    assert_true(ask(args).kind == Kind::granted);
}

void D2_a_failure_from_a_clock_ahead_is_no_older_than_now(void **) {
    make_delay(true);
    set_clock(kHour);
    const LeaseId lease = claimed({kB});
    ask(fail_args({kB, 2}, lease));
    set_clock(support::Millis(0));
    assert_int_equal(*ask(request_args({kC})).delay.failure->age_ms, 0);
}

void C11_an_hour_forward_lets_a_delay_expire_under_its_owner_who_is_told(void **) {
    bench().call({"FLUSHALL"});
    store::CreateArgs args = create_delay_args();
    args.ttl = 60000;
    bench().run(args);
    const LeaseId lease = claimed({kB});
    set_clock(kHour);
    assert_true(ask(renew_args({kB, 2}, lease)).kind == Kind::gone);
    assert_true(ask(deliver_args({kB, 3}, lease)).kind == Kind::gone);
}

}  // namespace
}  // namespace exo::scripts_test

int main() {
    using namespace exo::scripts_test;
    const CMUnitTest tests[] = {
        cmocka_unit_test_teardown(the_clock_of_the_server_is_set, clock_right),
        cmocka_unit_test_teardown(G5_an_hour_forward_ends_the_lease_and_its_owner_is_told, clock_right),
        cmocka_unit_test_teardown(G5_an_owner_that_renews_in_time_keeps_its_lease_over_an_hour_forward, clock_right),
        cmocka_unit_test_teardown(G5_an_hour_back_prolongs_the_lease_of_the_dead_by_no_more_than_its_length,
                                  clock_right),
        cmocka_unit_test_teardown(G5_an_hour_back_is_set_right_by_a_waiter_without_a_body, clock_right),
        cmocka_unit_test_teardown(G5_a_clock_that_stands_still_ends_no_lease_but_its_waiters_clock_does, clock_right),
        cmocka_unit_test_teardown(D2_a_failure_from_a_clock_ahead_is_no_older_than_now, clock_right),
        cmocka_unit_test_teardown(C11_an_hour_forward_lets_a_delay_expire_under_its_owner_who_is_told, clock_right),
    };
    return cmocka_run_group_tests(tests, begin, end_bench);
}
