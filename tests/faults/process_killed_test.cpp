// A process dies by SIGKILL in the middle of a swap: while its function runs, while its command is under way, after the server has
// acted. The others go on at once, and the value is one that some operation made, whole.
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <vector>

#include "faults/api.hpp"
#include "faults/expect.hpp"
#include "faults/watch_log.hpp"
#include "support/fault_proxy.hpp"
#include "support/process.hpp"
#include "support/redis_server.hpp"
#include "support/resources.hpp"

using namespace exo::faults;
using namespace exo::support;

namespace {

void say(const char *word) {
    std::printf("%s\n", word);
    std::fflush(stdout);
}

// The victim: this program, started again. Its function says that it runs and waits until its input is closed.
int swap_and_stay_in_the_function(const std::string &url) {
    const Client client(url);
    Atom atom(client, "n", "0");
    const Outcome outcome = atom.swap(
        [](const std::string &) -> std::optional<std::string> {
            say("computing");
            char byte = 0;
            (void)!::read(STDIN_FILENO, &byte, 1);
            return "from the dead";
        },
        Millis(60000));
    say(outcome.ok() ? "ok" : "not ok");
    return 0;
}

int add_for_ever(const std::string &url) {
    const Client client(url);
    Atom atom(client, "n", "0");
    say("adding");
    for (;;) {
        if (atom.add(1, Millis(60000)).ok()) {
            (void)!::write(STDOUT_FILENO, "+", 1);
        }
    }
}

std::unique_ptr<Process> start(const char *what, const std::string &url) {
    ProcessOptions options;
    options.argv = {self_path(), what, url};
    options.keep_stdin_open = true;
    return std::make_unique<Process>(options);
}

void kill_it(Process &process) {
    process.send_signal(SIGKILL);
    const std::optional<ExitStatus> status = process.wait(Millis(10000));
    EXPECT_TRUE(status && status->signal == SIGKILL);
}

}  // namespace

static void A1_G2_a_process_killed_in_its_swap_function_changes_nothing_and_stops_nobody(void **) {
    RedisServer server;
    const Client client(server.url());
    Atom atom(client, "n", "0");
    const auto victim = start("--swap", server.url());
    EXPECT_TRUE(victim->wait_for_output("computing", Millis(20000)));
    EXPECT_OK(atom.add(1, Millis(5000)));
    kill_it(*victim);
    EXPECT_OK(atom.add(1, Millis(5000)));
    const Value now = atom.must_deref();
    EXPECT_EQ(now.bytes(), std::string("2"));
    EXPECT_EQ(now.version(), 3U);
}

static void G2_a_process_killed_with_its_command_under_way_counts_once_or_not(void **) {
    RedisServer server;
    FaultProxy proxy(server.tcp());
    const Client client(server.url());
    Atom atom(client, "n", "0");
    Rule rule = Rule::hold_command(script_with("n"));
    rule.cut_client = false;
    rule.nth = 3;  // opening and reading may be scripts, too
    const RuleId id = proxy.arm(rule);
    const auto victim = start("--add", proxy.url());
    EXPECT_TRUE(proxy.wait_fired(id, 1, Millis(20000)));
    kill_it(*victim);
    const std::int64_t before = atom.must_deref().number();
    proxy.release_all();
    const bool settled = eventually(Millis(10000), [&] {
        for (const LinkInfo &link : proxy.links()) {
            if (link.open) {
                return false;
            }
        }
        return true;
    });
    EXPECT_TRUE(settled);
    const Value now = atom.must_deref();
    EXPECT_TRUE_SAYING(now.number() == before || now.number() == before + 1, now.bytes());
    EXPECT_EQ(now.version(), static_cast<std::uint64_t>(now.number() + 1));
    EXPECT_OK(atom.add());
}

static void G2_G3_processes_killed_while_they_count_lose_and_double_nothing(void **) {
    RedisServer server;
    const Client client(server.url());
    Atom atom(client, "n", "0");
    WatchLog log(atom, "log");
    std::size_t told = 0;
    constexpr int kVictims = 6;
    for (int i = 0; i < kVictims; ++i) {
        const auto victim = start("--add", server.url());
        EXPECT_TRUE(victim->wait_for_output("++++++++++", Millis(20000)));
        kill_it(*victim);
        for (const char c : victim->out()) {
            told += c == '+' ? 1 : 0;
        }
    }
    const Value now = atom.must_deref();
    const auto counted = static_cast<std::size_t>(now.number());
    // Each victim may have made one add that it could tell nobody of.
    EXPECT_TRUE_SAYING(counted >= told && counted <= told + kVictims,
                       now.bytes() + " counted, " + std::to_string(told) + " told");
    EXPECT_EQ(now.version(), static_cast<std::uint64_t>(now.number() + 1));
    EXPECT_TRUE(log.wait_for_value(now.bytes()));
    EXPECT_GOOD_LOG(log);
}

int main(int argc, char **argv) {
    if (argc == 3 && std::string(argv[1]) == "--swap") {
        return swap_and_stay_in_the_function(argv[2]);
    }
    if (argc == 3 && std::string(argv[1]) == "--add") {
        return add_for_ever(argv[2]);
    }
    const CMUnitTest tests[] = {
        cmocka_unit_test(A1_G2_a_process_killed_in_its_swap_function_changes_nothing_and_stops_nobody),
        cmocka_unit_test(G2_a_process_killed_with_its_command_under_way_counts_once_or_not),
        cmocka_unit_test(G2_G3_processes_killed_while_they_count_lose_and_double_nothing),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
