// --codec json and --codec string: what is written is canonical or UTF-8, what is not is refused and changes nothing.
#include "command.hpp"

using namespace exo::cli_test;

namespace {

Args json(const Args &args) {
    Args all{"--codec", "json"};
    all.insert(all.end(), args.begin(), args.end());
    return all;
}
Args string(const Args &args) {
    Args all = json(args);
    all[1] = "string";
    return all;
}

std::string codec_of(const std::string &key) {
    const std::string out = run({"--json", "inspect", key}).out;
    const std::size_t at = out.find("\"codec\":");
    return at == out.npos ? "" : out.substr(at + 8, out.find(',', at) - at - 8);
}

void a_value_becomes_canonical_and_the_reference_carries_the_label(void **) {
    expect(run(json({"atom", "set", "j1", " { \"b\" : 1.50, \"a\" : [ \"\\u00e9\" ] } "})), 0, "");
    expect(run({"atom", "get", "j1"}), 0, "{\"a\":[\"\xc3\xa9\"],\"b\":1.5}");
    assert_string_equal(codec_of("j1").c_str(), "\"json\"");
    expect(run(json({"atom", "set", "j1", "-0"})), 0, "");
    expect(run(json({"atom", "get", "j1"})), 0, "0");
    expect(run(json({"atom", "set", "j1", "-"}), "[1,\n 2]\n"), 0, "");
    expect(run(json({"atom", "get", "j1"})), 0, "[1,2]");
}

void A2_equal_json_compares_equal(void **) {
    expect(run(json({"atom", "set", "j2", "{\"b\":1.0,\"a\":2}"})), 0, "");
    expect(run(json({"atom", "cas", "j2", "{\"a\":2, \"b\":1}", "[]"})), 3, "{\"a\":2,\"b\":1.0}");
    expect(run(json({"atom", "cas", "j2", "{ \"a\":2, \"b\":10e-1 }", "[ ]"})), 0, "");
    expect(run({"atom", "get", "j2"}), 0, "[]");
    expect(run(json({"atom", "cas", "j2", "-", "{}"}), "[\n]\n"), 0, "");
    expect(run({"atom", "get", "j2"}), 0, "{}");
}

void what_cmd_prints_becomes_canonical(void **) {
    expect(run(json({"atom", "set", "j3", "1"})), 0, "");
    expect(run(json({"atom", "swap", "j3", "--", "sh", "-c", "read -r n; echo \"[ $((n + 1)), 0.50 ]\""})), 0,
           "[2,0.5]");
    expect(run({"atom", "get", "j3"}), 0, "[2,0.5]");
}

void what_is_no_json_is_an_error_that_says_where_and_changes_nothing(void **) {
    expect(run(json({"atom", "set", "j4", "[0]"})), 0, "");
    expect_error(run(json({"atom", "set", "j4", "[1,]"})), 1, "VALUE: the JSON text was refused at line 1, column 4");
    expect_error(run(json({"atom", "set", "j4", "-"}), "{\"a\":1,\n \"a\":2}"), 1,
                 "line 2, column 4 (offset 11): the key 'a'");
    expect_error(run(json({"atom", "set", "j4", ""})), 1, "unexpected end of input");
    expect_error(run(json({"atom", "cas", "j4", "[0", "1"})), 1, "OLD: ");
    expect_error(run(json({"atom", "cas", "j4", "[0]", "1e999"})), 1, "NEW: ");
    expect_error(run(json({"atom", "swap", "j4", "--", "echo", "NaN"})), 1,
                 "the output of CMD: the JSON text was refused at line 1, column 1 (offset 0): invalid "
                 "literal; the atom is as it was");
    expect(run({"atom", "get", "j4"}), 0, "[0]");
    expect_error(run(json({"atom", "set", "j4new", "nope"})), 1, "VALUE");
    expect_error(run({"atom", "get", "j4new"}), 1, "j4new");
}

void the_output_is_what_is_stored(void **) {
    // Somebody else's bytes, without a label.
    expect(run({"atom", "set", "j5", "{ \"not\": canonical }"}), 0, "");
    expect(run(json({"atom", "get", "j5"})), 0, "{ \"not\": canonical }");
    expect(run(json({"atom", "cas", "j5", "1", "2"})), 3, "{ \"not\": canonical }");
    expect(run(json({"atom", "set", "j5", "[ 1 ]"})), 0, "");
    expect(run({"atom", "get", "j5"}), 0, "[1]");
    assert_string_equal(codec_of("j5").c_str(), "null");
}

void metadata_has_no_codec(void **) {
    expect(run(json({"atom", "set", "j6", "1"})), 0, "");
    expect(run(json({"atom", "meta", "j6", "{ free: text }"})), 0, "");
    expect(run(json({"atom", "meta", "j6"})), 0, "{ free: text }");
}

void other_labels_only_name_the_bytes(void **) {
    expect(run({"--codec", "JSON", "atom", "set", "j7", "[1,"}), 0, "");
    expect(run({"atom", "get", "j7"}), 0, "[1,");
    assert_string_equal(codec_of("j7").c_str(), "\"JSON\"");
}

void C9_a_string_is_utf8(void **) {
    expect(run(string({"atom", "set", "s1", "h\xc3\xa9 [1, "})), 0, "");
    expect(run(string({"atom", "get", "s1"})), 0, "h\xc3\xa9 [1, ");
    assert_string_equal(codec_of("s1").c_str(), "\"string\"");
    expect_error(run(string({"atom", "set", "s1", "-"}), "ab\xff"), 1,
                 "VALUE: codec 'string' is UTF-8, and at offset 2 it is not");
    expect_error(run(string({"atom", "set", "s1", "-"}), "\xc3"), 1, "offset 0");
    expect_error(run(string({"atom", "cas", "s1", "-", "x"}), "\xed\xa0\x80"), 1, "OLD");
    expect_error(run(string({"atom", "cas", "s1", "h\xc3\xa9 [1, ", "-"}), "caf\xe9"), 1, "NEW");
    expect_error(run(string({"atom", "swap", "s1", "--", "printf", "\\303"})), 1, "the output of CMD");
    expect(run({"atom", "get", "s1"}), 0, "h\xc3\xa9 [1, ");
    expect(run(string({"atom", "set", "s1", ""})), 0, "");
    expect(run(string({"atom", "set", "s1", "-"}), std::string("\0x\n", 3)), 0, "");
    expect(run({"atom", "get", "s1"}), 0, std::string("\0x\n", 3));
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_value_becomes_canonical_and_the_reference_carries_the_label),
        cmocka_unit_test(A2_equal_json_compares_equal),
        cmocka_unit_test(what_cmd_prints_becomes_canonical),
        cmocka_unit_test(what_is_no_json_is_an_error_that_says_where_and_changes_nothing),
        cmocka_unit_test(the_output_is_what_is_stored),
        cmocka_unit_test(metadata_has_no_codec),
        cmocka_unit_test(other_labels_only_name_the_bytes),
        cmocka_unit_test(C9_a_string_is_utf8),
    };
    return cmocka_run_group_tests(tests, start_server, stop_server);
}
