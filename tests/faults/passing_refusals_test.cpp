// The server takes no writes for now: no memory left, its disk fails, too few replicas. Each write there is must end as "the server
// did not take it", with the server's words, having changed nothing; and is done when the trouble passes within its time.
#include <sys/stat.h>
#include <unistd.h>

#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "faults/api.hpp"
#include "faults/expect.hpp"
#include "support/redis_server.hpp"

using namespace exo::faults;
using namespace exo::support;

namespace {

// What makes a server refuse writes, what mends it, and the word that its refusals begin with.
struct Trouble {
    const char *word;
    bool deleting_too;  // Redis lets go of memory when it has none
    std::function<void(RedisServer &)> begin;
    std::function<void(RedisServer &)> end;
};

Trouble out_of_memory() {
    return {"OOM ", false,
            [](RedisServer &server) {
                server.must({"CONFIG", "SET", "maxmemory", "1"});
            },
            [](RedisServer &server) {
                server.must({"CONFIG", "SET", "maxmemory", "0"});
            }};
}

Trouble too_few_replicas() {
    return {"NOREPLICAS ", true,
            [](RedisServer &server) {
                server.must({"CONFIG", "SET", "min-replicas-to-write", "1"});
            },
            [](RedisServer &server) {
                server.must({"CONFIG", "SET", "min-replicas-to-write", "0"});
            }};
}

void save_and_wait(RedisServer &server, const std::string &verdict) {
    EXPECT_TRUE(eventually(Millis(10000), [&] { return !server.cli({"BGSAVE"}).is_error(); }));
    EXPECT_TRUE(eventually(Millis(20000), [&] {
        auto info = server.info("persistence");
        return info["rdb_bgsave_in_progress"] == "0" && info["rdb_last_bgsave_status"] == verdict;
    }));
}

// A real failure: a folder stands where the snapshot is to go.
Trouble disk_failure() {
    return {"MISCONF ", true,
            [](RedisServer &server) {
                server.must({"CONFIG", "SET", "save", "3600 1000000"});
                const std::string file = server.folder() + "/dump.rdb";
                ::unlink(file.c_str());
                EXPECT_EQ(::mkdir(file.c_str(), 0700), 0);
                save_and_wait(server, "err");
            },
            [](RedisServer &server) {
                EXPECT_EQ(::rmdir((server.folder() + "/dump.rdb").c_str()), 0);
                save_and_wait(server, "ok");
            }};
}

std::int64_t ms(Millis time) { return scaled(time).count(); }

struct Write {
    const char *name;
    std::function<Outcome(Client &, Atom &, Millis)> call;
};

// Every write that the API has. All of them can be made in this order.
std::vector<Write> all_writes() {
    return {
        {"create",
         [](Client &client, Atom &, Millis time) {
             exoref_atom *made = nullptr;
             exoref_error *error = nullptr;
             const exoref_status status =
                 exoref_atom_create(client.get(), "new", 3, "v", 1, nullptr, ms(time), &made, nullptr, &error);
             exoref_atom_release(made);
             return outcome_of(status, error);
         }},
        {"swap", [](Client &, Atom &atom, Millis time) { return atom.add(1, time); }},
        {"reset", [](Client &, Atom &atom, Millis time) { return atom.reset("7", time); }},
        {"compare_and_set",
         [](Client &, Atom &atom, Millis time) {
             const std::string now = atom.must_deref().bytes();
             return atom.compare_and_set(now, "8", nullptr, time);
         }},
        {"reset_meta",
         [](Client &, Atom &atom, Millis time) {
             exoref_error *error = nullptr;
             const exoref_status status = exoref_atom_reset_meta(atom.get(), "m", 1, ms(time), &error);
             return outcome_of(status, error);
         }},
        {"expire",
         [](Client &client, Atom &, Millis time) {
             exoref_error *error = nullptr;
             const exoref_status status = exoref_expire(client.get(), "n", 1, 3600000, ms(time), &error);
             return outcome_of(status, error);
         }},
        {"delete",
         [](Client &client, Atom &, Millis time) {
             exoref_error *error = nullptr;
             const exoref_status status = exoref_delete(client.get(), "n", 1, ms(time), nullptr, &error);
             return outcome_of(status, error);
         }},
    };
}

// The time may run out just while one more sending is under way: unknown then, and truly so. Not each time, though.
Outcome in_vain(const Write &write, Client &client, Atom &atom) {
    Outcome outcome;
    for (int attempt = 0; attempt < 10; ++attempt) {
        outcome = write.call(client, atom, Millis(120));
        if (outcome.status != EXOREF_EUNKNOWN) {
            break;
        }
        EXPECT_EQ(outcome.reason, EXOREF_REASON_TIMEOUT);
    }
    return outcome;
}

void refused_then_taken(const Trouble &trouble) {
    RedisServer server;
    Client client(server.url());
    Atom atom(client, "n", "0");
    EXPECT_OK(atom.add());
    const std::string before = server.must({"DUMP", "n"}).text;

    trouble.begin(server);
    for (const Write &write : all_writes()) {
        if (!trouble.deleting_too && write.name == std::string("delete")) {
            continue;
        }
        const Outcome outcome = in_vain(write, client, atom);
        EXPECT_TRUE_SAYING(outcome.status == EXOREF_EBUSY, write.name + (": " + outcome.show()));
        EXPECT_EQ(exoref_status_class(outcome.status), EXOREF_CLASS_NOT_APPLIED_RETRY);
        EXPECT_TRUE_SAYING(outcome.server_text.find(trouble.word) != std::string::npos, outcome.server_text);
        EXPECT_TRUE_SAYING(outcome.message.find(trouble.word) != std::string::npos, outcome.message);
        EXPECT_TRUE_SAYING(server.must({"DUMP", "n"}).text == before, write.name);
        EXPECT_EQ(server.must({"DBSIZE"}).integer, 1);
    }
    EXPECT_EQ(atom.must_deref().bytes(), std::string("1"));
    EXPECT_TRUE(client.stat("retries") >= 5);
    trouble.end(server);

    for (const Write &write : all_writes()) {
        const std::int64_t tried = client.stat("retries");
        Outcome outcome;
        trouble.begin(server);
        std::thread caller([&] { outcome = write.call(client, atom, Millis(20000)); });
        const bool refused = !trouble.deleting_too && write.name == std::string("delete")
                                 ? true
                                 : eventually(Millis(10000), [&] { return client.stat("retries") > tried; });
        trouble.end(server);
        caller.join();
        EXPECT_TRUE_SAYING(refused, write.name);
        EXPECT_TRUE_SAYING(outcome.ok(), write.name + (": " + outcome.show()));
    }
    EXPECT_EQ(server.must({"EXISTS", "new"}).integer, 1);
    EXPECT_EQ(server.must({"EXISTS", "n"}).integer, 0);
}

}  // namespace

static void G2_out_of_memory_changes_nothing_and_passes_when_there_is_room(void **) {
    refused_then_taken(out_of_memory());
}

static void G2_a_failing_disk_changes_nothing_and_passes_when_it_is_mended(void **) {
    refused_then_taken(disk_failure());
}

static void G2_too_few_replicas_change_nothing_and_pass_when_they_are_there(void **) {
    refused_then_taken(too_few_replicas());
}

// The same with a real replica that comes in time.
static void G2_a_write_waits_for_the_replica_that_the_server_demands(void **) {
    RedisServerOptions demanding;
    demanding.config = {"min-replicas-to-write 1", "repl-diskless-sync yes", "repl-diskless-sync-delay 0"};
    RedisServer primary(demanding);
    Client client(primary.url());
    std::thread caller;
    Outcome outcome;
    Atom atom;
    EXPECT_OK(atom.open(client, "n", {{"absent", "allow"}}));
    const Write create = all_writes().front();
    caller = std::thread([&] { outcome = create.call(client, atom, Millis(40000)); });
    const bool refused = eventually(Millis(10000), [&] { return client.stat("retries") >= 2; });
    const std::int64_t keys = primary.must({"DBSIZE"}).integer;
    RedisServerOptions following;
    following.config = {"replicaof " + primary.tcp().host + " " + std::to_string(primary.tcp().port)};
    const RedisServer replica(following);
    caller.join();
    EXPECT_TRUE(refused);
    EXPECT_EQ(keys, 0);
    EXPECT_OK(outcome);
    EXPECT_EQ(primary.must({"EXISTS", "new"}).integer, 1);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(G2_out_of_memory_changes_nothing_and_passes_when_there_is_room),
        cmocka_unit_test(G2_a_failing_disk_changes_nothing_and_passes_when_it_is_mended),
        cmocka_unit_test(G2_too_few_replicas_change_nothing_and_pass_when_they_are_there),
        cmocka_unit_test(G2_a_write_waits_for_the_replica_that_the_server_demands),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
