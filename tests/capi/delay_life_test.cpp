// Delays where the application takes the events; and their end: deleted, expired, recreated, the time to live, what inspect says.
#include "capi/delays.hpp"

using namespace exo::capi_test;

namespace {

constexpr std::uint64_t kToken = 77;

Delay open_taking(const Client &client, const std::string &key, BodyFunction *body,
                  const exoref_options *with = nullptr) {
    Delay delay;
    Error error;
    const exoref_status status =
        exoref_delay_open_with_body(client, key.data(), key.size(), body != nullptr ? call_body : nullptr, body,
                                    nullptr, kToken, with, enough(), delay.out(), nullptr, error.out());
    check_status(EXOREF_OK, status, error, "open_taking", __FILE__, __LINE__);
    return delay;
}

// The next event that is the body's; others (contexts to be freed) are let go of.
Event next_body(const Client &client) {
    Event event;
    do {
        assert_ok(exoref_client_next_event(client, enough(), event.out(), nullptr));
    } while (exoref_event_kind(event) != EXOREF_EVENT_BODY);
    assert_int_equal(exoref_event_token(event), kToken);
    return event;
}

std::string text(const Client &client, const std::string &key, const char *name) {
    Info info;
    Error error;
    const exoref_status status = exoref_inspect(client, key.data(), key.size(), enough(), info.out(), error.out());
    check_status(EXOREF_OK, status, error, "inspect", __FILE__, __LINE__);
    const char *there = exoref_info_text(info, name);
    return there != nullptr ? there : "(none)";
}

}  // namespace

static void D1_a_taken_event_carries_the_lease(void **) {
    const Client taker = open_client({{"events", "take"}}), there = open_client();
    const std::string key = fresh_key();
    const Delay mine = open_taking(taker, key, nullptr), theirs = open_delay(there, key);
    const Future waits = force_async(theirs);
    Event event = next_body(taker);
    const Lease lease(exoref_event_lease(event));
    event.reset();
    assert_int_equal(exoref_lease_token(lease), 1);
    assert_ok(try_deliver(lease, "by hand"));
    assert_status(EXOREF_OK, outcome(waits));
    assert_bytes("by hand", Value(exoref_future_value(waits)));
    assert_bytes("by hand", force(mine));
}

static void D1_a_taken_event_runs_the_body_where_it_is_run(void **) {
    const Client taker = open_client({{"events", "take"}}), there = open_client();
    const std::string key = fresh_key();
    CountedBody body;
    const Delay mine = open_taking(taker, key, body), theirs = open_delay(there, key);
    const Future waits = force_async(theirs);
    const Event event = next_body(taker);
    assert_int_equal(body.calls(), 0);
    exoref_event_run(event);
    exoref_event_run(event);
    assert_int_equal(body.calls(), 1);
    assert_status(EXOREF_OK, outcome(waits));
    assert_bytes("computed", force(mine));
}

static void D1_an_event_that_nobody_uses_gives_the_lease_to_another(void **) {
    const Client taker = open_client({{"events", "take"}}), there = open_client();
    const std::string key = fresh_key();
    CountedBody never, body;
    const Delay mine = open_taking(taker, key, never);
    const Delay theirs = open_delay(there, key);
    const Future waits = force_async(theirs);
    next_body(taker).reset();
    const Delay other = open_with_body(open_client(), key, body);
    assert_status(EXOREF_OK, outcome(waits));
    assert_int_equal(never.calls(), 0);
    assert_int_equal(body.calls(), 1);
}

static void C10_deleted_under_waiters_they_are_told_and_handles_stay_with_theirs(void **) {
    const Client here = open_client(), there = open_client();
    const std::string key = fresh_key();
    CountedBody body;
    const Delay mine = open_delay(here, key);
    const Future waits = force_async(mine);
    assert_ok(exoref_delete(there, key.data(), key.size(), enough(), nullptr, nullptr));
    assert_status(EXOREF_EDELETED, outcome(waits));
    const Delay anew = open_with_body(there, key, body);
    Error error;
    assert_status_error(EXOREF_EDELETED, try_force(mine, &error), error);
    assert_true(contains(exoref_error_message(error), "deleted"));
    assert_false(realized(mine));
    assert_bytes("computed", force(anew));
    assert_bytes("computed", force(open_delay(here, key)));
}

static void C10_a_body_of_one_that_was_deleted_serves_no_other(void **) {
    const Client here = open_client(), there = open_client();
    const std::string key = fresh_key();
    CountedBody body;
    const Delay old = open_with_body(here, key, body);
    assert_ok(exoref_delete(there, key.data(), key.size(), enough(), nullptr, nullptr));
    Error error;
    assert_status(EXOREF_EDELETED, try_force(old, &error));
    const Delay anew = open_delay(there, key);
    assert_status(EXOREF_ETIMEOUT, try_force(anew, &error, 100));
    assert_int_equal(body.calls(), 0);
}

static void C11_it_expires_under_waiters_and_each_change_counts_anew(void **) {
    const Client client = open_client({{"sweep_interval", "200ms"}});
    const std::string key = fresh_key();
    const Delay delay = open_delay(client, key, options({{"ttl", "600ms"}}));
    const Future waits = force_async(delay);
    assert_status(EXOREF_EDELETED, outcome(waits));
    const Delay anew = open_delay(client, key, options({{"ttl", "1h"}}));
    assert_ok(try_deliver(claim(anew), "v"));
    assert_true(text(client, key, "expires") != "");
    assert_bytes("v", force(anew));
}

static void D1_inspect_shows_who_holds_it_and_how_often_it_was_tried(void **) {
    const Client client = open_client();
    const std::string key = fresh_key();
    const Delay delay = open_delay(client, key, options({{"lease", "7s"}, {"retry", "true"}}));
    assert_string_equal(text(client, key, "type").c_str(), "delay");
    assert_string_equal(text(client, key, "state").c_str(), "open");
    assert_string_equal(text(client, key, "owner").c_str(), "");
    assert_string_equal(text(client, key, "lease_ms").c_str(), "7000");
    assert_string_equal(text(client, key, "attempt").c_str(), "0");
    {
        const Lease lease = claim(delay);
        assert_string_equal(text(client, key, "state").c_str(), "wanted");
        assert_true(text(client, key, "owner") != "");
        const long left = std::strtol(text(client, key, "lease").c_str(), nullptr, 10);
        assert_true(left > 0 && left <= 7000);
        assert_ok(exoref_lease_fail(lease, "k", "not today", nullptr, 0, enough(), nullptr));
    }
    assert_string_equal(text(client, key, "state").c_str(), "open");
    assert_string_equal(text(client, key, "owner").c_str(), "");
    assert_string_equal(text(client, key, "failure").c_str(), "not today");
    assert_ok(try_deliver(claim(delay), "v"));
    assert_string_equal(text(client, key, "state").c_str(), "realized");
    assert_string_equal(text(client, key, "attempt").c_str(), "2");
    const std::string other = fresh_key();
    const Atom atom = create_atom(client, other, "1");
    assert_string_equal(text(client, other, "state").c_str(), "(none)");
}

static void bad_arguments_are_refused_and_out_parameters_may_be_null(void **) {
    constexpr std::int64_t kMs = 1000;
    const Client client = open_client();
    const Delay delay = open_delay(client, fresh_key());
    Lease lease = claim(delay);
    assert_status(EXOREF_EINVAL, exoref_lease_deliver(lease, nullptr, 1, kMs, nullptr, nullptr));
    assert_status(EXOREF_EINVAL, exoref_lease_fail(lease, "k", "m", nullptr, 1, kMs, nullptr));
    assert_status(EXOREF_EINVAL, exoref_delay_open(client, "k", 1, nullptr, kMs, nullptr, nullptr, nullptr));
    assert_status(EXOREF_EINVAL, exoref_delay_open_with_body(client, "k", 1, nullptr, nullptr, nullptr, 0, nullptr, kMs,
                                                             Delay().out(), nullptr, nullptr));
    assert_status(EXOREF_EINVAL, exoref_delay_claim(delay, kMs, nullptr, nullptr, nullptr));
    assert_status(EXOREF_EINVAL, exoref_delay_deref(delay, -3, nullptr, nullptr));
    assert_ok(exoref_lease_renew(lease, enough(), nullptr, nullptr));
    assert_ok(exoref_lease_deliver(lease, "x", 1, enough(), nullptr, nullptr));
    assert_ok(exoref_delay_deref(delay, enough(), nullptr, nullptr));
    assert_ok(exoref_delay_realized(delay, enough(), nullptr, nullptr));
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(D1_a_taken_event_carries_the_lease),
        cmocka_unit_test(D1_a_taken_event_runs_the_body_where_it_is_run),
        cmocka_unit_test(D1_an_event_that_nobody_uses_gives_the_lease_to_another),
        cmocka_unit_test(C10_deleted_under_waiters_they_are_told_and_handles_stay_with_theirs),
        cmocka_unit_test(C10_a_body_of_one_that_was_deleted_serves_no_other),
        cmocka_unit_test(C11_it_expires_under_waiters_and_each_change_counts_anew),
        cmocka_unit_test(bad_arguments_are_refused_and_out_parameters_may_be_null),
        cmocka_unit_test(D1_inspect_shows_who_holds_it_and_how_often_it_was_tried),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
