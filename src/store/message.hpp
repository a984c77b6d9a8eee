// A notification as it is published on the channel named like the key. Hints for speed; the hash is the truth. Who may
// publish there can send anything: parsing is total.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace exo::store {

/// Views into the payload.
struct Message {
    enum class Kind {
        change,
        create,
        remove,
        wanted,  ///< a delay: somebody waits, and nobody holds the lease; nothing else is said
        failed  ///< a delay's body failed: version 1 if that is kept, 0 if it is unrealized again; the hash has the failure
    };
    Kind kind = Kind::change;
    std::uint64_t db = 0;
    std::string_view epoch;
    std::uint64_t version_before = 0;  ///< the predecessor's identity within the epoch; create: 0 and empty
    std::string_view op_before;
    std::uint64_t version = 0;  ///< the new identity; remove, wanted: 0 and the op that did it
    std::string_view op;
    std::string_view term;                  ///< terms entry of the new version, or empty
    std::optional<std::string_view> value;  ///< none: too big for a message, or there is none
};

/// Nothing if it is not a message of format 1: then something may have happened, and only the hash tells what.
std::optional<Message> parse_message(std::string_view payload);

}  // namespace exo::store
