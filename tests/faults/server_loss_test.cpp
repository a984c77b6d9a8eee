// The server dies and comes back: with all its data, without the last of them, with none. Loss is always seen (G8), and
// nobody is told something that is not so.
#include <atomic>
#include <thread>
#include <vector>

#include "faults/api.hpp"
#include "faults/expect.hpp"
#include "faults/watch_log.hpp"
#include "support/fault_proxy.hpp"
#include "support/redis_server.hpp"

using namespace exo::faults;
using namespace exo::support;

namespace {

RedisServerOptions with_file() {
    RedisServerOptions options;
    options.append_only = true;
    return options;
}

// Kills the server, cuts off what was written to its file behind `size`, and starts it again.
void lose_what_came_after(RedisServer &server, std::uint64_t size) {
    server.kill9();
    EXPECT_TRUE(server.aof_size() > size);
    server.truncate_aof(server.aof_size() - size);
    server.restart();
}

}  // namespace

static void G1_G2_a_server_killed_and_restarted_under_load_loses_and_doubles_nothing(void **) {
    RedisServer server(with_file());
    const Client watcher(server.url());
    Atom watched(watcher, "n", "0");
    WatchLog log(watched, "log");
    const Client client(server.url());
    Atom atom(client, "n", "0");
    std::atomic<bool> stop{false};
    std::atomic<long> ok{0};
    std::atomic<long> unknown{0};
    std::atomic<long> failed{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            while (!stop) {
                const Outcome outcome = atom.add(1, Millis(10000));
                ok += outcome.ok() ? 1 : 0;
                unknown += outcome.unknown() ? 1 : 0;
                failed += outcome.not_applied() ? 1 : 0;
            }
        });
    }
    bool alive = true;
    for (int kill = 0; kill < 6 && alive; ++kill) {
        const long before = ok;
        alive = eventually(Millis(20000), [&] { return ok > before + 50; });
        if (kill < 5) {
            server.restart();
        }
    }
    stop = true;
    for (std::thread &thread : threads) {
        thread.join();
    }
    EXPECT_TRUE(alive);
    const Value last = atom.must_deref();
    EXPECT_TRUE_SAYING(
        last.number() >= ok && last.number() <= ok + unknown,
        last.bytes() + " counted, " + std::to_string(ok) + " succeeded, " + std::to_string(unknown) + " unknown");
    EXPECT_EQ(failed.load(), 0L);
    EXPECT_TRUE(log.wait_for_value(last.bytes()));
    EXPECT_GOOD_LOG(log);
    for (const Change &change : log.changes()) {
        EXPECT_EQ(change.flags, 0);
    }
}

static void G8_watchers_are_told_when_acknowledged_changes_were_lost(void **) {
    RedisServer server(with_file());
    const Client client(server.url(), {{"sweep_interval", "500ms"}});
    Atom atom(client, "k", "0");
    WatchLog log(atom, "log");
    for (int i = 1; i <= 5; ++i) {
        EXPECT_OK(atom.reset(std::to_string(i)));
    }
    const std::uint64_t kept = server.aof_size();
    for (int i = 6; i <= 10; ++i) {
        EXPECT_OK(atom.reset(std::to_string(i)));
    }
    EXPECT_TRUE(log.wait_for_value("10"));
    lose_what_came_after(server, kept);
    EXPECT_TRUE(log.wait_for_flag(EXOREF_CHANGE_REWOUND));
    EXPECT_TRUE(log.wait_for_value("5"));
    EXPECT_OK(atom.reset("again"));
    EXPECT_TRUE(log.wait_for_value("again"));
    EXPECT_EQ(atom.must_deref().version(), 7U);
    EXPECT_GOOD_LOG(log);
    EXPECT_TRUE_SAYING(client.stat("rewinds") >= 1, "the loss was not counted");
}

// The history has forked and grown past the version that was lost: no number shows it.
static void G8_watchers_are_told_also_when_the_history_has_grown_past_what_was_lost(void **) {
    RedisServer server(with_file());
    FaultProxy proxy(server.tcp());
    const Client client(proxy.url(), {{"sweep_interval", "500ms"}, {"backoff_max", "50ms"}});
    Atom atom(client, "k", "0");
    WatchLog log(atom, "log");
    EXPECT_OK(atom.reset("1"));
    const std::uint64_t kept = server.aof_size();
    EXPECT_OK(atom.reset("lost 2"));
    EXPECT_OK(atom.reset("lost 3"));
    EXPECT_TRUE(log.wait_for_value("lost 3"));
    proxy.refuse();
    proxy.cut_all(CutKind::kReset);
    lose_what_came_after(server, kept);
    {
        const Client other(server.url());
        Atom same(other, "k", "");
        for (int i = 2; i <= 8; ++i) {
            EXPECT_OK(same.reset("other " + std::to_string(i)));
        }
    }
    proxy.listen_again();
    EXPECT_TRUE(log.wait_for_flag(EXOREF_CHANGE_REWOUND));
    EXPECT_TRUE(log.wait_for_value("other 8"));
    EXPECT_EQ(log.changes().back().version, 9U);
}

static void G8_A2_a_state_that_was_lost_is_never_the_base_of_a_change(void **) {
    RedisServer server(with_file());
    const Client client(server.url());
    Atom atom(client, "k", "0");
    const std::uint64_t kept = server.aof_size();
    Value lost;
    EXPECT_OK(atom.reset("same bytes", Millis(10000), &lost));
    EXPECT_EQ(lost.version(), 2U);
    lose_what_came_after(server, kept);
    const Client other(server.url());
    Atom same(other, "k", "");
    EXPECT_OK(same.reset("same bytes"));
    bool swapped = true;
    EXPECT_OK(atom.compare_and_set_at(lost, "upon the lost one", &swapped));
    EXPECT_TRUE(!(swapped));
    const Value now = same.must_deref();
    EXPECT_EQ(now.bytes(), std::string("same bytes"));
    EXPECT_EQ(now.version(), 2U);
}

// What the client knows was lost. Its next writes must not rest on it, and must not be stopped by it either.
static void G8_A1_A4_writes_of_a_client_that_saw_the_loss_go_on(void **) {
    RedisServer server(with_file());
    const Client client(server.url());
    Atom atom(client, "k", "0");
    EXPECT_OK(atom.add());
    const std::uint64_t kept = server.aof_size();
    EXPECT_OK(atom.add(10));
    EXPECT_OK(atom.add(10));
    lose_what_came_after(server, kept);
    EXPECT_OK(atom.add(1));
    EXPECT_EQ(atom.must_deref().bytes(), std::string("2"));
    EXPECT_OK(atom.reset("9"));
    EXPECT_EQ(atom.must_deref().version(), 4U);
}

// The write was done, its reply lost, and then the write itself was lost: the repeat may do it, once, or say that it
// can't be known; the caller is not told anything else.
static void G2_G8_a_repeat_after_a_loss_is_applied_once_or_unknown(void **) {
    RedisServer server(with_file());
    FaultProxy proxy(server.tcp());
    const Client client(proxy.url(), {{"backoff_max", "50ms"}});
    Atom atom(client, "k", "0");
    for (int lost_before = 0; lost_before < 3; ++lost_before) {
        EXPECT_OK(atom.reset("0"));
        const std::uint64_t kept = server.aof_size();
        for (int i = 0; i < lost_before; ++i) {
            EXPECT_OK(atom.add(100));
        }
        Rule rule = Rule::lose_reply(any_script());
        const RuleId id = proxy.arm(rule);
        Outcome outcome;
        Value told;
        std::thread caller([&] { outcome = atom.swap(adding(1), Millis(20000), &told); });
        const bool fired = proxy.wait_fired(id);
        proxy.refuse();
        proxy.cut_all(CutKind::kReset);
        server.kill9();
        server.truncate_aof(server.aof_size() - kept);
        server.restart();
        proxy.listen_again();
        caller.join();
        EXPECT_TRUE(fired);
        const Value now = atom.must_deref();
        EXPECT_TRUE_SAYING(outcome.ok() || outcome.unknown(), outcome.show());
        if (outcome.ok()) {
            EXPECT_EQ(now.bytes(), told.bytes());
        } else {
            EXPECT_TRUE_SAYING(now.number() == 0 || now.number() == 1, now.bytes());
        }
        proxy.disarm_all();
    }
}

static void G8_C10_a_server_that_comes_back_empty_has_deleted_everything(void **) {
    RedisServer server;
    const Client client(server.url(), {{"sweep_interval", "500ms"}});
    Atom atom(client, "k", "v");
    WatchLog log(atom, "log");
    EXPECT_OK(atom.reset("w"));
    EXPECT_TRUE(log.wait_for_value("w"));
    server.restart();
    EXPECT_TRUE(log.wait_for_flag(EXOREF_CHANGE_DELETED));
    Value value;
    EXPECT_EQ(atom.deref(&value).status, EXOREF_ENOTFOUND);
    EXPECT_EQ(atom.reset("x").status, EXOREF_ENOTFOUND);
    EXPECT_EQ(atom.add().status, EXOREF_ENOTFOUND);
    const Atom again(client, "k", "new");
    EXPECT_TRUE(again.created());
    EXPECT_TRUE(log.wait_for_value("new"));
    EXPECT_TRUE(log.wait_for_flag(EXOREF_CHANGE_RECREATED));
    EXPECT_OK(atom.reset("on it goes"));
}

static void G8_C10_flushall_is_told_to_every_watch(void **) {
    RedisServer server;
    const Client client(server.url(), {{"sweep_interval", "500ms"}});
    Atom first(client, "a", "1");
    Atom second(client, "b", "2");
    WatchLog first_log(first, "log");
    WatchLog second_log(second, "log");
    server.must({"FLUSHALL"});
    EXPECT_TRUE(first_log.wait_for_flag(EXOREF_CHANGE_DELETED));
    EXPECT_TRUE(second_log.wait_for_flag(EXOREF_CHANGE_DELETED));
    Value value;
    EXPECT_EQ(first.deref(&value).status, EXOREF_ENOTFOUND);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(G1_G2_a_server_killed_and_restarted_under_load_loses_and_doubles_nothing),
        cmocka_unit_test(G8_watchers_are_told_when_acknowledged_changes_were_lost),
        cmocka_unit_test(G8_watchers_are_told_also_when_the_history_has_grown_past_what_was_lost),
        cmocka_unit_test(G8_A2_a_state_that_was_lost_is_never_the_base_of_a_change),
        cmocka_unit_test(G8_A1_A4_writes_of_a_client_that_saw_the_loss_go_on),
        cmocka_unit_test(G2_G8_a_repeat_after_a_loss_is_applied_once_or_unknown),
        cmocka_unit_test(G8_C10_a_server_that_comes_back_empty_has_deleted_everything),
        cmocka_unit_test(G8_C10_flushall_is_told_to_every_watch),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
