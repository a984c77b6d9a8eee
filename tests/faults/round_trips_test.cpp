// What a change costs: counted by the server, not timed. One round trip when this process knows the newest value, one more per
// real conflict; and many writers at once hardly ever send twice.
#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "faults/api.hpp"
#include "faults/expect.hpp"
#include "support/cmocka.hpp"
#include "support/redis_server.hpp"

using namespace exo::faults;
using exo::support::RedisServer;

namespace {

constexpr int kTimes = 50;

void A1_a_swap_costs_one_round_trip(void **) {
    RedisServer server;
    const Client client(server.url());
    Atom atom(client, "n", "0");
    EXPECT_OK(atom.add());
    server.reset_calls();
    for (int i = 0; i < kTimes; ++i) EXPECT_OK(atom.add());
    EXPECT_EQ(server.calls("evalsha"), static_cast<std::uint64_t>(kTimes));
    // Upon the state that the client knows the script reads once, writes once and tells once.
    EXPECT_EQ(server.calls("hmget"), static_cast<std::uint64_t>(kTimes));
    EXPECT_EQ(server.calls("hset"), static_cast<std::uint64_t>(kTimes));
    EXPECT_EQ(server.calls("publish"), static_cast<std::uint64_t>(kTimes));
    EXPECT_EQ(atom.must_deref().bytes(), std::to_string(kTimes + 1));
}

// The refusal carries the newest value: no read is needed in between.
void A1_a_swap_costs_one_round_trip_more_per_conflict(void **) {
    RedisServer server;
    const Client client(server.url());
    const Client other(server.url());
    Atom mine(client, "n", "0");
    Atom theirs(other, "n", "0");
    EXPECT_OK(mine.add());
    EXPECT_OK(theirs.add());
    server.reset_calls();
    for (int i = 0; i < kTimes; ++i) {
        EXPECT_OK(theirs.reset(std::to_string(10 * i)));
        EXPECT_OK(mine.add());
        EXPECT_EQ(mine.must_deref().number(), 10 * i + 1);
    }
    // Theirs once; mine refused once (nobody has told this process of theirs, but for its own deref) and then applied.
    const std::uint64_t calls = server.calls("evalsha");
    EXPECT_EQ(calls, static_cast<std::uint64_t>(3 * kTimes));
    EXPECT_TRUE(client.stat("conflicts") >= kTimes);
}

// Swaps of one process stand in line instead of refusing each other at the server.
void A1_swaps_of_one_process_do_not_conflict_at_the_server(void **) {
    constexpr int kThreads = 8;
    RedisServer server;
    const Client client(server.url());
    Atom atom(client, "n", "0");
    EXPECT_OK(atom.add());
    server.reset_calls();
    std::atomic<int> failed{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < kTimes; ++i) failed += atom.add().ok() ? 0 : 1;
        });
    }
    for (std::thread &thread : threads) thread.join();
    EXPECT_EQ(failed.load(), 0);
    EXPECT_EQ(atom.must_deref().number(), kThreads * kTimes + 1);
    EXPECT_EQ(client.stat("conflicts"), 0);
    EXPECT_EQ(server.calls("evalsha"), static_cast<std::uint64_t>(kThreads * kTimes));
}

// A reset does not wait for other writers, nor begins again because of them.
void A4_five_hundred_clients_resetting_at_once_hardly_send_twice(void **) {
    constexpr int kClients = 500;
    constexpr int kThreads = 10;
    RedisServer server;
    std::vector<std::unique_ptr<Client>> clients;
    std::vector<std::unique_ptr<Atom>> atoms;
    for (int i = 0; i < kClients; ++i) {
        clients.push_back(std::make_unique<Client>(server.url(), OptionList{}, Millis(60000)));
        atoms.push_back(std::make_unique<Atom>(*clients.back(), "n", "0"));
    }
    EXPECT_OK(atoms[0]->reset("the server knows the script now"));
    server.reset_calls();
    std::atomic<int> failed{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
        threads.emplace_back([&, t] {
            std::vector<exoref_future *> futures;
            for (int i = t; i < kClients; i += kThreads) {
                exoref_future *future = nullptr;
                exoref_atom_reset_async(atoms[static_cast<std::size_t>(i)]->get(), "x", 1, false,
                                        exo::support::scaled(Millis(30000)).count(), &future, nullptr);
                futures.push_back(future);
            }
            for (exoref_future *future : futures) {
                exoref_future_wait(future, EXOREF_TIMEOUT_NONE, nullptr);
                failed += exoref_future_status(future) == EXOREF_OK ? 0 : 1;
                exoref_future_release(future);
            }
        });
    }
    for (std::thread &thread : threads) thread.join();
    EXPECT_EQ(failed.load(), 0);
    EXPECT_EQ(atoms[0]->must_deref().version(), static_cast<std::uint64_t>(kClients + 2));
    const std::uint64_t sendings = server.calls("evalsha");
    EXPECT_TRUE_SAYING(sendings >= kClients && sendings <= kClients * 12 / 10, "sendings: " + std::to_string(sendings));
    std::int64_t sent_again = 0;
    for (const auto &client : clients) sent_again += client->stat("conflicts") + client->stat("resends");
    EXPECT_TRUE_SAYING(sent_again <= kClients * 2 / 10, "refused or sent again: " + std::to_string(sent_again));
    // Every client is a writer of its own: no two have drawn the same session.
    int records = 0;
    for (const auto &field : server.must({"HKEYS", "n"}).elements) records += field.text.rfind("r:", 0) == 0 ? 1 : 0;
    EXPECT_EQ(records, kClients);
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(A1_a_swap_costs_one_round_trip),
        cmocka_unit_test(A1_a_swap_costs_one_round_trip_more_per_conflict),
        cmocka_unit_test(A1_swaps_of_one_process_do_not_conflict_at_the_server),
        cmocka_unit_test(A4_five_hundred_clients_resetting_at_once_hardly_send_twice),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
