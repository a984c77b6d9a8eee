// A server that works, and now and then answers with nonsense: what was asked ends well or as unknown, never wrong; whatever is said
// on the subscription, the watch sees every change; and the client goes on.
#include <string>

#include "faults/api.hpp"
#include "faults/expect.hpp"
#include "faults/hostile_replies.hpp"
#include "faults/watch_log.hpp"
#include "support/fault_proxy.hpp"
#include "support/redis_server.hpp"
#include "support/resources.hpp"

using namespace exo::faults;
using namespace exo::support;

namespace {

struct Rig {
    RedisServer server;
    FaultProxy proxy{server.tcp()};
    Client writer{server.url()};
    Client client{proxy.url(), {{"backoff_max", "5ms"}}};
    Atom theirs{writer, "n", "0"};
    Atom atom{client, "n", "0"};

    // The next of these frames is `bytes` instead.
    RuleId replace_next(FrameMatch match, const std::string &bytes) {
        Rule rule;
        rule.direction = Direction::kToClient;
        rule.action = Action::kReplace;
        rule.match = std::move(match);
        rule.bytes = bytes;
        return proxy.arm(rule);
    }
};

std::string shown(const std::string &reply) { return "'" + reply.substr(0, 40) + "': "; }

}  // namespace

static void G2_G7_hostile_answers_to_writes_are_never_believed(void **) {
    Rig rig;
    EXPECT_OK(rig.atom.add());  // the server knows the script
    std::int64_t count = 1;
    const std::size_t before = resident_bytes();
    for (const std::string &reply : hostile_replies()) {
        const RuleId id = rig.replace_next(any_script(), reply);
        const Outcome outcome = rig.atom.add(1, Millis(10000));
        EXPECT_EQ(rig.proxy.fired(id), 1U);
        rig.proxy.disarm_all();
        ++count;  // the server has done it
        EXPECT_TRUE_SAYING(outcome.ok() || outcome.unknown(), shown(reply) + outcome.show());
        EXPECT_EQ(rig.theirs.must_deref().number(), count);
        EXPECT_EQ(rig.atom.must_deref().number(), count);
    }
    EXPECT_TRUE_SAYING(resident_bytes() < before + (64U << 20), "memory grew");
}

static void G1_G7_hostile_answers_to_reads_are_never_believed(void **) {
    Rig rig;
    for (const std::string &reply : hostile_replies()) {
        const RuleId id = rig.replace_next(command_is("HMGET"), reply);
        Value value;
        const Outcome outcome = rig.atom.deref(&value, Millis(10000));
        EXPECT_EQ(rig.proxy.fired(id), 1U);
        rig.proxy.disarm_all();
        EXPECT_TRUE_SAYING(!outcome.unknown(), shown(reply) + outcome.show());
        if (outcome.ok()) {
            EXPECT_EQ(value.bytes(), std::string("0"));
        }
        EXPECT_EQ(rig.atom.must_deref().bytes(), std::string("0"));
    }
}

static void G3_G7_hostile_bytes_on_the_subscription_hide_no_change(void **) {
    Rig rig;
    WatchLog log(rig.atom, "log");
    std::int64_t count = 0;
    for (const std::string &bytes : hostile_replies()) {
        const RuleId id = rig.replace_next(any_push(), bytes);
        EXPECT_OK(rig.theirs.add());
        // Some are the beginning of something longer: what follows makes it whole, or nonsense.
        EXPECT_OK(rig.theirs.add());
        count += 2;
        EXPECT_TRUE_SAYING(log.wait_for_value(std::to_string(count)), shown(bytes) + log.show());
        EXPECT_EQ(rig.proxy.fired(id), 1U);
        rig.proxy.disarm_all();
    }
    EXPECT_GOOD_LOG(log);
    EXPECT_EQ(log.missed(), 0U);
    EXPECT_EQ(log.changes().size(), static_cast<std::size_t>(count));
    for (const Change &change : log.changes()) {
        EXPECT_EQ(change.flags, 0);
    }
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(G2_G7_hostile_answers_to_writes_are_never_believed),
        cmocka_unit_test(G1_G7_hostile_answers_to_reads_are_never_believed),
        cmocka_unit_test(G3_G7_hostile_bytes_on_the_subscription_hide_no_change),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
