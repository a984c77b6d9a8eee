// Completion in bash and zsh: every word and option that the command's help has is offered where it may stand.
#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "help_tree.hpp"

using namespace exo::cli_test;

namespace {

using Offered = std::set<std::string>;

const std::string kShare = EXOREF_TEST_SOURCE_DIR "/share/";

/// Calls the function as bash does when TAB is typed behind the line, and prints what it answers.
constexpr const char *kBash = R"(
    . "$1"
    complete -p exoref >/dev/null || exit 9
    COMP_LINE=$3 COMP_POINT=${#3} COMP_WORDS=($3)
    _exoref "$2" "${3##* }"
    printf '%s\n' "${COMPREPLY[@]}"
)";

/// What zsh's completion system has, as far as the function calls it; each prints what it would offer.
constexpr const char *kZsh = R"(
    _call_program() { shift; "$@"; }
    _describe() { local name=${@[-1]}; local -a all=("${(@P)name}"); print -rl -- "${(@)all%%:*}"; }
    compadd() { shift; print -rl -- "$@"; }
    compset() { : }
    _files() { if [[ $1 == -/ ]]; then print -rl -- *(/N); else print -rl -- *(N); fi }
    _normal() { print -r -- "command $CURRENT: $words"; }
    _message() { : }
    words=("$2" "${@[4,-1]}") CURRENT=$(( $# - 2 ))
    . "$1"
)";

Offered lines_of(const RunResult &result) {
    if (result.status.code != 0 || !result.err.empty()) {
        fail_msg("ended with %d: %s", result.status.code, result.err.c_str());
    }
    Offered lines;
    std::istringstream out(result.out);
    for (std::string line; std::getline(out, line);) {
        if (!line.empty()) lines.insert(line);
    }
    return lines;
}

RunResult run_in(const std::string &folder, const Args &argv) {
    exo::support::ProcessOptions options = started(argv);
    options.directory = folder;
    Process process(options);
    RunResult result;
    result.status.code = end_of(process);
    result.out = process.out();
    result.err = process.err();
    return result;
}

/// The last word is the one that the cursor stands behind; it may be empty.
Offered in_bash(const Args &line, const std::string &folder = "/") {
    std::string typed = "exoref";
    for (const std::string &word : line) typed += " " + word;
    return lines_of(run_in(folder, {"bash", "--norc", "-c", kBash, "bash",
                                    kShare + "bash-completion/completions/exoref", EXOREF_TEST_CLI, typed}));
}
Offered in_zsh(const Args &line, const std::string &folder = "/") {
    Args argv{"zsh", "-f", "-c", kZsh, "zsh", kShare + "zsh/site-functions/_exoref", EXOREF_TEST_CLI, "--"};
    argv.insert(argv.end(), line.begin(), line.end());
    return lines_of(run_in(folder, argv));
}

using Shell = Offered (*)(const Args &line, const std::string &folder);
constexpr Shell kShells[] = {in_bash, in_zsh};

std::string joined(const Offered &offered) {
    std::string text;
    for (const std::string &one : offered) text += " " + one;
    return text;
}

void expect_offered(const Offered &offered, const Offered &expected, const Args &line) {
    if (offered != expected) {
        fail_msg("behind '%s' are offered%s, not%s", joined({line.begin(), line.end()}).c_str(),
                 joined(offered).c_str(), joined(expected).c_str());
    }
}

/// zsh is told all that may stand there, and itself chooses by what was typed already.
Offered that_begin_with(const Offered &offered, const std::string &prefix) {
    Offered chosen;
    std::copy_if(offered.begin(), offered.end(), std::inserter(chosen, chosen.end()),
                 [&](const std::string &one) { return one.starts_with(prefix); });
    return chosen;
}

/// `-h,--help` and `--ttl D` are completed as --help and --ttl.
std::string name_of(const std::string &option) {
    const std::string name = option.substr(0, option.find(' '));
    return name.substr(name.find("--"));
}

void every_word_is_offered_behind_what_it_follows(void **) {
    const auto entries = help_section("Words");
    assert_true(entries.size() >= 19);
    std::map<Args, Offered> next;
    for (const std::string &entry : entries) {
        const Args path = path_of(entry);
        for (std::size_t depth = 0; depth < path.size(); ++depth) {
            next[Args(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(depth))].insert(path[depth]);
        }
    }
    for (const Shell &shell : kShells) {
        for (const auto &[path, words] : next) {
            Args line = path;
            line.emplace_back("");
            expect_offered(shell(line, "/"), words, line);
        }
    }
}

void every_option_is_offered_where_it_may_stand(void **) {
    std::vector<Args> paths{{}};
    for (const std::string &entry : help_section("Words")) paths.push_back(path_of(entry));
    for (const Shell &shell : kShells) {
        for (const Args &path : paths) {
            Offered options;
            for (const std::string &option : help_section("Options", path)) options.insert(name_of(option));
            assert_true(options.contains("--help"));
            Args line = path;
            line.emplace_back("-");
            expect_offered(shell(line, "/"), options, line);
        }
    }
}

void what_was_begun_is_completed(void **) {
    const struct {
        Args line;
        Offered expected;
    } lines[] = {
        {{"at"}, {"atom"}},
        {{"atom", "s"}, {"set", "swap"}},
        {{"--url", "redis://host:1", "--json", "atom", "wa"}, {"watch"}},
        {{"--url=redis://host:1", "--prefix", "atom", "pi"}, {"ping"}},
        {{"--cod"}, {"--codec"}},
        {{"--codec", "js"}, {"json"}},
        {{"atom", "watch", "key", "--cu"}, {"--current"}},
        {{"atom", "watch", "--count", "3", "key", "--cu"}, {"--current"}},
        {{"promise", "re"}, {"realized"}},
        {{"promise", "deliver", "key", "value", "--t"}, {"--ttl"}},
        {{"delay", "get", "--lease", "5s", "--re"}, {"--retry"}},
        {{"ls", "--type", "pro"}, {"promise"}},
        {{"frobnicate", "a"}, {}},
        {{"atom", "frobnicate", ""}, {}},
    };
    for (const Shell &shell : kShells) {
        for (const auto &one : lines) {
            expect_offered(that_begin_with(shell(one.line, "/"), one.line.back()), one.expected, one.line);
        }
        expect_offered(that_begin_with(shell({"--codec=js"}, "/"), "js"), {"json"}, {"--codec=js"});
    }
}

void keys_and_values_are_left_alone(void **) {
    for (const Shell &shell : kShells) {
        for (const Args &line :
             {Args{"atom", "get", ""}, Args{"atom", "set", "key", ""}, Args{"atom", "cas", "key", "a", ""},
              Args{"--timeout", ""}, Args{"atom", "watch", "key", "--count", ""}, Args{"ping", ""},
              Args{"promise", "deliver", "key", ""}, Args{"promise", "get", ""}, Args{"delay", "get", "--lease", ""}}) {
            expect_offered(shell(line, "/"), {}, line);
        }
    }
}

void folders_and_files_are_offered_where_they_are_wanted(void **) {
    const exo::support::TempDir folder;
    std::ofstream(folder.file("url.txt")) << "redis://host\n";
    exo::support::run_program({"mkdir", folder.file("data one")});
    for (const Shell &shell : kShells) {
        expect_offered(shell({"server", "start", ""}, folder.path()), {"data one"}, {"server", "start", ""});
        expect_offered(shell({"--url-file", ""}, folder.path()), {"data one", "url.txt"}, {"--url-file", ""});
    }
}

void behind_two_dashes_stands_a_command(void **) {
    for (const Shell &shell : kShells) {
        expect_offered(shell({"atom", "swap", "key", ""}, "/"), {"--"}, {"atom", "swap", "key", ""});
        expect_offered(shell({"atom", "watch", "key", "--count", "3", ""}, "/"), {"--"}, {"atom", "watch", "key", ""});
        expect_offered(shell({"delay", "get", "key", "--retry", ""}, "/"), {"--"}, {"delay", "get", "key", ""});
        expect_offered(shell({"atom", "swap", "--", "-key", ""}, "/"), {"--"}, {"atom", "swap", "--", "-key", ""});
    }
    const Offered commands = in_bash({"atom", "swap", "key", "--", "printenv"});
    assert_true(commands.contains("printenv"));
    expect_offered(in_bash({"atom", "swap", "key", "--", "cat", "/de"}), {"/dev"},
                   {"atom", "swap", "key", "--", "cat", "/de"});
    expect_offered(in_zsh({"atom", "swap", "key", "--", "cat", "x"}), {"command 2: cat x"}, {"..."});
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(every_word_is_offered_behind_what_it_follows),
        cmocka_unit_test(every_option_is_offered_where_it_may_stand),
        cmocka_unit_test(what_was_begun_is_completed),
        cmocka_unit_test(keys_and_values_are_left_alone),
        cmocka_unit_test(folders_and_files_are_offered_where_they_are_wanted),
        cmocka_unit_test(behind_two_dashes_stands_a_command),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
