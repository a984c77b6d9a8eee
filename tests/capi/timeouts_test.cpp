// Timeouts 0, -1, -2, and numbers that are none; what an answer that does not come means.
#include <chrono>
#include <functional>

#include "capi/atoms.hpp"

using namespace exo::capi_test;

namespace {

using Call = std::function<exoref_status(std::int64_t)>;

// Each blocking operation as a function of its timeout.
std::vector<std::pair<const char *, Call>> operations(const One &one) {
    exoref_atom *atom = one.atom;
    exoref_client *client = one.client;
    const char *key = one.key.c_str();
    const std::size_t size = one.key.size();
    return {
        {"ping", [=](std::int64_t t) { return exoref_client_ping(client, t, nullptr, nullptr, nullptr); }},
        {"open",
         [=](std::int64_t t) { return exoref_atom_open(client, "other", 5, nullptr, t, Atom().out(), nullptr); }},
        {"create",
         [=](std::int64_t t) {
             return exoref_atom_create(client, "another", 7, "1", 1, nullptr, t, Atom().out(), nullptr, nullptr);
         }},
        {"deref", [=](std::int64_t t) { return exoref_atom_deref(atom, t, nullptr, nullptr); }},
        {"reset", [=](std::int64_t t) { return exoref_atom_reset(atom, "2", 1, t, nullptr, nullptr); }},
        {"reset_vals",
         [=](std::int64_t t) { return exoref_atom_reset_vals(atom, "2", 1, t, nullptr, nullptr, nullptr); }},
        {"compare_and_set",
         [=](std::int64_t t) {
             return exoref_atom_compare_and_set(atom, "1", 1, "2", 1, t, nullptr, nullptr, nullptr);
         }},
        {"swap", [=](std::int64_t t) { return exoref_atom_swap(atom, add_one, nullptr, t, nullptr, nullptr); }},
        {"swap_vals",
         [=](std::int64_t t) { return exoref_atom_swap_vals(atom, add_one, nullptr, t, nullptr, nullptr, nullptr); }},
        {"meta", [=](std::int64_t t) { return exoref_atom_meta(atom, t, nullptr, nullptr); }},
        {"reset_meta", [=](std::int64_t t) { return exoref_atom_reset_meta(atom, "m", 1, t, nullptr); }},
        {"alter_meta",
         [=](std::int64_t t) { return exoref_atom_alter_meta(atom, add_one, nullptr, t, nullptr, nullptr); }},
        {"expire", [=](std::int64_t t) { return exoref_expire(client, key, size, 100000, t, nullptr); }},
        {"inspect", [=](std::int64_t t) { return exoref_inspect(client, key, size, t, Info().out(), nullptr); }},
        {"delete", [=](std::int64_t t) { return exoref_delete(client, "another", 7, t, nullptr, nullptr); }},
    };
}

std::uint64_t evaluated() {
    std::uint64_t sum = 0;
    for (const auto &[name, calls] : server().all_calls()) {
        if (name.rfind("eval", 0) == 0 || name == "hmget" || name == "del") sum += calls;
    }
    return sum;
}

}  // namespace

static void a_timeout_of_0_sends_nothing(void **) {
    One one;
    const std::uint64_t before = evaluated();
    for (const auto &[name, call] : operations(one)) {
        const exoref_status status = call(0);
        if (status != EXOREF_ETIMEOUT) print_error("%s: %s\n", name, exoref_status_name(status));
        assert_int_equal(status, EXOREF_ETIMEOUT);
    }
    assert_ok(exoref_client_ping(one.client, enough(), nullptr, nullptr, nullptr));
    assert_int_equal(evaluated(), before);
    const Value value = deref(one.atom);
    assert_bytes("1", value);
    assert_int_equal(exoref_value_version(value), 1);
}

static void timeouts_of_minus_1_and_minus_2_wait(void **) {
    for (const std::int64_t timeout : {EXOREF_TIMEOUT_NONE, EXOREF_TIMEOUT_DEFAULT}) {
        One one;
        create_atom(one.client, "other", "1");
        for (const auto &[name, call] : operations(one)) {
            const exoref_status status = call(timeout);
            if (status != EXOREF_OK) print_error("%s: %s\n", name, exoref_status_name(status));
            assert_int_equal(status, EXOREF_OK);
        }
    }
}

static void other_negative_timeouts_are_refused(void **) {
    One one;
    for (const std::int64_t timeout : {INT64_C(-3), INT64_C(-1000), INT64_MIN}) {
        for (const auto &[name, call] : operations(one)) {
            const exoref_status status = call(timeout);
            if (status != EXOREF_EINVAL) print_error("%s: %s\n", name, exoref_status_name(status));
            assert_int_equal(status, EXOREF_EINVAL);
        }
        Client client;
        assert_status(EXOREF_EINVAL,
                      exoref_client_open(server().unix_url().c_str(), nullptr, timeout, client.out(), nullptr));
        assert_status(EXOREF_EINVAL, exoref_client_close(one.client, timeout, nullptr));
        Future future;
        const exoref_status begun = exoref_atom_deref_async(one.atom, timeout, future.out(), nullptr);
        assert_int_equal(begun == EXOREF_OK ? outcome(future) : begun, EXOREF_EINVAL);
        assert_ok(exoref_atom_deref_async(one.atom, enough(), future.out(), nullptr));
        assert_status(EXOREF_EINVAL, exoref_future_wait(future, timeout, nullptr));
    }
    assert_bytes("1", deref(one.atom));
}

static void the_largest_timeout_waits_and_does_not_overflow(void **) {
    One one;
    assert_ok(exoref_atom_deref(one.atom, INT64_MAX, nullptr, nullptr));
    Future future;
    assert_ok(exoref_atom_deref_async(one.atom, INT64_MAX, future.out(), nullptr));
    assert_ok(exoref_future_wait(future, INT64_MAX, nullptr));
    assert_ok(exoref_future_status(future));
}

static void the_default_is_the_clients_option(void **) {
    RedisServer own;
    const Client client = open_client({{"timeout", "40ms"}, {"health_interval", "1h"}}, own.unix_url());
    const Atom atom = create_atom(client, "k", "1");
    own.pause();
    const auto begin = std::chrono::steady_clock::now();
    assert_status(EXOREF_ETIMEOUT, exoref_atom_deref(atom, EXOREF_TIMEOUT_DEFAULT, nullptr, nullptr));
    assert_true(std::chrono::steady_clock::now() - begin >= Millis(40));
    assert_true(std::chrono::steady_clock::now() - begin < exo::support::scaled(Millis(4000)));
    own.resume();
}

static void a_write_without_an_answer_in_time_is_unknown(void **) {
    RedisServer own;
    const Client client = open_client({{"health_interval", "1h"}}, own.unix_url());
    const Atom atom = create_atom(client, "k", "0");
    reset(atom, "1");  // the server knows the script from here on
    own.pause();
    Error error;
    Value value;
    assert_status_error(EXOREF_EUNKNOWN, exoref_atom_reset(atom, "2", 1, 40, value.out(), error.out()), error);
    assert_null(value.get());
    assert_int_equal(exoref_error_reason(error), EXOREF_REASON_TIMEOUT);
    assert_true(exoref_error_sent(error));
    assert_string_equal(exoref_reason_name(EXOREF_REASON_TIMEOUT), "timeout");
    own.resume();
    assert_true(eventually(Millis(20000), [&] { return bytes(deref(atom)) == "2"; }));
}

static void opening_with_0_connects_in_the_background(void **) {
    Client client;
    assert_ok(exoref_client_open(server().unix_url().c_str(), nullptr, 0, client.out(), nullptr));
    assert_ok(exoref_client_ping(client, enough(), nullptr, nullptr, nullptr));
}

static void where_nobody_listens_a_call_ends_in_time(void **) {
    const auto nobody = exo::support::Endpoint::tcp(exo::support::free_port());
    Client client;
    Error error;
    const auto begin = std::chrono::steady_clock::now();
    assert_status_error(EXOREF_ECONNECTION,
                        exoref_client_open(nobody.url().c_str(), nullptr, 100, client.out(), error.out()), error);
    assert_true(std::chrono::steady_clock::now() - begin < exo::support::scaled(Millis(4000)));
    assert_null(client.get());
    assert_ok(exoref_client_open(nobody.url().c_str(), nullptr, 0, client.out(), nullptr));
    const exoref_status status = exoref_client_ping(client, 50, nullptr, nullptr, nullptr);
    assert_true(status == EXOREF_ECONNECTION || status == EXOREF_ETIMEOUT);
    assert_int_equal(exoref_status_class(status), EXOREF_CLASS_NOT_APPLIED_RETRY);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_timeout_of_0_sends_nothing),
        cmocka_unit_test(timeouts_of_minus_1_and_minus_2_wait),
        cmocka_unit_test(other_negative_timeouts_are_refused),
        cmocka_unit_test(the_largest_timeout_waits_and_does_not_overflow),
        cmocka_unit_test(the_default_is_the_clients_option),
        cmocka_unit_test(a_write_without_an_answer_in_time_is_unknown),
        cmocka_unit_test(opening_with_0_connects_in_the_background),
        cmocka_unit_test(where_nobody_listens_a_call_ends_in_time),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
