// Canonical JSON: the table of cases that all languages share, damaged documents, limits, what errors say.
#include "base/json_canonical.hpp"

#include <map>
#include <random>
#include <set>

#include "support/cmocka.hpp"
#include "support/json_cases.hpp"

using exo::base::canonical_json;
using exo::support::JsonCase;

namespace {

std::string canonical(const std::string &text) {
    const auto result = canonical_json(text);
    if (!result) fail_msg("%.200s: %s", text.c_str(), result.error()->message.c_str());
    return *result;
}

std::string refusal(const std::string &text) {
    const auto result = canonical_json(text);
    if (result) fail_msg("%.200s was taken, as %.200s", text.c_str(), (*result).c_str());
    assert_int_equal(static_cast<int>(result.error()->status), static_cast<int>(exo::base::Status::EXOREF_EINVAL));
    return result.error()->message;
}

void assert_same(const JsonCase &one, const std::string &expected, const std::string &actual) {
    if (expected != actual) {
        fail_msg("%s: %.200s instead of %.200s", one.name.c_str(), actual.c_str(), expected.c_str());
    }
}

void expect_words(const std::string &message, const std::string &words, const std::string &where) {
    if (message.find(words) == message.npos) {
        fail_msg("%s: '%s' is not in: %s", where.c_str(), words.c_str(), message.c_str());
    }
}

void every_case_of_the_table_has_its_canonical_form(void **) {
    for (const JsonCase &one : exo::support::json_cases()) {
        if (one.canonical) assert_same(one, *one.canonical, canonical(one.input));
    }
}

void what_is_canonical_stays_as_it_is(void **) {
    for (const JsonCase &one : exo::support::json_cases()) {
        if (one.canonical) assert_same(one, *one.canonical, canonical(*one.canonical));
    }
}

void every_case_of_the_table_that_is_an_error_says_what_and_where(void **) {
    const std::map<std::string, std::string> words = {
        {"syntax", ""},          {"bom", "byte order mark"}, {"utf8", "UTF-8"},    {"escape", "backslash|4 hex digits"},
        {"control", "control"},  {"surrogate", "surrogate"}, {"range", "largest"}, {"duplicate", "stands there twice"},
        {"nesting", "512 deep"},
    };
    for (const JsonCase &one : exo::support::json_cases()) {
        if (one.canonical) continue;
        const std::string message = refusal(one.input);
        const auto kind = words.find(one.error);
        if (kind == words.end()) fail_msg("%s: there is no kind '%s'", one.name.c_str(), one.error.c_str());
        const std::size_t bar = kind->second.find('|');
        const std::string first = kind->second.substr(0, bar);
        const bool second = bar != kind->second.npos && message.find(first) == message.npos;
        expect_words(message, second ? kind->second.substr(bar + 1) : first, one.name);
        expect_words(message, "(offset " + std::to_string(one.offset) + ")", one.name);
        assert_true(message.find('\n') == message.npos);
    }
}

void the_table_is_as_large_as_it_should_be_and_says_nothing_twice(void **) {
    std::set<std::string> names;
    std::set<std::string> inputs;
    const auto cases = exo::support::json_cases();
    for (const JsonCase &one : cases) {
        if (!names.insert(one.name).second) fail_msg("two cases are called: %s", one.name.c_str());
        if (!inputs.insert(one.input).second) fail_msg("another case is about the same text as: %s", one.name.c_str());
        if (one.canonical.has_value() == !one.error.empty()) fail_msg("neither or both: %s", one.name.c_str());
    }
    assert_true(cases.size() >= 250);
}

void errors_say_line_and_column_in_characters(void **) {
    const std::string message = refusal("{\"a\": 1,\r\n \"\xc3\xa9\xf0\x9f\x98\x80\": x}");
    expect_words(message, "line 2, column 8 (offset 21)", "two lines");
    expect_words(refusal(""), "line 1, column 1 (offset 0): unexpected end of input", "nothing");
}

void errors_do_not_repeat_the_value(void **) {
    for (const std::string text :
         {"\"hunter2\\x\"", "hunter2", "[\"hunter2\" \"hunter2\"]", "{\"password\":\"hunter2", "\"hunter2\n\""}) {
        assert_true(refusal(text).find("hunter2") == std::string::npos);
    }
    // A key is named, as far as it fits on a line.
    expect_words(refusal("{\"key\":1,\"key\":2}"), "the key 'key'", "a key twice");
    std::string escaped;
    for (int i = 0; i < 1000; ++i) escaped += "\\n";
    const std::string message = refusal("{\"" + escaped + "\":1,\"" + escaped + "\":2}");
    assert_true(message.size() < 600 && message.find('\n') == message.npos);
}

void of_several_keys_that_stand_twice_the_first_is_told(void **) {
    const std::string message = refusal("{\"z\":0,\"b\":1,\"a\":2,\"b\":3,\"a\":4,\"z\":5}");
    expect_words(message, "'b' stands there twice", "three of them");

    // Of two in a large object it is the second that is complained about.
    std::string members;
    for (int i = 99; i >= 10; --i) members += "\"" + std::to_string(i) + "\":0,";
    for (int i = 10; i <= 99; ++i) {
        const std::string text = "{" + members + "\"" + std::to_string(i) + "\":1}";
        expect_words(refusal(text), "(offset " + std::to_string(text.size() - 4) + ")", text.substr(members.size()));
    }
}

void a_text_beyond_what_redis_takes_is_too_big(void **) {
    const char text[] = "1";
    const auto result = canonical_json({text, exo::base::kMostJsonBytes + 1});  // refused before it is read
    assert_false(result.ok());
    assert_int_equal(static_cast<int>(result.error()->status), static_cast<int>(exo::base::Status::ETOOBIG));
}

/// A document of everything, of some size.
std::string rich_document(std::mt19937_64 &random, int depth) {
    const auto pick = [&](std::uint64_t n) { return random() % n; };
    static const char *const scalars[] = {"null",
                                          "true",
                                          "-0",
                                          "12345678901234567890123",
                                          "1e5",
                                          "-0.0",
                                          "0.1e-9",
                                          "\"\\u00e9\xc3\xa9\"",
                                          "\"\\ud83d\\ude00\"",
                                          "\"\"",
                                          "1E400",
                                          "\"\\n\\/\""};
    if (depth > 5 || pick(3) == 0) return scalars[pick(std::size(scalars))];
    std::string text;
    const bool object = pick(2) == 0;
    for (auto n = pick(5); n > 0; --n) {
        if (!text.empty()) text += pick(4) == 0 ? " , " : ",";
        if (object) text += "\"" + std::string(1, static_cast<char>('a' + pick(20))) + "\" :";
        text += rich_document(random, depth + 1);
    }
    return object ? "{" + text + "}" : "[" + text + "]";
}

void a_damaged_document_is_refused_or_has_a_canonical_form_that_stays(void **) {
    std::mt19937_64 random(20240917);
    int taken = 0;
    int refused = 0;
    for (int round = 0; round < 20000; ++round) {
        std::string text = rich_document(random, 0);
        for (auto damages = random() % 4; damages > 0 && !text.empty(); --damages) {
            const std::size_t at = random() % text.size();
            switch (random() % 4) {
                case 0: text[at] = static_cast<char>(random()); break;
                case 1: text.erase(at, random() % 4); break;
                case 2: text.insert(at, text.substr(random() % text.size(), random() % 8)); break;
                default: text.resize(at);
            }
        }
        const auto result = canonical_json(text);
        ++(result ? taken : refused);
        if (!result) continue;
        const std::string again = canonical(*result);
        if (again != *result) fail_msg("%s became %s and then %s", text.c_str(), result.value().c_str(), again.c_str());
    }
    assert_true(taken > 2000 && refused > 2000);
}

void members_come_into_order_however_deep_they_stand(void **) {
    std::string text = "[{\"c\":[],\"a\":{},\"b\":\"\"},0]";
    std::string expected = "[{\"a\":{},\"b\":\"\",\"c\":[]},0]";
    for (int depth = 0; depth < 300; ++depth) {
        const std::string n = std::to_string(depth);
        text.insert(0, "{\"c\":" + n + ",\"b\":").append(",\"a\":{\"z\":1,\"y\":2}}");
        expected.insert(0, "{\"a\":{\"y\":2,\"z\":1},\"b\":").append(",\"c\":" + n + "}");
    }
    assert_string_equal(canonical(text).c_str(), expected.c_str());
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(every_case_of_the_table_has_its_canonical_form),
        cmocka_unit_test(what_is_canonical_stays_as_it_is),
        cmocka_unit_test(every_case_of_the_table_that_is_an_error_says_what_and_where),
        cmocka_unit_test(the_table_is_as_large_as_it_should_be_and_says_nothing_twice),
        cmocka_unit_test(errors_say_line_and_column_in_characters),
        cmocka_unit_test(errors_do_not_repeat_the_value),
        cmocka_unit_test(of_several_keys_that_stand_twice_the_first_is_told),
        cmocka_unit_test(a_text_beyond_what_redis_takes_is_too_big),
        cmocka_unit_test(a_damaged_document_is_refused_or_has_a_canonical_form_that_stays),
        cmocka_unit_test(members_come_into_order_however_deep_they_stand),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
