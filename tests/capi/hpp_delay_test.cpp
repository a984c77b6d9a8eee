// Delays in the C++ header.
#include <exoref/delay.hpp>

#include <atomic>
#include <optional>
#include <string>

#include "support/cmocka.hpp"
#include "support/deadline.hpp"
#include "support/redis_server.hpp"

using namespace std::chrono_literals;
using exoref::client;
using exoref::delay;
using exoref::lease;

namespace {

exo::support::RedisServer &server() {
    static exo::support::RedisServer one;
    return one;
}
client open() { return client::open(server().unix_url()); }

std::string fresh_key() {
    static int count = 0;
    return "hpp delay:" + std::to_string(++count);
}

}  // namespace

static void D1_a_body_is_a_lambda_that_runs_once(void **) {
    const client here = open(), there = open();
    const std::string key = fresh_key();
    std::atomic<int> runs{0};
    delay mine = delay::open(here, key, [&](lease &held) {
        ++runs;
        return "run " + std::to_string(held.token());
    });
    delay theirs = delay::open(there, key);
    assert_true(mine.created() && !theirs.created());
    assert_true(mine.key() == key);
    assert_false(theirs.realized());
    assert_true(theirs.deref(exoref::forever) == "run 1");
    assert_true(mine.deref_async().get() == "run 1");
    assert_true(mine.deref(exoref::no_wait) == "run 1");
    assert_true(mine.share().realized_async().get());
    assert_int_equal(runs.load(), 1);
}

static void D2_what_a_body_throws_is_the_failure_for_everybody(void **) {
    const client here = open(), there = open();
    const std::string key = fresh_key(), plain = fresh_key();
    delay mine = delay::open(here, key, [](lease &) -> std::string {
        throw exoref::body_failure("io", "no such file", std::string("\0x", 2));
    });
    delay theirs = delay::open_async(there, key).get();
    for (delay *one : {&mine, &theirs}) {
        try {
            one->deref(exoref::forever);
            fail_msg("%s", "it did not throw");
        } catch (const exoref::body_error &error) {
            assert_string_equal(error.what(), "no such file");
            assert_string_equal(error.kind(), "io");
            assert_true(error.payload() == std::string_view("\0x", 2));
        }
    }
    delay other = delay::open(here, plain, [](lease &) -> std::string { throw std::runtime_error("plain"); });
    const auto failed = other.deref(std::nothrow, exoref::forever);
    assert_int_equal(failed.status(), EXOREF_EBODY);
    assert_string_equal(failed.error().message(), "plain");
}

static void D1_D7_the_pull_form(void **) {
    const client here = open();
    client there = open();
    const std::string key = fresh_key();
    delay mine = delay::open(here, key), theirs = delay::open(there, key);
    exoref::claimed first = mine.claim();
    assert_true(first && first.held.token() == 1 && !first.held.lost());
    assert_true(first.held.renew() > 0ms);
    assert_int_equal(theirs.claim(std::nothrow, 20ms).status(), EXOREF_ETIMEOUT);
    auto next = theirs.claim_async();
    first.held.give_back();
    exoref::claimed second = next.get();
    assert_true(second && second.held.token() == 2);
    assert_int_equal(first.held.deliver(std::nothrow, "late").status(), EXOREF_ELEASE);
    auto ended = second.held.lost_async();
    assert_true(second.held.deliver("v") == "v");
    assert_false(ended.get());
    const exoref::claimed third = mine.claim();
    assert_true(!third && third.standing == "v");
    const std::string failing = fresh_key();
    delay fails = delay::open(here, failing, {{"retry", "true"}});
    (fails.claim().held.fail)("k", "m", "p", {});  // cmocka has a macro of this name
    assert_false(fails.realized());
    fails.claim().held.fail_async("k", "m").get();
    fails.claim().held.give_back_async().get();
    assert_true(fails.claim().held.deliver_async("at last").get() == "at last");
    assert_true(there.remove(failing));
}

static void D1_a_body_that_gives_nothing_declines(void **) {
    const client here = open(), there = open();
    const std::string key = fresh_key();
    delay declines = delay::open(here, key, [](lease &) { return std::optional<std::string>(); });
    auto waiting = declines.deref_async();
    delay computes = delay::open_async(there, key, [](lease &) { return std::string("theirs"); }).get();
    assert_true(waiting.get() == "theirs");
    assert_true(computes.deref() == "theirs");
}

static void D4_C10_a_wait_ends_by_its_timeout_or_a_deletion(void **) {
    client here = open();
    const std::string key = fresh_key();
    delay mine = delay::open(here, key);
    assert_int_equal(mine.deref(std::nothrow, 20ms).status(), EXOREF_ETIMEOUT);
    auto waiting = mine.deref_async();
    assert_true(here.remove(key));
    assert_int_equal(waiting.get(std::nothrow).status(), EXOREF_EDELETED);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(D1_a_body_is_a_lambda_that_runs_once),
        cmocka_unit_test(D2_what_a_body_throws_is_the_failure_for_everybody),
        cmocka_unit_test(D1_D7_the_pull_form),
        cmocka_unit_test(D1_a_body_that_gives_nothing_declines),
        cmocka_unit_test(D4_C10_a_wait_ends_by_its_timeout_or_a_deletion),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
