#include "store/create_call.hpp"

#include "base/random.hpp"
#include "store/scripts.gen.hpp"

namespace exo::store {

void CreateCall::write(redis::CommandWriter &out, const redis::Peer &peer, std::uint64_t sending) {
    if (!epoch_.empty()) earlier_ += (earlier_.empty() ? "" : " ") + epoch_;
    epoch_ = base::random_hex_128();
    const std::string server = server_identity(peer);
    CreateArgs args;
    args.key = what_.key;
    args.session = session_;
    args.counter = counter_;
    args.sending = sending;
    args.kind = what_.kind;
    args.codec = what_.codec;
    args.epoch = epoch_;
    args.earlier = earlier_;
    if (what_.value) args.value = *what_.value;
    args.ring_n = what_.ring_n;
    args.ring_limit = what_.ring_limit;
    args.rec_n = what_.rec_n;
    args.ttl = what_.ttl;
    args.server = server;
    args.message_limit = what_.message_limit;
    args.db = what_.db;
    args.lease_ms = what_.lease_ms;
    args.retry = what_.retry;
    write_create(out, args);
}

base::Result<Answer<Created>> CreateCall::parse(redis::ReplyView reply, std::uint64_t sending) const {
    return parse_create(reply, op_text(session_, counter_, sending));
}

}  // namespace exo::store
