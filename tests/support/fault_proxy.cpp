#include "support/fault_proxy.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "support/fatal.hpp"
#include "support/resources.hpp"

namespace exo::support {

FaultProxy::FaultProxy(Endpoint target, Listen listen)
    : target_(std::move(target)), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), rules_(test_seed()) {
    if (listen == Listen::kUnixSocket) {
        folder_ = std::make_unique<TempDir>();
        endpoint_ = Endpoint::unix_socket(folder_->file("p"));
    } else if (!target_.is_unix()) {
        endpoint_.host = target_.host;
    }
    listener_ = listen_on(endpoint_);
    if (!listener_) {
        fatal("the proxy can't listen on " + endpoint_.text());
    }
    thread_ = std::thread([this] { run(); });
}

FaultProxy::~FaultProxy() {
    change([this] { stop_ = true; });
    thread_.join();
}

template <typename Change>
void FaultProxy::change(Change &&change) {
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        change();
        changed_.notify_all();
    }
    const std::uint64_t one = 1;
    (void)!::write(wake_.get(), &one, sizeof(one));
}

void FaultProxy::set_target(Endpoint target) {
    change([&] { target_ = std::move(target); });
}

RuleId FaultProxy::arm(Rule rule) {
    RuleId id = 0;
    change([&] {
        ArmedRule &armed = rules_.arm(std::move(rule));
        id = armed.id;
        if (!armed.rule.at_byte) {
            return;
        }
        for (const auto &[number, link] : links_) {
            armed.bytes_before[number] = link->passed(armed.rule.direction);
        }
        for (const auto &[number, link] : links_) {
            if (link->open()) {
                link->check_bytes();
            }
        }
    });
    return id;
}

void FaultProxy::disarm(RuleId id) {
    change([&] { rules_.disarm(id); });
}

void FaultProxy::disarm_all() {
    change([&] { rules_.disarm_all(); });
}

std::uint64_t FaultProxy::fired(RuleId id) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const ArmedRule *armed = rules_.find(id);
    return armed == nullptr ? 0 : armed->fired;
}

std::vector<std::string> FaultProxy::recorded(RuleId id) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const ArmedRule *armed = rules_.find(id);
    return armed == nullptr ? std::vector<std::string>() : armed->recorded;
}

bool FaultProxy::wait_until(Millis time, const std::function<bool()> &predicate) {
    const Deadline deadline(time);
    std::unique_lock<std::mutex> lock(mutex_);
    return changed_.wait_until(lock, deadline.at(), predicate);
}

bool FaultProxy::wait_fired(RuleId id, std::uint64_t count, Millis time) {
    return wait_until(time, [&] {
        const ArmedRule *armed = rules_.find(id);
        return armed != nullptr && armed->fired >= count;
    });
}

bool FaultProxy::wait_for(const std::function<bool(const FaultStats &)> &predicate, Millis time) {
    return wait_until(time, [&] { return predicate(stats_); });
}

bool FaultProxy::wait_orphan_replies(std::uint64_t link, std::size_t count, Millis time) {
    return wait_until(time, [&] {
        const auto found = links_.find(link);
        return found != links_.end() && found->second->info().orphan_replies.size() >= count;
    });
}

void FaultProxy::set_accept(AcceptMode mode) {
    change([&] { mode_ = mode; });
}

void FaultProxy::refuse() {
    change([&] {
        resting_ = std::move(listener_);
        if (endpoint_.is_unix() || !stop_listening(resting_)) {
            resting_.reset();
        }
    });
}

void FaultProxy::listen_again() {
    change([&] {
        listener_ = resting_ && resume_listening(resting_) ? std::move(resting_) : listen_on(endpoint_);
        if (!listener_) {
            fatal("the proxy can't listen again on " + endpoint_.text());
        }
    });
}

void FaultProxy::cut(std::uint64_t link, CutKind kind, CutSide side) {
    change([&] { links_.at(link)->cut(kind, side); });
}

std::size_t FaultProxy::cut_all(CutKind kind) {
    std::size_t count = 0;
    change([&] {
        for (const auto &[number, link] : links_) {
            count += link->open() ? 1 : 0;
            link->cut(kind, CutSide::kBoth);
        }
    });
    return count;
}

void FaultProxy::freeze(std::uint64_t link) {
    change([&] { links_.at(link)->freeze(); });
}

void FaultProxy::freeze_all() {
    change([&] {
        for (const auto &[number, link] : links_) {
            if (link->open()) {
                link->freeze();
            }
        }
    });
}

void FaultProxy::thaw_all() {
    change([&] {
        for (const auto &[number, link] : links_) {
            link->thaw();
        }
    });
}

void FaultProxy::hold(std::uint64_t link, Direction direction) {
    change([&] { links_.at(link)->hold(direction); });
}

void FaultProxy::release(std::uint64_t link, Direction direction) {
    change([&] { links_.at(link)->release(direction); });
}

void FaultProxy::release_all() {
    change([&] {
        for (const auto &[number, link] : links_) {
            link->release(Direction::kToServer);
            link->release(Direction::kToClient);
        }
    });
}

void FaultProxy::set_delay(Direction direction, Millis delay) {
    change([&] {
        (direction == Direction::kToServer ? delay_to_server_ : delay_to_client_) = delay;
        for (const auto &[number, link] : links_) {
            link->set_delay(direction, delay);
        }
    });
}

FaultStats FaultProxy::stats() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return stats_;
}

std::vector<LinkInfo> FaultProxy::links() {
    const std::lock_guard<std::mutex> lock(mutex_);
    std::vector<LinkInfo> result;
    for (const auto &[number, link] : links_) {
        result.push_back(link->info());
    }
    return result;
}

LinkInfo FaultProxy::link(std::uint64_t id) {
    const std::lock_guard<std::mutex> lock(mutex_);
    return links_.at(id)->info();
}

void FaultProxy::accept_all() {
    for (;;) {
        Fd client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (!client) {
            return;
        }
        set_no_delay(client.get());
        ++stats_.accepted;
        if (mode_ == AcceptMode::kClose || mode_ == AcceptMode::kReset) {
            ++stats_.turned_away;
            if (mode_ == AcceptMode::kReset) {
                set_reset_on_close(client.get());
            }
            continue;
        }
        const bool half_open = mode_ == AcceptMode::kHalfOpen;
        Fd server = half_open ? Fd() : connect_to(target_, Millis(2000));
        const std::uint64_t id = next_link_++;
        auto link = std::make_unique<FaultLink>(id, std::move(client), std::move(server), rules_, stats_, lame_);
        link->set_delay(Direction::kToServer, delay_to_server_);
        link->set_delay(Direction::kToClient, delay_to_client_);
        if (half_open) {
            ++stats_.turned_away;
            link->freeze();
        }
        link->check_bytes();
        links_.emplace(id, std::move(link));
    }
}

void FaultProxy::drain_lame() {
    std::array<char, 4096> chunk;
    std::erase_if(lame_, [&chunk](const Fd &fd) {
        ssize_t n = 1;
        while (n > 0) {
            n = ::recv(fd.get(), chunk.data(), chunk.size(), 0);
        }
        return n == 0 || (errno != EAGAIN && errno != EINTR);
    });
}

int FaultProxy::poll_timeout() const {
    Clock::time_point due = Clock::time_point::max();
    for (const auto &[number, link] : links_) {
        const Clock::time_point next = link->next_due();
        if (next > Clock::now()) {
            due = std::min(due, next);
        }
    }
    if (due == Clock::time_point::max()) {
        return -1;
    }
    const auto left = std::chrono::ceil<Millis>(due - Clock::now()).count();
    return static_cast<int>(std::clamp<long long>(left, 0, 60000));
}

void FaultProxy::run() {
    std::vector<pollfd> fds;
    std::vector<FaultLink *> owners;
    std::unique_lock<std::mutex> lock(mutex_);
    while (!stop_) {
        fds.clear();
        owners.clear();
        fds.push_back({wake_.get(), POLLIN, 0});
        fds.push_back({listener_.get(), POLLIN, 0});
        const Clock::time_point now = Clock::now();
        for (const auto &[number, link] : links_) {
            if (link->open()) {
                owners.push_back(link.get());
                const short client = link->wants(Direction::kToClient, now);
                const short server = link->wants(Direction::kToServer, now);
                fds.push_back({client == 0 ? -1 : link->client_fd(), client, 0});
                fds.push_back({server == 0 ? -1 : link->server_fd(), server, 0});
            }
        }
        for (const Fd &fd : lame_) {
            fds.push_back({fd.get(), POLLIN, 0});
        }
        const int timeout = poll_timeout();
        lock.unlock();
        ::poll(fds.data(), fds.size(), timeout);
        lock.lock();
        std::uint64_t ignored = 0;
        (void)!::read(wake_.get(), &ignored, sizeof(ignored));
        for (std::size_t i = 0; i < owners.size(); ++i) {
            // A descriptor that was closed meanwhile by a call of the test is not touched: the link knows.
            owners[i]->on_client(fds[2 + 2 * i].revents);
            owners[i]->on_server(fds[3 + 2 * i].revents);
            owners[i]->advance();
        }
        drain_lame();
        if (listener_) {
            accept_all();
        }
        changed_.notify_all();
    }
}

}  // namespace exo::support
