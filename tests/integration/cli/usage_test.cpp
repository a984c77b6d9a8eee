// Command lines that are wrong end with 2 and one line that helps; help and version need no server.
#include <fstream>

#include "command.hpp"
#include "exoref/exoref.h"

using namespace exo::cli_test;

namespace {

RunResult bare(const Args &args) { return exo::support::run_program(exoref(args)); }

void wrong_command_lines_end_with_two(void **) {
    const struct {
        Args args;
        const char *words;
    } wrong[] = {
        {{}, "a word is missing"},
        {{"--json"}, "a word is missing"},
        {{"frobnicate"}, "no word 'frobnicate'"},
        {{"atom"}, "another word"},
        {{"atom", "frobnicate"}, "no word 'atom frobnicate'"},
        {{"--frobnicate", "ping"}, "no option '--frobnicate'"},
        {{"atom", "get"}, "usage: exoref atom get KEY"},
        {{"atom", "get", "a", "b"}, "too many"},
        {{"atom", "get", "--frobnicate", "a"}, "no option '--frobnicate'"},
        {{"atom", "get", "-x"}, "no option '-x'"},
        {{"atom", "get", "a", "--"}, "'--'"},
        {{"atom", "set", "k"}, "missing"},
        {{"atom", "set", "k", "v", "w"}, "too many"},
        {{"atom", "set", "--ttl", "5s"}, "missing"},
        {{"atom", "set", "k", "v", "--ttl"}, "value of '--ttl' is missing"},
        {{"atom", "cas", "k", "a"}, "missing"},
        {{"atom", "swap", "k"}, "command is missing"},
        {{"atom", "swap", "k", "--"}, "command is missing"},
        {{"atom", "swap", "--", "cat"}, "command is missing"},
        {{"atom", "swap", "k", "cat"}, "too many"},
        {{"atom", "watch", "k", "--count", "0"}, "--count"},
        {{"atom", "watch", "k", "--count", "some"}, "--count"},
        {{"atom", "watch", "k", "--current=yes"}, "takes no value"},
        {{"atom", "get", "k", "--json"}, "before the word"},
        {{"promise"}, "another word"},
        {{"promise", "deliver", "k"}, "missing"},
        {{"promise", "deliver", "k", "v", "--ttl", "soon"}, "500ms"},
        {{"promise", "get"}, "usage: exoref promise get KEY"},
        {{"promise", "get", "k", "--", "cat"}, "'--'"},
        {{"promise", "realized", "k", "l"}, "too many"},
        {{"delay", "get"}, "missing"},
        {{"delay", "get", "k", "--"}, "command is missing"},
        {{"delay", "get", "k", "cat"}, "too many"},
        {{"delay", "get", "k", "--lease", "10ms"}, "1s"},
        {{"delay", "get", "k", "--retry=yes"}, "takes no value"},
        {{"delay", "get", "k", "--ttl", "0ms"}, "1ms"},
        {{"ls", "a", "b"}, "too many"},
        {{"ls", "--type", "delays"}, "atom,promise,delay"},
        {{"ping", "x"}, "too many"},
        {{"server", "start"}, "missing"},
        {{"--url"}, "value of '--url' is missing"},
        {{"--url", "redis://h", "--url-file", "f", "ping"}, "excludes"},
        {{"--timeout", "soon", "ping"}, "500ms"},
        {{"--timeout", "5", "ping"}, "500ms"},
    };
    for (const auto &line : wrong) expect_error(bare(line.args), 2, line.words);
}

void a_malformed_url_ends_with_two_and_shows_no_password(void **) {
    for (const char *url : {"http://hunter2@h", "redis://u:hunter2@h:port", "redis://u:hunter2@h?frobnicate=1",
                            "rediss://:hunter2@h", "", "local:", "redis://u:hunter2@h?timeout=soon"}) {
        const RunResult result = bare({"--url", url, "ping"});
        expect_error(result, 2, "URL");
        expect_lacks(result.err, "hunter2");
    }
    expect_error(bare({"--url", "redis://h?frobnicate=1", "ping"}), 2, "frobnicate");
}

void an_empty_key_is_wrong(void **) {
    for (const Args &args :
         {Args{"atom", "get", ""}, Args{"atom", "set", "", "v"}, Args{"rm", ""}, Args{"promise", "get", ""},
          Args{"promise", "realized", ""}, Args{"delay", "get", "", "--", "true"}}) {
        expect_error(run(args), 2, "key");
    }
}

void help_is_for_everything_and_for_each_word(void **) {
    for (const Args &args : {Args{"--help"}, Args{"-h"}, Args{"atom", "--help"}}) {
        const RunResult help = bare(args);
        assert_int_equal(help.status.code, 0);
        expect_contains(help.out, "  atom swap KEY -- CMD...");
    }
    expect_contains(bare({"atom", "set", "--help"}).out,
                    "usage: exoref [GLOBAL OPTIONS] atom set [--ttl D] KEY VALUE\n");
    expect_contains(bare({"atom", "watch", "-h"}).out, "--count N");
    expect_contains(bare({"ls", "--help"}).out, "--type T");
    expect_contains(bare({"ls", "--help"}).out, "usage: exoref [GLOBAL OPTIONS] ls [PATTERN] [--type T]\n");
}

void the_guide_has_every_word_as_the_help_has_it(void **) {
    std::ifstream file(std::string(EXOREF_TEST_SOURCE_DIR) + "/docs/cli.md");
    std::string guide((std::istreambuf_iterator<char>(file)), {});
    std::erase(guide, '\\');  // before a bar in a table
    std::istringstream help(bare({"--help"}).out);
    int words = 0;
    for (std::string line; std::getline(help, line);) {
        if (!line.starts_with("  ") || line.starts_with("  -") || line.starts_with("   ")) continue;
        expect_contains(guide, "`" + line.substr(2, line.find("  ", 2) - 2) + "`");
        ++words;
    }
    assert_int_equal(words, 19);
}

void version_is_the_librarys(void **) {
    expect(bare({"--version"}), 0, std::string("exoref ") + exoref_version() + "\n");
}

void standard_descriptors_that_are_closed_or_full_are_errors(void **) {
    expect(run({"atom", "set", "u1", std::string(100, 'x')}), 0, "");
    const RunResult full = exo::support::run_program(
        {"sh", "-c", "\"$0\" --url \"$1\" atom get u1 >/dev/full", EXOREF_TEST_CLI, server().unix_url()});
    expect_error(full, 1, "stdout");
    const RunResult closed = exo::support::run_program(
        {"sh", "-c", "\"$0\" --url \"$1\" atom get u1 >&-", EXOREF_TEST_CLI, server().unix_url()});
    expect_error(closed, 1, "stdout");
    const RunResult no_input = exo::support::run_program(
        {"sh", "-c", "\"$0\" --url \"$1\" atom set u1 - <&-", EXOREF_TEST_CLI, server().unix_url()});
    expect_error(no_input, 1, "stdin");
    // CMD works with its own pipes, whatever is closed here.
    expect(exo::support::run_program({"sh", "-c", "\"$0\" --url \"$1\" atom swap u1 -- sed s/x/y/ <&-", EXOREF_TEST_CLI,
                                      server().unix_url()}),
           0, "y" + std::string(99, 'x'));
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(wrong_command_lines_end_with_two),
        cmocka_unit_test(a_malformed_url_ends_with_two_and_shows_no_password),
        cmocka_unit_test(an_empty_key_is_wrong),
        cmocka_unit_test(help_is_for_everything_and_for_each_word),
        cmocka_unit_test(the_guide_has_every_word_as_the_help_has_it),
        cmocka_unit_test(version_is_the_librarys),
        cmocka_unit_test(standard_descriptors_that_are_closed_or_full_are_errors),
    };
    return cmocka_run_group_tests(tests, start_server, stop_server);
}
