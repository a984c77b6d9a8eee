// Very many processes that hold a body force one delay at the same moment: one of them runs it, and all get its value (D1, G5).
#include <memory>
#include <vector>

#include "faults/delay.hpp"
#include "faults/expect.hpp"
#include "support/process.hpp"
#include "support/redis_server.hpp"

using namespace exo::faults;
using namespace exo::support;

namespace {

// Under a sanitizer a process takes many times the memory.
constexpr int kProcesses = EXOREF_TEST_TIMEOUT_FACTOR > 1 ? 40 : 200;
constexpr Millis kPatience{60000};

std::unique_ptr<Process> start(const RedisServer &server) {
    ProcessOptions options;
    options.argv = {EXOREF_TEST_HELPER_DIR "/delay_forcing_helper", server.unix_url(), server.unix_socket().socket_path,
                    "d"};
    options.keep_stdin_open = true;
    return std::make_unique<Process>(options);
}

}  // namespace

static void G5_D1_two_hundred_processes_force_one_delay_and_one_body_runs(void **) {
    RedisServer server;
    std::vector<std::unique_ptr<Process>> processes;
    for (int i = 0; i < kProcesses; ++i) {
        processes.push_back(start(server));
    }
    for (const auto &process : processes) {
        EXPECT_TRUE_SAYING(process->wait_for_output("ready", kPatience), process->err());
    }
    EXPECT_EQ(server.must({"HGET", "d", "state"}).text, std::string("open"));
    for (const auto &process : processes) {
        process->close_stdin();
    }
    for (const auto &process : processes) {
        const auto status = process->wait(kPatience);
        EXPECT_TRUE_SAYING(status && status->ok(), process->err());
        EXPECT_EQ(process->out(), std::string("ready\nrun 1\n"));
    }
    EXPECT_EQ(server.must({"GET", "runs"}).text, std::string("1"));
    EXPECT_EQ(server.must({"HGET", "d", "attempt"}).text, std::string("1"));
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(G5_D1_two_hundred_processes_force_one_delay_and_one_body_runs),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
