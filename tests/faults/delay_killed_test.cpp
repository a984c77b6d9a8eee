// The process that owns a delay's lease is killed at each step of the protocol: while each of its commands is under way to the server,
// and while each reply is under way back. Another takes over in time, and one result is published (G5, D1).
#include <algorithm>
#include <sstream>
#include <vector>

#include "faults/delay_process.hpp"
#include "faults/expect.hpp"
#include "support/fault_proxy.hpp"
#include "support/redis_server.hpp"

using namespace exo::faults;
using namespace exo::support;

namespace {

// The owner: this program, started again. It claims, renews, and ends the lease as it is told to, as fast as it can.
int own_fast(const std::string &url, const std::string &key, const std::string &ending) {
    const Client client(url, {{"health_interval", "1h"}});
    const Delay delay(client, key, {{"lease", "1s"}, {"retry", ending == "retry" ? "true" : "false"}});
    Lease lease = delay.must_claim(Millis(60000));
    EXPECT_OK(lease.renew(Millis(60000)));
    EXPECT_OK(ending == "deliver" ? lease.deliver("from the first") : lease.publish_failure("from the first"));
    say("done");
    return 0;
}

// What becomes of the command in which the owner is killed.
enum class Fate {
    lost,   // it never reaches the server
    acted,  // the server has acted, and nobody hears of it
    late    // it reaches the server while the next owner runs its body
};
constexpr Fate kFates[] = {Fate::lost, Fate::acted, Fate::late};

const char *name_of(Fate fate) { return fate == Fate::lost ? "lost" : fate == Fate::acted ? "acted upon" : "late"; }

FrameMatch command_on(const std::string &key) {
    return [key](const Frame &frame) {
        if (frame.subscriber || frame.command == nullptr) {
            return false;
        }
        return std::find(frame.command->begin(), frame.command->end(), key) != frame.command->end();
    };
}

std::unique_ptr<Process> start(const std::string &url, const std::string &key, const std::string &ending) {
    ProcessOptions options;
    options.argv = {self_path(), "--own-fast", url, key, ending};
    return std::make_unique<Process>(options);
}

// Hears how often a result is published.
class Ear {
public:
    Ear(RedisServer &server, std::string key) : server_(server), key_(std::move(key)), client_(server.unix_socket()) {
        EXPECT_TRUE(!client_.call({"SUBSCRIBE", key_}).is_error());
    }
    int results() {
        server_.must({"PUBLISH", key_, "mark"});
        for (int count = 0;;) {
            const auto push = client_.receive(scaled(Millis(5000)));
            EXPECT_TRUE(push && push->elements.size() == 3);
            const std::string &text = push->elements[2].text;
            if (text == "mark") {
                return count;
            }
            // "1 <event> <db> <epoch> <version before> <op before> <version> ..."
            std::istringstream words(text);
            std::vector<std::string> word(7);
            for (std::string &one : word) {
                words >> one;
            }
            count += word[6] == "1" ? 1 : 0;
        }
    }

private:
    RedisServer &server_;
    std::string key_;
    RedisClient client_;
};

struct Rig {
    RedisServer server;
    Client waits{server.url(), {{"sweep_interval", "1h"}}}, idle{server.url(), {{"sweep_interval", "1h"}}};

    // How many commands the owner sends from opening the delay to its end; they warm the server's scripts up, too.
    std::uint64_t commands(const std::string &ending) {
        const std::string key = "counted " + ending;
        FaultProxy proxy(server.tcp());
        for (int round = 0;; ++round) {
            const RuleId sent = proxy.arm(Rule::observe(Direction::kToServer, command_on(key)));
            const auto owner = start(proxy.url(), key, ending);
            EXPECT_TRUE(owner->wait_for_output("done", Millis(20000)));
            if (round == 1) {
                return proxy.fired(sent);
            }
            server.must({"DEL", key});
        }
    }

    void kill_in(std::uint64_t command, Fate fate, const std::string &ending, const std::string &expected);
};

void Rig::kill_in(std::uint64_t command, Fate fate, const std::string &ending, const std::string &expected) {
    const std::string what = ending + ", command " + std::to_string(command) + " " + name_of(fate);
    const std::string &key = what;
    FaultProxy proxy(server.tcp());
    Ear ear(server, key);
    Rule rule;
    rule.direction = fate == Fate::acted ? Direction::kToClient : Direction::kToServer;
    rule.action = Action::kHold;
    rule.match = command_on(key);
    rule.nth = command;
    const RuleId held = proxy.arm(rule);
    const auto owner = start(proxy.url(), key, ending);
    EXPECT_TRUE_SAYING(proxy.wait_fired(held, 1, Millis(20000)), what);
    kill_it(*owner);
    const TakeoverTime time;

    std::atomic<bool> released{fate != Fate::late};
    BodyFunction body = [&](exoref_lease *) {
        for (const LinkInfo &link : proxy.links()) {
            if (fate == Fate::late && link.held > 0) {
                proxy.release(link.id);
                released = proxy.wait_orphan_replies(link.id, 1);
            }
        }
        return std::string("from the second");
    };
    const Delay theirs(waits, key), mine(idle, key, {{"lease", "1s"}}, &body);
    Forcing forcing(theirs);
    const Outcome outcome = forcing.within(TakeoverTime::kPatience);
    EXPECT_TRUE_SAYING(time.in_bound(), what + ": " + time.show() + ": " + outcome.show());
    const std::string told = outcome.ok() ? forcing.value() : outcome.status == EXOREF_EBODY ? outcome.message : "";
    EXPECT_TRUE_SAYING(told == expected, what + ": " + outcome.show() + ": " + told);
    EXPECT_TRUE_SAYING(released, what);
    EXPECT_TRUE_SAYING(ear.results() == 1, what);
    // Whatever else comes: it stands.
    proxy.release_all();
    Value value;
    const Client later(server.url());
    const Outcome again = Delay(later, key).deref(&value);
    EXPECT_TRUE_SAYING(told == (again.ok() ? value.bytes() : again.message), what);
    EXPECT_EQ(ear.results(), 0);
}

}  // namespace

static void G5_D1_the_owner_is_killed_at_each_step_before_it_has_published(void **) {
    Rig rig;
    const std::uint64_t commands = rig.commands("deliver");
    // Creation, a look, claim, renewal, result.
    EXPECT_TRUE_SAYING(commands >= 5, std::to_string(commands));
    for (std::uint64_t command = 1; command < commands; ++command) {
        for (const Fate fate : kFates) {
            rig.kill_in(command, fate, "deliver", "from the second");
        }
    }
}

static void G5_D1_the_owner_is_killed_while_it_publishes(void **) {
    Rig rig;
    for (const char *ending : {"deliver", "fail", "retry"}) {
        const std::uint64_t commands = rig.commands(ending);
        for (const Fate fate : kFates) {
            // What the server has acted upon is published, but for a failure that is not kept.
            const bool first = fate == Fate::acted && std::string(ending) != "retry";
            rig.kill_in(commands, fate, ending, first ? "from the first" : "from the second");
        }
    }
}

int main(int argc, char **argv) {
    if (argc == 5 && std::string(argv[1]) == "--own-fast") {
        return own_fast(argv[2], argv[3], argv[4]);
    }
    const CMUnitTest tests[] = {
        cmocka_unit_test(G5_D1_the_owner_is_killed_at_each_step_before_it_has_published),
        cmocka_unit_test(G5_D1_the_owner_is_killed_while_it_publishes),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
