// One sending of a delivery, as its callers think of it; the arguments of the script are composed from it in the way that costs
// the server least (src/store/scripts/deliver.lua says why).
#pragma once

#include <cstdint>
#include <string_view>

#include "redis/command_writer.hpp"

namespace exo::store {

struct DeliverArgs {
    std::string_view key;
    std::string_view session;         ///< the client's session, 32 hex digits
    std::uint64_t counter = 0;        ///< the operation's number within the session
    std::uint64_t sending = 0;        ///< the number of this sending, from 1
    std::string_view epoch;           ///< the epoch that the promise must have
    std::string_view server;          ///< server_identity() of the server it is sent to, empty if hidden
    std::uint64_t message_limit = 0;  ///< bytes of a value that a message carries
    std::uint64_t db = 0;             ///< database number, for the message
    std::string_view value;
};

void write_deliver(redis::CommandWriter &out, const DeliverArgs &args);

}  // namespace exo::store
