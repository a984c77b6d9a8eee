// atom swap: CMD gets the old value, gives the new one, and can do nothing wrong to the atom.
#include "bodies.hpp"

using namespace exo::cli_test;
using exo::support::TempDir;

namespace {

Args shell(const std::string &key, const std::string &script) {
    return {"atom", "swap", key, "--", "sh", "-c", script};
}

void A1_the_new_value_is_what_cmd_makes_of_the_old_one(void **) {
    expect(run({"atom", "set", "s1", "41"}), 0, "");
    expect(run(shell("s1", "read n; printf %s $((n + 1))")), 0, "42");
    expect(run({"atom", "get", "s1"}), 0, "42");
    expect(run({"atom", "swap", "s1", "--", "tr", "24", "xy"}), 0, "yx");
    expect(run({"atom", "swap", "s1", "--", "cat"}), 0, "yx");
    expect(run({"atom", "swap", "s1", "--", "true"}), 0, "");
    expect(run({"atom", "get", "s1"}), 0, "");
}

void cmds_own_arguments_are_left_alone(void **) {
    expect(run({"atom", "set", "s2", ""}), 0, "");
    expect(run({"atom", "swap", "s2", "--", "printf", "%s,", "--json", "--", "-h", "--url", "x"}), 0,
           "--json,--,-h,--url,x,");
    expect(run({"atom", "set", "--", "-s2", "a"}), 0, "");
    expect(run({"atom", "swap", "--", "-s2", "--", "printenv", "EXOREF_KEY"}), 0, "-s2\n");
}

void values_larger_than_a_pipe_pass_through_cmd(void **) {
    std::string large;
    while (large.size() < (5U << 20)) large += "0123456789abcdef\n";
    expect(run({"atom", "set", "s3", "-"}, large), 0, "");
    expect(run({"atom", "swap", "s3", "--", "cat"}), 0, large);
    expect(run(shell("s3", "cat; printf tail")), 0, large + "tail");
    // All output before any input is read.
    expect(run(shell("s3", "head -c 3000000 /dev/zero | tr '\\0' z; cat >/dev/null")), 0, std::string(3000000, 'z'));
}

void cmd_may_leave_its_stdin_unread(void **) {
    const std::string large(5 << 20, 'x');
    expect(run({"atom", "set", "s4", "-"}, large), 0, "");
    expect(run({"atom", "swap", "s4", "--", "head", "-c", "3"}), 0, "xxx");
    expect(run({"atom", "set", "s4", "-"}, large), 0, "");
    expect(run({"atom", "swap", "s4", "--", "echo", "ignored"}), 0, "ignored\n");
    expect(run({"atom", "set", "s4", "-"}, large), 0, "");
    expect(run(shell("s4", "exec <&-; printf closed")), 0, "closed");
    // Its output ends before it has read its input.
    expect(run({"atom", "set", "s4", "-"}, large), 0, "");
    expect(run(shell("s4", "printf early; exec >&-; cat >/dev/null")), 0, "early");
}

void cmd_gets_usual_signals_and_no_descriptors_of_ours(void **) {
    expect(run({"atom", "set", "s5", "x"}), 0, "");
    // SIGPIPE (the 13th) ends a writer as in a shell, although exoref itself ignores it; nothing is blocked.
    expect(run(shell("s5", "grep ^SigBlk /proc/self/status | cut -f2")), 0, "0000000000000000\n");
    expect(run(shell("s5", "echo $((0x$(grep ^SigIgn /proc/self/status | cut -f2) & 0x1000))")), 0, "0\n");
    expect(
        run(shell("s5", "cd /proc/self/fd && for f in *; do [ $f -gt 2 ] && readlink $f; done | grep -c socket; true")),
        0, "0\n");
}

void a_failing_cmd_leaves_the_atom_as_it_was(void **) {
    expect(run({"atom", "set", "s6", "keep"}), 0, "");
    expect_error(run(shell("s6", "printf new; exit 7")), 1, "ended with 7");
    expect_error(run(shell("s6", "printf new; kill -9 $$")), 1, "signal 9");
    expect_error(run({"atom", "swap", "s6", "--", "/no/such/program"}), 1, "could not be started");
    expect(run({"atom", "get", "s6"}), 0, "keep");
    const RunResult noisy = run(shell("s6", "echo why >&2; exit 1"));
    expect(noisy, 1, "");
    expect_contains(noisy.err, "why\n");
}

void A1_a_conflict_runs_cmd_again_with_the_newer_value(void **) {
    const TempDir folder;
    expect(run({"atom", "set", "s7", "a"}), 0, "");
    // The first run waits until another process has changed the atom.
    const std::string script = "v=$(cat); echo \"$v\" >>" + folder.file("runs") + "; [ \"$v\" = b ] || until [ -e " +
                               folder.file("go") + " ]; do :; done; printf '%s!' \"$v\"";
    Process swap(started(here(shell("s7", script))));
    assert_true(exo::support::eventually(kPatience, [&] { return exists(folder.file("runs")); }));
    expect(run({"atom", "set", "s7", "b"}), 0, "");
    std::ofstream{folder.file("go")};
    assert_int_equal(end_of(swap), 0);
    assert_string_equal(swap.out().c_str(), "b!");
    expect(exo::support::run_program({"cat", folder.file("runs")}), 0, "a\nb\n");
    expect(run({"atom", "get", "s7"}), 0, "b!");
}

void many_at_once_lose_nothing(void **) {
    expect(run({"atom", "set", "s8", "0"}), 0, "");
    std::vector<std::unique_ptr<Process>> all;
    for (int i = 0; i < 8; ++i) {
        const std::string loop =
            "for i in 1 2 3 4 5; do \"$0\" --url \"$1\" atom swap s8 -- sh -c 'read n; echo $((n + 1))' || exit 9; "
            "done";
        all.push_back(std::make_unique<Process>(started({"sh", "-c", loop, EXOREF_TEST_CLI, server().unix_url()})));
    }
    for (auto &process : all) assert_int_equal(end_of(*process), 0);
    expect(run({"atom", "get", "s8"}), 0, "40\n");
}

void the_time_of_cmd_does_not_count(void **) {
    expect(run({"atom", "set", "s9", "a"}), 0, "");
    Args args = shell("s9", "timeout 0.7 tail -f /dev/null; printf done");
    args.insert(args.begin(), {"--timeout", "200ms"});
    expect(run(args), 0, "done");
}

void an_interrupt_ends_it_at_once_and_takes_cmd_along(void **) {
    const TempDir folder;
    expect(run({"atom", "set", "s10", "keep"}), 0, "");
    const std::string script = "echo $$ >" + folder.file("pid.new") + "; mv " + folder.file("pid.new") + " " +
                               folder.file("pid") + "; tail -f /dev/null";
    Process swap(started(here(shell("s10", script))));
    assert_true(exo::support::eventually(kPatience, [&] { return exists(folder.file("pid")); }));
    const pid_t cmd = std::stoi(exo::support::run_program({"cat", folder.file("pid")}).out);
    assert_true(alive(cmd));
    swap.send_signal(SIGINT);
    assert_int_equal(end_of(swap), 130);
    assert_true(exo::support::eventually(kPatience, [&] { return !alive(cmd); }));
    expect(run({"atom", "get", "s10"}), 0, "keep");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(A1_the_new_value_is_what_cmd_makes_of_the_old_one),
        cmocka_unit_test(cmds_own_arguments_are_left_alone),
        cmocka_unit_test(values_larger_than_a_pipe_pass_through_cmd),
        cmocka_unit_test(cmd_may_leave_its_stdin_unread),
        cmocka_unit_test(cmd_gets_usual_signals_and_no_descriptors_of_ours),
        cmocka_unit_test(a_failing_cmd_leaves_the_atom_as_it_was),
        cmocka_unit_test(A1_a_conflict_runs_cmd_again_with_the_newer_value),
        cmocka_unit_test(many_at_once_lose_nothing),
        cmocka_unit_test(the_time_of_cmd_does_not_count),
        cmocka_unit_test(an_interrupt_ends_it_at_once_and_takes_cmd_along),
    };
    return cmocka_run_group_tests(tests, start_server, stop_server);
}
