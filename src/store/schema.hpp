// What one reference looks like in Redis: the names of format 1 and the states that are read from it.
// Knows nothing of sockets, nor of what a reference means. docs/wire-format.md is the authority.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "redis/reply.hpp"
#include "redis/request.hpp"

namespace exo::store {

inline constexpr unsigned kFormat = 1;                      ///< the highest format that is understood here
inline constexpr std::uint64_t kRingLength = 64;            ///< versions that the history keeps, unless asked otherwise
inline constexpr std::uint64_t kRingValueLimit = 4096;      ///< bytes of a value that the history keeps
inline constexpr std::uint64_t kMostRecords = 1024;         ///< completion records of one reference
inline constexpr std::uint64_t kMessageValueLimit = 16384;  ///< bytes of a value that a notification carries

/// The fields of a state, in the order in which every reply carries them. The value is the last, so that it can be left out.
inline constexpr std::array<std::string_view, 9> kStateFields = {"fmt", "type",  "codec",  "epoch", "version",
                                                                 "op",  "terms", "ring_n", "value"};

/// Which state: never made twice, whatever happens to servers. A version alone is no identity.
struct Identity {
    std::string epoch;          ///< 32 hex digits
    std::uint64_t version = 0;  ///< 0: no value yet
    std::string op;             ///< "<session>-<counter>-<sending>" that made it; empty at version 0

    bool operator==(const Identity &) const = default;
};

/// A state that stood in Redis. Immutable once made, shared.
struct State {
    std::string type;   ///< atom, promise, delay
    std::string codec;  ///< label, or empty
    Identity identity;
    std::string
        term;  ///< the terms entry of this version: the server that made it; empty where servers hide who they are
    std::string terms;                 ///< the whole list as it stood with this version; empty if not known
    std::optional<std::string> value;  ///< none: no value yet, or it was not sent along
    std::uint64_t ring_n = 0;          ///< length of the ring, fixed with the epoch; 0: none, or not known
};
using StatePtr = std::shared_ptr<const State>;

/// What a read found under the key.
struct Sighting {
    enum class Kind {
        absent,   ///< nothing that is ours: no key, or a hash without our fields (the two look alike to a plain HMGET)
        present,  ///< a reference; `state` is set
        newer_format,  ///< a reference of a format that we don't know; `format` is its number
        other_type     ///< the key is no hash
    };
    Kind kind = Kind::absent;
    std::uint64_t format = 0;
    StatePtr state;
};

/// Reads the fields of a state from an array's elements, beginning with `first`. Total: what is no state of ours in
/// its shape (a version that is no number) is EPROTOCOL.
base::Result<Sighting> parse_state(redis::ReplyView array, std::size_t first = 0);

/// The reply to write_read_state: the fields of a state, or the WRONGTYPE error. Other errors are not for here: EPROTOCOL.
base::Result<Sighting> parse_read_state(redis::ReplyView reply);

/// One entry of the ring, "<version> <op> v<value>" or "<version> <op> -": views into the text.
struct RingEntry {
    std::uint64_t version = 0;
    std::string_view op;
    std::optional<std::string_view> value;  ///< none: too big to be kept
};
std::optional<RingEntry> parse_ring_entry(std::string_view text);

/// "<session>-<counter>-<sending>".
std::string op_text(std::string_view session, std::uint64_t counter, std::uint64_t sending);
/// Was `op` made by this operation, whichever of its sendings?
bool op_is_of(std::string_view op, std::string_view session, std::uint64_t counter);

/// "<run id>:<replication id>" of the server at the other end; empty if it hides one of them.
std::string server_identity(const redis::Peer &peer);

/// The entry of `version` in a list of terms; empty if the list does not reach back so far.
std::string_view term_of(std::string_view terms, std::uint64_t version);

/// A decimal number that stands for itself: digits alone, no leading zero, below 2^53 (what Lua counts exactly).
std::optional<std::uint64_t> parse_count(std::string_view digits);

}  // namespace exo::store
