// What is on the port is no Redis, too old a one, or one that wants to harm: an error that says what to do, memory bounded,
// no crash, no hot loop.
#include <string>
#include <vector>

#include "faults/api.hpp"
#include "faults/expect.hpp"
#include "faults/hostile_replies.hpp"
#include "support/fake_server.hpp"
#include "support/resources.hpp"
#include "support/resp.hpp"

using namespace exo::faults;
using namespace exo::support;

namespace {

Outcome try_to_open(const FakeServer &server, Millis time) {
    Client client;
    return client.open(server.url(), {{"backoff_max", "50ms"}}, time);
}

}  // namespace

static void G7_what_is_no_redis_ends_the_opening_at_once_and_says_so(void **) {
    for (const std::string &text : {http_banner(), ssh_banner(), tls_alert_banner()}) {
        FakeServer server(banner(text));
        const auto begin = std::chrono::steady_clock::now();
        const Outcome outcome = try_to_open(server, Millis(10000));
        EXPECT_EQ(outcome.status, EXOREF_EPROTOCOL);
        EXPECT_TRUE(!outcome.message.empty() && outcome.message.find('\n') == std::string::npos);
        EXPECT_TRUE(std::chrono::steady_clock::now() - begin < scaled(Millis(3000)));
    }
}

static void G7_too_old_a_server_is_refused_with_its_version(void **) {
    Manners manners;
    manners.version = "5.0.14";
    FakeServer server(polite_then(nullptr, manners));
    const Outcome outcome = try_to_open(server, Millis(10000));
    EXPECT_EQ(outcome.status, EXOREF_EVERSION);
    EXPECT_TRUE_SAYING(outcome.message.find("5.0.14") != std::string::npos, outcome.message);
}

static void G7_a_server_that_says_nothing_is_given_up_in_time(void **) {
    FakeServer server(FakeBehaviour{});
    const Outcome outcome = try_to_open(server, Millis(300));
    EXPECT_EQ(outcome.status, EXOREF_ECONNECTION);
}

static void G7_a_server_that_drips_its_answers_is_understood(void **) {
    FakeBehaviour behaviour;
    behaviour.on_command = [](FakeConnection &connection, const Command &command) {
        const std::string reply = polite_reply(command);
        connection.drip(reply.empty() ? "-ERR nothing else\r\n" : reply);
    };
    FakeServer server(behaviour);
    EXPECT_OK(try_to_open(server, Millis(20000)));
}

static void G7_G9_hostile_replies_are_errors_in_bounded_memory_without_a_hot_loop(void **) {
    for (const std::string &reply : hostile_replies()) {
        FakeServer server(polite_then_bytes(reply));
        Client client;
        EXPECT_OK(client.open(server.url(), {{"backoff_max", "100ms"}}, Millis(10000)));
        const std::size_t before = resident_bytes();
        const Options options({{"absent", "allow"}});
        exoref_atom *opened = nullptr;
        exoref_error *error = nullptr;
        const exoref_status status =
            exoref_atom_open(client.get(), "n", 1, options.get(), scaled(Millis(300)).count(), &opened, &error);
        const Outcome outcome = outcome_of(status, error);
        EXPECT_TRUE_SAYING(!outcome.ok(), "a reply was believed: " + reply.substr(0, 60));
        exoref_atom_release(opened);
        const std::size_t after = resident_bytes();
        EXPECT_TRUE_SAYING(after < before + (64U << 20), "memory grew for " + reply.substr(0, 60));
        EXPECT_TRUE_SAYING(server.connections() < 200,
                           std::to_string(server.connections()) + " connections for " + reply.substr(0, 60));
    }
}

static void G7_an_endless_line_and_endless_replies_stay_in_bounded_memory(void **) {
    for (const char *flood : {"+aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "+OK\r\n",
                              "*3\r\n$7\r\nmessage\r\n$1\r\nn\r\n$1\r\nx\r\n", "*1\r\n"}) {
        const std::string part = repeated(flood, 1000);
        FakeServer server(polite_then([part](FakeConnection &connection, const Command &) { connection.flood(part); }));
        Client client;
        EXPECT_OK(client.open(server.url(), {{"backoff_max", "100ms"}}, Millis(10000)));
        const std::size_t before = resident_bytes();
        exoref_atom *opened = nullptr;
        const exoref_status status =
            exoref_atom_open(client.get(), "n", 1, nullptr, scaled(Millis(500)).count(), &opened, nullptr);
        EXPECT_TRUE(status != EXOREF_OK);
        EXPECT_TRUE_SAYING(resident_bytes() < before + (64U << 20), "memory grew");
    }
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(G7_what_is_no_redis_ends_the_opening_at_once_and_says_so),
        cmocka_unit_test(G7_too_old_a_server_is_refused_with_its_version),
        cmocka_unit_test(G7_a_server_that_says_nothing_is_given_up_in_time),
        cmocka_unit_test(G7_a_server_that_drips_its_answers_is_understood),
        cmocka_unit_test(G7_G9_hostile_replies_are_errors_in_bounded_memory_without_a_hot_loop),
        cmocka_unit_test(G7_an_endless_line_and_endless_replies_stay_in_bounded_memory),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
