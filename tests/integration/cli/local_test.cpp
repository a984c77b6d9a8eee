// local:DIR and `server start|stop|status`: a private server that comes by itself and goes by hand.
#include "command.hpp"

using namespace exo::cli_test;
using exo::support::TempDir;

namespace {

RunResult bare(const Args &args) { return exo::support::run_program(exoref(args)); }

void a_folder_is_a_server(void **) {
    const TempDir folder;
    const std::string directory = folder.file("data");
    const std::string url = "local:" + directory;
    expect(exo::support::run_program(at(url, {"atom", "set", "k", "v"})), 0, "");
    expect(exo::support::run_program(at(url, {"atom", "get", "k"})), 0, "v");
    const RunResult status = bare({"server", "status", directory});
    assert_int_equal(status.status.code, 0);
    assert_true(status.out.ends_with('\n'));
    expect(bare({"server", "stop", directory}), 0, "");
    expect_error(bare({"server", "status", directory}), 3, directory);
    expect_error(bare({"server", "stop", directory}), 3, directory);
    expect(exo::support::run_program(at(url, {"atom", "get", "k"})), 0, "v");
    expect(bare({"server", "stop", directory}), 0, "");
}

void a_started_server_is_there_for_clients(void **) {
    const TempDir folder;
    const std::string directory = folder.file("data");
    // In a shell's $(...): what is started must not hold on to our stdout.
    expect(exo::support::run_program(
               {"sh", "-c", "printf '<%s>' \"$(\"$0\" server start \"$1\")\"", EXOREF_TEST_CLI, directory}),
           0, "<>");
    assert_int_equal(bare({"server", "status", directory}).status.code, 0);
    expect(bare({"server", "start", directory}), 0, "");
    expect(exo::support::run_program(at("local:" + directory, {"atom", "set", "k", "v"})), 0, "");
    expect(bare({"server", "stop", "local:" + directory}), 0, "");
}

void a_folder_that_can_not_be_used_is_no_connection(void **) {
    expect_error(exo::support::run_program(at("local:/dev/null/x", {"ping"})), 5, "/dev/null/x");
    expect_error(bare({"server", "start", "/dev/null/x"}), 5, "/dev/null/x");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_folder_is_a_server),
        cmocka_unit_test(a_started_server_is_there_for_clients),
        cmocka_unit_test(a_folder_that_can_not_be_used_is_no_connection),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
