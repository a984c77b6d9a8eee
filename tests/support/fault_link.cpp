#include "support/fault_link.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "support/resp.hpp"

namespace exo::support {

namespace {

constexpr std::size_t kMaxBacklog = 8 * 1024 * 1024;

bool is_message(std::string_view bytes) {
    if (!bytes.empty() && bytes[0] == '>') {
        return true;
    }
    const std::optional<Reply> reply = parse_reply(bytes);
    if (!reply || reply->type != Reply::Type::kArray || reply->elements.size() < 3) {
        return false;
    }
    const std::string &kind = reply->elements[0].text;
    return kind == "message" || kind == "pmessage" || kind == "smessage";
}

}  // namespace

FaultLink::FaultLink(std::uint64_t id, Fd client, Fd server, RuleBook &rules, FaultStats &stats, std::vector<Fd> &lame)
    : id_(id), client_(std::move(client)), server_(std::move(server)), rules_(rules), stats_(stats), lame_(lame) {
    to_client_.direction = Direction::kToClient;
}

LinkInfo FaultLink::info() const {
    LinkInfo info;
    info.id = id_;
    info.open = open();
    info.client_open = static_cast<bool>(client_);
    info.subscriber = subscriber_;
    info.client_name = client_name_;
    info.bytes_to_server = to_server_.passed;
    info.bytes_to_client = to_client_.passed;
    info.held = to_server_.held.size() + to_client_.held.size();
    info.orphan_replies = orphan_replies_;
    return info;
}

short FaultLink::wants(Direction side, Clock::time_point now) const {
    if (frozen_) {
        return 0;
    }
    const bool server = side == Direction::kToServer;
    const Half &written = server ? to_server_ : to_client_;
    const Half &read = server ? to_client_ : to_server_;
    short events = 0;
    if (!read.eof && read.backlog < kMaxBacklog) {
        events |= POLLIN;
    }
    if (!written.out.empty() && written.out.front().due <= now) {
        events |= POLLOUT;
    }
    return events;
}

Clock::time_point FaultLink::next_due() const {
    Clock::time_point due = Clock::time_point::max();
    for (const Half *through : {&to_server_, &to_client_}) {
        if (!frozen_ && !through->out.empty()) {
            due = std::min(due, through->out.front().due);
        }
    }
    return due;
}

void FaultLink::on_client(short events) {
    if (client_ && (events & (POLLIN | POLLHUP | POLLERR)) != 0) {
        read_side(to_server_, client_);
        if (to_server_.eof) {
            client_is_gone();
        }
    }
}

void FaultLink::on_server(short events) {
    if (server_ && (events & (POLLIN | POLLHUP | POLLERR)) != 0) {
        read_side(to_client_, server_);
        if (to_client_.eof) {
            server_.reset();
        }
    }
}

void FaultLink::read_side(Half &from, Fd &fd) {
    std::array<char, 65536> chunk;
    const ssize_t n = ::recv(fd.get(), chunk.data(), chunk.size(), 0);
    if (n > 0) {
        from.inbox.append(chunk.data(), static_cast<std::size_t>(n));
    } else if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    } else {
        from.eof = true;
    }
    take_frames(from);
}

void FaultLink::take_frames(Half &from) {
    const bool to_server = from.direction == Direction::kToServer;
    std::size_t at = 0;
    while (!from.raw && at < from.inbox.size()) {
        const std::string_view rest = std::string_view(from.inbox).substr(at);
        const FrameScan scan = to_server ? scan_command(rest) : scan_reply(rest);
        if (scan.state == FrameScan::State::kIncomplete) {
            break;
        }
        if (scan.state == FrameScan::State::kBroken) {
            from.raw = true;
            break;
        }
        if (to_server) {
            take_command(rest.substr(0, scan.size));
        } else {
            take_reply(rest.substr(0, scan.size));
        }
        at += scan.size;
    }
    from.inbox.erase(0, at);
    if ((from.raw || from.eof) && !from.inbox.empty()) {
        const std::string rest = std::move(from.inbox);
        from.inbox.clear();
        pass(from, rest);
    }
}

void FaultLink::note_command(const std::vector<std::string> &command) {
    const std::string name = command.empty() ? "" : upper(command.front());
    if (name == "SUBSCRIBE" || name == "PSUBSCRIBE" || name == "SSUBSCRIBE") {
        subscriber_ = true;
    }
    if (name == "CLIENT" && command.size() == 3 && upper(command[1]) == "SETNAME") {
        client_name_ = command[2];
    }
}

void FaultLink::take_command(std::string_view bytes) {
    const std::vector<std::string> command = parse_command(bytes);
    note_command(command);
    ++stats_.commands;
    Frame frame;
    frame.link = id_;
    frame.direction = Direction::kToServer;
    frame.bytes = bytes;
    frame.command = &command;
    frame.subscriber = subscriber_;
    judge(to_server_, frame);
}

void FaultLink::take_reply(std::string_view bytes) {
    Frame frame;
    frame.link = id_;
    frame.direction = Direction::kToClient;
    frame.bytes = bytes;
    frame.subscriber = subscriber_;
    frame.is_push = subscriber_ && is_message(bytes);
    std::vector<std::string> command;
    if (!frame.is_push && !pending_.empty()) {
        Pending &front = pending_.front();
        if (--front.replies == 0) {
            command = std::move(front.command);
            pending_.pop_front();
        } else {
            command = front.command;
        }
        frame.command = &command;
    }
    ++(frame.is_push ? stats_.pushes : stats_.replies);
    if (!client_) {
        orphan_replies_.emplace_back(bytes);
    }
    judge(to_client_, frame);
}

void FaultLink::check_bytes() {
    pass(to_server_, std::string_view());
    pass(to_client_, std::string_view());
}

void FaultLink::flush(Half &through, Fd &to) {
    while (to && !frozen_ && !through.out.empty() && through.out.front().due <= Clock::now()) {
        Item &item = through.out.front();
        if (item.mark != Mark::kNone) {
            const Item mark = std::move(item);
            through.out.pop_front();
            if (mark.mark == Mark::kCut) {
                cut(mark.cut, mark.side);
            } else {
                freeze();
            }
            continue;
        }
        const ssize_t n =
            ::send(to.get(), item.bytes.data() + through.written, item.bytes.size() - through.written, MSG_NOSIGNAL);
        if (n < 0) {
            if (errno != EAGAIN && errno != EINTR) {
                through.out.clear();  // that side is gone; reading from it will say so
                through.backlog = 0;
                through.written = 0;
            }
            return;
        }
        through.written += static_cast<std::size_t>(n);
        if (through.written == item.bytes.size()) {
            through.backlog -= item.bytes.size();
            through.written = 0;
            through.out.pop_front();
        }
    }
}

void FaultLink::advance() {
    flush(to_server_, server_);
    if (client_) {
        flush(to_client_, client_);
    } else {
        to_client_.out.clear();  // replies that nobody will get
        to_client_.backlog = 0;
    }
    if (frozen_) {
        return;
    }
    const bool sent = to_server_.out.empty() && !to_server_.holding;
    if (!client_ && server_ && sent && (!wait_for_replies_ || pending_.empty())) {
        server_.reset();
    }
    if (!server_ && client_ && to_client_.out.empty() && !to_client_.holding) {
        end(client_, CutKind::kFin);
    }
}

void FaultLink::client_is_gone() {
    client_.reset();
    to_server_.eof = true;
    to_client_.out.clear();
    to_client_.backlog = 0;
}

// A genuine FIN: closing with unread bytes would send RST, so what still comes is read away (the proxy does
// that).
void FaultLink::end(Fd &fd, CutKind kind) {
    if (!fd) {
        return;
    }
    if (kind == CutKind::kReset) {
        set_reset_on_close(fd.get());
        fd.reset();
        return;
    }
    ::shutdown(fd.get(), SHUT_WR);
    lame_.push_back(std::move(fd));
}

void FaultLink::cut(CutKind kind, CutSide side) {
    if (!open()) {
        return;
    }
    ++stats_.cuts;
    end(client_, kind);
    client_is_gone();
    if (side == CutSide::kBoth) {
        end(server_, kind);
        to_server_.out.clear();
        to_server_.backlog = 0;
        to_server_.held.clear();
    }
}

void FaultLink::freeze() {
    if (!frozen_) {
        frozen_ = true;
        ++stats_.frozen;
    }
}

void FaultLink::hold(Direction direction) { half(direction).holding = true; }

void FaultLink::release(Direction direction) {
    Half &through = half(direction);
    through.holding = false;
    wait_for_replies_ = wait_for_replies_ || !client_;
    stats_.released += through.held.size();
    while (!through.held.empty()) {
        Item item;
        item.bytes = std::move(through.held.front());
        item.due = Clock::now();
        through.backlog += item.bytes.size();
        through.out.push_back(std::move(item));
        through.held.pop_front();
    }
}

}  // namespace exo::support
