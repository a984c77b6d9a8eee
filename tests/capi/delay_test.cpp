// Delays: opening, asking for the value, the pull form with its lease, failures. The rules D1 to D7 within one client and two.
#include <thread>
#include <vector>

#include "capi/delays.hpp"

using namespace exo::capi_test;

static void D6_opening_creates_it_unrealized_and_changes_none_that_is_there(void **) {
    const Client here = open_client(), there = open_client();
    const std::string key = fresh_key();
    assert_false(key_realized(here, key));
    bool created = false;
    const Delay mine = open_delay(here, key, nullptr, &created);
    assert_true(created);
    const Delay theirs = open_delay(there, key, nullptr, &created);
    assert_false(created);
    assert_false(realized(mine));
    std::size_t size = 0;
    assert_string_equal(exoref_delay_key(mine, &size), key.c_str());
    assert_int_equal(size, key.size());
    assert_ok(try_deliver(claim(mine), "once"));
    const Delay late = open_delay(there, key, nullptr, &created);
    assert_false(created);
    assert_bytes("once", force(late));
}

static void D1_the_lease_goes_to_one_and_its_value_to_all(void **) {
    const Client here = open_client(), there = open_client();
    const std::string key = fresh_key();
    const Delay mine = open_delay(here, key), theirs = open_delay(there, key);
    const Lease lease = claim(mine);
    assert_non_null(lease.get());
    assert_int_equal(exoref_lease_token(lease), 1);
    assert_false(exoref_lease_lost(lease));
    const Future waits = force_async(theirs), waits_here = force_async(mine);
    Future claims;
    assert_ok(exoref_delay_claim_async(theirs, EXOREF_TIMEOUT_NONE, claims.out(), nullptr));
    assert_false(exoref_future_done(waits));
    Value value;
    assert_ok(exoref_lease_deliver(lease, "v", 1, enough(), value.out(), nullptr));
    assert_bytes("v", value);
    for (exoref_future *future : {waits.get(), waits_here.get(), claims.get()}) {
        assert_status(EXOREF_OK, outcome(future));
        assert_bytes("v", Value(exoref_future_value(future)));
        assert_null(Lease(exoref_future_lease(future)).get());
    }
    // From memory: no server is asked.
    assert_bytes("v", force(mine, 0));
    assert_bytes("v", force(theirs, 0));
    assert_true(realized(mine));
    assert_null(claim(theirs, 0, &value).get());
    assert_bytes("v", value);
}

static void D1_a_lease_is_used_once(void **) {
    const Client client = open_client();
    const Delay delay = open_delay(client, fresh_key());
    const Lease lease = claim(delay);
    assert_ok(try_deliver(lease, "first"));
    Error error;
    assert_status_error(EXOREF_ELEASE, try_deliver(lease, "second", &error), error);
    assert_status(EXOREF_ELEASE, exoref_lease_fail(lease, "k", "m", nullptr, 0, enough(), nullptr));
    assert_status(EXOREF_ELEASE, exoref_lease_renew(lease, enough(), nullptr, nullptr));
    assert_ok(exoref_lease_give_back(lease, enough(), nullptr));
    assert_false(exoref_lease_lost(lease));
    Future ended;
    assert_ok(exoref_lease_lost_async(lease, ended.out(), nullptr));
    assert_status(EXOREF_OK, outcome(ended));
    assert_false(exoref_future_flag(ended));
    assert_bytes("first", force(delay));
}

static void D1_a_lease_that_is_let_go_of_goes_to_the_next_at_once(void **) {
    const Client here = open_client(), there = open_client();
    const std::string key = fresh_key();
    const Delay mine = open_delay(here, key), theirs = open_delay(there, key);
    Lease lease = claim(mine);
    Future next;
    assert_ok(exoref_delay_claim_async(theirs, EXOREF_TIMEOUT_NONE, next.out(), nullptr));
    lease.reset();
    assert_status(EXOREF_OK, outcome(next));
    Lease second(exoref_future_lease(next));
    assert_int_equal(exoref_lease_token(second), 2);
    // Back to the same client, and with the certainty that it is done.
    assert_ok(exoref_lease_give_back(second, enough(), nullptr));
    assert_status(EXOREF_ELEASE, try_deliver(second, "late"));
    const Lease third = claim(mine);
    assert_int_equal(exoref_lease_token(third), 3);
    assert_ok(try_deliver(third, "v"));
}

static void D1_a_claim_that_nobody_keeps_gives_the_lease_back(void **) {
    const Client here = open_client(), there = open_client();
    const std::string key = fresh_key();
    const Delay mine = open_delay(here, key), theirs = open_delay(there, key);
    Future claimed;
    assert_ok(exoref_delay_claim_async(mine, EXOREF_TIMEOUT_NONE, claimed.out(), nullptr));
    assert_status(EXOREF_OK, outcome(claimed));
    claimed.reset();
    assert_int_equal(exoref_lease_token(claim(theirs)), 2);
}

static void D2_D3_a_failure_is_kept_and_everybody_gets_the_same(void **) {
    const Client here = open_client(), there = open_client();
    const std::string key = fresh_key(), bytes("\0x", 2);
    const Delay mine = open_delay(here, key), theirs = open_delay(there, key);
    const Lease lease = claim(mine);
    const Future waits = force_async(theirs), waits_here = force_async(mine);
    assert_ok(exoref_lease_fail(lease, "io", "no such file", bytes.data(), bytes.size(), enough(), nullptr));
    const auto check = [&](const Error &error) {
        assert_int_equal(exoref_error_status(error), EXOREF_EBODY);
        assert_string_equal(exoref_error_kind(error), "io");
        assert_string_equal(exoref_error_message(error), "no such file");
        assert_true(payload(error) == bytes);
        assert_int_equal(exoref_status_class(EXOREF_EBODY), EXOREF_CLASS_NOT_APPLIED_FINAL);
    };
    for (exoref_future *future : {waits.get(), waits_here.get()}) {
        assert_status(EXOREF_EBODY, outcome(future));
        check(Error(exoref_future_error(future)));
    }
    Error error;
    assert_status(EXOREF_EBODY, try_force(mine, &error, 0));
    check(error);
    const Delay late = open_delay(open_client(), key);
    assert_true(realized(late));
    assert_status(EXOREF_EBODY, try_force(late, &error));
    check(error);
    assert_true(key_realized(here, key));
    Lease none;
    assert_status(EXOREF_EBODY, exoref_delay_claim(late, enough(), none.out(), nullptr, nullptr));
    assert_null(none.get());
}

static void D2_with_retry_a_failure_goes_to_who_waits_and_the_next_deref_tries_again(void **) {
    const Client here = open_client(), there = open_client();
    const std::string key = fresh_key();
    const Options with = options({{"retry", "true"}});
    const Delay mine = open_delay(here, key, with), theirs = open_delay(there, key);
    for (int attempt = 1; attempt <= 3; ++attempt) {
        const Lease lease = claim(mine);
        assert_int_equal(exoref_lease_token(lease), attempt);
        server().reset_calls();
        const Future waits = force_async(theirs), waits_here = force_async(mine);
        // Their request has come: they wait since before the failure.
        assert_true(eventually(Millis(20000), [&] { return server().calls("evalsha") > 0; }));
        const std::string word = "attempt " + std::to_string(attempt);
        assert_ok(exoref_lease_fail(lease, "k", word.c_str(), nullptr, 0, enough(), nullptr));
        for (exoref_future *future : {waits.get(), waits_here.get()}) {
            assert_status(EXOREF_EBODY, outcome(future));
            assert_string_equal(exoref_error_message(Error(exoref_future_error(future))), word.c_str());
        }
        assert_false(realized(mine));
    }
    const Future waits = force_async(theirs);
    assert_ok(try_deliver(claim(mine), "at last"));
    assert_status(EXOREF_OK, outcome(waits));
    assert_bytes("at last", force(theirs));
}

static void D4_deref_takes_a_timeout_that_changes_nothing(void **) {
    const Client client = open_client();
    const Delay delay = open_delay(client, fresh_key());
    Error error;
    assert_status_error(EXOREF_ETIMEOUT, try_force(delay, &error, 0), error);
    assert_status_error(EXOREF_ETIMEOUT, try_force(delay, &error, 30), error);
    assert_true(contains(exoref_error_message(error), "30 ms"));
    const Lease lease = claim(delay);
    assert_status(EXOREF_ETIMEOUT, try_force(delay, &error, 30));
    Lease none;
    assert_status(EXOREF_ETIMEOUT, exoref_delay_claim(delay, 30, none.out(), nullptr, nullptr));
    const Future cancelled = force_async(delay);
    exoref_future_cancel(cancelled);
    assert_status(EXOREF_ECANCELLED, outcome(cancelled));
    assert_ok(try_deliver(lease, "v"));
    assert_bytes("v", force(delay));
}

static void D5_without_a_body_it_waits_until_one_comes(void **) {
    const Client here = open_client(), there = open_client();
    const std::string key = fresh_key();
    const Delay mine = open_delay(here, key);
    const Future waits = force_async(mine);
    Error error;
    assert_status(EXOREF_ETIMEOUT, try_force(mine, &error, 100));
    assert_false(exoref_future_done(waits));
    const Delay theirs = open_delay(there, key);
    assert_ok(try_deliver(claim(theirs), "served"));
    assert_status(EXOREF_OK, outcome(waits));
    assert_bytes("served", Value(exoref_future_value(waits)));
}

static void D7_a_lease_of_a_delay_that_is_deleted_is_lost(void **) {
    const Client client = open_client();
    const std::string key = fresh_key();
    const Delay delay = open_delay(client, key);
    const Lease lease = claim(delay);
    const Future waits = force_async(delay);
    Future lost;
    assert_ok(exoref_lease_lost_async(lease, lost.out(), nullptr));
    assert_ok(exoref_delete(client, key.data(), key.size(), enough(), nullptr, nullptr));
    assert_status(EXOREF_OK, outcome(lost));
    assert_true(exoref_future_flag(lost));
    assert_true(exoref_lease_lost(lease));
    assert_status(EXOREF_EDELETED, outcome(waits));
    assert_status(EXOREF_ELEASE, try_deliver(lease, "late"));
    // C10: the handle stays with the one that was there.
    const Delay anew = open_delay(client, key);
    assert_ok(try_deliver(claim(anew), "new"));
    Error error;
    assert_status(EXOREF_EDELETED, try_force(delay, &error));
    assert_false(realized(delay));
}

static void D7_a_lease_is_renewed_for_as_long_as_it_is_held(void **) {
    const Client here = open_client(), there = open_client();
    const std::string key = fresh_key();
    const Options with = options({{"lease", "1s"}});
    const Delay mine = open_delay(here, key, with), theirs = open_delay(there, key);
    const Lease lease = claim(mine);
    std::int64_t left = 0;
    assert_ok(exoref_lease_renew(lease, enough(), &left, nullptr));
    assert_true(left > 0 && left <= 1000);
    Lease none;
    assert_status(EXOREF_ETIMEOUT, exoref_delay_claim(theirs, 3500, none.out(), nullptr, nullptr));
    assert_false(exoref_lease_lost(lease));
    assert_ok(try_deliver(lease, "v"));
    assert_bytes("v", force(theirs));
}

static void C1_C9_what_is_published_is_judged_and_the_lease_stays(void **) {
    const Client client = open_client();
    const std::string key = fresh_key();
    const auto no_x = [](void *, const void *data, std::size_t size, exoref_sink *sink) -> std::int32_t {
        if (size == 0 || *static_cast<const char *>(data) != 'x') return EXOREF_CALL_OK;
        exoref_sink_set_message(sink, "no x");
        return EXOREF_CALL_FAILED;
    };
    Options with = options({{"codec", "json"}});
    assert_ok(exoref_options_set_validator(with, no_x, nullptr, nullptr, nullptr));
    const Delay delay = open_delay(client, key, with), nameless = open_delay(client, key);
    {
        const Lease theirs = claim(nameless);
        assert_status(EXOREF_ECODEC, try_deliver(theirs, "v"));
        assert_ok(exoref_lease_renew(theirs, enough(), nullptr, nullptr));
    }
    const Lease lease = claim(delay);
    Error error;
    assert_status_error(EXOREF_EVALIDATION, try_deliver(lease, "x", &error), error);
    assert_true(contains(exoref_error_message(error), "no x"));
    assert_ok(try_deliver(lease, "v"));
    Delay other;
    const Options string = options({{"codec", "string"}});
    assert_status(EXOREF_ECODEC,
                  exoref_delay_open(client, key.data(), key.size(), string, enough(), other.out(), nullptr, nullptr));
}

static void G6_a_key_of_another_type_is_refused(void **) {
    const Client client = open_client();
    const std::string key = fresh_key();
    const Atom atom = create_atom(client, key, "a");
    Delay delay;
    Error error;
    assert_status_error(
        EXOREF_ETYPE,
        exoref_delay_open(client, key.data(), key.size(), nullptr, enough(), delay.out(), nullptr, error.out()), error);
    assert_true(contains(exoref_error_message(error), "delay") && contains(exoref_error_message(error), "atom"));
    assert_bytes("a", deref(atom));
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(D6_opening_creates_it_unrealized_and_changes_none_that_is_there),
        cmocka_unit_test(D1_the_lease_goes_to_one_and_its_value_to_all),
        cmocka_unit_test(D1_a_lease_is_used_once),
        cmocka_unit_test(D1_a_lease_that_is_let_go_of_goes_to_the_next_at_once),
        cmocka_unit_test(D1_a_claim_that_nobody_keeps_gives_the_lease_back),
        cmocka_unit_test(D2_D3_a_failure_is_kept_and_everybody_gets_the_same),
        cmocka_unit_test(D2_with_retry_a_failure_goes_to_who_waits_and_the_next_deref_tries_again),
        cmocka_unit_test(D4_deref_takes_a_timeout_that_changes_nothing),
        cmocka_unit_test(D5_without_a_body_it_waits_until_one_comes),
        cmocka_unit_test(D7_a_lease_of_a_delay_that_is_deleted_is_lost),
        cmocka_unit_test(D7_a_lease_is_renewed_for_as_long_as_it_is_held),
        cmocka_unit_test(C1_C9_what_is_published_is_judged_and_the_lease_stays),
        cmocka_unit_test(G6_a_key_of_another_type_is_refused),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
