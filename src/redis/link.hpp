// What one of the node's two connections is for as long as the node lives: it is opened, stands, is lost, and comes back
// after a while. Knows neither requests nor channels: those are its two children's. Loop-affine.
//
//            open              ready
//   idle ----------> trying ----------> standing
//                      ^  |                 |
//                      |  | failed          | lost, silent, dropped
//                      |  v                 v
//                     waiting <-------------+        any state --close--> closed
//
#pragma once

#include <memory>
#include <string>

#include "base/log.hpp"
#include "base/stats.hpp"
#include "redis/backoff.hpp"
#include "redis/connection.hpp"

namespace exo::redis {

/// What the node's links share.
struct LinkContext {
    std::shared_ptr<loop::Loop> loop;
    NodeConfig config;
    std::shared_ptr<base::Stats> stats;
    std::shared_ptr<base::Log> log;
    std::shared_ptr<Resolver> resolver;
};

class Link;

/// The node, as its links tell it what happens. On the loop.
class LinkOwner {
public:
    virtual ~LinkOwner() = default;
    /// The link's connection stands. The owner may drop it for what its peer is.
    virtual void link_ready(Link &link) = 0;
    /// An attempt ended with `why`; if that is of a final class, trying again will hardly mend it.
    virtual void link_failed(Link &link, const base::ErrorPtr &why) = 0;
    virtual void link_lost(Link &link, const base::ErrorPtr &why) = 0;
};

class Link : public ConnectionOwner, public std::enable_shared_from_this<Link> {
public:
    enum class State { idle, trying, standing, waiting, closed };

    Link(std::shared_ptr<const LinkContext> context, std::weak_ptr<LinkOwner> owner, const char *name,
         const char *category);

    /// Connects, and goes on trying. Nothing happens if it does already.
    void open();
    /// Closes for good. Idempotent.
    virtual void close();
    /// Ends the connection as if it had been lost.
    void drop(const std::string &why);

    State state() const noexcept { return state_; }
    /// The peer while it stands, else null.
    const Peer *peer() const noexcept { return state_ == State::standing ? &connection_->peer() : nullptr; }

protected:
    /// The connection stands, and is the node's: say what is to be said first.
    virtual void stands() = 0;
    /// A connection that stood is gone.
    virtual void gone(const base::ErrorPtr &why) = 0;
    /// Asks the server for a sign of life.
    virtual void ask_for_life() = 0;

    Connection &connection() noexcept { return *connection_; }
    const LinkContext &context() const noexcept { return *context_; }
    void log(base::LogLevel level, const std::string &line) const;
    /// The connection did something useful: when it is lost, the next one is tried soon.
    void worked() noexcept { worked_ = true; }

private:
    void try_now();
    void wait_and_try();
    void check_health();
    void schedule_health();
    void attempt_ended(const base::ErrorPtr &why);

    void connection_ready() override;
    void connection_lost(const base::ErrorPtr &why) override;

    const std::shared_ptr<const LinkContext> context_;
    const std::weak_ptr<LinkOwner> owner_;
    const char *const name_;
    const char *const category_;

    State state_ = State::idle;
    std::shared_ptr<Connection> connection_;
    Backoff backoff_;
    loop::Timers::Id timer_ = 0;
    base::TimePoint since_{};
    bool worked_ = false;
    bool asked_ = false;  ///< a sign of life was asked for and the link has been silent since
    bool has_stood_ = false;
};

}  // namespace exo::redis
