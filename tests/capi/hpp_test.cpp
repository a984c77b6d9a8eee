// The C++ header: handles, three forms of each operation, exceptions of the caller's functions, futures, timeouts.
#include <exoref/exoref.hpp>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <future>
#include <set>
#include <stdexcept>
#include <thread>

#include "support/cmocka.hpp"
#include "support/deadline.hpp"
#include "support/redis_server.hpp"

using namespace std::chrono_literals;
using exo::support::RedisServer;
using exoref::atom;
using exoref::client;
using exoref::options;
using exoref::value;

namespace {

RedisServer &server() {
    static RedisServer one;
    return one;
}
client open() { return client::open(server().unix_url()); }

std::string fresh_key() {
    static int count = 0;
    return "hpp:" + std::to_string(++count);
}

struct refusal : std::runtime_error {
    using std::runtime_error::runtime_error;
    int code = 42;
};

std::string add_one(const value &old) { return std::to_string(std::stol(old.str()) + 1); }

// The exception that the call throws, or a failure of the test.
template <class E, class Call>
E thrown(Call call) {
    try {
        call();
    } catch (const E &e) {
        return e;
    } catch (const std::exception &e) {
        print_error("another exception: %s\n", e.what());
    }
    fail_msg("the exception that was expected did not come");
    std::abort();
}

struct One {
    client redis = open();
    std::string key = fresh_key();
    atom counter = atom::create(redis, key, "1");
};

}  // namespace

static_assert(!std::is_copy_constructible_v<client> && std::is_nothrow_move_constructible_v<client>);
static_assert(!std::is_copy_constructible_v<atom> && std::is_nothrow_move_assignable_v<atom>);
static_assert(!std::is_copy_constructible_v<value> && !std::is_copy_constructible_v<exoref::change>);
static_assert(std::is_nothrow_copy_constructible_v<exoref::error>);
static_assert(exoref::timeout(1500us).ms() == 2 && exoref::timeout(2s).ms() == 2000 && exoref::timeout(-1s).ms() == 0);
static_assert(exoref::forever.ms() == EXOREF_TIMEOUT_NONE && exoref::no_wait.ms() == 0);
static_assert(exoref::timeout().ms() == EXOREF_TIMEOUT_DEFAULT);

static void everything_of_an_atom_works(void **) {
    One one;
    atom &a = one.counter;
    assert_true(a.created() && a.key() == one.key);
    assert_false(atom::create(one.redis, one.key, "9").created());
    assert_true(a.deref(5s) == "1");
    assert_true(a.reset("2").version() == 2);
    auto [before, after] = a.reset_vals("3");
    assert_true(before == "2" && after == "3");
    assert_true(a.swap(add_one) == "4");
    assert_true(a.swap([](std::string_view old) { return std::string(old) + "0"; }, 5s) == "40");
    auto both = a.swap_vals([](const value &) { return "5"; });
    assert_true(both.old_value == "40" && both.new_value == "5");
    const auto no = a.compare_and_set("4", "6");
    assert_false(no.swapped);
    assert_true(no.standing == "5");
    const auto yes = a.compare_and_set("5", "6");
    assert_true(yes && yes.standing == "6");
    assert_true(a.compare_and_set_at(yes.standing, "7").swapped);
    assert_false(a.compare_and_set_at(yes.standing, "8").swapped);
    a.reset_meta("1");
    assert_true(a.alter_meta(add_one) == "2" && a.meta() == "2");
    one.redis.expire(one.key, 1h);
    one.redis.expire(one.key, std::nullopt);
    assert_true(one.redis.remove(one.key));
    assert_false(one.redis.remove(one.key));
    assert_true(one.redis.ping().round_trip_us > 0);
    assert_false(one.redis.server().empty());
}

static void a_swap_that_gives_nothing_changes_nothing(void **) {
    One one;
    const auto at_most = [](const value &old) -> std::optional<std::string> {
        if (old == "2") return std::nullopt;
        return add_one(old);
    };
    assert_true(one.counter.swap(at_most) == "2");
    assert_true(one.counter.swap(at_most) == "2");
    assert_int_equal(one.counter.deref().version(), 2);
}

static void errors_are_exceptions_by_kind_and_by_class(void **) {
    One one;
    const auto missing = thrown<exoref::not_found_error>([&] { atom::open(one.redis, "missing"); });
    assert_int_equal(missing.status(), EXOREF_ENOTFOUND);
    assert_int_equal(missing.status_class(), EXOREF_CLASS_NOT_APPLIED_FINAL);
    assert_true(missing.key() == "missing" && std::string(missing.what()) == missing.message());
    thrown<exoref::final_error>([&] { atom::open(one.redis, "missing"); });
    thrown<exoref::error>([&] { atom::open(one.redis, "missing"); });
    thrown<exoref::timeout_error>([&] { one.counter.deref(exoref::no_wait); });
    thrown<exoref::retry_error>([&] { one.counter.deref(exoref::no_wait); });
    thrown<exoref::invalid_error>([&] { atom::open(one.redis, ""); });
    thrown<exoref::invalid_error>([] { options{{"timout", "5s"}}; });
    server().must({"SET", "text", "x"});
    thrown<exoref::type_error>([&] { atom::create(one.redis, "text", "1"); });
    thrown<exoref::connection_error>([] { client::open("redis://127.0.0.1:1", {}, 50ms); });
    one.redis.close();
    thrown<exoref::closed_error>([&] { one.counter.deref(); });
}

static void an_unknown_outcome_is_an_exception_of_its_own(void **) {
    RedisServer own;
    auto redis = client::open(own.unix_url(), {{"health_interval", "1h"}});
    auto a = atom::create(redis, "k", "1");
    own.pause();
    const auto e = thrown<exoref::unknown_error>([&] { a.reset("2", 30ms); });
    assert_int_equal(e.reason(), EXOREF_REASON_TIMEOUT);
    assert_true(e.sent());
    own.resume();
}

static void the_form_without_exceptions_gives_a_result(void **) {
    One one;
    const auto read = one.counter.deref(std::nothrow);
    assert_true(read && *read == "1" && read->version() == 1);
    auto good = one.counter.swap(std::nothrow, add_one);
    assert_true(good && good.status() == EXOREF_OK && *good == "2" && good->version() == 2);
    assert_true(good.value() == "2");
    auto bad = one.counter.deref(std::nothrow, exoref::no_wait);
    assert_false(static_cast<bool>(bad));
    assert_int_equal(bad.status(), EXOREF_ETIMEOUT);
    assert_true(*bad.error().message() != '\0');
    thrown<exoref::timeout_error>([&] { bad.value(); });
    assert_false(static_cast<bool>(atom::open(std::nothrow, one.redis, "missing")));
    assert_false(static_cast<bool>(client::open(std::nothrow, "nonsense")));
    assert_true(static_cast<bool>(one.counter.reset_meta(std::nothrow, "m")));
    assert_true(*one.redis.remove(std::nothrow, one.key));
}

static void what_a_function_throws_comes_out_of_its_call_unchanged(void **) {
    One one;
    const auto throws = [](const value &) -> std::string { throw refusal("not today"); };
    const auto e = thrown<refusal>([&] { one.counter.swap(throws); });
    assert_string_equal(e.what(), "not today");
    assert_int_equal(e.code, 42);
    thrown<refusal>([&] { one.counter.swap_vals(throws); });
    thrown<refusal>([&] { one.counter.alter_meta(throws); });
    auto quiet = one.counter.swap(std::nothrow, throws);
    assert_int_equal(quiet.status(), EXOREF_EFUNCTION);
    assert_non_null(std::strstr(quiet.error().message(), "not today"));
    assert_true(quiet.error().cause() != nullptr);
    thrown<refusal>([&] { quiet.value(); });
    int number = 0;
    try {
        one.counter.swap([](const value &) -> std::string { throw 7; });
    } catch (int n) {
        number = n;
    }
    assert_int_equal(number, 7);
    assert_true(one.counter.deref() == "1");
}

static void what_a_validator_throws_comes_out_of_the_call_that_it_refused(void **) {
    One one;
    one.counter.set_validator([](std::string_view v) {
        if (v.size() > 3) throw refusal("too long");
        return v != "no";
    });
    thrown<refusal>([&] { one.counter.reset("long value"); });
    thrown<refusal>([&] { one.counter.swap([](const value &) { return "long value"; }); });
    thrown<refusal>([&] { one.counter.compare_and_set("1", "long value"); });
    thrown<exoref::validation_error>([&] { one.counter.reset("no"); });
    thrown<refusal>([&] { one.counter.reset_async("long value").get(); });
    thrown<refusal>([&] { one.counter.swap_async([](const value &) { return "long value"; }).get(); });
    one.counter.reset("yes");
    thrown<refusal>(
        [&] { one.counter.set_validator([](std::string_view) -> bool { throw refusal("nothing is good"); }); });
    thrown<refusal>([&] { one.counter.reset("long value"); });
    one.counter.clear_validator();
    one.counter.reset("long value");
    options with;
    with.validator([](std::string_view v) { return v.empty() ? throw refusal("empty") : true; });
    thrown<refusal>([&] { atom::create(one.redis, fresh_key(), "", with); });
}

static void an_exception_of_an_earlier_try_is_forgotten(void **) {
    One one;
    auto other = open();
    auto rival = atom::open(other, one.key);
    int calls = 0;
    const auto fn = [&](const value &old) {
        if (++calls == 1) {
            rival.reset("10");
            throw refusal("computed from what has passed");
        }
        return add_one(old);
    };
    one.counter.deref();
    assert_true(one.counter.swap(fn) == "11");
}

static void calls_inside_a_function_keep_their_exceptions_apart(void **) {
    One one;
    auto second = atom::create(one.redis, fresh_key(), "1");
    second.set_validator([](std::string_view v) { return v == "1" ? true : throw refusal("inner"); });
    const auto fn = [&](const value &) -> std::string {
        thrown<refusal>([&] { second.reset("2"); });
        throw std::logic_error("outer");
    };
    assert_string_equal(thrown<std::logic_error>([&] { one.counter.swap(fn); }).what(), "outer");
}

static void futures_are_waited_for_and_asked(void **) {
    One one;
    auto f = one.counter.swap_async(add_one);
    assert_true(f.wait() && f.done());
    const auto both = f.get();
    assert_true(both.old_value == "1" && both.new_value == "2");
    assert_true(one.counter.deref_async().get() == "2");
    assert_true(one.counter.reset_vals_async("3").get().old_value == "2");
    assert_true(one.counter.compare_and_set_async("3", "4").get().swapped);
    assert_false(one.counter.compare_and_set_async("3", "5").get().swapped);
    auto opened = client::open_async(server().unix_url()).get();
    auto a = atom::create_async(opened, one.key, "0").get();
    assert_false(a.created());
    assert_true(atom::open_async(opened, one.key).get().deref() == "4");
    assert_int_equal(atom::open_async(opened, "missing").get(std::nothrow).status(), EXOREF_ENOTFOUND);
    opened.expire_async(one.key, 1h).get();
    assert_true(opened.remove_async(one.key).get());
    thrown<refusal>([&] {
        a = atom::create(opened, one.key, "1"),
        a.swap_async([](const value &) -> std::string { throw refusal("in a lane"); }).get();
    });
    assert_true(opened.ping_async().get().server_version.view()[0] == '7');
}

static void a_future_that_could_not_begin_holds_the_error(void **) {
    One one;
    one.redis.close();
    auto f = one.counter.deref_async();
    assert_true(f.wait(5s));
    assert_int_equal(f.get(std::nothrow).status(), EXOREF_ECLOSED);
    auto after = f.then([](exoref::result<value> r) { return r.status(); });
    assert_int_equal(after.get(), EXOREF_ECLOSED);
    auto none = atom::open_async(client(), "k");
    thrown<exoref::invalid_error>([&] { none.get(); });
}

static void then_is_called_once_with_the_result(void **) {
    One one;
    auto f = one.counter.reset_async("2");
    auto after = f.then([](exoref::result<value> r) { return r.value().str(); });
    assert_string_equal(after.get().c_str(), "2");
    thrown<exoref::invalid_error>([&] { f.then([](exoref::result<value>) {}); });
    auto failing = one.counter.deref_async().then([](exoref::result<value>) -> int { throw refusal("in then"); });
    thrown<refusal>([&] { failing.get(); });
    one.counter.deref_async().then([](exoref::result<value>) {});  // dropped
}

static void a_timeout_of_get_ends_only_the_waiting(void **) {
    RedisServer own;
    auto redis = client::open(own.unix_url(), {{"health_interval", "1h"}});
    auto a = atom::create(redis, "k", "1");
    own.pause();
    auto f = a.deref_async(exoref::forever);
    thrown<exoref::timeout_error>([&] { f.get(20ms); });
    assert_false(f.wait(exoref::no_wait));
    own.resume();
    assert_true(f.get() == "1");
    own.pause();
    auto g = a.deref_async(exoref::forever);
    g.cancel();
    thrown<exoref::cancelled_error>([&] { g.get(); });
    own.resume();
}

static void watches_are_functions(void **) {
    One one;
    std::promise<std::string> seen;
    int before_removal = 0;
    one.counter.add_watch_async("replaced", [](const exoref::change &) {}).get();
    const auto since = one.counter.add_watch("w", [&](const exoref::change &c) {
        ++before_removal;
        if (c.new_value() != "3") throw refusal("reported to the log");
        seen.set_value(c.old_value().str() + c.new_value().str() + std::string(c.key()) + std::string(c.watch_key()) +
                       std::to_string(c.version()) + std::to_string(c.missed()) +
                       (c.deleted() || c.rewound() || c.recreated() || c.uncertain() ? "!" : ""));
    });
    assert_true(since == "1");
    one.counter.reset("2");
    one.counter.reset("3");
    assert_string_equal(seen.get_future().get().c_str(), ("23" + one.key + "w30").c_str());
    one.counter.remove_watch("w");
    one.counter.reset("4");
    one.redis.close();
    assert_int_equal(before_removal, 2);
}

static void references_are_inspected_and_listed(void **) {
    auto redis = client::open(server().unix_url(), {{"prefix", "listed:"}});
    auto a = atom::create(redis, "a", "1");
    atom::create(redis, "b", "1");
    a.reset("2");
    a.reset_meta_async("about").get();
    assert_true(a.alter_meta_async([](const value &old) { return old.str() + "!"; }).get() == "about!");
    const auto about = redis.inspect("a");
    assert_true(about.key() == "a" && about.text("type") == "atom" && about.text("nothing").empty());
    assert_true(about.value() == "2" && about.meta() == "about!" && a.meta_async().get() == "about!");
    assert_int_equal(about.change_count(), 2);
    assert_true(about.change_version(1) == 1 && about.change_value(1) == "1");
    assert_true(redis.inspect_async("b").get().text("version") == "1");
    assert_int_equal(redis.inspect(std::nothrow, "c").status(), EXOREF_ENOTFOUND);
    std::set<std::string> keys;
    auto all = redis.list();
    for (auto i = all.next(); i; i = all.next()) keys.emplace(i.key());
    assert_true(keys == (std::set<std::string>{"a", "b"}));
    auto some = redis.list("a*", "atom");
    assert_true(some.next_async().get().key() == "a");
    assert_false(static_cast<bool>(some.next()));
}

static void handles_are_shared_and_moved(void **) {
    value kept;
    assert_false(static_cast<bool>(kept));
    assert_true(kept == "" && kept.version() == 0);
    {
        One one;
        auto second = one.counter.share();
        auto moved = std::move(one.counter);
        second.reset("2");
        kept = moved.deref();
        moved = std::move(second);
        assert_true(moved.deref().same_state(kept));
        auto again = one.redis.share();
        assert_true(atom::open(again, one.key).deref() == "2");
        thrown<exoref::invalid_error>([&] { one.counter.deref(); });
    }
    assert_true(kept == "2" && kept.share() == "2" && kept.codec().empty());
}

static void options_log_and_events_are_there(void **) {
    std::atomic<int> lines = 0;
    options with{{"events", "take"}, {"timeout", "20s"}};
    with.set("prefix", "hpp:").log(EXOREF_LOG_DEBUG, [&](int, std::string_view category, std::string_view) {
        ++lines;
        if (category.empty()) throw 1;
    });
    auto redis = client::open(server().unix_url(), with);
    auto a = atom::create(redis, "taken", "1");
    int told = 0;
    a.add_watch("w", [&](const exoref::change &) { ++told; });
    a.reset("2");
    while (told == 0) redis.poll(5s);
    assert_int_equal(told, 1);
    assert_int_equal(redis.poll(), 0);
    redis.close();
    assert_true(lines > 0);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(everything_of_an_atom_works),
        cmocka_unit_test(a_swap_that_gives_nothing_changes_nothing),
        cmocka_unit_test(errors_are_exceptions_by_kind_and_by_class),
        cmocka_unit_test(an_unknown_outcome_is_an_exception_of_its_own),
        cmocka_unit_test(the_form_without_exceptions_gives_a_result),
        cmocka_unit_test(what_a_function_throws_comes_out_of_its_call_unchanged),
        cmocka_unit_test(what_a_validator_throws_comes_out_of_the_call_that_it_refused),
        cmocka_unit_test(an_exception_of_an_earlier_try_is_forgotten),
        cmocka_unit_test(calls_inside_a_function_keep_their_exceptions_apart),
        cmocka_unit_test(futures_are_waited_for_and_asked),
        cmocka_unit_test(a_future_that_could_not_begin_holds_the_error),
        cmocka_unit_test(then_is_called_once_with_the_result),
        cmocka_unit_test(a_timeout_of_get_ends_only_the_waiting),
        cmocka_unit_test(watches_are_functions),
        cmocka_unit_test(references_are_inspected_and_listed),
        cmocka_unit_test(handles_are_shared_and_moved),
        cmocka_unit_test(options_log_and_events_are_there),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
