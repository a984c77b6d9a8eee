// The manual page says neither more nor less than the command has: its words, options, exit codes and version.
#include <fstream>
#include <set>

#include "help_tree.hpp"

using namespace exo::cli_test;

namespace {

using Entries = std::set<std::string>;

std::string read_file(const std::string &path) {
    std::ifstream file(EXOREF_TEST_SOURCE_DIR "/" + path);
    return {(std::istreambuf_iterator<char>(file)), {}};
}

std::string manual() { return read_file("share/man/man1/exoref.1"); }

/// A line of the page without its marks: \fBatom get\fR \fIKEY\fR is `atom get KEY`.
std::string plain(const std::string &line) {
    std::string text;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] != '\\') {
            text += line[i];
        } else if (line[++i] == 'f') {
            ++i;
        } else {
            text += line[i];
        }
    }
    return text;
}

/// What stands as a heading in a section: the line behind each .TP.
Entries headings(const std::string &section) {
    Entries found;
    std::istringstream page(manual());
    bool inside = false;
    for (std::string line; std::getline(page, line);) {
        if (line.starts_with(".SH ")) inside = line == ".SH " + section;
        if (!inside || line != ".TP") continue;
        std::getline(page, line);
        if (!found.insert(plain(line)).second) fail_msg("twice in the manual page: %s", line.c_str());
    }
    return found;
}

void expect_same(const Entries &page, const Entries &command) {
    for (const std::string &entry : command) {
        if (!page.contains(entry)) fail_msg("exoref.1 lacks: %s", entry.c_str());
    }
    for (const std::string &entry : page) {
        if (!command.contains(entry)) fail_msg("exoref.1 has what the command has not: %s", entry.c_str());
    }
    assert_false(command.empty());
}

void the_page_has_every_word_as_the_help_has_it(void **) {
    const auto words = help_section("Words");
    expect_same(headings("WORDS"), {words.begin(), words.end()});
}

void the_page_has_every_option(void **) {
    const auto global = help_section("Options");
    expect_same(headings("GLOBAL OPTIONS"), {global.begin(), global.end()});
    Entries own;
    for (const std::string &entry : help_section("Words")) {
        for (const std::string &option : help_section("Options", path_of(entry))) own.insert(option);
    }
    own.erase("-h,--help");
    expect_same(headings("OPTIONS OF WORDS"), own);
}

void the_page_has_the_exit_codes_of_the_guide(void **) {
    Entries codes;
    std::istringstream guide(read_file("docs/cli.md"));
    for (std::string line; std::getline(guide, line);) {
        if (line.starts_with("| ") && line[2] >= '0' && line[2] <= '9')
            codes.insert(line.substr(2, line.find(' ', 2) - 2));
    }
    expect_same(headings("EXIT STATUS"), codes);
}

void the_page_is_of_this_version(void **) {
    std::string version = bare({"--version"}).out;
    version.pop_back();
    expect_contains(manual(), "\n.TH EXOREF 1 \"\" \"" + version + "\"");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_page_has_every_word_as_the_help_has_it),
        cmocka_unit_test(the_page_has_every_option),
        cmocka_unit_test(the_page_has_the_exit_codes_of_the_guide),
        cmocka_unit_test(the_page_is_of_this_version),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
