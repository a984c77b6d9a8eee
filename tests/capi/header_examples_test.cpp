// The examples in the comments of the public headers: they compile and run here, and are word for word what stands there.
#include <algorithm>
#include <cctype>
#include <exoref/exoref.hpp>
#include <fstream>
#include <regex>
#include <sstream>

#include "capi/atoms.hpp"

using namespace exo::capi_test;

namespace {

std::string file(const std::string &path) {
    std::ifstream in(EXOREF_TEST_SOURCE_DIR "/" + path);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

std::string without_spaces(std::string text) {
    text.erase(std::remove_if(text.begin(), text.end(), [](unsigned char c) { return std::isspace(c); }), text.end());
    return text;
}

// A header with the signs taken away that make a comment of a line.
std::string comments_as_text(const std::string &path) {
    return std::regex_replace(file(path), std::regex("(^|\n)(//| \\*)"), "$1");
}

// What stands in this file between "from HEADER" and "until here".
std::vector<std::string> examples(const std::string &header) {
    const std::string source = file("tests/capi/header_examples_test.cpp");
    const std::string begin = "// from " + header + "\n";
    std::vector<std::string> found;
    for (std::size_t at = source.find(begin); at != std::string::npos; at = source.find(begin, at + 1)) {
        const std::size_t start = at + begin.size();
        found.push_back(source.substr(start, source.find("// until here", start) - start));
    }
    return found;
}

int done() { return 0; }
int failed() { return 1; }
int look_at_the_value() { return 2; }

int keep_trying(exoref_atom *atom, const void *data, size_t size) {
    // from exoref.h
    for (;;) {
        exoref_status s = exoref_atom_reset(atom, data, size, EXOREF_TIMEOUT_DEFAULT, NULL, NULL);
        switch (exoref_status_class(s)) {
            case EXOREF_CLASS_OK: return done();
            case EXOREF_CLASS_NOT_APPLIED_RETRY: continue;         // certainly nothing was changed: try again
            case EXOREF_CLASS_NOT_APPLIED_FINAL: return failed();  // certainly nothing was changed: give up
            default: return look_at_the_value();                   // unknown: it may have happened
        }
    }
    // until here
}

std::string append(exoref_atom *atom, int64_t timeout) {
    exoref_error *error = nullptr;
    exoref_status status;
    const void *data = nullptr;
    size_t size = 0;
    std::string next, used;
    const auto use = [&](const exoref_value *value) { used = bytes(value); };
    const auto compute = [&](const exoref_value *value, const void **where, size_t *length) {
        next = bytes(value) + "!";
        *where = next.data();
        *length = next.size();
    };
    // from exoref.h
    exoref_swap *swap;
    exoref_value *old;
    bool done = false;
    status = exoref_atom_swap_begin(atom, timeout, &swap, &old, &error);
    while (status == EXOREF_OK && !done) {
        compute(old, &data, &size);
        exoref_value_release(old);
        status = exoref_swap_offer(swap, data, size, timeout, &done, &old, &error);
    }
    if (done) use(old);  // it is the new value now
    exoref_value_release(old);
    exoref_swap_release(swap);
    // until here
    exoref_error_release(error);
    return used;
}

exoref_status reset_to_json(exoref_atom *atom, const std::string &text, int64_t timeout) {
    const void *data = text.data();
    const size_t size = text.size();
    exoref_value *json = nullptr;
    exoref_error *error = nullptr;
    exoref_status status;
    // from exoref.h
    status = exoref_json_canonical(data, size, &json, &error);
    if (status == EXOREF_OK) {
        status = exoref_atom_reset(atom, exoref_value_data(json), exoref_value_size(json), timeout, NULL, &error);
        exoref_value_release(json);
    }
    // until here
    exoref_error_release(error);
    return status;
}

}  // namespace

static void the_examples_are_word_for_word_what_the_headers_say(void **) {
    for (const std::string header : {"exoref.h", "exoref.hpp"}) {
        const std::string text = without_spaces(comments_as_text("include/exoref/" + header));
        const auto found = examples(header);
        assert_int_equal(found.size(), header == "exoref.h" ? 3 : 1);
        for (const std::string &example : found) {
            if (!contains(text, without_spaces(example)))
                print_error("%s does not say:\n%s", header.c_str(), example.c_str());
            assert_true(contains(text, without_spaces(example)));
        }
    }
}

static void the_example_of_trying_again_runs(void **) {
    One one;
    assert_int_equal(keep_trying(one.atom, "2", 1), 0);
    assert_bytes("2", deref(one.atom));
    server().must({"DEL", one.key});
    assert_int_equal(keep_trying(one.atom, "3", 1), 1);
}

static void the_example_of_a_pulled_swap_runs(void **) {
    One one;
    assert_string_equal(append(one.atom, enough()).c_str(), "1!");
    server().must({"DEL", one.key});
    assert_string_equal(append(one.atom, enough()).c_str(), "");
}

static void the_example_of_canonical_json_runs(void **) {
    One one;
    assert_ok(reset_to_json(one.atom, "[ 1 ]", enough()));
    assert_bytes("[1]", deref(one.atom));
    assert_status(EXOREF_EINVAL, reset_to_json(one.atom, "[ 2", enough()));
    assert_bytes("[1]", deref(one.atom));
}

namespace on_localhost {
// The example connects to the usual port, where no test may go: it is compiled and not run.
[[maybe_unused]] void count() {
    // from exoref.hpp
    auto client = exoref::client::open("redis://localhost");
    auto counter = exoref::atom::create(client, "counter", "0");
    counter.swap([](const exoref::value &old) { return std::to_string(std::stol(old.str()) + 1); });
    // until here
}
}  // namespace on_localhost

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_examples_are_word_for_word_what_the_headers_say),
        cmocka_unit_test(the_example_of_trying_again_runs),
        cmocka_unit_test(the_example_of_a_pulled_swap_runs),
        cmocka_unit_test(the_example_of_canonical_json_runs),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
