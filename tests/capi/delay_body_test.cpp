// The body of a delay by callback: when it runs, on which thread, how often, and what becomes of its result and its context.
#include <thread>
#include <vector>

#include "capi/delays.hpp"

using namespace exo::capi_test;

static void D1_the_body_runs_on_the_first_force_on_its_thread_and_once(void **) {
    const Client client = open_client();
    std::thread::id ran;
    std::int64_t token = 0;
    int calls = 0;
    BodyFunction body = [&](exoref_lease *lease, exoref_sink *result) {
        ++calls;
        ran = std::this_thread::get_id();
        token = exoref_lease_token(lease);
        return answer(result, "computed");
    };
    const Delay delay = open_with_body(client, fresh_key(), &body);
    assert_false(realized(delay));
    assert_int_equal(calls, 0);
    assert_bytes("computed", force(delay));
    assert_true(ran == std::this_thread::get_id());
    assert_int_equal(token, 1);
    assert_bytes("computed", force(delay, 0));
    assert_int_equal(calls, 1);
    assert_true(realized(delay));
}

static void D1_ten_threads_force_it_and_the_body_runs_once(void **) {
    const Client client = open_client();
    const std::string key = fresh_key();
    CountedBody body;
    std::atomic<int> right{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 10; ++i) {
        threads.emplace_back([&] {
            const Delay mine = open_with_body(client, key, body);
            Value value;
            if (exoref_delay_deref(mine, enough(), value.out(), nullptr) == EXOREF_OK && bytes(value) == "computed")
                ++right;
        });
    }
    for (std::thread &thread : threads) thread.join();
    assert_int_equal(right.load(), 10);
    assert_int_equal(body.calls(), 1);
}

static void D1_a_request_from_elsewhere_runs_the_body_on_a_thread_of_its_own(void **) {
    const Client here = open_client(), there = open_client();
    const std::string key = fresh_key();
    std::atomic<bool> elsewhere{false};
    const auto me = std::this_thread::get_id();
    BodyFunction body = [&](exoref_lease *, exoref_sink *result) {
        elsewhere = std::this_thread::get_id() != me;
        return answer(result, "served");
    };
    const Delay mine = open_with_body(here, key, &body);
    const Delay theirs = open_delay(there, key);
    assert_bytes("served", force(theirs));
    assert_true(elsewhere.load());
    assert_bytes("served", force(mine));
}

static void D1_D5_who_opens_with_a_body_later_serves_who_waits_already(void **) {
    const Client here = open_client(), there = open_client();
    const std::string key = fresh_key();
    const Delay waiting = open_delay(here, key);
    const Future waits = force_async(waiting);
    Error error;
    assert_status(EXOREF_ETIMEOUT, try_force(waiting, &error, 50));
    CountedBody body("late");
    const Delay theirs = open_with_body(there, key, body);
    assert_status(EXOREF_OK, outcome(waits));
    assert_bytes("late", Value(exoref_future_value(waits)));
    assert_int_equal(body.calls(), 1);
}

static void D1_an_asynchronous_deref_runs_the_body_and_keeps_it_after_the_handle(void **) {
    const Client client = open_client();
    CountedBody body;
    Delay delay = open_with_body(client, fresh_key(), body);
    const Future waits = force_async(delay);
    delay.reset();
    assert_status(EXOREF_OK, outcome(waits));
    assert_bytes("computed", Value(exoref_future_value(waits)));
    assert_int_equal(body.calls(), 1);
}

static void D1_a_handle_that_is_gone_serves_nobody(void **) {
    const Client here = open_client(), there = open_client();
    const std::string key = fresh_key();
    Context context;
    Delay mine;
    const auto counted = [](void *ctx, exoref_lease *, exoref_sink *result) {
        static_cast<Context *>(ctx)->called();
        return answer(result, "v");
    };
    assert_ok(exoref_delay_open_with_body(here, key.data(), key.size(), counted, &context, Context::free, 0, nullptr,
                                          enough(), mine.out(), nullptr, nullptr));
    assert_int_equal(context.freed.load(), 0);
    mine.reset();
    assert_true(context.freed_once());
    const Delay theirs = open_delay(there, key);
    Error error;
    assert_status(EXOREF_ETIMEOUT, try_force(theirs, &error, 200));
    assert_int_equal(context.calls.load(), 0);
}

static void D2_a_failed_body_is_kept_with_kind_message_and_payload(void **) {
    const Client here = open_client(), there = open_client();
    const std::string key = fresh_key();
    int calls = 0;
    BodyFunction body = [&](exoref_lease *, exoref_sink *result) {
        ++calls;
        return refuse(result, "io", "no such file", "payload");
    };
    const Delay mine = open_with_body(here, key, &body);
    const Delay theirs = open_delay(there, key);
    for (const Delay *delay : {&mine, &theirs, &mine, &theirs}) {
        Error error;
        assert_status_error(EXOREF_EBODY, try_force(*delay, &error), error);
        assert_string_equal(exoref_error_kind(error), "io");
        assert_string_equal(exoref_error_message(error), "no such file");
        assert_string_equal(payload(error).c_str(), "payload");
        std::size_t size = 0;
        assert_string_equal(exoref_error_key(error, &size), key.c_str());
    }
    assert_int_equal(calls, 1);
    assert_true(realized(mine) && realized(theirs));
}

static void D2_with_retry_each_force_is_a_new_attempt_until_one_goes_well(void **) {
    const Client client = open_client(), other = open_client();
    const std::string key = fresh_key();
    int calls = 0;
    BodyFunction body = [&](exoref_lease *, exoref_sink *result) {
        if (++calls < 3) return refuse(result, "again", ("attempt " + std::to_string(calls)).c_str(), "");
        return answer(result, "third time");
    };
    const Delay delay = open_with_body(client, key, &body, options({{"retry", "true"}}));
    const Delay theirs = open_delay(other, key);
    Error error;
    assert_status_error(EXOREF_EBODY, try_force(delay, &error), error);
    assert_string_equal(exoref_error_message(error), "attempt 1");
    assert_false(realized(delay));
    assert_status_error(EXOREF_EBODY, try_force(theirs, &error), error);
    assert_string_equal(exoref_error_message(error), "attempt 2");
    assert_bytes("third time", force(theirs));
    assert_bytes("third time", force(delay));
    assert_int_equal(calls, 3);
}

static void D2_a_value_that_may_not_be_is_a_failure(void **) {
    const auto never = [](void *, const void *, std::size_t, exoref_sink *sink) -> std::int32_t {
        exoref_sink_set_message(sink, "never good enough");
        return EXOREF_CALL_FAILED;
    };
    const Client client = open_client();
    Options with = options({});
    assert_ok(exoref_options_set_validator(with, never, nullptr, nullptr, nullptr));
    CountedBody body;
    const Delay delay = open_with_body(client, fresh_key(), body, with);
    Error error;
    assert_status_error(EXOREF_EBODY, try_force(delay, &error), error);
    assert_string_equal(exoref_error_kind(error), "validation");
    assert_true(contains(exoref_error_message(error), "never good enough"));
}

// It must be told and kept: a failure that could not be published would be begun again without end.
static void D2_a_result_larger_than_the_limit_is_a_failure(void **) {
    const std::string large(2000, 'x');
    const struct {
        BodyFunction body;
        const char *kind;
    } cases[] = {
        {[&](exoref_lease *, exoref_sink *result) { return answer(result, large); }, "size"},
        {[&](exoref_lease *, exoref_sink *result) { return refuse(result, "io", large.c_str(), ""); }, "size"},
        {[&](exoref_lease *, exoref_sink *result) { return refuse(result, "io", "much", large); }, "io"},
    };
    for (const auto &[made, kind] : cases) {
        const Client client = open_client({{"max_value_size", "1KiB"}});
        int calls = 0;
        BodyFunction body = [&, &work = made](exoref_lease *lease, exoref_sink *result) {
            ++calls;
            return work(lease, result);
        };
        const Delay delay = open_with_body(client, fresh_key(), &body);
        for (int i = 0; i < 2; ++i) {
            Error error;
            assert_status_error(EXOREF_EBODY, try_force(delay, &error), error);
            assert_string_equal(exoref_error_kind(error), kind);
            assert_string_equal(payload(error).c_str(), "");
        }
        assert_int_equal(calls, 1);
    }
}

static void D1_a_body_that_declines_leaves_it_to_another(void **) {
    const Client here = open_client(), there = open_client();
    const std::string key = fresh_key();
    std::atomic<int> declined{0};
    BodyFunction not_me = [&](exoref_lease *, exoref_sink *) { return ++declined, EXOREF_CALL_DECLINED; };
    CountedBody body;
    const Delay mine = open_with_body(here, key, &not_me);
    const Future waits = force_async(mine);
    assert_true(eventually(Millis(20000), [&] { return declined.load() == 1; }));
    const Delay theirs = open_with_body(there, key, body);
    assert_status(EXOREF_OK, outcome(waits));
    assert_bytes("computed", force(mine));
    assert_int_equal(declined.load(), 1);
    assert_int_equal(body.calls(), 1);
}

static void D1_a_body_that_asks_for_its_own_value_is_told(void **) {
    const Client client = open_client();
    const std::string key = fresh_key();
    Delay delay;
    exoref_status inside = EXOREF_OK, claimed = EXOREF_OK;
    BodyFunction body = [&](exoref_lease *, exoref_sink *result) {
        inside = exoref_delay_deref(delay, EXOREF_TIMEOUT_NONE, nullptr, nullptr);
        Lease lease;
        claimed = exoref_delay_claim(delay, EXOREF_TIMEOUT_NONE, lease.out(), nullptr, nullptr);
        return answer(result, "v");
    };
    delay = open_with_body(client, key, &body);
    assert_bytes("v", force(delay));
    assert_status(EXOREF_EDEADLOCK, inside);
    assert_status(EXOREF_EDEADLOCK, claimed);
}

static void D1_a_body_that_waits_for_a_future_of_its_own_value_is_told(void **) {
    const Client client = open_client();
    const Delay other = open_delay(client, fresh_key());
    Delay delay;
    std::vector<exoref_status> inside;
    BodyFunction body = [&](exoref_lease *, exoref_sink *result) {
        Future forced = force_async(delay);
        Future claimed;
        assert_ok(exoref_delay_claim_async(delay, EXOREF_TIMEOUT_NONE, claimed.out(), nullptr));
        for (Future *one : {&forced, &claimed}) {
            inside.push_back(exoref_future_wait(*one, EXOREF_TIMEOUT_NONE, nullptr));
            inside.push_back(exoref_future_wait(*one, 0, nullptr));
            exoref_future_cancel(*one);
        }
        // Another delay is no concern of its.
        inside.push_back(exoref_future_wait(force_async(other), 10, nullptr));
        return answer(result, "v");
    };
    delay = open_with_body(client, fresh_key(), &body);
    assert_bytes("v", force(delay));
    const std::vector<exoref_status> expected = {EXOREF_EDEADLOCK, EXOREF_ETIMEOUT, EXOREF_EDEADLOCK, EXOREF_ETIMEOUT,
                                                 EXOREF_ETIMEOUT};
    assert_true(inside == expected);
}

static void D4_the_time_of_the_body_on_this_thread_does_not_count(void **) {
    const Client client = open_client();
    const std::int64_t timeout = exo::support::scaled(Millis(500)).count();
    BodyFunction body = [&](exoref_lease *, exoref_sink *result) {
        // Until a wait of another sort, which began later, has run out of the same time.
        const Delay another = open_delay(client, fresh_key());
        Error error;
        if (try_force(another, &error, timeout) != EXOREF_ETIMEOUT) return refuse(result, "", "no time passed", "");
        return answer(result, "slow");
    };
    const Delay delay = open_with_body(client, fresh_key(), &body);
    assert_bytes("slow", force(delay, timeout));
}

static void D1_no_more_bodies_run_at_a_time_than_the_option_says(void **) {
    const Client here = open_client({{"bodies", "2"}}), there = open_client();
    std::atomic<int> now{0}, most{0};
    Gate gate;
    BodyFunction body = [&](exoref_lease *, exoref_sink *result) {
        const int running = ++now;
        int seen = most;
        while (running > seen && !most.compare_exchange_weak(seen, running)) {
        }
        gate.wait();
        --now;
        return answer(result, "v");
    };
    std::vector<Delay> mine, theirs;
    std::vector<Future> waits;
    for (int i = 0; i < 6; ++i) {
        const std::string key = fresh_key();
        mine.push_back(open_with_body(here, key, &body));
        theirs.push_back(open_delay(there, key));
        waits.push_back(force_async(theirs.back()));
    }
    assert_true(eventually(Millis(20000), [&] { return now.load() == 2; }));
    gate.open();
    for (const Future &future : waits) assert_status(EXOREF_OK, outcome(future));
    assert_int_equal(most.load(), 2);
}

static void C9_a_body_that_may_not_write_is_refused_at_opening(void **) {
    const Client client = open_client();
    const std::string key = fresh_key();
    const Delay labelled = open_delay(client, key, options({{"codec", "json"}}));
    Context context;
    Delay delay;
    assert_status(EXOREF_ECODEC,
                  exoref_delay_open_with_body(client, key.data(), key.size(), call_body, &context, Context::free, 0,
                                              nullptr, enough(), delay.out(), nullptr, nullptr));
    assert_true(context.freed_once());
}

static void G7_closing_tells_a_running_body_and_waits_for_it(void **) {
    const Client here = open_client(), there = open_client();
    const std::string key = fresh_key();
    Gate began;
    std::atomic<bool> lost{false};
    BodyFunction body = [&](exoref_lease *lease, exoref_sink *result) {
        began.open();
        lost = eventually(Millis(20000), [&] { return exoref_lease_lost(lease); });
        return answer(result, "too late");
    };
    const Delay mine = open_with_body(here, key, &body);
    const Delay theirs = open_delay(there, key);
    const Future waits = force_async(theirs);
    assert_true(began.wait());
    assert_ok(exoref_client_close(here, enough(), nullptr));
    assert_true(lost.load());
    assert_false(exoref_future_done(waits));
    Error error;
    assert_status(EXOREF_ECLOSED, try_force(mine, &error));
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(D1_the_body_runs_on_the_first_force_on_its_thread_and_once),
        cmocka_unit_test(D1_ten_threads_force_it_and_the_body_runs_once),
        cmocka_unit_test(D1_a_request_from_elsewhere_runs_the_body_on_a_thread_of_its_own),
        cmocka_unit_test(D1_D5_who_opens_with_a_body_later_serves_who_waits_already),
        cmocka_unit_test(D1_an_asynchronous_deref_runs_the_body_and_keeps_it_after_the_handle),
        cmocka_unit_test(D1_a_handle_that_is_gone_serves_nobody),
        cmocka_unit_test(D2_a_failed_body_is_kept_with_kind_message_and_payload),
        cmocka_unit_test(D2_with_retry_each_force_is_a_new_attempt_until_one_goes_well),
        cmocka_unit_test(D2_a_value_that_may_not_be_is_a_failure),
        cmocka_unit_test(D2_a_result_larger_than_the_limit_is_a_failure),
        cmocka_unit_test(D1_a_body_that_declines_leaves_it_to_another),
        cmocka_unit_test(D1_a_body_that_asks_for_its_own_value_is_told),
        cmocka_unit_test(D1_a_body_that_waits_for_a_future_of_its_own_value_is_told),
        cmocka_unit_test(D4_the_time_of_the_body_on_this_thread_does_not_count),
        cmocka_unit_test(D1_no_more_bodies_run_at_a_time_than_the_option_says),
        cmocka_unit_test(C9_a_body_that_may_not_write_is_refused_at_opening),
        cmocka_unit_test(G7_closing_tells_a_running_body_and_waits_for_it),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
