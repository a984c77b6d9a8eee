// What the scripts answer, typed. Parsing is total: a reply of another shape, or one that echoes another operation, is
// EPROTOCOL and never a crash. (After a write that was sent, such a reply leaves the outcome unknown: the caller's to say.)
// Error replies of the server are not for here; a caller looks at is_error() first.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "redis/reply.hpp"
#include "store/delay.hpp"
#include "store/schema.hpp"

namespace exo::store {

/// Why a script changed nothing, with what it found instead.
struct Refusal {
    enum class Kind {
        gone,       ///< no key, another epoch or type; `redis_type` tells which
        format,     ///< a newer format: `there.format`, and we know kFormat
        stale,      ///< this session has completed a later operation
        too_old,    ///< the history that would tell was dropped
        conflict,   ///< the head is not the base; or the base lies on another history
        exists,     ///< create: there is one already
        foreign,    ///< create: a hash that is not ours
        wrong_type  ///< create: the key is no hash
    };
    Kind kind = Kind::gone;
    std::string redis_type;  ///< the key's type as Redis names it: "none", "hash", "string" ...; empty for format
    Sighting there;          ///< the newest state, as far as there is one
};

/// Of a write that may have been sent several times: what the answer to its newest sending says about all of them.
enum class Verdict { applied, not_applied, unknown };
/// `only_sending`: nothing of this operation was ever sent but this.
Verdict verdict(Refusal::Kind refusal, bool only_sending);

/// A predecessor: what stood before a change.
struct Predecessor {
    Identity identity;
    std::optional<std::string> value;  ///< if it was asked for and is still known
};

struct Committed {
    bool repeat = false;                ///< an earlier sending had made it: the record says so
    Identity made;                      ///< with the sending that was applied
    std::string term;                   ///< the terms entry of this version, or empty
    std::optional<Predecessor> before;  ///< none: a repeat, and the ring has passed it
};

/// A write's answer: exactly one of the two is set.
template <typename Done>
struct Answer {
    std::optional<Done> done;
    std::optional<Refusal> refused;
};

struct Created {
    StatePtr state;  ///< of a repeat: what stands now, perhaps changed since
};
struct Deleted {
    Identity last;  ///< what was removed
};
/// The value of a promise, which stands for good now.
struct Delivered {
    bool mine = false;    ///< made by this operation, by whichever sending
    bool repeat = false;  ///< by an earlier one
    StatePtr state;       ///< of one's own: without its value
};
/// The newest metadata, or time to live, with the id of its last write.
struct Attribute {
    std::optional<std::string> content;  ///< metadata; milliseconds as digits, none if it lives for ever
    std::string op;                      ///< empty: never written
};
struct AttributeRefusal {
    Refusal::Kind kind = Refusal::Kind::gone;  ///< gone, format, conflict
    std::string redis_type;
    std::uint64_t format = 0;
    Attribute there;  ///< conflict: what stands instead
};
struct AttributeAnswer {
    std::optional<Attribute> done;  ///< what stands now, by this operation
    std::optional<AttributeRefusal> refused;
};

/// Changes that the ring still holds, with the newest state.
struct Changes {
    struct Entry {
        std::uint64_t version = 0;
        std::string op;
        std::optional<std::string> value;  ///< none: too big for the ring (the newest one is always here)
    };
    bool gone = false;       ///< the epoch that was asked for is there no more; `head` shows what is there instead
    std::string redis_type;  ///< the key's type as Redis names it: "none", "hash", "string" ...
    Sighting head;           ///< with its value. newer_format: nothing else is set
    std::uint64_t base_version = 0;      ///< the version that was asked from
    std::optional<std::string> base_op;  ///< what made it on this history, if the ring still knows; see lies_on
    std::vector<Entry> entries;          ///< without a gap up to the head; may begin later than asked: those are missed

    std::vector<RingEntry> ring() const;  ///< what is known of the history, for lies_on; views into this
};

struct Inspection {
    std::string redis_type;  ///< "none", "hash" ...
    Sighting there;          ///< without its value
    std::uint64_t value_size = 0;
    std::optional<std::string> meta;
    std::optional<std::uint64_t> ttl_ms;         ///< time to live from the last change, if set
    std::optional<std::uint64_t> expires_in_ms;  ///< what Redis says is left
    std::uint64_t fields = 0;
    std::uint64_t ring_length = 0;
    std::uint64_t most_records = 0;
    std::uint64_t records = 0;
    std::uint64_t floor = 0;
    std::optional<DelayState> delay;           ///< of a delay; a failure without its payload
    std::vector<Changes::Entry> last_changes;  ///< oldest first
};

/// `op` is the text of the sending that this must be the answer to; `base` the state that it named as known.
base::Result<Answer<Committed>> parse_commit(redis::ReplyView reply, std::string_view op, const State &base);
base::Result<Answer<Created>> parse_create(redis::ReplyView reply, std::string_view op);
/// `open` is the promise as it was sent to: without a value, and with the term of the server that it was sent to.
base::Result<Answer<Delivered>> parse_deliver(redis::ReplyView reply, std::string_view op, const State &open);
base::Result<Answer<Deleted>> parse_delete(redis::ReplyView reply, std::string_view op);
base::Result<AttributeAnswer> parse_attribute(redis::ReplyView reply, std::string_view op);  ///< of meta and expire
base::Result<Changes> parse_changes(redis::ReplyView reply, std::string_view op, std::uint64_t after);
base::Result<Inspection> parse_inspect(redis::ReplyView reply, std::string_view op);

}  // namespace exo::store
