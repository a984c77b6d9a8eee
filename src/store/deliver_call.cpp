#include "store/deliver_call.hpp"

#include <string>

#include "store/schema.hpp"
#include "store/scripts.gen.hpp"

namespace exo::store {

void write_deliver(redis::CommandWriter &out, const DeliverArgs &args) {
    const std::string op = op_text(args.session, args.counter, args.sending);
    std::string term;
    if (!args.server.empty()) term.append("1:").append(args.server);
    std::string news = "1 change ";
    news.append(std::to_string(args.db)).append(" ").append(args.epoch).append(" 0 - 1 ").append(op);
    news.append(" ").append(term.empty() ? "-" : term);
    DeliverWire wire;
    wire.key = args.key;
    wire.op = op;
    wire.epoch = args.epoch;
    wire.term = term;
    wire.news = news;
    wire.told = args.value.size() <= args.message_limit;
    wire.value = args.value;
    write_deliver(out, wire);
}

}  // namespace exo::store
