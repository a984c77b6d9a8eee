// Who holds a delay's lease: claim, renew and release (guarantee G5, rules D1, D7).
#include "scripts/delay_bench.hpp"

namespace exo::scripts_test {
namespace {

void D1_a_first_claim_is_granted_and_raises_the_request(void **) {
    make_delay();
    const Reply reply = raw(claim_args({kB, 7}));
    ASSERT_REPLY(reply, op_of(kB, 7), "granted", "now", "1", "delay", "-", kEpoch, "0", "-", "", "-", "-", "wanted",
                 "1", op_of(kB, 7), "0", "*", "10000", "0", "1", "-", "-", "-", "-", "*");
    assert_int_equal(reply.elements.size(), 25);
    const DelayAnswer again = ask(request_args({kC}));
    assert_true(again.kind == Kind::wanted && again.repeat);
    assert_true((again.delay.lease == LeaseId{1, op_of(kB, 7)}));
    assert_in_range(*again.delay.lease_left_ms, 1, 10000);
}

void G5_a_lease_that_is_held_is_granted_to_nobody_else(void **) {
    make_delay();
    const LeaseId lease = claimed({kB});
    const std::string before = bench().bytes();
    const DelayAnswer held = ask(claim_args({kC}));
    assert_true(held.kind == Kind::held && held.delay.lease == lease && held.delay.renewals == 0);
    assert_in_range(*held.delay.lease_left_ms, 1, 10000);
    // Nor to another claim of the same client.
    assert_true(ask(claim_args({kB, 2})).kind == Kind::held);
    ASSERT_TEXT(bench().bytes(), before);
}

}  // namespace
}  // namespace exo::scripts_test

int main() {
    using namespace exo::scripts_test;
    const CMUnitTest tests[] = {
        cmocka_unit_test(D1_a_first_claim_is_granted_and_raises_the_request),
        cmocka_unit_test(G5_a_lease_that_is_held_is_granted_to_nobody_else),
    };
    return cmocka_run_group_tests(tests, nullptr, end_bench);
}
