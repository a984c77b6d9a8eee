// atom watch: what is told, in which form, and for how long.
#include <unistd.h>

#include "command.hpp"
#include "support/fault_proxy.hpp"

using namespace exo::cli_test;
using exo::support::CutKind;
using exo::support::FaultProxy;
using exo::support::RedisServerOptions;

namespace {

/// A watch that has begun: it has printed its first line, the state.
class Watch {
public:
    explicit Watch(const Args &argv, const std::string &first_line) : process_(started(argv)) {
        expect_line(first_line);
    }

    /// Nothing else than these lines has come until now, and this one is the next.
    void expect_line(const std::string &line) {
        expected_ += line + "\n";
        if (!process_.wait_for_output(expected_, kPatience)) {
            fail_msg("printed '%s', not '%s'; stderr: %s", process_.out().c_str(), expected_.c_str(),
                     process_.err().c_str());
        }
        assert_string_equal(process_.out().c_str(), expected_.c_str());
    }
    Process &process() { return process_; }

private:
    Process process_;
    std::string expected_;
};

std::string line(const std::string &event, int version, const std::string &old_value, const std::string &new_value) {
    return "{\"event\":\"" + event + "\",\"version\":" + std::to_string(version) +
           ",\"missed\":0,\"old\":" + old_value + ",\"new\":" + new_value + "}";
}

Args watch(const std::string &key, const Args &more = {"--current"}) {
    Args args{"--json", "atom", "watch", key};
    args.insert(args.end(), more.begin(), more.end());
    return here(args);
}

std::size_t subscriptions(const std::string &key) {
    std::size_t count = 0;
    for (const auto &channel : server().must({"PUBSUB", "CHANNELS", "*" + key + "*"}).elements) {
        const auto number = server().must({"PUBSUB", "NUMSUB", channel.text});
        count += static_cast<std::size_t>(number.elements.at(1).integer);
    }
    return count;
}

void changes_are_told_one_object_a_line(void **) {
    expect(run({"atom", "set", "w1", "0"}), 0, "");
    Watch told(watch("w1"), line("current", 1, "null", "\"0\""));
    expect(run({"atom", "set", "w1", "1"}), 0, "");
    told.expect_line(line("change", 2, "\"0\"", "\"1\""));
    expect(run({"atom", "set", "w1", "1"}), 0, "");  // C6: also when old equals new
    told.expect_line(line("change", 3, "\"1\"", "\"1\""));
    expect(run({"atom", "set", "w1", "-"}, std::string("a\"\\\n\0\x1f\xc3\xa9", 8)), 0, "");
    told.expect_line(line("change", 4, "\"1\"", "\"a\\\"\\\\\\n\\u0000\\u001f\xc3\xa9\""));
    expect(run({"atom", "set", "w1", "-"}, "\xff\xfe"), 0, "");
    told.expect_line(line("change", 5, "\"a\\\"\\\\\\n\\u0000\\u001f\xc3\xa9\"", "{\"base64\":\"//4=\"}"));
}

void C10_deletion_and_a_new_beginning_are_told(void **) {
    expect(run({"atom", "set", "w2", "a"}), 0, "");
    Watch told(watch("w2"), line("current", 1, "null", "\"a\""));
    expect(run({"rm", "w2"}), 0, "");
    told.expect_line(line("deleted", 1, "\"a\"", "null"));
    expect(run({"atom", "set", "w2", "b"}), 0, "");
    told.expect_line(line("recreated", 1, "null", "\"b\""));
    expect(run({"atom", "set", "w2", "c"}), 0, "");
    told.expect_line(line("change", 2, "\"b\"", "\"c\""));
}

void an_absent_key_is_waited_for_and_its_creation_is_a_change(void **) {
    Process told(started(watch("w3", {"--count", "2", "--current"})));
    assert_true(exo::support::eventually(kPatience, [] { return subscriptions("w3") == 1; }));
    // The subscription stands, but its state may not be read yet: only what comes after that is told for sure.
    assert_true(told.running());
    expect(run({"atom", "set", "w3", "a"}), 0, "");
    assert_true(told.wait_for_output(":\"a\"}\n", kPatience));
    expect(run({"atom", "set", "w3", "b"}), 0, "");
    if (told.out() == line("current", 1, "null", "\"a\"") + "\n") expect(run({"atom", "set", "w3", "b"}), 0, "");
    assert_int_equal(end_of(told), 0);
    expect_contains(told.out(), ",\"old\":null,\"new\":\"a\"}\n");
    expect_contains(told.out(), line("change", 2, "\"a\"", "\"b\"") + "\n");
    expect_lacks(told.out(), "recreated");
}

void C5_without_current_nothing_older_is_told(void **) {
    expect(run({"atom", "set", "w4", "old"}), 0, "");
    Process told(started(watch("w4", {"--count", "1"})));
    assert_true(exo::support::eventually(kPatience, [] { return subscriptions("w4") == 1; }));
    for (int i = 0; told.running(); ++i) expect(run({"atom", "set", "w4", std::to_string(i)}), 0, "");
    assert_int_equal(end_of(told), 0);
    expect_lacks(told.out(), "\"version\":1,");
    expect_contains(told.out(), "{\"event\":\"change\",");
    assert_int_equal(told.out().find('\n'), told.out().size() - 1);
}

void count_counts_changes_only(void **) {
    expect(run({"atom", "set", "w5", "a"}), 0, "");
    Watch told(watch("w5", {"--current", "--count", "1"}), line("current", 1, "null", "\"a\""));
    expect(run({"rm", "w5"}), 0, "");
    told.expect_line(line("deleted", 1, "\"a\"", "null"));
    expect(run({"atom", "set", "w5", "b"}), 0, "");
    told.expect_line(line("recreated", 1, "null", "\"b\""));
    assert_true(told.process().running());
    expect(run({"atom", "set", "w5", "c"}), 0, "");
    told.expect_line(line("change", 2, "\"b\"", "\"c\""));
    assert_int_equal(end_of(told.process()), 0);
}

void plain_output_is_a_value_a_line(void **) {
    expect(run({"atom", "set", "w6", "a"}), 0, "");
    Watch told(here({"atom", "watch", "w6", "--current"}), "a");
    expect(run({"atom", "set", "w6", "b"}), 0, "");
    told.expect_line("b");
    expect(run({"rm", "w6"}), 0, "");
    assert_true(exo::support::eventually(kPatience, [&] {
        told.process().wait(Millis(0));
        return told.process().err().find("exoref: deleted") != std::string::npos;
    }));
}

void cmd_runs_for_each_change(void **) {
    expect(run({"atom", "set", "w7", "a"}), 0, "");
    const std::string script = "echo \"$EXOREF_KEY $EXOREF_EVENT $EXOREF_VERSION $EXOREF_MISSED $(cat)\"";
    Watch told(here({"atom", "watch", "--current", "--count", "2", "w7", "--", "sh", "-c", script}),
               "w7 current 1 0 a");
    expect(run({"atom", "set", "w7", "b"}), 0, "");
    told.expect_line("w7 change 2 0 b");
    expect(run({"rm", "w7"}), 0, "");
    told.expect_line("w7 deleted 2 0 ");
    expect(run({"atom", "set", "w7", "c"}), 0, "");
    told.expect_line("w7 recreated 1 0 c");
    expect(run({"atom", "set", "w7", "d"}), 0, "");
    told.expect_line("w7 change 2 0 d");
    assert_int_equal(end_of(told.process()), 0);
}

void cmd_of_a_watch_may_leave_a_large_value_unread(void **) {
    expect(run({"atom", "set", "w8", "-"}, std::string(3 << 20, 'x')), 0, "");
    Watch told(here({"atom", "watch", "--current", "w8", "--", "sh", "-c", "head -c 2; echo"}), "xx");
    expect(run({"atom", "set", "w8", "small"}), 0, "");
    told.expect_line("sm");
}

void a_failing_cmd_ends_the_watch(void **) {
    expect(run({"atom", "set", "w9", "a"}), 0, "");
    expect_error(run({"atom", "watch", "--current", "w9", "--", "false"}), 1, "ended with 1");
}

void it_survives_lost_connections_and_tells_every_change(void **) {
    FaultProxy proxy(server().tcp());
    expect(run({"atom", "set", "w10", "0"}), 0, "");
    Watch told(at(proxy.url(), {"--timeout", "300ms", "--json", "atom", "watch", "w10", "--current", "--count", "10"}),
               line("current", 1, "null", "\"0\""));
    for (int i = 1; i <= 10; ++i) {
        if (i % 3 == 1) proxy.cut_all(CutKind::kReset);
        expect(run({"atom", "set", "w10", std::to_string(i)}), 0, "");
        told.expect_line(line("change", i + 1, "\"" + std::to_string(i - 1) + "\"", "\"" + std::to_string(i) + "\""));
    }
    assert_int_equal(end_of(told.process()), 0);
}

void it_outlasts_a_server_that_is_away_for_longer_than_the_timeout(void **) {
    RedisServerOptions options;
    options.append_only = true;
    options.config = {"appendfsync always"};
    RedisServer away(options);
    expect(exo::support::run_program(at(away.url(), {"atom", "set", "w11", "a"})), 0, "");
    Watch told(at(away.url(), {"--timeout", "200ms", "--json", "atom", "watch", "w11", "--current"}),
               line("current", 1, "null", "\"a\""));
    away.kill9();
    assert_false(told.process().wait(Millis(600)).has_value());
    away.restart();
    expect(exo::support::run_program(at(away.url(), {"atom", "set", "w11", "b"})), 0, "");
    told.expect_line(line("change", 2, "\"a\"", "\"b\""));
}

void a_loss_of_data_is_told(void **) {
    RedisServer forgetful;
    const std::string url = forgetful.url();
    expect(exo::support::run_program(at(url, {"atom", "set", "w15", "saved"})), 0, "");
    forgetful.must({"SAVE"});
    expect(exo::support::run_program(at(url, {"atom", "set", "w15", "lost"})), 0, "");
    Watch told(at(url, {"--json", "atom", "watch", "w15", "--current", "--count", "1"}),
               line("current", 2, "null", "\"lost\""));
    forgetful.kill9();
    forgetful.restart();
    told.expect_line(line("rewound", 1, "\"lost\"", "\"saved\""));
    expect(exo::support::run_program(at(url, {"atom", "set", "w15", "new"})), 0, "");
    told.expect_line(line("change", 2, "\"saved\"", "\"new\""));
    assert_int_equal(end_of(told.process()), 0);
}

void an_interrupt_ends_it_at_once(void **) {
    expect(run({"atom", "set", "w12", "a"}), 0, "");
    Watch told(watch("w12"), line("current", 1, "null", "\"a\""));
    told.process().send_signal(SIGINT);
    assert_int_equal(end_of(told.process()), 130);
}

void a_key_of_another_type_is_an_error(void **) {
    server().must({"SET", "w13", "x"});
    expect_error(run({"atom", "watch", "w13"}), 1, "w13");
}

void a_reader_that_goes_away_ends_it(void **) {
    expect(run({"atom", "set", "w14", "a"}), 0, "");
    const RunResult result =
        exo::support::run_program({"sh", "-c",
                                   "\"$0\" --url \"$1\" atom watch --current w14 -- sh -c 'echo x; \"$0\" --url \"$1\" "
                                   "atom set w14 again' \"$0\" \"$1\" | head -n 3",
                                   EXOREF_TEST_CLI, server().unix_url()});
    assert_string_equal(result.out.c_str(), "x\nx\nx\n");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(changes_are_told_one_object_a_line),
        cmocka_unit_test(C10_deletion_and_a_new_beginning_are_told),
        cmocka_unit_test(an_absent_key_is_waited_for_and_its_creation_is_a_change),
        cmocka_unit_test(C5_without_current_nothing_older_is_told),
        cmocka_unit_test(count_counts_changes_only),
        cmocka_unit_test(plain_output_is_a_value_a_line),
        cmocka_unit_test(cmd_runs_for_each_change),
        cmocka_unit_test(cmd_of_a_watch_may_leave_a_large_value_unread),
        cmocka_unit_test(a_failing_cmd_ends_the_watch),
        cmocka_unit_test(it_survives_lost_connections_and_tells_every_change),
        cmocka_unit_test(it_outlasts_a_server_that_is_away_for_longer_than_the_timeout),
        cmocka_unit_test(a_loss_of_data_is_told),
        cmocka_unit_test(an_interrupt_ends_it_at_once),
        cmocka_unit_test(a_key_of_another_type_is_an_error),
        cmocka_unit_test(a_reader_that_goes_away_ends_it),
    };
    return cmocka_run_group_tests(tests, start_server, stop_server);
}
