// Exit codes 4, 5, 6 and 130: time that runs out, servers that are none, outcomes that nobody knows, Ctrl-C.
#include <fstream>

#include "command.hpp"
#include "support/fake_server.hpp"
#include "support/fault_proxy.hpp"

using namespace exo::cli_test;
using exo::support::AcceptMode;
using exo::support::Endpoint;
using exo::support::FakeServer;
using exo::support::FaultProxy;
using exo::support::RedisServerOptions;
using exo::support::Rule;
using exo::support::TempDir;

namespace {

RunResult run_at(const std::string &url, const Args &args) { return exo::support::run_program(at(url, args)); }

/// A command on this key, or its reply.
exo::support::FrameMatch about(const std::string &key) {
    return [key](const exo::support::Frame &frame) {
        if (frame.command == nullptr) return false;
        for (const std::string &part : *frame.command) {
            if (part.find(key) != part.npos) return true;
        }
        return false;
    };
}

void no_server_is_no_connection(void **) {
    const TempDir folder;
    expect_error(run_at(Endpoint::tcp(exo::support::free_port()).url(), {"--timeout", "300ms", "atom", "get", "k"}), 5,
                 "127.0.0.1");
    expect_error(run_at("redis+unix://" + folder.file("none"), {"--timeout", "300ms", "atom", "set", "k", "v"}), 5,
                 folder.file("none"));
    expect_error(run_at("redis://no.such.host.invalid", {"--timeout", "300ms", "ping"}), 5, "no.such.host.invalid");
}

void a_server_that_never_answers_is_no_connection(void **) {
    FaultProxy proxy(server().tcp());
    proxy.set_accept(AcceptMode::kHalfOpen);
    expect_error(run_at(proxy.url(), {"--timeout", "300ms", "atom", "get", "k"}), 5, "127.0.0.1");
    expect_error(run_at(proxy.url(), {"--timeout", "300ms", "atom", "watch", "k"}), 5, "127.0.0.1");
}

void a_wrong_password_is_no_connection_and_not_shown(void **) {
    RedisServerOptions options;
    options.password = "right";
    options.users = {"alice on >secret ~* +@all"};
    RedisServer locked(options);
    const RunResult wrong = run_at(locked.tcp().url(":hunter2"), {"ping"});
    expect_error(wrong, 5, "password");
    expect_lacks(wrong.err, "hunter2");
    assert_int_equal(run_at(locked.tcp().url("alice:wrong"), {"ping"}).status.code, 5);
    assert_int_equal(run_at(locked.tcp().url(), {"ping"}).status.code, 5);
    assert_int_equal(run_at(locked.tcp().url("alice:secret"), {"ping"}).status.code, 0);
    assert_int_equal(run_at(locked.tcp().url() + "?user=alice&password=secret", {"ping"}).status.code, 0);
}

void what_is_no_redis_server_is_no_connection(void **) {
    for (const std::string &bytes : {exo::support::http_banner(), exo::support::ssh_banner()}) {
        FakeServer fake(exo::support::banner(bytes));
        expect_error(run_at(fake.url(), {"ping"}), 5, "127.0.0.1");
    }
    exo::support::Manners old;
    old.version = "4.0.14";
    FakeServer fake(exo::support::polite_then({}, old));
    expect_error(run_at(fake.url(), {"ping"}), 5, "4.0.14");
}

void a_read_that_runs_out_of_time_is_a_timeout(void **) {
    FaultProxy proxy(server().tcp());
    expect(run({"atom", "set", "f1", "v"}), 0, "");
    proxy.arm(Rule::swallow_reply(about("f1")));
    expect_error(run_at(proxy.url(), {"--timeout", "500ms", "atom", "get", "f1"}), 4, "f1");
}

void a_write_without_an_answer_is_unknown(void **) {
    FaultProxy proxy(server().tcp());
    expect(run({"atom", "set", "f2", "older"}), 0, "");
    expect(run({"atom", "cas", "f2", "older", "old"}), 0, "");  // the server knows the script now: it will act at once
    proxy.arm(Rule::swallow_reply(exo::support::script_with("brand-new")));
    // cas opens the atom first: that is answered, the write is not.
    expect_error(run_at(proxy.url(), {"--timeout", "800ms", "atom", "cas", "f2", "old", "brand-new"}), 6, "f2");
    expect(run({"atom", "get", "f2"}), 0, "brand-new");
}

void a_lost_connection_is_mended_and_nothing_is_done_twice(void **) {
    FaultProxy proxy(server().tcp());
    expect(run({"atom", "set", "f3", "0"}), 0, "");
    const auto rule = proxy.arm(Rule::lose_reply(exo::support::script_with("from-swap")));
    expect(run_at(proxy.url(), {"atom", "swap", "f3", "--", "sh", "-c", "cat >/dev/null; printf from-swap"}), 0,
           "from-swap");
    assert_int_equal(proxy.fired(rule), 1);
    expect_contains(run({"--json", "inspect", "f3"}).out, "\"version\":2,");
}

void a_url_comes_from_a_file_or_the_environment(void **) {
    const TempDir folder;
    expect(run({"atom", "set", "f4", "v"}), 0, "");
    std::ofstream(folder.file("url")) << "  " << server().unix_url() << "\r\nsecond line\n";
    expect(exo::support::run_program(exoref({"--url-file", folder.file("url"), "atom", "get", "f4"})), 0, "v");
    std::ofstream(folder.file("empty")) << "\nredis://h\n";
    expect_error(exo::support::run_program(exoref({"--url-file", folder.file("empty"), "ping"})), 1, "empty");
    expect_error(exo::support::run_program(exoref({"--url-file", folder.file("none"), "ping"})), 1, "none");
    ProcessOptions options = started(exoref({"atom", "get", "f4"}));
    options.set_env = {"EXOREF_URL=" + server().unix_url(), "REDIS_URL=redis://no.such.host.invalid"};
    Process process(options);
    assert_int_equal(end_of(process), 0);
    assert_string_equal(process.out().c_str(), "v");
}

void an_interrupt_ends_every_wait_at_once(void **) {
    FaultProxy silent(server().tcp());
    silent.set_accept(AcceptMode::kHalfOpen);
    Process connecting(started(at(silent.url(), {"--timeout", "none", "atom", "get", "f5"})));
    assert_true(silent.wait_for([](const auto &stats) { return stats.accepted + stats.turned_away >= 1; }));
    connecting.send_signal(SIGINT);
    assert_int_equal(end_of(connecting), 130);

    expect(run({"atom", "set", "f5", "v"}), 0, "");
    FaultProxy proxy(server().tcp());
    const auto rule = proxy.arm(Rule::swallow_reply(about("f5")));
    Process waiting(started(at(proxy.url(), {"--timeout", "none", "atom", "get", "f5"})));
    assert_true(proxy.wait_fired(rule));
    waiting.send_signal(SIGINT);
    assert_int_equal(end_of(waiting), 130);
    assert_string_equal(waiting.out().c_str(), "");

    ProcessOptions options = started(here({"atom", "set", "f5", "-"}));
    options.keep_stdin_open = true;
    Process reading(options);
    exo::support::eventually(Millis(200), [&] { return !reading.running(); });
    reading.send_signal(SIGINT);
    assert_int_equal(end_of(reading), 130);
    expect(run({"atom", "get", "f5"}), 0, "v");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(no_server_is_no_connection),
        cmocka_unit_test(a_server_that_never_answers_is_no_connection),
        cmocka_unit_test(a_wrong_password_is_no_connection_and_not_shown),
        cmocka_unit_test(what_is_no_redis_server_is_no_connection),
        cmocka_unit_test(a_read_that_runs_out_of_time_is_a_timeout),
        cmocka_unit_test(a_write_without_an_answer_is_unknown),
        cmocka_unit_test(a_lost_connection_is_mended_and_nothing_is_done_twice),
        cmocka_unit_test(a_url_comes_from_a_file_or_the_environment),
        cmocka_unit_test(an_interrupt_ends_every_wait_at_once),
    };
    return cmocka_run_group_tests(tests, start_server, stop_server);
}
