// CMD of a delay never outlives the command: whatever ends that, nothing of CMD's process group is left, and the delay is free.
#include "bodies.hpp"
#include "support/fault_proxy.hpp"

using namespace exo::cli_test;
using exo::support::Action;
using exo::support::FaultProxy;
using exo::support::Rule;
using exo::support::TempDir;

namespace {

/// Long: who comes next must not have to wait for its end.
const Args kLongLease{"--lease", "1h"};

void D1_after_sigkill_all_of_cmd_is_gone_and_another_takes_over(void **) {
    LongBody owner("e1", {"--lease", "3s"}, kStubbornChild);
    assert_in_range(members(owner.group()), 4, 5);  // the guard, CMD, its child, and what that has started
    owner.process().send_signal(SIGKILL);
    if (!ends_soon(owner.group())) fail_msg("%d processes of CMD's group are left", members(owner.group()));
    expect(run(delay_get("e1", "echo next")), 0, "next\n");
    expect_contains(run({"inspect", "e1"}).out, "\nattempt   2\n");
}

void a_signal_ends_all_of_cmd(void **) {
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        const std::string key = "e2:" + std::to_string(signal);
        LongBody owner(key, kLongLease, kStubbornChild);
        owner.process().send_signal(signal);
        owner.expect_end(128 + signal);
        assert_string_equal((owner.process().out() + owner.process().err()).c_str(), "");
    }
}

void the_next_begins_only_when_the_former_has_gone(void **) {
    LongBody owner("e17", kLongLease, kStubbornChild);
    const std::string stubborn = std::to_string(std::stoi(text_of(owner.file("stubborn"))));
    owner.process().send_signal(SIGINT);
    assert_int_equal(end_of(owner.process()), 130);
    const std::string look = "cut -d' ' -f3 /proc/" + stubborn + "/stat 2>/dev/null | grep -v '[ZX]'; echo next";
    expect(run(delay_get("e17", look)), 0, "next\n");
}

void a_signal_frees_the_delay_at_once(void **) {
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        const std::string key = "e18:" + std::to_string(signal);
        LongBody owner(key, kLongLease);
        owner.process().send_signal(signal);
        owner.expect_end(128 + signal);
        expect(run(delay_get(key, "echo next")), 0, "next\n");
    }
}

void a_cmd_that_ends_when_asked_is_given_the_time(void **) {
    LongBody owner("e3", kLongLease,
                   "sh -c 'trap \"echo bye >said; exit\" TERM; : >ready; sleep 100000 & wait' & "
                   "until [ -e ready ]; do sleep 0.01; done");
    owner.process().send_signal(SIGKILL);
    assert_true(ends_soon(owner.group()));
    assert_string_equal(text_of(owner.file("said")).c_str(), "bye\n");
}

void what_cmd_leaves_behind_ends_with_it(void **) {
    const TempDir folder;
    const std::string script = "cd " + folder.path() + "\n" + kStubbornChild + "\n" + "cut -d' ' -f5 /proc/$$/stat";
    const RunResult result = run(delay_get("e4", script));
    assert_int_equal(result.status.code, 0);
    assert_true(ends_soon(std::stoi(result.out)));
    // What writes without end ends, too.
    const RunResult endless = run(delay_get("e19", "yes >&2 & echo v"));
    assert_int_equal(endless.status.code, 0);
    assert_string_equal(endless.out.c_str(), "v\n");
    // Who is to stay leaves the group.
    const std::string stays =
        "cd " + folder.path() +
        "\nsetsid sh -c ': >left; exec >&- 2>&-; until [ -e go ]; do sleep 0.01; done; : >stayed' & "
        "until [ -e left ]; do sleep 0.01; done; echo v";
    expect(run(delay_get("e5", stays)), 0, "v\n");
    std::ofstream{folder.file("go")};
    assert_true(exo::support::eventually(kPatience, [&] { return exists(folder.file("stayed")); }));
}

void who_reads_the_output_is_not_kept_waiting_by_a_background_job(void **) {
    // The job has the caller's stdout as well as CMD's: neither is held open when the command has ended.
    const TempDir folder;
    const std::string script =
        "value=$(\"$0\" --url \"$1\" delay get e6 -- sh -c 'sleep 100000 & echo now'); "
        "echo \"got $value\"";
    expect(exo::support::run_program({"sh", "-c", script, EXOREF_TEST_CLI, server().unix_url()}), 0, "got now\n");
}

void the_guard_holds_nothing_but_its_pipe_and_goes_by_another_name(void **) {
    LongBody owner("e7");
    const auto only = [&] { return descriptors(owner.group()).size() == 1; };
    assert_true(exo::support::eventually(kPatience, only));
    const std::string path = "/proc/" + std::to_string(owner.group());
    expect_lacks(text_of(path + "/cmdline"), "delay");
    expect_lacks(text_of(path + "/comm"), "exoref");
    const auto of_owner = descriptors(owner.process().pid());
    const std::string pipe = descriptors(owner.group()).begin()->second;
    int ends = 0;
    for (const auto &[fd, what] : of_owner) ends += what == pipe ? 1 : 0;
    assert_int_equal(ends, 1);
    for (const auto &[fd, what] : descriptors(owner.pid())) assert_string_not_equal(what.c_str(), pipe.c_str());
}

void signals_that_cmd_sends_its_group_leave_the_guard_alone(void **) {
    LongBody owner("e8", kLongLease,
                   "trap '' TERM HUP INT QUIT USR1 TSTP; for s in TERM HUP INT QUIT USR1 TSTP; do kill -$s 0; done");
    owner.process().send_signal(SIGKILL);
    assert_true(ends_soon(owner.group()));
}

void a_cmd_that_kills_its_group_or_its_guard_has_failed(void **) {
    const RunResult all = run(delay_get("e9", "kill -9 0"));
    expect(all, 1, "");
    expect_contains(all.err, "'sh' was ended by signal 9");
    LongBody owner("e10");
    kill(owner.group(), SIGKILL);
    owner.expect_end(1);
    expect_contains(owner.process().err(), "'sh' was ended by signal 9");
}

void D7_who_was_stopped_beyond_its_lease_ends_its_cmd_and_prints_the_others_value(void **) {
    LongBody owner("e11", {"--lease", "3s"}, kStubbornChild);
    owner.process().send_signal(SIGSTOP);
    expect(run(delay_get("e11", "printf other")), 0, "other");
    assert_true(alive(owner.pid()));
    owner.process().send_signal(SIGCONT);
    owner.expect_end(0);
    assert_string_equal(owner.process().out().c_str(), "other");
    expect_contains(owner.process().err(), "exoref: the lease was lost: 'sh' was ended\n");
}

void D7_a_result_that_comes_too_late_is_refused(void **) {
    const TempDir folder;
    const std::string script = ": >" + folder.file("began") + "; until [ -e " + folder.file("go") +
                               " ]; do sleep 0.01; done; : >" + folder.file("done") + "; printf late";
    Process owner(started(here(delay_get("e12", script, {"--lease", "3s"}))));
    assert_true(exo::support::eventually(kPatience, [&] { return exists(folder.file("began")); }));
    owner.send_signal(SIGSTOP);
    expect(run(delay_get("e12", "printf other")), 0, "other");
    std::ofstream{folder.file("go")};
    assert_true(exo::support::eventually(kPatience, [&] { return exists(folder.file("done")); }));
    owner.send_signal(SIGCONT);
    assert_int_equal(end_of(owner), 0);
    assert_string_equal(owner.out().c_str(), "other");
    expect_contains(owner.err(), "exoref: the lease was lost: 'sh' ");
}

void C10_a_deletion_ends_cmd(void **) {
    LongBody owner("e13", kLongLease, kStubbornChild);
    expect(run({"rm", "e13"}), 0, "");
    owner.expect_end(1);
    expect_contains(owner.process().err(), "deleted");
}

void an_interrupted_wait_leaves_the_owner_alone(void **) {
    LongBody owner("e14");
    Process waiting(started(here(delay_get("e14", "echo never"))));
    assert_false(waiting.wait(Millis(300)).has_value());
    waiting.send_signal(SIGINT);
    assert_int_equal(end_of(waiting), 130);
    assert_true(alive(owner.pid()));
    assert_true(owner.process().running());
}

void a_claim_under_way_when_the_signal_comes_is_given_back(void **) {
    expect(run(delay_get("e15", "echo the scripts are loaded")), 0, "the scripts are loaded\n");
    FaultProxy proxy(server().tcp());
    Rule rule;
    rule.match = exo::support::script_with("e16");
    rule.nth = 2;  // the first opens the delay
    rule.action = Action::kDelay;
    rule.delay = Millis(200);
    const auto claim = proxy.arm(rule);
    Process owner(started(at(proxy.url(), delay_get("e16", "sleep 100000", kLongLease))));
    assert_true(proxy.wait_fired(claim));
    owner.send_signal(SIGINT);
    assert_int_equal(end_of(owner), 130);
    expect_contains(run({"inspect", "e16"}).out, "\nattempt   1\nowner     nobody\n");
    expect(run(delay_get("e16", "echo next")), 0, "next\n");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(D1_after_sigkill_all_of_cmd_is_gone_and_another_takes_over),
        cmocka_unit_test(a_signal_ends_all_of_cmd),
        cmocka_unit_test(the_next_begins_only_when_the_former_has_gone),
        cmocka_unit_test(a_signal_frees_the_delay_at_once),
        cmocka_unit_test(a_cmd_that_ends_when_asked_is_given_the_time),
        cmocka_unit_test(what_cmd_leaves_behind_ends_with_it),
        cmocka_unit_test(who_reads_the_output_is_not_kept_waiting_by_a_background_job),
        cmocka_unit_test(the_guard_holds_nothing_but_its_pipe_and_goes_by_another_name),
        cmocka_unit_test(signals_that_cmd_sends_its_group_leave_the_guard_alone),
        cmocka_unit_test(a_cmd_that_kills_its_group_or_its_guard_has_failed),
        cmocka_unit_test(D7_who_was_stopped_beyond_its_lease_ends_its_cmd_and_prints_the_others_value),
        cmocka_unit_test(D7_a_result_that_comes_too_late_is_refused),
        cmocka_unit_test(C10_a_deletion_ends_cmd),
        cmocka_unit_test(an_interrupted_wait_leaves_the_owner_alone),
        cmocka_unit_test(a_claim_under_way_when_the_signal_comes_is_given_back),
    };
    return cmocka_run_group_tests(tests, start_server, stop_server);
}
