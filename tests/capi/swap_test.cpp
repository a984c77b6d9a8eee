// Swaps: rule A1.
#include <thread>

#include "capi/atoms.hpp"

using namespace exo::capi_test;

static void A1_swap_computes_the_new_value_from_the_old(void **) {
    One one;
    int calls = 0;
    Value out;
    assert_ok(exoref_atom_swap(one.atom, add_one, &calls, enough(), out.out(), nullptr));
    assert_bytes("2", out);
    assert_int_equal(exoref_value_version(out), 2);
    assert_int_equal(calls, 1);
    assert_bytes("2", deref(one.atom));
}

static void A1_swap_runs_its_function_again_on_a_conflict(void **) {
    Interference i;
    Value out;
    deref(i.one.atom);
    assert_ok(exoref_atom_swap(i.one.atom, Interference::fn, &i, enough(), out.out(), nullptr));
    assert_bytes("11", out);
    assert_int_equal(exoref_value_version(out), 3);
    assert_int_equal(i.calls, 2);
}

static void A1_a_function_that_fails_changes_nothing(void **) {
    Recorder recorder;
    One one;
    recorder.watch(one.atom);
    Error error;
    Value out;
    char message[] = "it can not be";
    assert_status_error(EXOREF_EFUNCTION,
                        exoref_atom_swap(one.atom, fail_with_message, message, enough(), out.out(), error.out()),
                        error);
    assert_true(contains(exoref_error_message(error), "it can not be"));
    assert_null(out.get());
    assert_bytes("1", deref(one.atom));
    reset(one.atom, "2");
    assert_int_equal(recorder.wait(1).size(), 1);
    assert_ok(exoref_client_close(one.client, enough(), nullptr));
}

static void A1_any_other_answer_of_the_function_is_a_failure(void **) {
    One one;
    for (const std::int32_t code : {-1, -3, 1, 99, INT32_MIN}) {
        std::int32_t answer = code;
        const auto fn = [](void *ctx, const exoref_value *, exoref_sink *sink) {
            exoref_sink_write(sink, "x", 1);
            return *static_cast<std::int32_t *>(ctx);
        };
        assert_status(EXOREF_EFUNCTION, exoref_atom_swap(one.atom, fn, &answer, enough(), nullptr, nullptr));
    }
    assert_bytes("1", deref(one.atom));
}

static void A1_a_function_that_declines_ends_well_and_changes_nothing(void **) {
    One one;
    const auto declines = [](void *, const exoref_value *, exoref_sink *sink) -> std::int32_t {
        exoref_sink_write(sink, "ignored", 7);
        return EXOREF_CALL_DECLINED;
    };
    Value out;
    assert_ok(exoref_atom_swap(one.atom, declines, nullptr, enough(), out.out(), nullptr));
    assert_bytes("1", out);
    assert_int_equal(exoref_value_version(deref(one.atom)), 1);
}

static void A1_a_failure_computed_from_a_passed_value_is_computed_again(void **) {
    Interference i;
    i.answer_then = EXOREF_CALL_FAILED;
    deref(i.one.atom);
    Value out;
    const exoref_status status = exoref_atom_swap(i.one.atom, Interference::fn, &i, enough(), out.out(), nullptr);
    assert_ok(status);
    assert_bytes("11", out);
    assert_int_equal(i.calls, 2);
}

static void A1_swaps_of_many_threads_and_clients_lose_nothing(void **) {
    One one;
    const Client other = open_client();
    const Atom theirs = open_atom(other, one.key);
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t) {
        threads.emplace_back([&one, &theirs, t] {
            const Atom &atom = t % 2 == 0 ? one.atom : theirs;
            for (int i = 0; i < 25; ++i) {
                assert_ok(exoref_atom_swap(atom, add_one, nullptr, enough(), nullptr, nullptr));
            }
        });
    }
    for (std::thread &thread : threads) thread.join();
    assert_bytes("201", deref(one.atom));
    assert_int_equal(exoref_value_version(deref(one.atom)), 201);
}

static void A1_the_pull_form_does_the_same(void **) {
    One one;
    Swap swap;
    Value value;
    bool done = false;
    assert_ok(exoref_atom_swap_begin(one.atom, enough(), swap.out(), value.out(), nullptr));
    assert_bytes("1", value);
    const Client other = open_client();
    reset(open_atom(other, one.key), "10");
    assert_ok(exoref_swap_offer(swap, "2", 1, enough(), &done, value.out(), nullptr));
    assert_false(done);
    assert_bytes("10", value);
    assert_ok(exoref_swap_offer(swap, "11", 2, enough(), &done, value.out(), nullptr));
    assert_true(done);
    assert_bytes("11", value);
    assert_status(EXOREF_EINVAL, exoref_swap_offer(swap, "12", 2, enough(), &done, nullptr, nullptr));
    assert_bytes("11", deref(one.atom));
}

static void A1_a_begun_swap_holds_nobody_up(void **) {
    One one;
    Swap stalled;
    Value value;
    bool done = true;
    assert_ok(exoref_atom_swap_begin(one.atom, enough(), stalled.out(), value.out(), nullptr));
    for (int i = 0; i < 5; ++i) {
        assert_ok(exoref_atom_swap(one.atom, add_one, nullptr, enough(), nullptr, nullptr));
    }
    assert_ok(exoref_swap_offer(stalled, "late", 4, enough(), &done, value.out(), nullptr));
    assert_false(done);
    assert_bytes("6", value);
}

static void A1_confirm_tells_whether_the_value_is_current(void **) {
    One one;
    Swap swap;
    Value value;
    bool done = false;
    assert_ok(exoref_atom_swap_begin(one.atom, enough(), swap.out(), value.out(), nullptr));
    assert_ok(exoref_swap_confirm(swap, enough(), &done, value.out(), nullptr));
    assert_true(done);
    assert_ok(exoref_atom_swap_begin(one.atom, enough(), swap.out(), value.out(), nullptr));
    const Client other = open_client();
    reset(open_atom(other, one.key), "10");
    assert_ok(exoref_swap_confirm(swap, enough(), &done, value.out(), nullptr));
    assert_false(done);
    assert_bytes("10", value);
    assert_ok(exoref_swap_offer(swap, "11", 2, enough(), &done, value.out(), nullptr));
    assert_true(done);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(A1_swap_computes_the_new_value_from_the_old),
        cmocka_unit_test(A1_swap_runs_its_function_again_on_a_conflict),
        cmocka_unit_test(A1_a_function_that_fails_changes_nothing),
        cmocka_unit_test(A1_any_other_answer_of_the_function_is_a_failure),
        cmocka_unit_test(A1_a_function_that_declines_ends_well_and_changes_nothing),
        cmocka_unit_test(A1_a_failure_computed_from_a_passed_value_is_computed_again),
        cmocka_unit_test(A1_swaps_of_many_threads_and_clients_lose_nothing),
        cmocka_unit_test(A1_the_pull_form_does_the_same),
        cmocka_unit_test(A1_a_begun_swap_holds_nobody_up),
        cmocka_unit_test(A1_confirm_tells_whether_the_value_is_current),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
