// Stands between clients and a server and breaks what passes, by rules that the test arms while it runs. One
// thread; every call of this class is for other threads. Faults are counted when they take effect.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "support/fault_link.hpp"
#include "support/fault_rule.hpp"
#include "support/net.hpp"
#include "support/temp_dir.hpp"

namespace exo::support {

// What becomes of new connections.
enum class AcceptMode {
    kForward,
    kHalfOpen,  // accepted, then nothing is read and nothing sent
    kClose,     // accepted and closed
    kReset      // accepted and reset
};

class FaultProxy {
public:
    enum class Listen { kTcp, kUnixSocket };

    explicit FaultProxy(Endpoint target, Listen listen = Listen::kTcp);
    ~FaultProxy();
    FaultProxy(FaultProxy &&) = delete;
    FaultProxy &operator=(FaultProxy &&) = delete;

    const Endpoint &endpoint() const { return endpoint_; }
    std::string url(const std::string &user_info = "") const { return endpoint_.url(user_info); }
    // For connections from now on.
    void set_target(Endpoint target);

    RuleId arm(Rule rule);
    void disarm(RuleId id);
    void disarm_all();
    std::uint64_t fired(RuleId id);
    std::vector<std::string> recorded(RuleId id);
    bool wait_fired(RuleId id, std::uint64_t count = 1, Millis time = Millis(10000));

    void set_accept(AcceptMode mode);
    // No longer listens: connecting is refused, until listen_again(), at the same address.
    void refuse();
    void listen_again();

    void cut(std::uint64_t link, CutKind kind, CutSide side = CutSide::kBoth);
    // All open ones; how many they were.
    std::size_t cut_all(CutKind kind);
    void freeze(std::uint64_t link);
    void freeze_all();
    void thaw_all();
    void hold(std::uint64_t link, Direction direction);
    void release(std::uint64_t link, Direction direction = Direction::kToServer);
    void release_all();
    // Everything in this direction comes later by this, on all connections, those to come too.
    void set_delay(Direction direction, Millis delay);

    FaultStats stats();
    std::vector<LinkInfo> links();
    LinkInfo link(std::uint64_t id);
    // Until the statistics are as wanted.
    bool wait_for(const std::function<bool(const FaultStats &)> &predicate, Millis time = Millis(10000));
    // Until the server has answered so many commands of a connection whose client is gone.
    bool wait_orphan_replies(std::uint64_t link, std::size_t count, Millis time = Millis(10000));

private:
    void run();
    void accept_all();
    void drain_lame();
    int poll_timeout() const;
    template <typename Change>
    void change(Change &&change);
    bool wait_until(Millis time, const std::function<bool()> &predicate);

    Endpoint target_;
    std::unique_ptr<TempDir> folder_;
    Endpoint endpoint_;
    Fd listener_;
    Fd resting_;  // the listener while connections are refused: it keeps the port
    Fd wake_;

    std::mutex mutex_;
    std::condition_variable changed_;
    bool stop_ = false;
    AcceptMode mode_ = AcceptMode::kForward;
    Millis delay_to_server_{0};
    Millis delay_to_client_{0};
    FaultStats stats_;
    RuleBook rules_;
    std::vector<Fd> lame_;  // ended by FIN: read away until the peer closes
    std::map<std::uint64_t, std::unique_ptr<FaultLink>> links_;
    std::uint64_t next_link_ = 1;
    std::thread thread_;
};

}  // namespace exo::support
