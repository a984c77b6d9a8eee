// exoref_json_canonical: the border, the examples of docs/canonical-json.md, and what it is for: equal values are equal bytes.
// The rules themselves are tested by the table of cases (unit/base/json_canonical_test).
#include <exoref/exoref.hpp>
#include <fstream>

#include "capi/atoms.hpp"

using namespace exo::capi_test;

namespace {

std::string canonical(const std::string &text) {
    Value value;
    Error error;
    const exoref_status status = exoref_json_canonical(text.data(), text.size(), value.out(), error.out());
    check_status(EXOREF_OK, status, error, text.c_str(), __FILE__, __LINE__);
    return bytes(value);
}

}  // namespace

static void the_canonical_form_is_a_value_of_its_own(void **) {
    Value value;
    assert_ok(exoref_json_canonical(" [1,\n2] ", 8, value.out(), nullptr));
    assert_bytes("[1,2]", value);
    assert_int_equal(exoref_value_version(value), 0);
    assert_string_equal(exoref_value_codec(value), "");
    assert_ok(exoref_json_canonical("\"a\\u0000b\"", 10, value.out(), nullptr));
    assert_bytes("\"a\\u0000b\"", value);
}

static void without_out_the_text_is_only_checked(void **) {
    assert_ok(exoref_json_canonical("[1]", 3, nullptr, nullptr));
    Error error;
    assert_status_error(EXOREF_EINVAL, exoref_json_canonical("[1", 2, nullptr, error.out()), error);
}

static void what_is_no_json_is_invalid_and_the_error_says_where(void **) {
    Value value;
    assert_ok(exoref_json_canonical("1", 1, value.out(), nullptr));
    exoref_value *out = value.get();
    Error error;
    const std::string text = "{\"a\": [1,\n  2,,3]}";
    assert_status_error(EXOREF_EINVAL, exoref_json_canonical(text.data(), text.size(), &out, error.out()), error);
    assert_null(out);
    assert_true(contains(exoref_error_message(error), "line 2, column 5 (offset 14)"));
    assert_false(exoref_error_sent(error));
    assert_status_error(EXOREF_EINVAL, exoref_json_canonical(nullptr, 0, &out, error.out()), error);
    assert_true(contains(exoref_error_message(error), "end of input"));
    assert_status_error(EXOREF_EINVAL, exoref_json_canonical(nullptr, 1, &out, error.out()), error);
    assert_true(contains(exoref_error_message(error), "NULL"));
}

static void A2_equal_values_in_json_compare_equal(void **) {
    const Client client = open_client();
    const std::string key = fresh_key();
    const Atom atom =
        create_atom(client, key, canonical("{\"b\": 1.50, \"a\": \"\\u00e9\"}"), options({{"codec", "json"}}));
    const std::string same = canonical("{ \"a\":\"\xc3\xa9\",\"b\":15e-1 }");
    const std::string next = canonical("[ ]");
    bool swapped = false;
    assert_ok(exoref_atom_compare_and_set(atom, same.data(), same.size(), next.data(), next.size(), enough(), &swapped,
                                          nullptr, nullptr));
    assert_true(swapped);
    assert_bytes("[]", deref(atom));
}

static void the_examples_of_the_guide_are_true(void **) {
    std::ifstream file(EXOREF_TEST_SOURCE_DIR "/docs/canonical-json.md");
    const std::string begin = "```canonical-json", end = "```", arrow = "  ->  ", error_sign = "error: ";
    bool inside = false;
    int examples = 0;
    for (std::string line; std::getline(file, line);) {
        const bool was_inside = inside;
        inside = inside ? line != end : line == begin;
        const std::size_t at = line.find(arrow);
        if (!inside || !was_inside) continue;
        if (at == line.npos) fail_msg("no arrow: %s", line.c_str());
        ++examples;
        const std::string text = line.substr(0, at), promised = line.substr(at + arrow.size());
        if (!promised.starts_with(error_sign)) {
            if (canonical(text) != promised) fail_msg("%s became %s", line.c_str(), canonical(text).c_str());
            continue;
        }
        Error error;
        const exoref_status status = exoref_json_canonical(text.data(), text.size(), nullptr, error.out());
        check_status(EXOREF_EINVAL, status, error, line.c_str(), __FILE__, __LINE__);
        if (!contains(exoref_error_message(error), promised.substr(error_sign.size()))) {
            fail_msg("%s: %s", line.c_str(), exoref_error_message(error));
        }
    }
    assert_true(examples > 30);
}

static void the_form_of_cxx_gives_a_value_or_throws(void **) {
    assert_true(exoref::json_canonical("{ }") == "{}");
    const auto refused = exoref::json_canonical(std::nothrow, "{");
    assert_int_equal(refused.status(), EXOREF_EINVAL);
    bool thrown = false;
    try {
        exoref::json_canonical("[1,]");
    } catch (const exoref::invalid_error &error) {
        thrown = contains(error.what(), "column 4");
    }
    assert_true(thrown);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_canonical_form_is_a_value_of_its_own),
        cmocka_unit_test(without_out_the_text_is_only_checked),
        cmocka_unit_test(what_is_no_json_is_invalid_and_the_error_says_where),
        cmocka_unit_test(A2_equal_values_in_json_compare_equal),
        cmocka_unit_test(the_examples_of_the_guide_are_true),
        cmocka_unit_test(the_form_of_cxx_gives_a_value_or_throws),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
