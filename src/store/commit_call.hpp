// One sending of a commit, as its callers think of it; the arguments of the script are composed from it in the way that costs
// the server least (src/store/scripts/commit.lua says why).
#pragma once

#include <cstdint>
#include <string_view>

#include "redis/command_writer.hpp"

namespace exo::store {

struct CommitArgs {
    std::string_view key;
    std::string_view session;        ///< the client's session, 32 hex digits
    std::uint64_t counter = 0;       ///< the operation's number within the session
    std::uint64_t sending = 0;       ///< the number of this sending, from 1
    std::string_view epoch;          ///< the epoch that the reference must have; it pins the type too
    bool conditional = false;        ///< a compare-and-set on the base's identity, else unconditional
    std::uint64_t base_version = 0;  ///< the identity that the client knew at the first sending; 0 if none
    std::string_view base_op;        ///< likewise; empty if none
    std::string_view base_term;      ///< the terms entry that came with it; empty if none
    bool fresh = false;              ///< first sending, and the base was read on the very connection that carries it
    std::string_view server;         ///< server_identity() of the server it is sent to, empty if hidden
    bool want_old = false;           ///< answer with the predecessor's value
    std::string_view value;
    std::uint64_t ring_n = 0;         ///< State::ring_n of the base; 0 (not known) only costs the server time
    std::uint64_t ring_limit = 0;     ///< bytes of a value that the ring keeps
    std::uint64_t message_limit = 0;  ///< bytes of a value that a message carries
    std::uint64_t db = 0;             ///< database number, for the message
};

void write_commit(redis::CommandWriter &out, const CommitArgs &args);

}  // namespace exo::store
