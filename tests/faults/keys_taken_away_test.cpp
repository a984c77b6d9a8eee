// The key is deleted, expires, is evicted or becomes something else under a watch, by hands that tell nobody (C10, G8).
#include "faults/api.hpp"
#include "faults/expect.hpp"
#include "faults/watch_log.hpp"
#include "support/redis_server.hpp"

using namespace exo::faults;
using namespace exo::support;

namespace {

// A watched atom whose client looks after it twice a second.
struct Rig {
    explicit Rig(RedisServerOptions options = {}) : server(std::move(options)) {}

    RedisServer server;
    Client client{server.url(), {{"sweep_interval", "300ms"}}};
    Atom atom{client, "k", "v"};
    WatchLog log{atom, "log"};
};

void expect_absent(Atom &atom) {
    Value value;
    EXPECT_EQ(atom.deref(&value).status, EXOREF_ENOTFOUND);
    EXPECT_EQ(atom.reset("x").status, EXOREF_ENOTFOUND);
    bool swapped = true;
    EXPECT_EQ(atom.compare_and_set("v", "x", &swapped).status, EXOREF_ENOTFOUND);
    EXPECT_TRUE(!(swapped));
}

}  // namespace

static void C10_G8_a_key_deleted_by_hand_is_told_and_then_its_new_life(void **) {
    Rig rig;
    rig.server.must({"DEL", "k"});
    EXPECT_TRUE(rig.log.wait_for_flag(EXOREF_CHANGE_DELETED));
    EXPECT_EQ(rig.log.changes().size(), 1U);
    expect_absent(rig.atom);
    const Atom again(rig.client, "k", "new life");
    EXPECT_TRUE(rig.log.wait_for_flag(EXOREF_CHANGE_RECREATED));
    EXPECT_TRUE(rig.log.wait_for_value("new life"));
    EXPECT_OK(rig.atom.reset("more"));
    EXPECT_TRUE(rig.log.wait_for_value("more"));
    EXPECT_GOOD_LOG(rig.log);
}

static void C10_G8_a_key_deleted_and_created_anew_between_two_looks_is_told(void **) {
    Rig rig;
    const Client other(rig.server.url());
    rig.server.must({"DEL", "k"});
    const Atom again(other, "k", "another epoch");
    EXPECT_TRUE(rig.log.wait_for_flag(EXOREF_CHANGE_RECREATED));
    EXPECT_TRUE(rig.log.wait_for_value("another epoch"));
    EXPECT_OK(rig.atom.reset("adopted"));
}

static void C10_C11_a_key_that_expires_is_told(void **) {
    Rig rig;
    exoref_error *error = nullptr;
    const exoref_status status = exoref_expire(rig.client.get(), "k", 1, 100, scaled(Millis(10000)).count(), &error);
    EXPECT_OK(outcome_of(status, error));
    EXPECT_TRUE(rig.log.wait_for_flag(EXOREF_CHANGE_DELETED));
    expect_absent(rig.atom);
}

static void C10_G8_a_key_that_is_evicted_is_told(void **) {
    RedisServerOptions options;
    options.config = {"maxmemory-policy allkeys-random"};
    Rig rig(options);
    rig.server.must({"CONFIG", "SET", "maxmemory", "3mb"});
    const std::string filler(10000, 'f');
    int n = 0;
    const bool evicted = eventually(Millis(20000), [&] {
        for (int i = 0; i < 100; ++i) {
            rig.server.cli({"SET", "filler" + std::to_string(++n), filler});
        }
        return rig.server.cli({"EXISTS", "k"}).integer == 0;
    });
    EXPECT_TRUE(evicted);
    rig.server.must({"FLUSHALL"});
    rig.server.must({"CONFIG", "SET", "maxmemory", "0"});
    EXPECT_TRUE(rig.log.wait_for_flag(EXOREF_CHANGE_DELETED));
    expect_absent(rig.atom);
}

static void G6_C10_a_key_replaced_by_another_type_is_told_and_left_alone(void **) {
    Rig rig;
    rig.server.must({"SET", "k", "a plain string"});
    EXPECT_TRUE(rig.log.wait_for_flag(EXOREF_CHANGE_DELETED));
    Value value;
    const Outcome outcome = rig.atom.deref(&value);
    EXPECT_EQ(outcome.status, EXOREF_ETYPE);
    EXPECT_TRUE_SAYING(outcome.message.find("string") != std::string::npos, outcome.message);
    EXPECT_EQ(rig.atom.reset("x").status, EXOREF_ETYPE);
    EXPECT_EQ(rig.atom.add().status, EXOREF_ETYPE);
    EXPECT_EQ(rig.server.must({"GET", "k"}).text, std::string("a plain string"));
}

static void G6_a_foreign_hash_under_the_key_is_left_as_it_is(void **) {
    Rig rig;
    rig.server.must({"DEL", "k"});
    rig.server.must({"HSET", "k", "name", "somebody", "value", "theirs"});
    const std::string before = rig.server.must({"DUMP", "k"}).text;
    Value value;
    EXPECT_TRUE_SAYING(rig.atom.deref(&value).not_applied(), "deref of a foreign hash");
    EXPECT_TRUE_SAYING(rig.atom.reset("x").not_applied(), "reset of a foreign hash");
    EXPECT_TRUE_SAYING(rig.atom.add().not_applied(), "swap of a foreign hash");
    Atom opened;
    EXPECT_TRUE_SAYING(opened.open(rig.client, "k").not_applied(), "opening a foreign hash");
    EXPECT_TRUE(rig.server.must({"DUMP", "k"}).text == before);
}

static void G8_a_flush_of_another_database_concerns_nobody(void **) {
    Rig rig;
    RedisClient hand(rig.server.tcp());
    EXPECT_TRUE(hand.call({"SELECT", "5"}).is_ok());
    EXPECT_TRUE(hand.call({"FLUSHDB"}).is_ok());
    EXPECT_OK(rig.atom.reset("still here"));
    EXPECT_TRUE(rig.log.wait_for_value("still here"));
    EXPECT_EQ(rig.log.changes().size(), 1U);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(C10_G8_a_key_deleted_by_hand_is_told_and_then_its_new_life),
        cmocka_unit_test(C10_G8_a_key_deleted_and_created_anew_between_two_looks_is_told),
        cmocka_unit_test(C10_C11_a_key_that_expires_is_told),
        cmocka_unit_test(C10_G8_a_key_that_is_evicted_is_told),
        cmocka_unit_test(G6_C10_a_key_replaced_by_another_type_is_told_and_left_alone),
        cmocka_unit_test(G6_a_foreign_hash_under_the_key_is_left_as_it_is),
        cmocka_unit_test(G8_a_flush_of_another_database_concerns_nobody),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
