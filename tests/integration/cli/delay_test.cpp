// delay get: one CMD among all who say one, its output or its failure for everybody, and how long who waits.
#include "bodies.hpp"
#include "support/fault_proxy.hpp"

using namespace exo::cli_test;
using exo::support::FaultProxy;
using exo::support::Rule;
using exo::support::TempDir;

namespace {

void D1_cmd_computes_the_value_once(void **) {
    const TempDir folder;
    const std::string script = "echo run >>" + folder.file("runs") + "; echo value";
    expect(run(delay_get("d1", script)), 0, "value\n");
    expect(run(delay_get("d1", script)), 0, "value\n");
    expect(run({"delay", "get", "d1"}), 0, "value\n");
    assert_string_equal(text_of(folder.file("runs")).c_str(), "run\n");
}

void D1_of_five_at_once_one_runs_cmd_and_all_print_its_output(void **) {
    const TempDir folder;
    // The one who runs it waits until all are there.
    const std::string script = "echo run >>" + folder.file("runs") + "; until [ -e " + folder.file("go") +
                               " ]; do sleep 0.01; done; echo value $$; echo noise >&2";
    std::vector<std::unique_ptr<Process>> all;
    for (int i = 0; i < 5; ++i) all.push_back(std::make_unique<Process>(started(here(delay_get("d2", script)))));
    all.push_back(std::make_unique<Process>(started(here({"delay", "get", "d2"}))));
    assert_true(exo::support::eventually(kPatience, [&] { return exists(folder.file("runs")); }));
    std::ofstream{folder.file("go")};
    std::string err;
    for (auto &process : all) {
        assert_int_equal(end_of(*process), 0);
        assert_string_equal(process->out().c_str(), all.front()->out().c_str());
        err += process->err();
    }
    assert_true(all.front()->out().starts_with("value "));
    assert_string_equal(text_of(folder.file("runs")).c_str(), "run\n");
    assert_string_equal(err.c_str(), "noise\n");
}

void D5_without_cmd_it_waits_for_one_who_has_one(void **) {
    Process waiting(started(here({"delay", "get", "d3"})));
    expect_state("d3", "wanted");
    expect(run(delay_get("d3", "printf value")), 0, "value");
    assert_int_equal(end_of(waiting), 0);
    assert_string_equal(waiting.out().c_str(), "value");
}

void D2_a_failure_ends_everybody_with_one_and_the_last_line(void **) {
    const TempDir folder;
    const std::string script = "echo first >&2; : >" + folder.file("began") + "; until [ -e " + folder.file("go") +
                               " ]; do sleep 0.01; done; echo out; printf 'no such table\\n\\n' >&2; exit 7";
    std::vector<std::unique_ptr<Process>> all;
    all.push_back(std::make_unique<Process>(started(here(delay_get("d4", script)))));
    assert_true(exo::support::eventually(kPatience, [&] { return exists(folder.file("began")); }));
    all.push_back(std::make_unique<Process>(started(here(delay_get("d4", "echo never")))));
    all.push_back(std::make_unique<Process>(started(here({"delay", "get", "d4"}))));
    std::ofstream{folder.file("go")};
    for (auto &process : all) {
        assert_int_equal(end_of(*process), 1);
        assert_string_equal(process->out().c_str(), "");
        const std::string own = process == all.front() ? "first\nno such table\n\n" : "";
        assert_string_equal(process->err().c_str(), (own + "exoref: the body failed: no such table\n").c_str());
    }
    // Later, too.
    expect_failure(run(delay_get("d4", "echo never")), "no such table");
    expect_failure(run({"delay", "get", "d4"}), "no such table");
    assert_string_equal(state_of("d4").c_str(), "failed");
}

void D2_with_retry_the_next_tries_again(void **) {
    expect_failure(run(delay_get("d5", "echo not yet >&2; exit 1", {"--retry"})), "not yet");
    assert_string_equal(state_of("d5").c_str(), "open");
    expect(run(delay_get("d5", "echo now", {"--retry"})), 0, "now\n");
    expect_contains(run({"inspect", "d5"}).out, "\nattempt   2\n");
}

void a_result_whose_answer_does_not_come_is_unknown(void **) {
    FaultProxy proxy(server().tcp());
    expect(run(delay_get("d29", "echo the scripts are loaded")), 0, "the scripts are loaded\n");
    proxy.arm(Rule::swallow_reply(exo::support::script_with("brand-new")));
    Args args = delay_get("d30", "printf brand-new");
    args.insert(args.begin(), {"--timeout", "800ms"});
    expect_error(exo::support::run_program(at(proxy.url(), args)), 6, "d30");
    expect(run({"delay", "get", "d30"}), 0, "brand-new");
}

void a_lost_connection_is_mended_and_nothing_is_done_twice(void **) {
    FaultProxy proxy(server().tcp());
    const auto rule = proxy.arm(Rule::lose_reply(exo::support::script_with("brand-new")));
    expect(exo::support::run_program(at(proxy.url(), delay_get("d31", "printf brand-new"))), 0, "brand-new");
    assert_int_equal(proxy.fired(rule), 1);
    expect_contains(run({"inspect", "d31"}).out, "\nattempt   1\n");
}

void D4_only_a_timeout_that_was_given_ends_the_wait(void **) {
    expect_error(run({"--timeout", "300ms", "delay", "get", "d15"}), 4, "d15");
    Process patient(started(at(server().unix_url() + "?timeout=200ms", {"delay", "get", "d15"})));
    assert_false(patient.wait(Millis(800)).has_value());
    // CMD's own time does not count.
    Args args = delay_get("d15", "sleep 0.7; printf done");
    args.insert(args.begin(), {"--timeout", "200ms"});
    expect(run(args), 0, "done");
    assert_int_equal(end_of(patient), 0);
    assert_string_equal(patient.out().c_str(), "done");
}

void D4_a_timeout_of_one_who_has_a_cmd_too(void **) {
    LongBody owner("d16");
    Args args = delay_get("d16", "echo never");
    args.insert(args.begin(), {"--timeout", "300ms"});
    expect_error(run(args), 4, "d16");
    assert_true(alive(owner.pid()));
}

void C11_time_to_live_and_lease_are_those_of_the_options(void **) {
    expect(run(delay_get("d22", "echo v", {"--ttl", "1h", "--lease", "7s"})), 0, "v\n");
    expect_contains(run({"inspect", "d22"}).out, "\nttl       1h\n");
    expect_contains(run({"--json", "inspect", "d22"}).out, "\"lease_ms\":7000,");
    // One that was created without it.
    expect_error(run({"--timeout", "100ms", "delay", "get", "d23"}), 4, "d23");
    expect(run(delay_get("d23", "echo v", {"--ttl", "2h"})), 0, "v\n");
    expect(run({"ttl", "d23"}), 0, "2h\n");
    // A failure that is published is a result, too.
    expect_error(run({"--timeout", "100ms", "delay", "get", "d23:failed"}), 4, "d23:failed");
    expect_error(run(delay_get("d23:failed", "exit 1", {"--ttl", "2h"})), 1, "ended with 1");
    expect(run({"ttl", "d23:failed"}), 0, "2h\n");
}

void inspect_shows_who_computes(void **) {
    LongBody owner("d24", {"--lease", "1h"});
    const std::string plain = run({"inspect", "d24"}).out;
    expect_contains(plain, "\nstate     wanted\nattempt   1\nowner     ");
    expect_lacks(plain, "owner     nobody");
    expect_contains(plain, " left of 1h\n");
    const std::string json = run({"--json", "inspect", "d24"}).out;
    expect_contains(json, "\"state\":\"wanted\",\"attempt\":1,\"owner\":\"");
    expect_contains(json, "\"lease_ms\":3600000,");
    owner.process().send_signal(SIGTERM);
    owner.expect_end(143);
    expect_contains(run({"inspect", "d24"}).out, "\nowner     nobody\n");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(D1_cmd_computes_the_value_once),
        cmocka_unit_test(D1_of_five_at_once_one_runs_cmd_and_all_print_its_output),
        cmocka_unit_test(D5_without_cmd_it_waits_for_one_who_has_one),
        cmocka_unit_test(D2_a_failure_ends_everybody_with_one_and_the_last_line),
        cmocka_unit_test(D2_with_retry_the_next_tries_again),
        cmocka_unit_test(a_result_whose_answer_does_not_come_is_unknown),
        cmocka_unit_test(a_lost_connection_is_mended_and_nothing_is_done_twice),
        cmocka_unit_test(D4_only_a_timeout_that_was_given_ends_the_wait),
        cmocka_unit_test(D4_a_timeout_of_one_who_has_a_cmd_too),
        cmocka_unit_test(C11_time_to_live_and_lease_are_those_of_the_options),
        cmocka_unit_test(inspect_shows_who_computes),
    };
    return cmocka_run_group_tests(tests, start_server, stop_server);
}
