// delay get: one CMD among all who say one, its output for everybody, and what its failure says.
#include "bodies.hpp"

using namespace exo::cli_test;
using exo::support::TempDir;

namespace {

/// What `inspect` says of a delay, or "".
std::string state_of(const std::string &key) {
    std::istringstream lines(run({"inspect", key}).out);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("state     ")) return line.substr(10);
    }
    return "";
}

void expect_state(const std::string &key, const std::string &state) {
    if (!exo::support::eventually(kPatience, [&] { return state_of(key) == state; })) {
        fail_msg("%s is %s, not %s", key.c_str(), state_of(key).c_str(), state.c_str());
    }
}

/// All lines but the last on stderr are CMD's, the last is the command's own.
void expect_failure(const RunResult &result, const std::string &message) {
    expect(result, 1, "");
    const std::string own = "exoref: the body failed: " + message + "\n";
    if (!result.err.ends_with(own)) fail_msg("stderr is '%s', not '%s'", result.err.c_str(), own.c_str());
}

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

void C11_time_to_live_and_lease_are_those_of_the_options(void **) {
    expect(run(delay_get("d22", "echo v", {"--ttl", "1h", "--lease", "7s"})), 0, "v\n");
    expect_contains(run({"inspect", "d22"}).out, "\nttl       1h\n");
    expect_contains(run({"--json", "inspect", "d22"}).out, "\"lease_ms\":7000,");
    // One that was created without it.
    expect_error(run({"--timeout", "100ms", "delay", "get", "d23"}), 4, "d23");
    expect(run(delay_get("d23", "echo v", {"--ttl", "2h"})), 0, "v\n");
    expect(run({"ttl", "d23"}), 0, "2h\n");
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
        cmocka_unit_test(D2_the_message_says_what_became_of_cmd),
        cmocka_unit_test(a_very_long_last_line_is_cut_between_characters),
        cmocka_unit_test(stderr_is_passed_on_as_it_comes),
        cmocka_unit_test(values_and_messages_larger_than_a_pipe_pass),
        cmocka_unit_test(the_codec_judges_the_output),
        cmocka_unit_test(too_large_an_output_is_a_failed_body),
        cmocka_unit_test(D4_only_a_timeout_that_was_given_ends_the_wait),
        cmocka_unit_test(D4_a_timeout_of_one_who_has_a_cmd_too),
        cmocka_unit_test(cmd_gets_an_empty_stdin_its_key_and_its_token),
        cmocka_unit_test(cmd_gets_usual_signals_and_no_descriptors_of_ours),
        cmocka_unit_test(C11_time_to_live_and_lease_are_those_of_the_options),
        cmocka_unit_test(inspect_shows_who_computes),
    };
    return cmocka_run_group_tests(tests, start_server, stop_server);
}
