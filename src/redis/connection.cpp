// The connection's states; one function for each thing that can happen to it.
#include "redis/connection.hpp"

#include <sys/un.h>

#include <algorithm>
#include <atomic>
#include <cassert>
#include <cerrno>

namespace exo::redis {

namespace {

using base::Stat;
using base::Status;

constexpr std::size_t kSniffed = 16;

/// Never used twice in this process, so that a client's connections can't be mistaken for each other.
std::uint64_t next_serial() {
    static std::atomic<std::uint64_t> last{0};
    return ++last;
}

RespLimits limits_of(const NodeConfig &config) {
    RespLimits limits;
    limits.bulk = config.max_reply_bytes;
    // An answer carries a value and its metadata, or an old and a new value.
    limits.reply = 2 * config.max_reply_bytes + (std::size_t{1} << 20);
    return limits;
}

}  // namespace

Connection::Connection(std::shared_ptr<loop::Loop> loop, const NodeConfig &config, std::shared_ptr<base::Stats> stats,
                       std::weak_ptr<ConnectionOwner> owner)
    : loop_(std::move(loop)), config_(config), stats_(std::move(stats)), owner_(std::move(owner)) {}

void Connection::start(Resolver &resolver) {
    assert(state_ == State::idle);
    state_ = State::resolving;
    deadline_ = base::deadline_after(config_.connect_timeout.count());
    set_deadline();
    auto known = resolver.resolve([weak = weak_from_this()](const Addresses &addresses) {
        if (const auto self = weak.lock()) self->addresses_known(addresses);
    });
    if (!known) return;
    const auto addresses = std::make_shared<const Addresses>(std::move(*known));
    loop_->post([weak = weak_from_this(), addresses] {
        if (const auto self = weak.lock()) self->addresses_known(*addresses);
    });
}

void Connection::addresses_known(const Addresses &addresses) {
    if (state_ != State::resolving) return;
    if (!addresses) {
        fail(addresses.error());
        return;
    }
    addresses_ = *addresses;
    next_address();
}

// Each address gets its share of the time that is left, so that a silent one does not use up the others'.
void Connection::next_address() {
    while (next_address_ < addresses_.size()) {
        const Address &address = addresses_[next_address_++];
        state_ = State::connecting;
        set_deadline();
        if (socket_) retired_.push_back(std::move(socket_));
        socket_ = std::make_unique<loop::Socket>(*loop_, *this);
        counted_out_ = 0;
        const int error = socket_->connect(address.get(), address.size, config_.health_interval);
        if (error == 0) return;
        if (next_address_ == addresses_.size()) {
            fail(connect_error(config_, Status::ECONNECTION, why_not_connected(error)));
            return;
        }
    }
}

void Connection::set_deadline() {
    loop_->timers().cancel(timer_);
    auto until = deadline_;
    const std::size_t left = addresses_.size() - std::min(next_address_, addresses_.size()) + 1;
    if (state_ == State::connecting && left > 1 && until != base::kNever) {
        const auto now = base::Clock::now();
        until = now + (until - now) / static_cast<std::int64_t>(left);
    }
    timer_ = loop_->timers().at(until, [weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->deadline_passed();
    });
}

void Connection::deadline_passed() {
    timer_ = 0;
    if (state_ == State::ready || state_ == State::closed) return;
    const char *what = state_ == State::resolving    ? "its name was not resolved"
                       : state_ == State::connecting ? "nothing answered"
                                                     : "it took the connection and did not answer";
    const auto error = connect_error(config_, Status::ECONNECTION,
                                     std::string(what) + " within " + std::to_string(config_.connect_timeout.count()) +
                                         " ms; check the address and whether the server is up");
    if (state_ == State::resolving) {
        fail(error);
    } else {
        attempt_failed(error);
    }
}

/// This address is of no use: the next one, if there is one and another could do better.
void Connection::attempt_failed(const base::ErrorPtr &why) {
    const bool final = base::status_class(why->status) == base::StatusClass::NOT_APPLIED_FINAL;
    if (final || next_address_ >= addresses_.size() || base::Clock::now() >= deadline_) {
        fail(why);
        return;
    }
    socket_->close();
    next_address();
}

void Connection::socket_connected() {
    state_ = State::handshake;
    handshake_.emplace(config_);
    reader_ = std::make_unique<ReplyReader>(limits_of(config_));
    first_bytes_.clear();
    answered_ = false;
    handshake_->write(socket_->out());
    flush();
}

void Connection::socket_received(const char *data, std::size_t size) {
    stats_->add(Stat::bytes_in, static_cast<std::int64_t>(size));
    if (!answered_ && first_bytes_.size() < kSniffed) {
        first_bytes_.append(data, std::min(size, kSniffed - first_bytes_.size()));
    }
    const auto *socket = socket_.get();
    while (size > 0) {
        Reply reply;
        const auto next = reader_->next(data, size, reply);
        if (next == ReplyReader::Next::broken) {
            broken(reader_->why());
            return;
        }
        if (next == ReplyReader::Next::more) return;
        answered_ = true;
        hand_over(reply.view());
        // What is left belongs to nobody if the reply ended the connection, or sent it to another address.
        if (state_ == State::closed || socket != socket_.get()) return;
    }
}

void Connection::hand_over(ReplyView reply) {
    if (state_ == State::handshake) {
        handshake_reply(reply);
    } else if (const auto owner = owner_.lock()) {
        owner->connection_reply(reply);
    }
}

void Connection::handshake_reply(ReplyView reply) {
    switch (handshake_->replied(reply)) {
        case Handshake::Next::more: return;
        case Handshake::Next::failed: attempt_failed(handshake_->error()); return;
        case Handshake::Next::done: break;
    }
    loop_->timers().cancel(timer_);
    timer_ = 0;
    state_ = State::ready;
    retired_.clear();
    peer_.connection = next_serial();
    peer_.run_id = handshake_->info().run_id;
    peer_.replication_id = handshake_->info().replication_id;
    peer_.version = handshake_->info().version;
    stats_->add(Stat::connects);
    if (const auto owner = owner_.lock()) owner->connection_ready();
}

void Connection::broken(const char *why) {
    if (state_ == State::handshake && !answered_) {
        fail(connect_error(config_, Status::EPROTOCOL, describe_stranger(first_bytes_)));
    } else {
        fail(protocol_error(why));
    }
}

base::ErrorPtr Connection::protocol_error(const std::string &what) const {
    return base::make_error(Status::EPROTOCOL, "the connection to " + config_.shown + " was closed because " + what +
                                                   "; is it a Redis server, and nothing between that changes replies?");
}

void Connection::socket_received_all() {
    if (state_ != State::ready) return;
    if (const auto owner = owner_.lock()) owner->connection_caught_up();
}

void Connection::socket_drained() {
    if (state_ != State::ready) return;
    if (const auto owner = owner_.lock()) owner->connection_drained();
}

void Connection::socket_lost(int error) {
    if (state_ == State::connecting) {
        attempt_failed(connect_error(config_, Status::ECONNECTION, why_not_connected(error)));
    } else if (state_ == State::handshake) {
        attempt_failed(connect_error(config_, Status::ECONNECTION,
                                     "the connection broke before it was set up (" + loop::error_text(error) + ")"));
    } else {
        fail(lost_error(error));
    }
}

base::ErrorPtr Connection::lost_error(int error) const {
    return base::make_error(Status::ECONNECTION,
                            "the connection to " + config_.shown + " was lost (" + loop::error_text(error) + ")");
}

std::string Connection::why_not_connected(int error) const {
    std::string why = loop::error_text(error);
    if (addresses_.size() > 1) why += " at the last of " + std::to_string(addresses_.size()) + " addresses";
    if (error == ECONNREFUSED || error == ENOENT) return why + "; is the server running there?";
    if (error == EACCES || error == EPERM) return why + "; may this user open it?";
    return why + "; check the address and the network";
}

bool Connection::refresh(const ServerInfo &info) {
    const char *changed = nullptr;
    if (!info.role.empty() && info.role != "master") changed = "its server is a replica now";
    if (!info.run_id.empty() && !peer_.run_id.empty() && info.run_id != peer_.run_id) {
        changed = "another server answers on it now";
    }
    if (changed != nullptr) {
        drop(base::make_error(Status::ECONNECTION,
                              "the connection to " + config_.shown + " was closed because " + changed));
        return false;
    }
    if (!info.replication_id.empty()) peer_.replication_id = info.replication_id;
    return true;
}

bool Connection::was_alive() noexcept {
    const std::uint64_t in = socket_->received();
    const std::uint64_t out = socket_->sent();
    // Bytes that the kernel took show life only where it had refused some before.
    const bool alive = in != seen_in_ || (unsent() > 0 && out != seen_out_);
    seen_in_ = in;
    seen_out_ = out;
    return alive;
}

void Connection::flush() {
    socket_->flush();
    count_sent();
}

void Connection::count_sent() {
    const std::uint64_t sent = socket_->sent();
    stats_->add(Stat::bytes_out, static_cast<std::int64_t>(sent - counted_out_));
    counted_out_ = sent;
}

void Connection::drop(const base::ErrorPtr &why) {
    if (state_ != State::closed) fail(why);
}

void Connection::fail(const base::ErrorPtr &why) {
    shut();
    if (const auto owner = owner_.lock()) owner->connection_lost(why);
}

void Connection::close() {
    if (state_ != State::closed) shut();
}

void Connection::shut() {
    state_ = State::closed;
    loop_->timers().cancel(timer_);
    timer_ = 0;
    if (!socket_) return;
    count_sent();
    socket_->close();
}

}  // namespace exo::redis
