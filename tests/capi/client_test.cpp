// The client: URLs, servers that can't be used, ping, log, statistics, prefix, any bytes.
#include <cstdlib>
#include <cstring>
#include <map>
#include <thread>

#include "capi/atoms.hpp"
#include "support/fake_server.hpp"

using namespace exo::capi_test;

namespace {

exoref_status try_open(const std::string &url, Error *error = nullptr, std::int64_t timeout = enough()) {
    Client client;
    const exoref_status status =
        exoref_client_open(url.c_str(), nullptr, timeout, client.out(), error ? error->out() : nullptr);
    assert_true((status == EXOREF_OK) == (client.get() != nullptr));
    return status;
}

std::map<std::string, std::int64_t> statistics(const Client &client) {
    std::map<std::string, std::int64_t> all;
    for (std::size_t n = 0; n < exoref_stat_count(); ++n) all[exoref_stat_name(n)] = exoref_client_stat(client, n);
    return all;
}

struct Log {
    std::mutex mutex;
    std::vector<std::string> lines;
    static void line(void *ctx, std::int32_t level, const char *category, const char *text) {
        auto *self = static_cast<Log *>(ctx);
        const std::lock_guard lock(self->mutex);
        self->lines.push_back(std::to_string(level) + " " + category + " " + text);
    }
    std::vector<std::string> all() {
        const std::lock_guard lock(mutex);
        return lines;
    }
};

}  // namespace

static void malformed_urls_are_refused_with_the_accepted_form(void **) {
    for (const char *url :
         {"redis", "redis:", "http://localhost", "redis://host:port", "redis://h:99999", "redis://h/x", "redis://h/-1",
          "redis://[::1", "redis+unix://", "local:", "redis://h?nonsense=1", "redis://h?timeout=soon",
          "redis://h?timeout", "rediss://h", "redis://h?history=5"}) {
        Error error;
        const exoref_status status = try_open(url, &error, 100);
        if (status != EXOREF_EINVAL) print_error("%s: %s\n", url, exoref_status_name(status));
        assert_int_equal(status, EXOREF_EINVAL);
        assert_true(std::strlen(exoref_error_message(error)) > 20);
    }
}

static void a_wrong_password_ends_at_once_and_is_never_shown(void **) {
    exo::support::RedisServerOptions with;
    with.password = "right";
    RedisServer own(with);
    assert_ok(try_open(own.url()));
    Error error;
    const std::string url = own.tcp().url("default:hunter2");
    assert_status_error(EXOREF_EAUTH, try_open(url, &error, EXOREF_TIMEOUT_NONE), error);
    assert_false(contains(exoref_error_message(error), "hunter2"));
    assert_true(contains(exoref_error_server_text(error), "WRONGPASS"));
    assert_status(EXOREF_EAUTH, try_open(own.tcp().url(), nullptr, EXOREF_TIMEOUT_NONE));
}

static void something_else_than_redis_is_refused_at_once(void **) {
    exo::support::FakeServer http(exo::support::banner(exo::support::http_banner()));
    assert_status(EXOREF_EPROTOCOL, try_open(http.url(), nullptr, EXOREF_TIMEOUT_NONE));
    exo::support::FakeServer ssh(exo::support::banner(exo::support::ssh_banner()));
    assert_status(EXOREF_EPROTOCOL, try_open(ssh.url(), nullptr, EXOREF_TIMEOUT_NONE));
}

static void too_old_a_server_is_refused_with_its_version(void **) {
    exo::support::Manners manners;
    manners.version = "5.0.14";
    exo::support::FakeServer old(exo::support::polite_then(nullptr, manners));
    Error error;
    assert_status_error(EXOREF_EVERSION, try_open(old.url(), &error, EXOREF_TIMEOUT_NONE), error);
    assert_true(contains(exoref_error_message(error), "5.0.14"));
}

static void a_null_url_is_taken_from_the_environment(void **) {
    ::setenv("REDIS_URL", "redis://127.0.0.1:1", 1);
    ::setenv("EXOREF_URL", server().unix_url().c_str(), 1);
    Client client;
    assert_ok(exoref_client_open(nullptr, nullptr, enough(), client.out(), nullptr));
    ::unsetenv("EXOREF_URL");
    ::setenv("REDIS_URL", server().unix_url().c_str(), 1);
    assert_ok(exoref_client_open(nullptr, nullptr, enough(), client.out(), nullptr));
    ::unsetenv("REDIS_URL");
}

static void ping_tells_round_trip_and_version(void **) {
    const Client client = open_client();
    std::int64_t microseconds = 0;
    Value version;
    assert_ok(exoref_client_ping(client, enough(), &microseconds, version.out(), nullptr));
    assert_true(microseconds > 0 && microseconds < 20 * 1000 * 1000);
    assert_true(bytes(version) == server().info("server")["redis_version"]);
}

static void the_server_is_named_without_secrets(void **) {
    exo::support::RedisServerOptions with;
    with.password = "hunter2";
    RedisServer own(with);
    const Client client = open_client({}, own.url());
    const std::string name = exoref_client_server(client);
    assert_true(contains(name, std::to_string(own.tcp().port)));
    assert_false(contains(name, "hunter2"));
}

static void a_client_has_two_connections_however_many_references(void **) {
    RedisServer own;
    Recorder recorder;
    const Client client = open_client({}, own.unix_url());
    std::vector<Atom> atoms;
    for (int i = 0; i < 50; ++i) {
        atoms.push_back(create_atom(client, "k" + std::to_string(i), "1"));
        recorder.watch(atoms.back());
    }
    assert_int_equal(own.clients().size(), 2);
    assert_ok(exoref_client_close(client, enough(), nullptr));
}

static void without_a_hook_it_is_silent_and_with_one_it_speaks(void **) {
    Log log;
    RedisServer own;
    const Options with = options({});
    assert_ok(exoref_options_set_log(with, EXOREF_LOG_DEBUG, Log::line, &log, nullptr, nullptr));
    Client client;
    assert_ok(exoref_client_open(own.url().c_str(), with, enough(), client.out(), nullptr));
    own.restart();
    assert_ok(exoref_client_ping(client, enough(), nullptr, nullptr, nullptr));
    assert_ok(exoref_client_close(client, enough(), nullptr));
    const auto lines = log.all();
    assert_true(lines.size() >= 2);
    for (const std::string &line : lines) {
        assert_true(line[0] >= '1' && line[0] <= '4' && line[1] == ' ');
        assert_false(contains(line, "\n"));
    }
    const std::size_t after_close = lines.size();
    assert_false(eventually(Millis(20), [&] { return log.all().size() > after_close; }));
}

static void the_log_keeps_to_its_level(void **) {
    Log log;
    const Options with = options({});
    assert_ok(exoref_options_set_log(with, EXOREF_LOG_ERROR, Log::line, &log, nullptr, nullptr));
    Client client;
    assert_ok(exoref_client_open(server().unix_url().c_str(), with, enough(), client.out(), nullptr));
    reset(create_atom(client, fresh_key(), "1"), "2");
    assert_ok(exoref_client_close(client, enough(), nullptr));
    assert_int_equal(log.all().size(), 0);
}

static void statistics_count_what_happened(void **) {
    Recorder recorder;
    const Client client = open_client();
    const std::string key = fresh_key();
    const Atom atom = create_atom(client, key, "1");
    for (std::size_t n = 0; n < exoref_stat_count(); ++n) {
        assert_true(*exoref_stat_name(n) != '\0' && *exoref_stat_meaning(n) != '\0');
    }
    auto before = statistics(client);
    assert_true(before["commands"] > 0 && before["bytes_out"] > 0 && before["bytes_in"] > 0 && before["connects"] >= 1);
    recorder.watch(atom);
    for (int i = 0; i < 5; ++i) assert_ok(exoref_atom_swap(atom, add_one, nullptr, enough(), nullptr, nullptr));
    recorder.wait(5);
    auto after = statistics(client);
    assert_int_equal(after["commits"] - before["commits"], 5);
    assert_true(after["changes_told"] >= 5);
    assert_int_equal(after["reconnects"], 0);
    reset(open_atom(open_client(), key), "10");
    bool swapped = true;
    assert_ok(exoref_atom_compare_and_set(atom, "6", 1, "7", 1, enough(), &swapped, nullptr, nullptr));
    assert_false(swapped);
    assert_int_equal(exoref_client_stat(client, exoref_stat_count()), 0);
    assert_ok(exoref_client_close(client, enough(), nullptr));
}

static void an_uncontended_swap_costs_one_round_trip(void **) {
    const Client client = open_client();
    const Atom atom = create_atom(client, fresh_key(), "1");
    assert_ok(exoref_atom_swap(atom, add_one, nullptr, enough(), nullptr, nullptr));
    const std::int64_t before = statistics(client)["commands"];
    for (int i = 0; i < 10; ++i) assert_ok(exoref_atom_swap(atom, add_one, nullptr, enough(), nullptr, nullptr));
    assert_int_equal(statistics(client)["commands"] - before, 10);
}

static void keys_and_values_may_be_any_bytes(void **) {
    const Client client = open_client();
    std::string all;
    for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
    const Atom atom = create_atom(client, all, all);
    std::size_t size = 0;
    const char *key = exoref_atom_key(atom, &size);
    assert_true(std::string(key, size) == all);
    assert_int_equal(key[size], '\0');
    assert_true(bytes(deref(atom)) == all);
    const Value value = reset(atom, all + all);
    assert_true(bytes(deref(atom)) == all + all);
    assert_int_equal(static_cast<const char *>(exoref_value_data(value))[512], '\0');
    assert_int_equal(exoref_value_size(reset(atom, "")), 0);
}

static void large_values_come_and_go(void **) {
    Recorder recorder;
    const Client client = open_client({{"timeout", "60s"}});
    const Atom atom = create_atom(client, fresh_key(), "1");
    recorder.watch(atom);
    const std::string large(64 << 20, 'x');
    reset(atom, large);
    assert_true(bytes(deref(atom)) == large);
    const auto changes = recorder.wait(1);
    assert_int_equal(changes.size(), 1);
    assert_true(changes[0].new_value == large);
    assert_status(EXOREF_ETOOBIG, try_reset(atom, large + "x"));
    assert_ok(exoref_client_close(client, enough(), nullptr));
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(malformed_urls_are_refused_with_the_accepted_form),
        cmocka_unit_test(a_wrong_password_ends_at_once_and_is_never_shown),
        cmocka_unit_test(something_else_than_redis_is_refused_at_once),
        cmocka_unit_test(too_old_a_server_is_refused_with_its_version),
        cmocka_unit_test(a_null_url_is_taken_from_the_environment),
        cmocka_unit_test(ping_tells_round_trip_and_version),
        cmocka_unit_test(the_server_is_named_without_secrets),
        cmocka_unit_test(a_client_has_two_connections_however_many_references),
        cmocka_unit_test(without_a_hook_it_is_silent_and_with_one_it_speaks),
        cmocka_unit_test(the_log_keeps_to_its_level),
        cmocka_unit_test(statistics_count_what_happened),
        cmocka_unit_test(an_uncontended_swap_costs_one_round_trip),
        cmocka_unit_test(keys_and_values_may_be_any_bytes),
        cmocka_unit_test(large_values_come_and_go),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
