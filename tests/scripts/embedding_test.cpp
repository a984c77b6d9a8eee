// The generator that embeds the scripts: what it must refuse, and what it leaves out on purpose.
#include <fstream>
#include <sstream>

#include "support/process.hpp"
#include "support/temp_dir.hpp"

#include "scripts/script_bench.hpp"

namespace exo::scripts_test {
namespace {

const std::string kContract = "-- @key key\n-- @arg a text\n-- @reply nothing\n-- @resend safe\n";

// Scripts in a folder of their own.
class Folder {
public:
    Folder() { write("include/.keep", ""); }

    void write(const std::string &name, const std::string &text) {
        support::run_program({"mkdir", "-p", folder_.file("include")});
        std::ofstream(folder_.file(name)) << text;
    }

    support::RunResult embed(const std::string &broken = "") {
        return support::run_program({"python3", std::string(EXOREF_TEST_SOURCE_DIR) + "/cmake/embed_scripts.py",
                                     "--scripts", folder_.path(), "--out", folder_.file("out"), "--break=" + broken,
                                     "--luac", "luac5.1"});
    }

    std::string made() {
        std::ostringstream text;
        text << std::ifstream(folder_.file("out/scripts.gen.cpp")).rdbuf();
        return text.str();
    }

    void assert_refused(const std::string &because) {
        const support::RunResult result = embed();
        assert_int_equal(result.status.code, 1);
        if (result.err.find(because) == std::string::npos) fail_msg("said: %s", result.err.c_str());
    }

private:
    support::TempDir folder_;
};

void a_script_becomes_named_locals_and_a_writer(void **) {
    Folder folder;
    folder.write("one.lua", kContract + "return a\n");
    assert_true(folder.embed().status.ok());
    const std::string made = folder.made();
    assert_true(made.find("local key = KEYS[1]\nlocal a = ARGV[1]\nreturn a\n") != std::string::npos);
    assert_true(made.find("void write_one(") != std::string::npos);
}

void a_flag_that_may_be_absent_is_nil_then(void **) {
    Folder folder;
    folder.write("one.lua", "-- @key key\n-- @arg a flag?\n-- @reply nothing\n-- @resend safe\nreturn a\n");
    assert_true(folder.embed().status.ok());
    assert_true(folder.made().find("local a = ({['0'] = false, ['1'] = true})[ARGV[1]]\n") != std::string::npos);
}

void an_include_comes_once(void **) {
    Folder folder;
    folder.write("include/x.lua", "local x = 1\n");
    folder.write("include/y.lua", "-- @include x\nlocal y = x\n");
    folder.write("one.lua", kContract + "-- @include x\n-- @include y\n-- @include x\nreturn y\n");
    assert_true(folder.embed().status.ok());
    const std::string made = folder.made();
    assert_true(made.find("local x = 1\nlocal y = x\nreturn y\n") != std::string::npos);
}

void includes_in_a_circle_are_refused(void **) {
    Folder folder;
    folder.write("include/x.lua", "-- @include y\n");
    folder.write("include/y.lua", "-- @include x\n");
    folder.write("one.lua", kContract + "-- @include x\nreturn 1\n");
    folder.assert_refused("x.lua -> y.lua -> x.lua");
}

void an_undefined_name_is_refused(void **) {
    Folder folder;
    folder.write("one.lua", kContract + "return aa\n");
    folder.assert_refused("one.lua: undefined: aa");
    folder.write("one.lua", kContract + "b = 1\nreturn 1\n");
    folder.assert_refused("undefined: b");
    folder.write("one.lua", kContract + "return (1\n");
    folder.assert_refused("one.lua");
}

void a_contract_must_be_whole(void **) {
    Folder folder;
    folder.write("one.lua", "-- @key key\nreturn 1\n");
    folder.assert_refused("needs @key, @reply and @resend");
    folder.write("one.lua", kContract + "-- @arg b colour\nreturn 1\n");
    folder.assert_refused("not '@arg name type'");
    folder.write("one.lua", kContract + "-- @wish more\nreturn 1\n");
    folder.assert_refused("unknown or repeated tag @wish");
    folder.write("one.lua", kContract + "-- @guard floor\nreturn 1\n");
    folder.assert_refused("@guard floor has no @end");
    folder.write("one.lua", kContract + "-- @include nothing\nreturn 1\n");
    folder.assert_refused("there is no include/nothing.lua");
}

void a_broken_rule_is_left_out(void **) {
    Folder folder;
    folder.write("one.lua", kContract + "-- @guard floor\nlocal f = 1\n-- @end\nreturn 1\n");
    assert_true(folder.embed("terms").status.ok());
    assert_true(folder.made().find("local f = 1") != std::string::npos);
    assert_true(folder.embed("terms,floor").status.ok());
    assert_true(folder.made().find("local f = 1") == std::string::npos);
}

}  // namespace
}  // namespace exo::scripts_test

int main() {
    using namespace exo::scripts_test;
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_script_becomes_named_locals_and_a_writer),
        cmocka_unit_test(a_flag_that_may_be_absent_is_nil_then),
        cmocka_unit_test(an_include_comes_once),
        cmocka_unit_test(includes_in_a_circle_are_refused),
        cmocka_unit_test(an_undefined_name_is_refused),
        cmocka_unit_test(a_contract_must_be_whole),
        cmocka_unit_test(a_broken_rule_is_left_out),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
