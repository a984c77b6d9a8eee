// A subscription that is read too slowly is cut by the server itself: by the limit of its output buffer, or because all clients
// together take too much memory. The watch gets every change all the same, or is told once how many it missed.
#include <algorithm>
#include <string>

#include "faults/api.hpp"
#include "faults/expect.hpp"
#include "faults/watch_log.hpp"
#include "support/fault_proxy.hpp"
#include "support/redis_server.hpp"

using namespace exo::faults;
using namespace exo::support;

namespace {

constexpr std::size_t kValueSize = 12000;

std::string value_of(int n) {
    std::string text = std::to_string(n) + " ";
    text.resize(kValueSize, 'x');
    return text;
}

// The watcher's subscription passes through a proxy that stops reading; who writes does not.
struct Rig {
    Rig(RedisServerOptions options, std::string so_many) : history(std::move(so_many)), server(std::move(options)) {}

    std::string history;
    RedisServer server;
    FaultProxy proxy{server.tcp()};
    Client writer{server.url(), {{"ring_value_limit", "64KiB"}}};
    // No sweep and no health check: what is found is found by the server's cut.
    Client client{proxy.url(), {{"sweep_interval", "1h"}, {"health_interval", "1h"}}};
    Atom theirs{writer, "n", value_of(0), {{"history", history}}};
    Atom atom{client, "n", ""};
    WatchLog log{atom, "log"};
    int written = 0;

    void write() { EXPECT_OK(theirs.reset(value_of(++written))); }

    std::uint64_t subscription() {
        for (const LinkInfo &link : proxy.links()) {
            if (link.client_open && link.subscriber) {
                return link.id;
            }
        }
        FAIL_TEST("there is no subscription");
    }
    bool server_has_a_subscriber() { return !server.clients("pubsub").empty(); }

    // Writes until the server has had enough of its subscriber, and some more.
    void let_it_be_cut() {
        write();
        EXPECT_TRUE(log.wait_for_value(value_of(1)));
        proxy.freeze(subscription());
        const Deadline deadline(Millis(60000));
        while (server_has_a_subscriber()) {
            write();
            EXPECT_TRUE_SAYING(!deadline.passed(), std::to_string(written) + " changes, and it was not cut");
        }
        write();
        proxy.thaw_all();
        EXPECT_TRUE(log.wait_for_value(value_of(written)));
        write();
        EXPECT_TRUE(log.wait_for_value(value_of(written)));
    }

    void expect_whole_log() {
        EXPECT_GOOD_LOG(log);
        const auto changes = log.changes();
        for (const Change &change : changes) {
            EXPECT_EQ(change.flags, 0);
        }
        EXPECT_EQ(changes.size() + log.missed(), static_cast<std::size_t>(written));
        EXPECT_TRUE_SAYING(client.stat("reconnects") >= 1, "it was not cut");
    }
};

RedisServerOptions small_output_buffers() {
    RedisServerOptions options;
    options.config = {"client-output-buffer-limit pubsub 256kb 0 0"};
    return options;
}

bool cut_by_its_buffer(RedisServer &server) {
    return server.log().find("overcoming of output buffer limits") != std::string::npos;
}

}  // namespace

static void G3_a_subscriber_cut_by_its_output_buffer_gets_every_change(void **) {
    Rig rig(small_output_buffers(), "4096");
    rig.let_it_be_cut();
    EXPECT_TRUE(cut_by_its_buffer(rig.server));
    rig.expect_whole_log();
    EXPECT_EQ(rig.log.missed(), 0U);
}

static void G3_C4_a_subscriber_cut_by_its_output_buffer_is_told_once_what_it_missed(void **) {
    Rig rig(small_output_buffers(), "2");
    rig.let_it_be_cut();
    EXPECT_TRUE(cut_by_its_buffer(rig.server));
    rig.expect_whole_log();
    const auto changes = rig.log.changes();
    const auto gaps = std::count_if(changes.begin(), changes.end(), [](const Change &each) { return each.missed > 0; });
    EXPECT_EQ(gaps, 1);
}

// Servers before 7.0 have no such limit, and with it nothing to be tested.
static void G3_a_subscriber_evicted_for_the_memory_of_all_clients_gets_every_change(void **) {
    Rig rig({}, "4096");
    if (rig.server.cli({"CONFIG", "SET", "maxmemory-clients", "2mb"}).is_error()) {
        print_message("this server has no maxmemory-clients\n");
        return;
    }
    rig.let_it_be_cut();
    EXPECT_TRUE(std::stoll(rig.server.info("stats")["evicted_clients"]) >= 1);
    rig.expect_whole_log();
    EXPECT_EQ(rig.log.missed(), 0U);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(G3_a_subscriber_cut_by_its_output_buffer_gets_every_change),
        cmocka_unit_test(G3_C4_a_subscriber_cut_by_its_output_buffer_is_told_once_what_it_missed),
        cmocka_unit_test(G3_a_subscriber_evicted_for_the_memory_of_all_clients_gets_every_change),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
