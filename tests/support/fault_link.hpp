// One connection through a FaultProxy: two directions, each read as whole RESP frames (or raw, if it is no
// RESP), judged by the rules and written on. Not for tests: they use FaultProxy, which also does the locking.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "support/fault_rulebook.hpp"
#include "support/net.hpp"

namespace exo::support {

struct FaultStats {
    std::uint64_t accepted = 0;
    std::uint64_t turned_away = 0;  // by AcceptMode
    std::uint64_t commands = 0;     // frames that came from clients
    std::uint64_t replies = 0;      // replies that came from the server, pushes not counted
    std::uint64_t pushes = 0;
    std::uint64_t cuts = 0;          // connections cut, FIN and RST
    std::uint64_t lost_replies = 0;  // replies of a server that has acted, which no client will get
    std::uint64_t lost_script_replies = 0;
    std::uint64_t swallowed = 0;  // frames
    std::uint64_t held = 0;       // frames
    std::uint64_t released = 0;   // frames
    std::uint64_t frozen = 0;     // connections
    std::uint64_t corrupted = 0;
    std::uint64_t changed = 0;  // delayed, replaced, duplicated, dropped
};

struct LinkInfo {
    std::uint64_t id = 0;
    bool open = false;  // either side still is
    bool client_open = false;
    bool subscriber = false;
    std::string client_name;  // by CLIENT SETNAME
    std::uint64_t bytes_to_server = 0;
    std::uint64_t bytes_to_client = 0;
    std::uint64_t held = 0;                   // frames waiting for release()
    std::vector<std::string> orphan_replies;  // what the server answered after the client's side was gone
};

using Clock = std::chrono::steady_clock;

class FaultLink {
public:
    FaultLink(std::uint64_t id, Fd client, Fd server, RuleBook &rules, FaultStats &stats, std::vector<Fd> &lame);

    LinkInfo info() const;
    bool open() const { return client_ || server_; }
    // What poll() is to watch, -1 for nothing.
    int client_fd() const { return client_.get(); }
    int server_fd() const { return server_.get(); }
    short wants(Direction side, Clock::time_point now) const;
    // When there is something to write that is not yet due.
    Clock::time_point next_due() const;

    void on_client(short events);
    void on_server(short events);
    // Writes what is due and closes what is done.
    void advance();

    void cut(CutKind kind, CutSide side);
    void freeze();
    void thaw() { frozen_ = false; }
    void hold(Direction direction);
    void release(Direction direction);
    // Looks at byte rules again, after one was armed.
    void check_bytes();
    std::uint64_t passed(Direction direction) const { return half(direction).passed; }
    void set_delay(Direction direction, Millis delay) { half(direction).delay = delay; }

private:
    enum class Mark { kNone, kCut, kFreeze };
    struct Item {
        std::string bytes;
        Clock::time_point due;
        Mark mark = Mark::kNone;
        CutKind cut = CutKind::kFin;
        CutSide side = CutSide::kBoth;
    };
    struct Half {
        Direction direction = Direction::kToServer;
        std::string inbox;
        bool raw = false;
        bool eof = false;
        bool holding = false;
        bool swallowing = false;
        std::deque<Item> out;
        std::deque<std::string> held;
        std::size_t written = 0;   // of out.front()
        std::size_t backlog = 0;   // bytes in out
        std::uint64_t passed = 0;  // bytes handed on, also to `held`
        Millis delay{0};
        Clock::time_point last_due;
    };
    struct Pending {
        std::vector<std::string> command;
        std::size_t replies = 1;  // SUBSCRIBE has one for each channel
    };

    Half &half(Direction direction) { return direction == Direction::kToServer ? to_server_ : to_client_; }
    const Half &half(Direction direction) const { return direction == Direction::kToServer ? to_server_ : to_client_; }
    void read_side(Half &from, Fd &fd);
    void take_frames(Half &from);
    void take_command(std::string_view bytes);
    void take_reply(std::string_view bytes);
    void note_command(const std::vector<std::string> &command);
    void judge(Half &through, const Frame &frame);
    void apply(Half &through, const Rule &rule, std::string_view bytes);
    void pass(Half &through, std::string_view bytes);
    void push_out(Half &through, std::string_view bytes);
    void push_mark(Half &through, Mark mark, const Rule &rule);
    void lost(const Frame &frame);
    void flush(Half &through, Fd &to);
    void client_is_gone();
    void end(Fd &fd, CutKind kind);

    std::uint64_t id_;
    Fd client_;
    Fd server_;
    RuleBook &rules_;
    FaultStats &stats_;
    std::vector<Fd> &lame_;
    Half to_server_;
    Half to_client_;
    std::deque<Pending> pending_;
    bool frozen_ = false;
    bool subscriber_ = false;
    bool wait_for_replies_ = false;  // of what was released after the client had gone
    std::string client_name_;
    std::vector<std::string> orphan_replies_;
};

}  // namespace exo::support
