// ls, inspect, ttl, rm, ping, options.
#include <fstream>
#include <set>

#include "command.hpp"

using namespace exo::cli_test;

namespace {

std::set<std::string> lines(const std::string &text) {
    std::set<std::string> found;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) found.insert(line);
    return found;
}

void ls_lists_references_by_pattern(void **) {
    for (const char *key : {"l:1", "l:2", "m:1"}) expect(run({"atom", "set", key, "v"}), 0, "");
    server().must({"SET", "l:foreign", "x"});
    server().must({"HSET", "l:hash", "a", "b"});
    const RunResult some = run({"ls", "l:*"});
    assert_int_equal(some.status.code, 0);
    assert_true(lines(some.out) == (std::set<std::string>{"l:1", "l:2"}));
    assert_true(lines(run({"ls", "[lm]:1", "--type", "atom"}).out) == (std::set<std::string>{"l:1", "m:1"}));
    assert_true(lines(run({"ls", "--type", "promise", "l:*"}).out).empty());
    assert_true(lines(run({"ls"}).out).contains("m:1"));
    expect(run({"ls", "nothing*"}), 0, "");
    expect_contains(run({"--json", "ls", "m:1"}).out, "{\"key\":\"m:1\",\"type\":\"atom\"");
}

void ls_finds_more_than_one_scan_gives(void **) {
    for (int i = 0; i < 60; ++i) expect(run({"--prefix", "many:", "atom", "set", std::to_string(i), "v"}), 0, "");
    for (int i = 0; i < 3000; ++i) server().must({"SET", "noise:" + std::to_string(i), "x"});
    assert_int_equal(lines(run({"--prefix", "many:", "ls"}).out).size(), 60);
}

void inspect_tells_all(void **) {
    expect(run({"--codec", "json", "atom", "set", "i1", "1", "--ttl", "1h"}), 0, "");
    expect(run({"--codec", "json", "atom", "set", "i1", "22"}), 0, "");
    expect(run({"atom", "meta", "i1", "about"}), 0, "");
    const RunResult json = run({"--json", "inspect", "i1"});
    assert_int_equal(json.status.code, 0);
    for (const char *part : {"{\"key\":\"i1\",\"type\":\"atom\",\"version\":2,\"epoch\":\"",
                             "\"size\":2,\"codec\":\"json\",\"ttl\":3600000,\"expires\":", "\"history\":",
                             "\"value\":\"22\",\"meta\":\"about\",\"changes\":[{\"version\":2,\"value\":\"22\"},{"
                             "\"version\":1,\"value\":\"1\"}]}\n"}) {
        expect_contains(json.out, part);
    }
    const RunResult plain = run({"inspect", "i1"});
    assert_int_equal(plain.status.code, 0);
    for (const char *part :
         {"key       \"i1\"\n", "type      atom\n", "version   2\n", "codec     json\n", "ttl       1h\n",
          "meta      \"about\"\n", "value     \"22\"\n", "  2         \"22\"\n  1         \"1\"\n"}) {
        expect_contains(plain.out, part);
    }
}

void inspect_shows_bytes_that_are_no_text(void **) {
    expect(run({"atom", "set", "i2", "-"}, std::string("\xff\0", 2)), 0, "");
    expect_contains(run({"--json", "inspect", "i2"}).out, "\"codec\":null,\"ttl\":null,\"expires\":null");
    expect_contains(run({"--json", "inspect", "i2"}).out, "\"value\":{\"base64\":\"/wA=\"}");
    expect(run({"atom", "set", "i2", std::string(500, 'x')}), 0, "");
    expect_contains(run({"inspect", "i2"}).out, std::string(100, 'x') + "\"... (500 bytes)\n");
}

void C11_ttl_is_set_read_and_taken_away(void **) {
    expect(run({"atom", "set", "t1", "v"}), 0, "");
    expect(run({"ttl", "t1"}), 0, "none\n");
    expect(run({"ttl", "t1", "90s"}), 0, "");
    expect(run({"ttl", "t1"}), 0, "90s\n");
    expect(run({"ttl", "t1", "none"}), 0, "");
    expect(run({"ttl", "t1"}), 0, "none\n");
    expect_error(run({"ttl", "t1", "0"}), 2, "ttl");
    expect_error(run({"ttl", "t1", "soon"}), 2, "500ms");
    expect_error(run({"ttl", "t1", "-5s"}), 2, "-5s");
    expect(run({"ttl", "t1", "20ms"}), 0, "");
    assert_true(exo::support::eventually(kPatience, [] { return run({"atom", "get", "t1"}).status.code == 1; }));
}

void rm_says_no_where_there_is_nothing(void **) {
    expect(run({"atom", "set", "r1", "v"}), 0, "");
    expect(run({"rm", "r1"}), 0, "");
    expect_error(run({"atom", "get", "r1"}), 1, "r1");
    expect_error(run({"rm", "r1"}), 3, "r1");
}

void ping_names_server_version_and_round_trip(void **) {
    const std::string version = server().info("server")["redis_version"];
    const RunResult plain = run({"ping"});
    assert_int_equal(plain.status.code, 0);
    expect_contains(plain.out, server().unix_url() + "  version " + version + "  round trip ");
    assert_true(plain.out.ends_with(" ms\n"));
    const RunResult json = run({"--json", "ping"});
    expect_contains(json.out,
                    "{\"server\":\"" + server().unix_url() + "\",\"version\":\"" + version + "\",\"round_trip_us\":");
}

void ping_shows_no_password(void **) {
    exo::support::RedisServerOptions options;
    options.password = "hunter2";
    RedisServer locked(options);
    const RunResult result = exo::support::run_program(at(locked.url(), {"ping"}));
    assert_int_equal(result.status.code, 0);
    expect_lacks(result.out, "hunter2");
}

void options_needs_no_server_and_has_three_forms(void **) {
    const RunResult plain = exo::support::run_program(exoref({"options"}));
    assert_int_equal(plain.status.code, 0);
    expect_contains(plain.out, "history (reference): count 2..4096, default 64\n");
    const RunResult json = exo::support::run_program(exoref({"--json", "options"}));
    expect_contains(json.out, "{\"name\":\"password\",\"scope\":\"client\",\"type\":\"text\",\"default\":\"\",");
    expect_error(exo::support::run_program(exoref({"--json", "options", "--markdown"})), 2, "exclude");
}

void the_documented_table_is_the_real_one(void **) {
    std::ifstream file(std::string(EXOREF_TEST_SOURCE_DIR) + "/docs/options.md");
    const std::string documented((std::istreambuf_iterator<char>(file)), {});
    const RunResult real = exo::support::run_program(exoref({"options", "--markdown"}));
    if (documented != real.out)
        fail_msg("docs/options.md is old: write it anew with `exoref options --markdown >docs/options.md`");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(ls_lists_references_by_pattern),
        cmocka_unit_test(ls_finds_more_than_one_scan_gives),
        cmocka_unit_test(inspect_tells_all),
        cmocka_unit_test(inspect_shows_bytes_that_are_no_text),
        cmocka_unit_test(C11_ttl_is_set_read_and_taken_away),
        cmocka_unit_test(rm_says_no_where_there_is_nothing),
        cmocka_unit_test(ping_names_server_version_and_round_trip),
        cmocka_unit_test(ping_shows_no_password),
        cmocka_unit_test(options_needs_no_server_and_has_three_forms),
        cmocka_unit_test(the_documented_table_is_the_real_one),
    };
    return cmocka_run_group_tests(tests, start_server, stop_server);
}
