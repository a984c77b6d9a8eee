// Promises in the C++ header.
#include <exoref/promise.hpp>

#include <string>
#include <thread>

#include "support/cmocka.hpp"
#include "support/deadline.hpp"
#include "support/redis_server.hpp"

using namespace std::chrono_literals;
using exoref::client;
using exoref::promise;
using exoref::value;

namespace {

exo::support::RedisServer &server() {
    static exo::support::RedisServer one;
    return one;
}
client open() { return client::open(server().unix_url()); }

std::string fresh_key() {
    static int count = 0;
    return "hpp promise:" + std::to_string(++count);
}

template <class E, class Call>
bool throws(Call call) {
    try {
        call();
    } catch (const E &) {
        return true;
    }
    return false;
}

}  // namespace

static void P1_deliver_tells_whether_it_was_the_first_and_what_stands(void **) {
    const client here = open(), there = open();
    const std::string key = fresh_key();
    promise mine = promise::open(here, key), theirs = promise::open(there, key);
    assert_true(mine.created() && !theirs.created());
    assert_true(mine.key() == key);
    const exoref::delivery first = theirs.deliver("first");
    assert_true(first && first.standing == "first");
    const exoref::delivery second = mine.deliver("second");
    assert_true(!second && second.standing == "first");
    assert_true(mine.deref() == "first" && mine.realized());
}

static void P2_P3_deref_waits_and_times_out(void **) {
    const client here = open(), there = open();
    const std::string key = fresh_key();
    promise mine = promise::open(here, key);
    assert_true(throws<exoref::retry_error>([&] { mine.deref(20ms); }));
    assert_int_equal(mine.deref(std::nothrow, 20ms).status(), EXOREF_ETIMEOUT);
    assert_int_equal(mine.deref(std::nothrow, exoref::no_wait).status(), EXOREF_ETIMEOUT);
    auto waiting = mine.deref_async();
    std::thread deliverer([&] { promise::open(there, key).deliver("now"); });
    assert_true(mine.deref(exoref::forever) == "now");
    deliverer.join();
    assert_true(waiting.get() == "now");
    assert_true(mine.deref(exoref::no_wait) == "now");
}

static void P4_P6_realized_with_and_without_a_handle(void **) {
    client here = open();
    const std::string key = fresh_key();
    assert_false(here.realized(key));
    assert_false(here.realized_async(key, "promise").get());
    promise mine = promise::open_async(here, key).get();
    assert_true(mine.created());
    assert_false(mine.realized());
    assert_true(mine.deliver_async("x").get().delivered);
    assert_true(mine.share().realized_async().get());
    assert_true(here.realized(key, "promise"));
    assert_int_equal(here.realized(std::nothrow, key, "delay").status(), EXOREF_ETYPE);
}

static void C1_what_a_validator_throws_comes_out_of_deliver(void **) {
    const client here = open();
    exoref::options with;
    with.validator([](std::string_view proposed) -> bool {
        if (proposed == "thrown") throw std::runtime_error("mine");
        return proposed != "bad";
    });
    promise mine = promise::open(here, fresh_key(), with);
    assert_true(throws<std::runtime_error>([&] { mine.deliver("thrown"); }));
    assert_int_equal(mine.deliver(std::nothrow, "bad").status(), EXOREF_EVALIDATION);
    assert_true(mine.deliver("good").delivered);
}

static void C10_a_deleted_promise_ends_the_wait(void **) {
    client here = open();
    const std::string key = fresh_key();
    promise mine = promise::open(here, key);
    auto waiting = mine.deref_async();
    assert_true(here.remove(key));
    assert_int_equal(waiting.get(std::nothrow).status(), EXOREF_EDELETED);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(P1_deliver_tells_whether_it_was_the_first_and_what_stands),
        cmocka_unit_test(P2_P3_deref_waits_and_times_out),
        cmocka_unit_test(P4_P6_realized_with_and_without_a_handle),
        cmocka_unit_test(C1_what_a_validator_throws_comes_out_of_deliver),
        cmocka_unit_test(C10_a_deleted_promise_ends_the_wait),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
