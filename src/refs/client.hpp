// A client: one server, the loop that talks to it, and the references that this process uses there. Ties the rooms below
// together; what a reference means stands in files of its own.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_set>

#include "base/fork.hpp"
#include "base/options.hpp"
#include "base/result.hpp"
#include "loop/dispatcher.hpp"
#include "refs/cell.hpp"
#include "refs/future.hpp"
#include "store/attempt.hpp"

struct uv_loop_s;

namespace exo::refs {

class BodyPool;
class LeaseKeeper;
class Operation;
class Sweeper;

/// What the options say, read once.
struct Settings {
    std::int64_t timeout_ms = 5000;
    std::string prefix;
    std::size_t max_value_size = 0;
    std::size_t ring_value_limit = 0;
    std::size_t message_value_limit = 0;
    base::Millis sweep_interval{15000};
    std::int64_t sweep_budget = 300;
    std::uint64_t database = 0;
};

class Client : public std::enable_shared_from_this<Client> {
public:
    struct Hooks {
        base::LogHook log;
        uv_loop_s *loop = nullptr;  ///< the application's, or null
    };

    /// Begins to connect. EINVAL for a malformed URL or option.
    static base::Result<std::shared_ptr<Client>> create(const char *url, const base::OptionSet &options, Hooks hooks);
    ~Client();

    const Settings &settings() const noexcept { return settings_; }
    const store::Context &context() const noexcept { return context_; }
    loop::Loop &loop() const noexcept { return *context_.loop; }
    redis::Node &node() const noexcept { return *context_.node; }
    base::Stats &stats() const noexcept { return *context_.stats; }
    loop::Dispatcher &dispatcher() const noexcept { return *dispatcher_; }
    const std::string &server() const noexcept { return context_.node->config().shown; }

    FuturePtr make_future() const { return std::make_shared<Future>(futures_); }
    FuturePtr failed_future(base::ErrorPtr error) const;

    /// The ids of operations: 128 random bits, and a counter.
    const std::string &session() const noexcept { return session_; }
    std::uint64_t next_counter() noexcept { return counter_.fetch_add(1, std::memory_order_relaxed); }

    /// What all handles of a key share: each type of reference finds its own there.
    CellTable &cells() noexcept { return cells_; }
    void count_references();  ///< their number is a statistic

    bool closed() const noexcept { return closed_.load(std::memory_order_acquire); }
    bool forked() const noexcept { return generation_ != base::fork_generation(); }
    /// Null, or why no call is possible: ECLOSED, EFORK.
    base::ErrorPtr unusable() const;

    /// Starts the end: everything pending is told. From any thread, idempotent; never fails.
    void close();
    /// Whether the calling thread is one that close must not wait on.
    bool on_own_thread() const noexcept;
    bool wait_closed(base::TimePoint deadline);

    // On the loop.
    std::unordered_set<Operation *> &live() noexcept { return live_; }
    Sweeper &sweeper() noexcept { return *sweeper_; }
    LeaseKeeper &lease_keeper() noexcept { return *lease_keeper_; }
    BodyPool &bodies() noexcept { return *bodies_; }

private:
    Client() = default;
    void shut_down();

    Settings settings_;
    store::Context context_;
    std::shared_ptr<loop::Dispatcher> dispatcher_;
    std::shared_ptr<const Future::Home> futures_;
    std::string session_;
    std::atomic<std::uint64_t> counter_{1};
    std::atomic<bool> closed_{false};
    const std::uint32_t generation_ = base::fork_generation();
    std::unordered_set<Operation *> live_;
    std::unique_ptr<Sweeper> sweeper_;
    std::unique_ptr<LeaseKeeper> lease_keeper_;
    std::unique_ptr<BodyPool> bodies_;
    std::shared_ptr<Client> alive_;  ///< itself, from its closing to its end on the loop

    CellTable cells_;
};

/// Keeps a client open: held by every handle of the application, and closes it with the last of them.
class ClientLife {
public:
    /// As Client::create().
    static base::Result<std::shared_ptr<ClientLife>> open(const char *url, const base::OptionSet &options,
                                                          Client::Hooks hooks);
    ClientLife() = default;
    ~ClientLife() {
        if (client_) client_->close();
    }
    ClientLife(const ClientLife &) = delete;
    ClientLife &operator=(const ClientLife &) = delete;
    const std::shared_ptr<Client> &client() const noexcept { return client_; }

private:
    std::shared_ptr<Client> client_;
};
using ClientLifePtr = std::shared_ptr<ClientLife>;

/// Completes, with the client, when the server has answered for the first time; at once with timeout 0.
FuturePtr connect(const ClientLifePtr &life, std::int64_t timeout_ms);

}  // namespace exo::refs
