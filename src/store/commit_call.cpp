#include "store/commit_call.hpp"

#include <string>

#include "store/schema.hpp"
#include "store/scripts.gen.hpp"

namespace exo::store {

namespace {

std::string_view or_dash(std::string_view text) { return text.empty() ? std::string_view("-") : text; }

// What the message begins with if the head is the base.
std::string news_of(const CommitArgs &args, std::string_view op) {
    std::string news = "1 change ";
    news.reserve(256);
    news.append(std::to_string(args.db)).append(" ").append(args.epoch);
    news.append(" ").append(std::to_string(args.base_version)).append(" ").append(or_dash(args.base_op));
    news.append(" ").append(std::to_string(args.base_version + 1)).append(" ").append(op);
    news.append(" ").append(or_dash(args.base_term));
    return news;
}

std::string mode_of(const CommitArgs &args) {
    std::string mode(1, args.conditional ? 'c' : args.fresh ? 'f' : 'u');
    const bool in_ring = args.value.size() <= args.ring_limit;
    const bool in_message = args.value.size() <= args.message_limit;
    // "<first version>:" before the server: the base was made where this is sent to.
    const std::size_t colon = args.base_term.find(':');
    const bool same_server =
        !args.server.empty() && colon != std::string_view::npos && args.base_term.substr(colon + 1) == args.server;
    if (in_ring && in_message && !args.want_old && same_server && args.ring_n > 0) return mode;
    mode += args.want_old ? '1' : '0';
    mode += in_ring ? '1' : '0';
    mode += in_message ? '1' : '0';
    return mode.append(args.server);
}

}  // namespace

void write_commit(redis::CommandWriter &out, const CommitArgs &args) {
    const std::string op = op_text(args.session, args.counter, args.sending);
    const std::string news = news_of(args, op);
    const std::string mode = mode_of(args);
    std::string ring_field;
    if (args.ring_n > 0) ring_field = "h" + std::to_string((args.base_version + 1) % args.ring_n);
    CommitWire wire;
    wire.key = args.key;
    wire.op = op;
    wire.base_op = args.base_op;
    wire.news = news;
    wire.version = args.base_version + 1;
    wire.ring_field = ring_field;
    wire.mode = mode;
    wire.value = args.value;
    write_commit(out, wire);
}

}  // namespace exo::store
