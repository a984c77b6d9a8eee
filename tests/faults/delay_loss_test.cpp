// A server that forgets a delay: what was read stays as read, who waits is told, and whose lease is gone is told too (G8, C10).
#include "faults/delay.hpp"
#include "faults/expect.hpp"
#include "support/redis_server.hpp"

using namespace exo::faults;
using namespace exo::support;

static void G8_a_delay_stays_as_it_was_read_when_the_server_forgets_its_result(void **) {
    RedisServerOptions options;
    options.append_only = true;
    RedisServer server(options);
    const Client client(server.url(), {{"backoff_max", "50ms"}});
    BodyFunction first = [](exoref_lease *) { return std::string("read"); };
    const Delay mine(client, "d", {}, &first);
    const std::uint64_t kept = server.aof_size();
    Value value;
    EXPECT_OK(mine.deref(&value));
    server.kill9();
    server.truncate_aof(server.aof_size() - kept);
    server.restart();
    const Client other(server.url());
    BodyFunction second = [](exoref_lease *) { return std::string("another"); };
    const Delay theirs(other, "d", {}, &second);
    EXPECT_OK(theirs.deref(&value));
    EXPECT_EQ(value.bytes(), std::string("another"));
    EXPECT_OK(mine.deref(&value));
    EXPECT_EQ(value.bytes(), std::string("read"));
}

static void G8_C10_a_server_that_comes_back_empty_ends_waits_and_leases(void **) {
    RedisServer server;
    const Client owner(server.url(), {{"backoff_max", "50ms"}}), client(server.url(), {{"backoff_max", "50ms"}});
    const Delay held(owner, "d", {{"lease", "1s"}});
    const Delay wanted(client, "d");
    Lease lease = held.must_claim();
    Forcing waiting(wanted);
    server.restart();
    EXPECT_EQ(waiting.within(Millis(20000)).status, EXOREF_EDELETED);
    EXPECT_TRUE(eventually(Millis(20000), [&] { return lease.lost(); }));
    EXPECT_EQ(lease.deliver("late").status, EXOREF_ELEASE);
    BodyFunction body = [](exoref_lease *) { return std::string("anew"); };
    const Delay anew(client, "d", {}, &body);
    Value value;
    EXPECT_OK(anew.deref(&value));
    EXPECT_EQ(value.bytes(), std::string("anew"));
    EXPECT_EQ(lease.deliver("later still").status, EXOREF_ELEASE);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(G8_a_delay_stays_as_it_was_read_when_the_server_forgets_its_result),
        cmocka_unit_test(G8_C10_a_server_that_comes_back_empty_ends_waits_and_leases),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
