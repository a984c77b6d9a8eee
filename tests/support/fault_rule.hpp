// What a FaultProxy does to what it carries: a rule says to which frame or byte, and what. Only descriptions
// here.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/deadline.hpp"

namespace exo::support {

enum class Direction { kToServer, kToClient };

// One RESP frame on its way.
struct Frame {
    std::uint64_t link = 0;  // the connection, numbered from 1 in the order they were accepted
    Direction direction = Direction::kToServer;
    std::string_view bytes;
    // The command itself, or the one that this reply answers; empty for a message of pub/sub.
    const std::vector<std::string> *command = nullptr;
    bool is_push = false;     // a message of pub/sub, no reply
    bool subscriber = false;  // the connection has sent a SUBSCRIBE

    // Compares the command's first argument, whatever its case.
    bool is(std::string_view name) const;
    // An EVALSHA or EVALSHA_RO, of this script if given.
    bool is_script(std::string_view sha = "") const;
    bool contains(std::string_view text) const { return bytes.find(text) != std::string_view::npos; }
};

// Called on the proxy's thread with its lock held: it must not call the proxy.
using FrameMatch = std::function<bool(const Frame &)>;

FrameMatch any_frame();
FrameMatch command_is(std::string name);  // the command, or its reply: the rule's direction says which
FrameMatch any_script();
FrameMatch script_with(std::string text);  // a script's command (or reply) whose command holds these bytes
FrameMatch any_push();

enum class Action {
    kObserve,   // nothing; the rule counts and records
    kCut,       // the rule's first `offset` bytes still pass, then the connection is cut
    kSwallow,   // from here on everything in this direction vanishes; the connection stays
    kDrop,      // only this frame vanishes (no network does that; a broken server or proxy may)
    kHold,      // from here on this direction is kept back until release()
    kFreeze,    // from here on the connection is dead without a word, both ways: nothing is read or written
    kDelay,     // this frame comes later by `delay`, and what is behind it with it
    kCorrupt,   // the byte at `offset` is flipped
    kReplace,   // `bytes` in its place
    kDuplicate  // passes twice
};

enum class CutKind { kFin, kReset };
enum class CutSide { kBoth, kClient };

constexpr std::uint64_t kAlways = UINT64_MAX;

struct Rule {
    Direction direction = Direction::kToClient;
    Action action = Action::kObserve;

    // Which frame: the nth that matches, and the `times` - 1 matching ones after it, each with this
    // probability.
    FrameMatch match;
    std::uint64_t nth = 1;
    std::uint64_t times = 1;
    double probability = 1.0;
    // Only on this connection (0: on all).
    std::uint64_t link = 0;

    // Instead of `match`: when so many bytes of this direction have passed, counted on each connection from
    // its beginning or, with since_armed, from the arming of the rule.
    std::optional<std::uint64_t> at_byte;
    bool since_armed = false;

    // kCut, kHold, kSwallow, kFreeze: so many bytes of the frame still pass. kCorrupt: which byte.
    std::size_t offset = 0;
    CutKind cut = CutKind::kReset;
    // kClient: what is under way to the server goes on, as from a client whose connection broke behind it.
    CutSide side = CutSide::kBoth;
    // kHold: the client's side is cut at once; what is held can still be released to the server.
    bool cut_client = false;
    Millis delay{0};
    std::string bytes;
    // Keep a copy of each frame that it took effect on.
    bool record = false;

    // The usual ones.
    static Rule cut_at(Direction direction, std::uint64_t byte, CutKind kind);
    static Rule cut_frame(Direction direction, FrameMatch match, std::size_t offset, CutKind kind);
    // The server has acted, the reply is thrown away, the connection cut.
    static Rule lose_reply(FrameMatch match, double probability = 1.0, std::uint64_t times = 1,
                           CutKind kind = CutKind::kReset);
    // The server has acted, the client hears nothing more and can only time out.
    static Rule swallow_reply(FrameMatch match);
    // The command is kept back while its client sees a lost connection; release() sends it on.
    static Rule hold_command(FrameMatch match);
    static Rule observe(Direction direction, FrameMatch match);
};

using RuleId = std::uint64_t;

}  // namespace exo::support
