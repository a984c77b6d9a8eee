// One operation's way to the server, over as many sendings as it takes: sent again when its connection is lost, when the server
// can't take it now, and when it has forgotten the script. Knows nothing of deadlines (they belong to the operation that
// has this attempt) nor of what the answer means.
//
//   submitted -> written -> answered                    on_answer
//      ^           |------> connection lost             sent again under the next number
//      |           |------> LOADING, READONLY, OOM ...  sent again after a while
//      |           `------> NOSCRIPT                    SCRIPT LOAD, then sent again
//      `-- abandon(): nothing is called any more; the slot on the wire lives on without us
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/log.hpp"
#include "base/stats.hpp"
#include "loop/loop.hpp"
#include "loop/timers.hpp"
#include "redis/node.hpp"
#include "redis/request.hpp"
#include "store/scripts.gen.hpp"

namespace exo::store {

/// What every attempt of a client uses.
struct Context {
    std::shared_ptr<loop::Loop> loop;
    std::shared_ptr<redis::Node> node;
    std::shared_ptr<base::Stats> stats;
    std::shared_ptr<base::Log> log;
};

/// What is known about a sending when its answer has come.
struct Sending {
    std::uint64_t number = 1;
    bool only = true;  ///< no other sending of this operation can ever have reached the server
    const redis::Peer &peer;
};

class Attempt : public redis::Request, public std::enable_shared_from_this<Attempt> {
public:
    struct Plan {
        std::string what;                   ///< for messages: "swap of atom 'k'"
        const ScriptDef *script = nullptr;  ///< if it is a script
        bool write = false;                 ///< whether a sending may change anything
        std::size_t size = 0;               ///< about how many bytes
        /// Writes the command; once for each sending.
        std::function<void(redis::CommandWriter &, const redis::Peer &, std::uint64_t sending)> compose;
        /// An answer that is no error reply; or WRONGTYPE, if `wrong_type_is_answer`.
        std::function<void(redis::ReplyView, const Sending &)> on_answer;
        /// It ended without an answer. For a write that may have been applied the error is EUNKNOWN.
        std::function<void(const base::ErrorPtr &)> on_failure;
        bool wrong_type_is_answer = false;
    };

    static std::shared_ptr<Attempt> start(const Context &context, Plan plan);  ///< on the loop

    /// Ends it; neither function is called any more. On the loop.
    void abandon();
    /// Whether some sending may have been, or may yet be, executed without our knowing. On the loop.
    bool maybe_applied() const noexcept { return plan_.write && (uncertain_ > 0 || written_); }
    /// Whether anything was ever put on a wire.
    bool sent() const noexcept { return sendings_ > 0; }
    /// The last passing refusal of the server ("LOADING ..."), or empty.
    const std::string &last_refusal() const noexcept { return last_refusal_; }

    void write(redis::CommandWriter &out, const redis::Peer &peer) override;
    void replied(redis::ReplyView reply, const redis::Peer &peer) override;
    void failed(const base::ErrorPtr &why, bool written) override;
    std::size_t size_hint() const noexcept override { return plan_.size + 256; }

    Attempt(Context context, Plan plan) : context_(std::move(context)), plan_(std::move(plan)) {}

private:
    void submit();
    void submit_later();
    void load_script();
    void refused(std::string_view text);
    void finish(base::Error error);
    void forget();

    Context context_;
    Plan plan_;
    std::uint64_t sendings_ = 0;
    std::uint64_t uncertain_ = 0;  ///< sendings whose connection was lost before their answer came
    bool written_ = false;         ///< the newest sending is on a wire
    bool over_ = false;
    std::uint32_t refusals_ = 0;
    std::uint32_t script_loads_ = 0;
    std::string last_refusal_;
    loop::Timers::Id timer_ = 0;
};

}  // namespace exo::store
