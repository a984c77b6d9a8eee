// Every byte of a swap's command and of its reply is once the last one that passes. Whatever the place: the swap ends
// well, exactly once. Several clients share the offsets, because most of the time is spent in waits before reconnecting.
#include <algorithm>
#include <atomic>
#include <mutex>
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

constexpr std::size_t kClients = 4;

struct Findings {
    std::mutex mutex;
    std::string first;
    std::size_t places = 0;

    void add(const std::string &text) {
        const std::lock_guard<std::mutex> lock(mutex);
        if (first.empty()) {
            first = text;
        }
    }
};

// How a write is done and what must be there then.
using Write = std::function<Outcome(Atom &, std::int64_t, Value *)>;

Outcome by_swap(Atom &atom, std::int64_t, Value *out) { return atom.swap(adding(1), Millis(20000), out); }

Outcome by_reset(Atom &atom, std::int64_t next, Value *out) {
    return atom.reset(std::to_string(next), Millis(20000), out);
}

// Asks for the value before, and is right only if that is the one that was there.
Outcome by_reset_vals(Atom &atom, std::int64_t next, Value *out) {
    const std::string text = std::to_string(next);
    Value before;
    exoref_error *error = nullptr;
    const exoref_status status =
        exoref_atom_reset_vals(atom.get(), text.data(), text.size(), 20000, before.out(), out->out(), &error);
    Outcome outcome = outcome_of(status, error);
    if (outcome.ok() && before.number() != next - 1) outcome.status = EXOREF_EINTERNAL;
    return outcome;
}

// What happens at each place: a cut, or (freeze) silence without an end.
struct Plan {
    Direction direction = Direction::kToServer;
    CutKind kind = CutKind::kReset;
    bool freeze = false;
    std::size_t step = 1;
    std::size_t least = 100;  // bytes that the frame has at least
};

// The shortest answer: an operation's id.
constexpr std::size_t kShortest = 40;

// One client of its own proxy and atom takes each kClients-th place, until the frame is shorter than the place.
void break_at_places(RedisServer &server, const Plan &plan, const Write &write, std::size_t first, Findings &findings) {
    FaultProxy proxy(server.tcp());
    const Client client(proxy.url(), {{"backoff_max", "10ms"}, {"health_interval", plan.freeze ? "200ms" : "5s"}});
    const std::string key = "n" + std::to_string(first);
    Atom atom(client, key, "0");
    std::atomic<std::size_t> size{0};
    const FrameMatch ours = [&size, key](const Frame &frame) {
        const bool found =
            frame.is_script() && std::find(frame.command->begin(), frame.command->end(), key) != frame.command->end();
        if (found) {
            size = frame.bytes.size();
        }
        return found;
    };
    std::int64_t expected = atom.must_deref().number();
    for (std::size_t place = first; place == first || place <= size; place += kClients * plan.step) {
        Rule fault = Rule::cut_frame(plan.direction, ours, place, plan.kind);
        fault.action = plan.freeze ? Action::kFreeze : Action::kCut;
        const RuleId rule = proxy.arm(fault);
        Value value;
        const Outcome outcome = write(atom, ++expected, &value);
        const std::string where = "place " + std::to_string(place) + " of " + std::to_string(size) + ": ";
        if (!outcome.ok() || value.number() != expected || proxy.fired(rule) != 1) {
            findings.add(where + outcome.show() + " value " + value.bytes() + " expected " + std::to_string(expected) +
                         " faults " + std::to_string(proxy.fired(rule)));
            return;
        }
        proxy.disarm_all();
        const std::lock_guard<std::mutex> lock(findings.mutex);
        ++findings.places;
    }
    const Value last = atom.must_deref();
    if (last.number() != expected || last.version() != static_cast<std::uint64_t>(expected + 1)) {
        findings.add("at the end " + last.bytes() + ", not " + std::to_string(expected));
    }
}

void break_everywhere(const Plan &plan, const Write &write) {
    RedisServer server;
    Findings findings;
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < kClients; ++i) {
        threads.emplace_back([&, i] { break_at_places(server, plan, write, i, findings); });
    }
    for (std::thread &thread : threads) {
        thread.join();
    }
    EXPECT_TRUE_SAYING(findings.first.empty(), findings.first);
    EXPECT_TRUE_SAYING(findings.places > plan.least / plan.step,
                       "only so many places: " + std::to_string(findings.places));
}

}  // namespace

static void G2_A1_a_swaps_command_is_cut_at_every_byte_by_reset(void **) {
    break_everywhere({Direction::kToServer, CutKind::kReset}, by_swap);
}

static void G2_A1_a_swaps_command_is_cut_at_every_byte_by_fin(void **) {
    break_everywhere({Direction::kToServer, CutKind::kFin}, by_swap);
}

static void G2_A1_a_swaps_reply_is_cut_at_every_byte_by_reset(void **) {
    break_everywhere({Direction::kToClient, CutKind::kReset, false, 1, kShortest}, by_swap);
}

static void G2_A1_a_swaps_reply_is_cut_at_every_byte_by_fin(void **) {
    break_everywhere({Direction::kToClient, CutKind::kFin, false, 1, kShortest}, by_swap);
}

static void G2_A4_a_resets_reply_is_cut_at_every_byte(void **) {
    break_everywhere({Direction::kToClient, CutKind::kFin, false, 1, kShortest}, by_reset);
}

static void G2_A5_a_long_reply_with_the_value_before_is_cut_at_every_byte(void **) {
    break_everywhere({Direction::kToClient, CutKind::kReset}, by_reset_vals);
}

static void G2_G4_a_swaps_command_stops_in_the_middle_without_a_word(void **) {
    break_everywhere({Direction::kToServer, CutKind::kFin, true, 11}, by_swap);
}

static void G2_G4_a_swaps_reply_stops_in_the_middle_without_a_word(void **) {
    break_everywhere({Direction::kToClient, CutKind::kFin, true, 11, kShortest}, by_swap);
}

// A message of the subscription is cut at every byte: the change that it told of is read from the history.
static void G3_a_watchs_message_is_cut_at_every_byte(void **) {
    RedisServer server;
    FaultProxy proxy(server.tcp());
    const Client writer(server.url());
    const Client client(proxy.url(), {{"backoff_max", "5ms"}, {"sweep_interval", "1h"}});
    Atom theirs(writer, "n", "0");
    Atom atom(client, "n", "0");
    WatchLog log(atom, "log");
    std::atomic<std::size_t> size{0};
    const FrameMatch messages = [&size](const Frame &frame) {
        if (frame.is_push) {
            size = frame.bytes.size();
        }
        return frame.is_push;
    };
    std::int64_t count = 0;
    for (std::size_t place = 0; place == 0 || place < size; ++place) {
        const CutKind kind = place % 2 == 0 ? CutKind::kReset : CutKind::kFin;
        const RuleId id = proxy.arm(Rule::cut_frame(Direction::kToClient, messages, place, kind));
        EXPECT_OK(theirs.add());
        EXPECT_TRUE_SAYING(log.wait_for_value(std::to_string(++count)), "after the cut at " + std::to_string(place));
        EXPECT_EQ(proxy.fired(id), 1U);
        proxy.disarm_all();
    }
    EXPECT_TRUE_SAYING(count > 100, "only so many places: " + std::to_string(count));
    EXPECT_GOOD_LOG(log);
    EXPECT_EQ(log.missed(), 0U);
    EXPECT_EQ(log.changes().size(), static_cast<std::size_t>(count));
}

// What a client says and hears before its first command: the opening goes on until it is through.
static void G7_a_handshake_is_cut_at_every_byte(void **) {
    RedisServerOptions options;
    options.password = "secret";
    RedisServer server(options);
    FaultProxy proxy(server.tcp());
    const std::string url = proxy.url(":secret");
    {
        // The server is to know the scripts: else the first link says more than all later ones.
        const Client client(url);
        Atom atom(client, "k", "v");
    }
    for (const Direction direction : {Direction::kToServer, Direction::kToClient}) {
        std::uint64_t handshake = 1;
        std::uint64_t known = 0;
        for (std::uint64_t place = 0; place <= handshake; place += direction == Direction::kToServer ? 3 : 61) {
            Rule rule = Rule::cut_at(direction, place, CutKind::kReset);
            rule.since_armed = false;
            const RuleId id = proxy.arm(rule);
            {
                const Client client(url, {{"backoff_max", "10ms"}, {"name", "cut"}});
                Atom atom(client, "k", "v");
                EXPECT_EQ(atom.must_deref().bytes(), std::string("v"));
                EXPECT_TRUE_SAYING(proxy.fired(id) == 1, "no cut at byte " + std::to_string(place));
            }
            proxy.disarm_all();
            if (known == 0) {
                // The last link was whole: its handshake is what comes before the first script.
                const LinkInfo whole = proxy.links().back();
                known = direction == Direction::kToServer ? whole.bytes_to_server : whole.bytes_to_client;
                // What INFO says varies by some digits from link to link.
                handshake = std::min<std::uint64_t>(known * 9 / 10, 2000);
            }
        }
    }
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(G2_A1_a_swaps_command_is_cut_at_every_byte_by_reset),
        cmocka_unit_test(G2_A1_a_swaps_command_is_cut_at_every_byte_by_fin),
        cmocka_unit_test(G2_A1_a_swaps_reply_is_cut_at_every_byte_by_reset),
        cmocka_unit_test(G2_A1_a_swaps_reply_is_cut_at_every_byte_by_fin),
        cmocka_unit_test(G2_A4_a_resets_reply_is_cut_at_every_byte),
        cmocka_unit_test(G2_A5_a_long_reply_with_the_value_before_is_cut_at_every_byte),
        cmocka_unit_test(G2_G4_a_swaps_command_stops_in_the_middle_without_a_word),
        cmocka_unit_test(G2_G4_a_swaps_reply_stops_in_the_middle_without_a_word),
        cmocka_unit_test(G3_a_watchs_message_is_cut_at_every_byte),
        cmocka_unit_test(G7_a_handshake_is_cut_at_every_byte),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
