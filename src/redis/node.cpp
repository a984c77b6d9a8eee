// Requests to the command link, channels to the subscription link, and what must hold between the two.
#include "redis/node.hpp"

#include <cassert>
#include <new>
#include <utility>

#include "redis/node_impl.hpp"

namespace exo::redis {

using base::Status;

namespace {

base::ErrorPtr closed_error() { return base::make_error(Status::ECLOSED, "the client was closed"); }

base::ErrorPtr fork_error() {
    return base::make_error(Status::EFORK,
                            "the connection belongs to the parent of this forked process; open a client here");
}

bool is_final(const base::ErrorPtr &why) {
    return base::status_class(why->status) == base::StatusClass::NOT_APPLIED_FINAL;
}

}  // namespace

NodeImpl::NodeImpl(LinkContext context) : context_(std::make_shared<const LinkContext>(std::move(context))) {}

void NodeImpl::start() {
    commands_ = std::make_shared<CommandLink>(context_, weak_from_this());
    subscriptions_ = std::make_shared<SubscriptionLink>(context_, weak_from_this());
    const auto open = [self = shared_from_this()] {
        if (self->closed_) return;
        self->self_ = self;
        self->commands_->open();
    };
    // If the loop has ended nothing was opened, and nobody will close.
    if (!context_->loop->post(open)) commands_->queue().refuse(closed_error());
}

base::ErrorPtr NodeImpl::submit(RequestPtr request) {
    if (forked()) return fork_error();
    bool wake = false;
    if (auto refused = commands_->queue().add(std::move(request), wake)) return refused;
    if (wake) {
        context_->loop->post([self = shared_from_this()] { self->commands_->pump(); }, loop::Loop::Where::anywhere);
    }
    return nullptr;
}

bool NodeImpl::withdraw(const RequestPtr &request) {
    if (forked()) return false;
    assert(context_->loop->on_loop());
    return commands_->queue().withdraw(request);
}

void NodeImpl::subscribe(const std::string &channel, std::shared_ptr<Subscriber> subscriber) {
    if (forked()) return;
    assert(context_->loop->on_loop());
    if (!closed_) subscriptions_->subscribe(channel, std::move(subscriber));
}

void NodeImpl::unsubscribe(const std::string &channel, const Subscriber &subscriber) {
    if (forked()) return;
    assert(context_->loop->on_loop());
    if (!closed_) subscriptions_->unsubscribe(channel, subscriber);
}

void NodeImpl::when_ready(std::function<void(const base::ErrorPtr &)> ready) {
    if (forked()) {
        ready(fork_error());
        return;
    }
    const auto asked = std::make_shared<std::function<void(const base::ErrorPtr &)>>(std::move(ready));
    if (!context_->loop->post([self = shared_from_this(), asked] { self->ask_ready(std::move(*asked)); })) {
        (*asked)(closed_error());
    }
}

void NodeImpl::ask_ready(std::function<void(const base::ErrorPtr &)> ready) {
    if (closed_) {
        ready(closed_error());
    } else if (commands_->peer() != nullptr) {
        ready(nullptr);
    } else if (final_) {
        ready(final_);
    } else {
        ready_.push_back(std::move(ready));
    }
}

void NodeImpl::tell_ready(const base::ErrorPtr &why) {
    for (const auto &ready : std::exchange(ready_, {})) ready(why);
}

base::ErrorPtr NodeImpl::last_error() const {
    if (forked()) return fork_error();
    const std::lock_guard lock(mutex_);
    return last_error_;
}

void NodeImpl::remember(const base::ErrorPtr &why) {
    const std::lock_guard lock(mutex_);
    last_error_ = why;
}

void NodeImpl::link_ready(Link &link) {
    Link &other = &link == commands_.get() ? static_cast<Link &>(*subscriptions_) : *commands_;
    const Peer *mine = link.peer();
    const Peer *others = other.peer();
    if (mine != nullptr && others != nullptr && !mine->run_id.empty() && !others->run_id.empty() &&
        mine->run_id != others->run_id) {
        // A failover or restart between the two: what one says would not belong to what the other says.
        const std::string why = "its two connections led to different servers";
        other.drop(why);
        link.drop(why);
        return;
    }
    if (&link != commands_.get()) return;
    ever_connected_.store(true, std::memory_order_release);
    remember(nullptr);
    final_ = nullptr;
    commands_->queue().refuse(nullptr);
    tell_ready(nullptr);
}

void NodeImpl::link_failed(Link &link, const base::ErrorPtr &why) {
    if (&link != commands_.get()) return;
    remember(why);
    final_ = is_final(why) ? why : nullptr;
    commands_->queue().refuse(final_);
    if (!final_) return;
    commands_->fail_waiting(final_);
    tell_ready(final_);
}

void NodeImpl::link_lost(Link &link, const base::ErrorPtr &why) {
    if (&link == commands_.get()) remember(why);
}

void NodeImpl::reconnect(const std::string &why) {
    if (forked()) return;
    assert(context_->loop->on_loop());
    commands_->drop(why);
}

void NodeImpl::close() {
    if (forked()) return;
    assert(context_->loop->on_loop());
    if (std::exchange(closed_, true)) return;
    const auto keep = std::exchange(self_, nullptr);
    if (!commands_ || !subscriptions_) return;  // memory ran out before it could start
    context_->resolver->close();
    subscriptions_->close();
    commands_->close();
    tell_ready(closed_error());
}

std::shared_ptr<Node> Node::create(std::shared_ptr<loop::Loop> loop, NodeConfig config,
                                   std::shared_ptr<base::Stats> stats, std::shared_ptr<base::Log> log) {
    LinkContext context;
    context.resolver = std::make_shared<Resolver>(loop, config);
    context.loop = std::move(loop);
    context.config = std::move(config);
    context.stats = std::move(stats);
    context.log = std::move(log);
    auto node = std::make_shared<NodeImpl>(std::move(context));
    // Who lets go of the last reference without closing has it closed, on the loop; sockets are nobody else's to touch.
    std::shared_ptr<Node> outside(node.get(), [node](Node *) mutable noexcept {
        const auto impl = std::move(node);
        try {
            if (!impl->forked()) impl->context().loop->post([impl] { impl->close(); });
        } catch (const std::bad_alloc &) {
            // It goes on until the loop ends.
        }
    });
    node->start();
    return outside;
}

}  // namespace exo::redis
