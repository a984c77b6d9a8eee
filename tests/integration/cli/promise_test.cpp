// promise deliver, get, realized: one value, whoever comes first, and everybody gets it.
#include "command.hpp"
#include "support/fault_proxy.hpp"

using namespace exo::cli_test;
using exo::support::Endpoint;
using exo::support::FaultProxy;
using exo::support::Rule;

namespace {

bool is_there(const std::string &key) { return run({"inspect", key}).status.code == 0; }

/// It has opened the promise, and waits.
void expect_waiting(Process &process, const std::string &key) {
    assert_true(exo::support::eventually(kPatience, [&] { return is_there(key); }));
    assert_true(process.running());
}

void P1_a_second_deliver_changes_nothing_and_prints_what_stands(void **) {
    expect(run({"promise", "deliver", "p1", "first"}), 0, "");
    expect(run({"promise", "deliver", "p1", "second"}), 3, "first");
    expect(run({"promise", "deliver", "p1", "first"}), 3, "first");
    expect(run({"promise", "get", "p1"}), 0, "first");
}

void P2_P3_all_who_wait_get_the_value(void **) {
    std::vector<std::unique_ptr<Process>> all;
    for (int i = 0; i < 5; ++i) all.push_back(std::make_unique<Process>(started(here({"promise", "get", "p2"}))));
    for (auto &process : all) expect_waiting(*process, "p2");
    expect(run({"promise", "deliver", "p2", "now"}), 0, "");
    for (auto &process : all) {
        assert_int_equal(end_of(*process), 0);
        assert_string_equal(process->out().c_str(), "now");
    }
}

void P2_only_a_timeout_that_was_given_ends_the_wait(void **) {
    expect_error(run({"--timeout", "300ms", "promise", "get", "p3"}), 4, "p3");
    Process patient(started(at(server().unix_url() + "?timeout=200ms", {"promise", "get", "p3"})));
    assert_false(patient.wait(Millis(800)).has_value());
    expect(run({"promise", "deliver", "p3", "late"}), 0, "");
    assert_int_equal(end_of(patient), 0);
    assert_string_equal(patient.out().c_str(), "late");
}

void P4_realized_says_whether_it_was_delivered(void **) {
    expect_error(run({"--timeout", "100ms", "promise", "get", "p4"}), 4, "p4");
    expect(run({"promise", "realized", "p4"}), 3, "false\n");
    expect(run({"promise", "deliver", "p4", ""}), 0, "");
    expect(run({"promise", "realized", "p4"}), 0, "true\n");
}

void P6_realized_creates_nothing_and_get_does(void **) {
    expect(run({"promise", "realized", "p5"}), 3, "false\n");
    assert_false(is_there("p5"));
    expect_error(run({"--timeout", "100ms", "promise", "get", "p5"}), 4, "p5");
    assert_true(is_there("p5"));
}

void P4_any_bytes_are_a_value(void **) {
    expect(run({"promise", "deliver", "p6", "-"}, std::string("\0\xff\n", 3)), 0, "");
    expect(run({"promise", "get", "p6"}), 0, std::string("\0\xff\n", 3));
    const std::string large(5 << 20, 'x');
    expect(run({"promise", "deliver", "p7", "-"}, large), 0, "");
    expect(run({"promise", "get", "p7"}), 0, large);
    expect(run({"promise", "deliver", "p7", "-"}, "small"), 3, large);
    expect(run({"promise", "deliver", "p8", "-5"}), 0, "");
    expect(run({"promise", "get", "p8"}), 0, "-5");
    expect(run({"promise", "deliver", "--", "-p8", "--ttl"}), 0, "");
    expect(run({"promise", "get", "--", "-p8"}), 0, "--ttl");
}

void C9_the_codec_is_that_of_the_promise(void **) {
    expect(run({"--codec", "json", "promise", "deliver", "p9", R"({"b": 1.50, "a":[]})"}), 0, "");
    expect(run({"promise", "get", "p9"}), 0, R"({"a":[],"b":1.5})");
    expect_error(run({"--codec", "string", "promise", "get", "p9"}), 1, "json");
    expect_error(run({"--codec", "json", "promise", "deliver", "p10", "{"}), 1, "VALUE");
    assert_false(is_there("p10"));
}

void C11_the_time_to_live_holds_whoever_created_it(void **) {
    expect(run({"promise", "deliver", "p11", "v", "--ttl", "1h"}), 0, "");
    expect(run({"ttl", "p11"}), 0, "1h\n");
    expect_error(run({"--timeout", "100ms", "promise", "get", "p12"}), 4, "p12");
    expect(run({"promise", "deliver", "--ttl", "2h", "p12", "v"}), 0, "");
    expect(run({"ttl", "p12"}), 0, "2h\n");
    // What changes nothing does not change this either.
    expect(run({"promise", "deliver", "p12", "w", "--ttl", "3h"}), 3, "v");
    expect(run({"ttl", "p12"}), 0, "2h\n");
}

void C10_who_waits_is_told_of_a_deletion(void **) {
    Process waiting(started(here({"promise", "get", "p13"})));
    expect_waiting(waiting, "p13");
    expect(run({"rm", "p13"}), 0, "");
    assert_int_equal(end_of(waiting), 1);
    expect_contains(waiting.err(), "deleted");
}

void a_key_of_another_type_is_an_error(void **) {
    expect(run({"atom", "set", "p14", "keep"}), 0, "");
    for (const Args &args :
         {Args{"promise", "deliver", "p14", "v"}, Args{"promise", "get", "p14"}, Args{"promise", "realized", "p14"},
          Args{"delay", "get", "p14"}, Args{"delay", "get", "p14", "--", "echo", "v"}}) {
        expect_error(run(args), 1, "atom");
    }
    expect(run({"atom", "get", "p14"}), 0, "keep");
    expect(run({"promise", "deliver", "p15", "v"}), 0, "");
    expect_error(run({"delay", "get", "p15"}), 1, "promise");
    expect_error(run({"atom", "get", "p15"}), 1, "promise");
}

void no_server_is_no_connection(void **) {
    const std::string url = Endpoint::tcp(exo::support::free_port()).url() + "?timeout=300ms";
    for (const Args &args :
         {Args{"promise", "deliver", "k", "v"}, Args{"promise", "get", "k"}, Args{"promise", "realized", "k"},
          Args{"delay", "get", "k"}, Args{"delay", "get", "k", "--", "echo", "v"}}) {
        expect_error(exo::support::run_program(at(url, args)), 5, "127.0.0.1");
    }
}

void a_deliver_without_an_answer_is_unknown(void **) {
    FaultProxy proxy(server().tcp());
    expect(run({"promise", "deliver", "p16", "the scripts are loaded"}), 0, "");
    proxy.arm(Rule::swallow_reply(exo::support::script_with("brand-new")));
    const Args args{"--timeout", "800ms", "promise", "deliver", "p17", "brand-new"};
    expect_error(exo::support::run_program(at(proxy.url(), args)), 6, "p17");
    expect(run({"promise", "get", "p17"}), 0, "brand-new");
}

void an_interrupt_ends_the_wait_at_once(void **) {
    Process waiting(started(here({"promise", "get", "p18"})));
    expect_waiting(waiting, "p18");
    waiting.send_signal(SIGINT);
    assert_int_equal(end_of(waiting), 130);
    assert_string_equal((waiting.out() + waiting.err()).c_str(), "");
}

void a_wait_survives_lost_connections(void **) {
    FaultProxy proxy(server().tcp());
    Process waiting(started(at(proxy.url(), {"promise", "get", "p19"})));
    expect_waiting(waiting, "p19");
    proxy.cut_all(exo::support::CutKind::kReset);
    expect(run({"promise", "deliver", "p19", "v"}), 0, "");
    assert_int_equal(end_of(waiting), 0);
    assert_string_equal(waiting.out().c_str(), "v");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(P1_a_second_deliver_changes_nothing_and_prints_what_stands),
        cmocka_unit_test(P2_P3_all_who_wait_get_the_value),
        cmocka_unit_test(P2_only_a_timeout_that_was_given_ends_the_wait),
        cmocka_unit_test(P4_realized_says_whether_it_was_delivered),
        cmocka_unit_test(P6_realized_creates_nothing_and_get_does),
        cmocka_unit_test(P4_any_bytes_are_a_value),
        cmocka_unit_test(C9_the_codec_is_that_of_the_promise),
        cmocka_unit_test(C11_the_time_to_live_holds_whoever_created_it),
        cmocka_unit_test(C10_who_waits_is_told_of_a_deletion),
        cmocka_unit_test(a_key_of_another_type_is_an_error),
        cmocka_unit_test(no_server_is_no_connection),
        cmocka_unit_test(a_deliver_without_an_answer_is_unknown),
        cmocka_unit_test(an_interrupt_ends_the_wait_at_once),
        cmocka_unit_test(a_wait_survives_lost_connections),
    };
    return cmocka_run_group_tests(tests, start_server, stop_server);
}
