// The CMD of a delay: what it gets, what of its output is taken and passed on, and what is said when it fails.
#include <fcntl.h>
#include <stdlib.h>

#include "bodies.hpp"

using namespace exo::cli_test;
using exo::support::TempDir;

namespace {

void D2_the_message_says_what_became_of_cmd(void **) {
    const struct {
        const char *script;
        const char *message;
    } failing[] = {
        {"exit 7", "'sh' ended with 7"},
        {"echo out; exit 7", "'sh' ended with 7"},
        {"printf '  why \\r\\n \\n' >&2; exit 1", "why"},
        {"printf '10%%\\r20%%\\rdisk full\\r' >&2; exit 1", "disk full"},
        {"printf 'first\\nlast, without a newline' >&2; exit 1", "last, without a newline"},
        {"printf 'a\\tb' >&2; exit 1", "a b"},
        {"kill -9 $$", "'sh' was ended by signal 9"},
        {"echo about to crash >&2; kill -SEGV $$", "'sh' was ended by signal 11: about to crash"},
    };
    int number = 0;
    for (const auto &one : failing) {
        const std::string key = "d6:" + std::to_string(++number);
        expect_failure(run(delay_get(key, one.script)), one.message);
        expect_failure(run({"delay", "get", key}), one.message);
    }
    expect_failure(run({"delay", "get", "d6:start", "--", "/no/such/program"}),
                   "'/no/such/program' could not be started: No such file or directory");
    expect_failure(run({"delay", "get", "d6:start"}),
                   "'/no/such/program' could not be started: No such file or directory");
}

void a_cmd_that_wants_the_terminal_has_failed(void **) {
    const exo::support::Fd terminal(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
    assert_int_equal(grantpt(terminal.get()) + unlockpt(terminal.get()), 0);
    const std::string script =
        "exec setsid -c \"$0\" --url \"$1\" delay get d25 -- sh -c 'read line </dev/tty; echo $line' <" +
        std::string(ptsname(terminal.get()));
    expect_failure(exo::support::run_program({"sh", "-c", script, EXOREF_TEST_CLI, server().unix_url()}),
                   "'sh' wanted the terminal, which a body has not");
}

void what_this_machine_lacks_is_no_failure_of_cmd(void **) {
    int code = 1;
    bool not_started = false;
    std::string key;
    for (int files = 6; code != 0 && files < 100; ++files) {
        // A key for each: who ends for want of descriptors while it owns the lease (sanitizers do so) keeps it from the next.
        key = "d26:" + std::to_string(files);
        const std::string script = "ulimit -n " + std::to_string(files) +
                                   "; exec \"$0\" --timeout 500ms --url \"$1\" delay get " + key + " -- echo v";
        const RunResult result = exo::support::run_program({"sh", "-c", script, EXOREF_TEST_CLI, server().unix_url()});
        code = result.status.code;
        const bool lacked = result.err.find("'echo' could not be started: Too many open files\n") != std::string::npos;
        not_started = not_started || lacked;
        assert_string_not_equal(state_of(key).c_str(), "failed");
    }
    assert_true(not_started);
    expect(run({"delay", "get", key}), 0, "v\n");
}

void it_runs_also_where_sigchld_is_ignored(void **) {
    const auto run_ignoring = [](const std::string &words) {
        return exo::support::run_program(
            {"bash", "-c", "trap '' CHLD; exec \"$0\" --url \"$1\" " + words, EXOREF_TEST_CLI, server().unix_url()});
    };
    expect(run_ignoring("delay get d27 -- echo v"), 0, "v\n");
    expect_failure(run_ignoring("delay get d28 -- sh -c 'exit 7'"), "'sh' ended with 7");
}

void a_very_long_last_line_is_cut_between_characters(void **) {
    const RunResult result =
        run(delay_get("d7",
                      "printf x >&2; i=0; while [ $i -lt 3000 ]; do printf '\\303\\251' >&2; i=$((i+1)); done; "
                      "exit 1"));
    expect(result, 1, "");
    expect_contains(run({"--json", "inspect", "d7"}).out, "\"failure\":\"x\xc3\xa9");
    const RunResult other = run({"delay", "get", "d7"});
    assert_in_range(other.err.size(), 4000, 4200);
}

void stderr_is_passed_on_as_it_comes(void **) {
    const TempDir folder;
    const std::string script =
        "echo first >&2; until [ -e " + folder.file("go") + " ]; do sleep 0.01; done; printf second >&2";
    Process process(started(here(delay_get("d8", script))));
    const auto told = [&] {
        process.wait(Millis(0));
        return process.err() == "first\n";
    };
    assert_true(exo::support::eventually(kPatience, told));
    assert_true(process.running());
    std::ofstream{folder.file("go")};
    assert_int_equal(end_of(process), 0);
    assert_string_equal(process.err().c_str(), "first\nsecond");
}

void values_and_messages_larger_than_a_pipe_pass(void **) {
    const std::string script =
        "head -c 3000000 /dev/zero | tr '\\0' o & head -c 2000000 /dev/zero | tr '\\0' e >&2; wait";
    const RunResult result = run(delay_get("d9", script));
    assert_int_equal(result.status.code, 0);
    assert_true(result.out == std::string(3000000, 'o'));
    assert_true(result.err == std::string(2000000, 'e'));
    expect(run({"delay", "get", "d9"}), 0, result.out);
    expect(run(delay_get("d10", "printf '\\000\\377\\n'")), 0, std::string("\0\xff\n", 3));
    expect(run(delay_get("d11", "exec >&- 2>&-; sleep 0.2")), 0, "");
}

void the_codec_judges_the_output(void **) {
    Args json{"--codec", "json"};
    const auto with_codec = [&](const Args &args) {
        Args all = json;
        all.insert(all.end(), args.begin(), args.end());
        return run(all);
    };
    expect(with_codec(delay_get("d12", "echo '{\"b\": 1, \"a\": 2}'")), 0, R"({"a":2,"b":1})");
    const RunResult refused = with_codec(delay_get("d13", "echo '{'"));
    expect(refused, 1, "");
    expect_contains(refused.err, "the output of 'sh': ");
    // It would be refused everywhere: so it is a failure like another.
    assert_int_equal(run({"delay", "get", "d13"}).status.code, 1);
    assert_string_equal(state_of("d13").c_str(), "failed");
}

void too_large_an_output_is_a_failed_body(void **) {
    const RunResult result = exo::support::run_program(
        at(server().unix_url() + "?max_value_size=1000", delay_get("d14", "head -c 1001 /dev/zero")));
    expect(result, 1, "");
    expect_contains(result.err, "max_value_size");
    assert_string_equal(state_of("d14").c_str(), "failed");
    expect_contains(run({"delay", "get", "d14"}).err, "max_value_size");
}

void cmd_gets_an_empty_stdin_its_key_and_its_token(void **) {
    expect(run(delay_get("d17", "cat; echo $EXOREF_KEY $EXOREF_TOKEN"), "not for CMD"), 0, "d17 1\n");
    expect(run({"delay", "get", "--", "-d17", "--", "printf", "%s,", "--json", "--", "-h"}), 0, "--json,--,-h,");
    expect_failure(run(delay_get("d18", "echo one >&2; exit 1", {"--retry"})), "one");
    expect(run(delay_get("d18", "echo $EXOREF_TOKEN", {"--retry"})), 0, "2\n");
}

void cmd_gets_usual_signals_and_no_descriptors_of_ours(void **) {
    expect(run(delay_get("d19", "grep ^SigBlk /proc/self/status | cut -f2")), 0, "0000000000000000\n");
    expect(run(delay_get("d20", "echo $((0x$(grep ^SigIgn /proc/self/status | cut -f2) & 0x1000))")), 0, "0\n");
    LongBody owner("d21");
    // What the test itself was given by whoever started it, it passes on.
    const auto inherited = descriptors(getpid());
    for (const auto &[fd, what] : descriptors(owner.pid())) {
        const bool standard = fd == "0" || fd == "1" || fd == "2";
        const bool ours = what.starts_with("pipe:") || what.starts_with("socket:") || what.starts_with("anon_inode:");
        const auto same = inherited.find(fd);
        if (!standard && ours && (same == inherited.end() || same->second != what))
            fail_msg("CMD has %s: %s", fd.c_str(), what.c_str());
    }
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(D2_the_message_says_what_became_of_cmd),
        cmocka_unit_test(a_cmd_that_wants_the_terminal_has_failed),
        cmocka_unit_test(what_this_machine_lacks_is_no_failure_of_cmd),
        cmocka_unit_test(it_runs_also_where_sigchld_is_ignored),
        cmocka_unit_test(a_very_long_last_line_is_cut_between_characters),
        cmocka_unit_test(stderr_is_passed_on_as_it_comes),
        cmocka_unit_test(values_and_messages_larger_than_a_pipe_pass),
        cmocka_unit_test(the_codec_judges_the_output),
        cmocka_unit_test(too_large_an_output_is_a_failed_body),
        cmocka_unit_test(cmd_gets_an_empty_stdin_its_key_and_its_token),
        cmocka_unit_test(cmd_gets_usual_signals_and_no_descriptors_of_ours),
    };
    return cmocka_run_group_tests(tests, start_server, stop_server);
}
