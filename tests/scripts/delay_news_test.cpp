// Which failure is told to whom, also after a failover that lost some: an older one that came back is no news, another one of the
// same number is (rule D2, guarantee G5).
#include "scripts/delay_bench.hpp"

namespace exo::scripts_test {
namespace {

using store::FailureId;

// A delay, unrealized again, whose last failure is this one.
void make_failed(const FailureId &last) {
    make_delay(true);
    const std::string attempt = std::to_string(last.attempt), token = std::to_string(last.by.token);
    bench().prepare({{"attempt", attempt},
                     {"token", token},
                     {"failure", attempt + " " + token + " " + last.by.owner + " 1 -"},
                     {"failure_kind", "io"},
                     {"failure_message", "of " + last.by.owner},
                     {"failure_payload", ""}});
}

template <typename Args>
DelayAnswer ask_knowing(Args args, const FailureId &known) {
    args.seen_attempt = known.attempt;
    args.seen_token = known.by.token;
    args.seen_owner = known.by.owner;
    return ask(args);
}

void assert_told(const FailureId &last, const FailureId &known, bool told) {
    assert_true(last.news_after(known) == told);
    make_failed(last);
    const DelayAnswer request = ask_knowing(request_args({kA, 2}), known);
    assert_true(request.kind == (told ? Kind::attempt_failed : Kind::wanted));
    make_failed(last);
    const DelayAnswer claim = ask_knowing(claim_args({kA, 3}), known);
    assert_true(claim.kind == (told ? Kind::attempt_failed : Kind::granted));
    if (told) {
        assert_true(request.delay.failure->message == "of " + last.by.owner);
        assert_true(claim.delay.failure->message == "of " + last.by.owner);
    }
}

const std::string kOne = op_of(kB, 1), kOther = op_of(kC, 1);

void D2_a_failure_of_a_later_attempt_is_told(void **) {
    assert_told({1, {1, kOne}}, {}, true);
    assert_told({7, {7, kOne}}, {}, true);
    assert_told({2, {2, kOther}}, {1, {1, kOne}}, true);
    // By numbers, not by letters.
    assert_told({10, {10, kOther}}, {9, {9, kOne}}, true);
    assert_told({10, {12, kOther}}, {9, {30, kOne}}, true);
}

void D2_the_failure_that_was_known_is_not_told(void **) {
    assert_told({1, {1, kOne}}, {1, {1, kOne}}, false);
    assert_told({10, {12, kOne}}, {10, {12, kOne}}, false);
}

void G5_D2_an_older_failure_that_a_lossy_failover_put_back_is_not_told(void **) {
    assert_told({1, {1, kOne}}, {2, {2, kOther}}, false);
    assert_told({9, {9, kOne}}, {10, {10, kOther}}, false);
    assert_told({9, {9, kOne}}, {10, {10, kOne}}, false);
    // Nor where all of them were lost.
    make_delay(true);
    assert_true(ask_knowing(request_args({kA, 2}), {3, {3, kOne}}).kind == Kind::wanted);
    make_delay(true);
    assert_true(ask_knowing(claim_args({kA, 2}), {3, {3, kOne}}).kind == Kind::granted);
}

void G5_D2_a_failure_made_after_a_lossy_failover_under_the_same_number_is_told(void **) {
    assert_told({2, {2, kOther}}, {2, {2, kOne}}, true);
    assert_told({2, {3, kOne}}, {2, {2, kOne}}, true);
}

// As it comes about: the second failure is lost, and the second attempt is made anew by another.
void G5_D2_who_waits_through_a_lossy_failover_is_told_the_failure_that_follows(void **) {
    make_delay(true);
    const LeaseId first = claimed({kB});
    ask(fail_args({kB, 2}, first, "first"));
    bench().server().must({"COPY", "k", "replica", "REPLACE"});
    const LeaseId lost = claimed({kB, 3}, first);
    ask(fail_args({kB, 4}, lost, "lost"));
    assert_true(ask(request_args({kA, 2}, lost)).kind == Kind::wanted);
    bench().server().must({"COPY", "replica", "k", "REPLACE"});
    assert_true(ask(request_args({kA, 3}, lost)).kind == Kind::wanted);
    const LeaseId second = claimed({kC}, first);
    assert_int_equal(second.token, lost.token);
    ask(fail_args({kC, 2}, second, "second"));
    const DelayAnswer told = ask(request_args({kA, 4}, lost));
    assert_true(told.kind == Kind::attempt_failed && told.delay.failure->message == "second");
}

}  // namespace
}  // namespace exo::scripts_test

int main() {
    using namespace exo::scripts_test;
    const CMUnitTest tests[] = {
        cmocka_unit_test(D2_a_failure_of_a_later_attempt_is_told),
        cmocka_unit_test(D2_the_failure_that_was_known_is_not_told),
        cmocka_unit_test(G5_D2_an_older_failure_that_a_lossy_failover_put_back_is_not_told),
        cmocka_unit_test(G5_D2_a_failure_made_after_a_lossy_failover_under_the_same_number_is_told),
        cmocka_unit_test(G5_D2_who_waits_through_a_lossy_failover_is_told_the_failure_that_follows),
    };
    return cmocka_run_group_tests(tests, nullptr, end_bench);
}
