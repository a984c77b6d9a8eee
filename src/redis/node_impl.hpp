// The node behind its interface: two links and what must hold between them. Private to this room.
#pragma once

#include <atomic>
#include <mutex>
#include <vector>

#include "base/fork.hpp"
#include "redis/command_link.hpp"
#include "redis/node.hpp"
#include "redis/subscription_link.hpp"

namespace exo::redis {

class NodeImpl final : public Node, public LinkOwner, public std::enable_shared_from_this<NodeImpl> {
public:
    explicit NodeImpl(LinkContext context);

    void start();
    bool forked() const noexcept { return generation_ != base::fork_generation(); }

    base::ErrorPtr submit(RequestPtr request) override;
    bool withdraw(const RequestPtr &request) override;
    void subscribe(const std::string &channel, std::shared_ptr<Subscriber> subscriber) override;
    void unsubscribe(const std::string &channel, const Subscriber &subscriber) override;
    void when_ready(std::function<void(const base::ErrorPtr &)> ready) override;
    base::ErrorPtr last_error() const override;
    bool ever_connected() const override { return ever_connected_.load(std::memory_order_acquire); }
    void reconnect(const std::string &why) override;
    void close() override;
    const NodeConfig &config() const override { return context_->config; }
    const LinkContext &context() const noexcept { return *context_; }

private:
    void link_ready(Link &link) override;
    void link_failed(Link &link, const base::ErrorPtr &why) override;
    void link_lost(Link &link, const base::ErrorPtr &why) override;
    void tell_ready(const base::ErrorPtr &why);
    void ask_ready(std::function<void(const base::ErrorPtr &)> ready);
    void remember(const base::ErrorPtr &why);

    const std::shared_ptr<const LinkContext> context_;
    const std::uint32_t generation_ = base::fork_generation();
    std::shared_ptr<CommandLink> commands_;
    std::shared_ptr<SubscriptionLink> subscriptions_;
    std::vector<std::function<void(const base::ErrorPtr &)>> ready_;  ///< only on the loop
    base::ErrorPtr final_;  ///< the last attempt's, if it was final; only on the loop
    bool closed_ = false;   ///< only on the loop
    std::atomic<bool> ever_connected_{false};
    mutable std::mutex mutex_;
    base::ErrorPtr last_error_;

    /// Keeps this object until it is closed on the loop; in a forked child for ever.
    std::shared_ptr<NodeImpl> self_;
};

}  // namespace exo::redis
