// Requests, their order on the wire, and what becomes of them when the connection goes.
#include "redis/command_link.hpp"

#include <utility>

namespace exo::redis {

using base::Stat;
using base::Status;

namespace {

/// Written commands are handed to the kernel when so many bytes have come together.
constexpr std::size_t kFlushAt = std::size_t{128} << 10;

}  // namespace

CommandLink::CommandLink(const std::shared_ptr<const LinkContext> &context, std::weak_ptr<LinkOwner> owner)
    : Link(context, std::move(owner), "commands", "connection"),
      queue_(context->config.max_pending, context->config.max_pending_bytes, context->stats) {}

void CommandLink::pump() {
    reading_ = false;
    queue_.collect();
    write_waiting();
}

// Everything that waits goes out together: one send() for many requests.
void CommandLink::write_waiting() {
    if (state() != State::standing || writing_) return;
    writing_ = true;
    Connection &to = connection();
    std::int64_t count = 0;
    while (to.unsent() < loop::Socket::kHighWater) {
        RequestPtr request = queue_.next();
        if (!request) break;
        Request *const writer = request.get();
        sent_.push_back(Sent{Kind::request, to.written(), std::move(request)});
        CommandWriter out(to.out());
        writer->write(out, to.peer());
        ++count;
        if (state() != State::standing) break;
        if (to.unsent() >= kFlushAt) to.flush();
    }
    writing_ = false;
    context().stats->add(Stat::commands, count);
    if (to.unsent() > 0) to.flush();
}

void CommandLink::connection_reply(ReplyView reply) {
    if (!reading_) {
        // What is submitted while replies are handed out is written when all of them are.
        reading_ = true;
        queue_.expect_collect();
    }
    if (sent_.empty()) {
        connection().drop(connection().protocol_error("it sent a reply that nothing had asked for"));
        return;
    }
    const Sent first = std::move(sent_.front());
    sent_.pop_front();
    if (first.kind != Kind::request) {
        health_reply(first.kind, reply);
        return;
    }
    worked();
    queue_.answered();
    first.request->replied(reply, connection().peer());
}

bool CommandLink::health_reply(Kind kind, ReplyView reply) {
    if (reply.is_error()) return true;
    const bool expected =
        kind == Kind::ping ? reply.is_status() && reply.text() == "PONG" : reply.is_string() && !reply.is_status();
    if (!expected) {
        connection().drop(connection().protocol_error("it answered a health check with something else"));
        return false;
    }
    if (kind == Kind::ping) return true;
    ServerInfo info;
    info.read(reply.text());
    return connection().refresh(info);
}

void CommandLink::ask_for_life() {
    const auto add = [this](Kind kind, auto... words) {
        sent_.push_back(Sent{kind, connection().written(), nullptr});
        CommandWriter out(connection().out());
        out.begin(sizeof...(words));
        (out.arg(words), ...);
    };
    add(Kind::ping, "PING");
    if (connection().info_allowed()) {
        add(Kind::info, "INFO", "server");
        add(Kind::info, "INFO", "replication");
    }
    connection().flush();
}

void CommandLink::stands() { pump(); }

void CommandLink::gone(const base::ErrorPtr &why) {
    reading_ = false;
    queue_.collect();
    fail_sent(why);
}

void CommandLink::fail_sent(const base::ErrorPtr &why) {
    if (sent_.empty()) return;
    const auto sent = std::exchange(sent_, {});
    const std::uint64_t left = connection().sent();
    const auto told = [&](Status status, bool written) {
        base::Error error;
        error.status = status;
        error.message = why->message;
        error.sent = written;
        return base::make_error(std::move(error));
    };
    const auto usual = why->status == Status::ECLOSED ? Status::ECLOSED : Status::ECONNECTION;
    const auto was_written = told(usual, true);
    const auto was_not = told(usual, false);

    // Where the server broke the protocol, it was the first of them that was to be answered.
    bool to_blame = why->status == Status::EPROTOCOL;
    for (const Sent &each : sent) {
        const bool blamed = std::exchange(to_blame, false);
        if (!each.request) continue;
        const bool written = each.begins < left;
        queue_.answered();
        each.request->failed(blamed && written ? told(Status::EPROTOCOL, true) : (written ? was_written : was_not),
                             written);
    }
}

void CommandLink::fail_waiting(const base::ErrorPtr &why) {
    for (const RequestPtr &request : queue_.take_all()) request->failed(why, false);
}

void CommandLink::close() {
    if (state() == State::closed) return;
    Link::close();
    const auto why = base::make_error(Status::ECLOSED, "the client was closed");
    queue_.refuse(why);
    fail_sent(why);
    fail_waiting(why);
}

}  // namespace exo::redis
