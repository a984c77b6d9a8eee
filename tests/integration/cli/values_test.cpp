// atom get, set, cas, meta: values of all bytes, values that look like options, and what the exit codes say.
#include "command.hpp"

using namespace exo::cli_test;

namespace {

const std::string kAllBytes = [] {
    std::string bytes;
    for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
    return bytes;
}();

void a_value_is_set_and_read_as_it_is(void **) {
    expect(run({"atom", "set", "v1", "hello"}), 0, "");
    expect(run({"atom", "get", "v1"}), 0, "hello");
    expect(run({"atom", "set", "v1", ""}), 0, "");
    expect(run({"atom", "get", "v1"}), 0, "");
    expect(run({"atom", "set", "v1", "two\nlines\n"}), 0, "");
    expect(run({"atom", "get", "v1"}), 0, "two\nlines\n");
}

void a_lone_dash_is_stdin_with_any_bytes(void **) {
    expect(run({"atom", "set", "v2", "-"}, kAllBytes), 0, "");
    expect(run({"atom", "get", "v2"}), 0, kAllBytes);
    const std::string large(3 << 20, '\0');
    expect(run({"atom", "set", "v2", "-"}, large), 0, "");
    expect(run({"atom", "get", "v2"}), 0, large);
    expect(run({"atom", "cas", "v2", "-", "small"}, large), 0, "");
    expect(run({"atom", "get", "v2"}), 0, "small");
    expect_error(run({"atom", "cas", "v2", "-", "-"}, "x"), 2, "stdin");
}

void values_may_begin_with_a_dash(void **) {
    for (const char *value : {"-5", "--", "--ttl", "--json", "-h", "--help", "--ttl=5s", "---", "[1,2]", "{\"a\":1}"}) {
        expect(run({"atom", "set", "v3", value}), 0, "");
        expect(run({"atom", "get", "v3"}), 0, value);
        expect(run({"atom", "cas", "v3", value, "--next"}), 0, "");
        expect(run({"atom", "cas", "v3", "--next", value}), 0, "");
        expect(run({"atom", "meta", "v3", value}), 0, "");
        expect(run({"atom", "meta", "v3"}), 0, value);
    }
}

void a_key_may_begin_with_a_dash_behind_two_dashes(void **) {
    expect(run({"atom", "set", "--", "-k", "v"}), 0, "");
    expect(run({"atom", "get", "--", "-k"}), 0, "v");
    expect(run({"atom", "set", "-", "dash"}), 0, "");
    expect(run({"atom", "get", "-"}), 0, "dash");
}

void options_stand_before_the_key_or_behind_the_last_argument(void **) {
    expect(run({"atom", "set", "--ttl", "1h", "v4", "a"}), 0, "");
    expect(run({"ttl", "v4"}), 0, "1h\n");
    expect(run({"atom", "set", "v4", "b", "--ttl=2h"}), 0, "");
    expect(run({"ttl", "v4"}), 0, "2h\n");
    expect(run({"atom", "get", "v4"}), 0, "b");
    expect_error(run({"atom", "set", "v4", "--ttl", "1h", "c"}), 2, "too many");
    expect_error(run({"atom", "set", "v4", "c", "--json"}), 2, "before the word");
    expect_error(run({"atom", "set", "--ttl", "soon", "v4", "c"}), 2, "500ms");
    expect(run({"atom", "get", "v4"}), 0, "b");
}

void set_keeps_the_time_to_live_that_it_is_not_told(void **) {
    expect(run({"atom", "set", "v5", "a", "--ttl", "1h"}), 0, "");
    expect(run({"atom", "set", "v5", "b"}), 0, "");
    expect(run({"ttl", "v5"}), 0, "1h\n");
    expect(run({"atom", "set", "v5", "c", "--ttl", "none"}), 0, "");
    expect(run({"ttl", "v5"}), 0, "none\n");
}

void A2_cas_compares_byte_for_byte_and_prints_the_standing_value(void **) {
    expect(run({"atom", "set", "v6", "1"}), 0, "");
    expect(run({"atom", "cas", "v6", "1", "2"}), 0, "");
    const RunResult no = run({"atom", "cas", "v6", "1", "3"});
    expect(no, 3, "2");
    expect(run({"atom", "cas", "v6", "2 ", "3"}), 3, "2");
    expect(run({"atom", "get", "v6"}), 0, "2");
}

void an_absent_key_is_an_error(void **) {
    for (const Args &args :
         {Args{"atom", "get", "none"}, Args{"atom", "cas", "none", "a", "b"}, Args{"atom", "meta", "none"},
          Args{"atom", "meta", "none", "m"}, Args{"atom", "swap", "none", "--", "cat"}, Args{"inspect", "none"},
          Args{"ttl", "none"}, Args{"ttl", "none", "5s"}}) {
        expect_error(run(args), 1, "none");
    }
    expect(run({"ls", "none"}), 0, "");
}

void a_key_of_another_type_is_an_error_and_left_alone(void **) {
    server().must({"SET", "foreign", "precious"});
    for (const Args &args :
         {Args{"atom", "get", "foreign"}, Args{"atom", "set", "foreign", "x"}, Args{"atom", "cas", "foreign", "a", "b"},
          Args{"atom", "swap", "foreign", "--", "cat"}, Args{"rm", "foreign"}, Args{"inspect", "foreign"}}) {
        expect_error(run(args), 1, "foreign");
    }
    assert_string_equal(server().must({"GET", "foreign"}).text.c_str(), "precious");
}

void C9_a_codec_other_than_the_references_is_an_error(void **) {
    expect(run({"--codec", "json", "atom", "set", "v7", "{}"}), 0, "");
    expect(run({"--codec", "json", "atom", "get", "v7"}), 0, "{}");
    expect(run({"atom", "get", "v7"}), 0, "{}");
    expect_error(run({"--codec", "string", "atom", "get", "v7"}), 1, "json");
    expect_error(run({"atom", "set", "v7", "x"}), 1, "json");
    expect(run({"--codec", "json", "atom", "set", "v7", "[1]"}), 0, "");
    expect(run({"atom", "get", "v7"}), 0, "[1]");
    expect_error(run({"--codec", "two words", "atom", "get", "v7"}), 2, "codec");
}

void a_prefix_separates(void **) {
    expect(run({"--prefix", "a:", "atom", "set", "v8", "in a"}), 0, "");
    expect(run({"--prefix", "b:", "atom", "set", "v8", "in b"}), 0, "");
    expect(run({"--prefix", "a:", "atom", "get", "v8"}), 0, "in a");
    expect(run({"atom", "get", "b:v8"}), 0, "in b");
    expect(run({"--prefix", "a:", "ls"}), 0, "v8\n");
    expect(run({"--prefix", "", "atom", "get", "a:v8"}), 0, "in a");
}

void C8_meta_is_beside_the_value(void **) {
    expect(run({"atom", "set", "v9", "x"}), 0, "");
    expect(run({"atom", "meta", "v9"}), 0, "");
    expect(run({"atom", "meta", "v9", "-"}, kAllBytes), 0, "");
    expect(run({"atom", "meta", "v9"}), 0, kAllBytes);
    expect(run({"atom", "get", "v9"}), 0, "x");
    expect_contains(run({"--json", "inspect", "v9"}).out, "\"version\":1,");
}

void a_value_beyond_the_limit_is_an_error(void **) {
    const std::string url = server().unix_url() + "?max_value_size=1KiB";
    expect(exo::support::run_program(at(url, {"atom", "set", "v10", std::string(1024, 'x')})), 0, "");
    expect_error(exo::support::run_program(at(url, {"atom", "set", "v10", std::string(1025, 'y')})), 1, "v10");
    expect(run({"atom", "get", "v10"}), 0, std::string(1024, 'x'));
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_value_is_set_and_read_as_it_is),
        cmocka_unit_test(a_lone_dash_is_stdin_with_any_bytes),
        cmocka_unit_test(values_may_begin_with_a_dash),
        cmocka_unit_test(a_key_may_begin_with_a_dash_behind_two_dashes),
        cmocka_unit_test(options_stand_before_the_key_or_behind_the_last_argument),
        cmocka_unit_test(set_keeps_the_time_to_live_that_it_is_not_told),
        cmocka_unit_test(A2_cas_compares_byte_for_byte_and_prints_the_standing_value),
        cmocka_unit_test(an_absent_key_is_an_error),
        cmocka_unit_test(a_key_of_another_type_is_an_error_and_left_alone),
        cmocka_unit_test(C9_a_codec_other_than_the_references_is_an_error),
        cmocka_unit_test(a_prefix_separates),
        cmocka_unit_test(C8_meta_is_beside_the_value),
        cmocka_unit_test(a_value_beyond_the_limit_is_an_error),
    };
    return cmocka_run_group_tests(tests, start_server, stop_server);
}
