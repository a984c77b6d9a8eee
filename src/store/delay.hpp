// What a delay is in Redis beside a state: request, lease and failure, and the typed answers of the scripts delay_*. Total, like
// store/answers: a reply of another shape, or to another operation, is EPROTOCOL. Error replies are not for here.
//
//   open --request, claim--> wanted --deliver--> realized        release: wanted, held by nobody
//     ^                        |--fail-------> failed
//     `----fail with retry-----'
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "redis/command_writer.hpp"
#include "redis/reply.hpp"
#include "store/schema.hpp"

namespace exo::store {

inline constexpr std::uint64_t kLeaseMs =
    10000;  ///< how long a lease lasts that is not renewed, unless asked otherwise

/// The fields of a delay, in the order in which replies carry them after a state. A failure's text is the last.
inline constexpr std::array<std::string_view, 12> kDelayFields = {
    "state", "token",   "owner",   "renewals",     "lease_until",     "lease_ms",
    "retry", "attempt", "failure", "failure_kind", "failure_message", "failure_payload"};

/// Who was granted the right to run the body. Both together name it; the number alone is the fencing token.
struct LeaseId {
    std::uint64_t token = 0;
    std::string owner;  ///< the sending of the claim that was granted it; empty: nobody

    bool operator==(const LeaseId &) const = default;
};

/// What names a failure: the number of its attempt, and the lease that it was made under.
struct FailureId {
    std::uint64_t attempt = 0;
    LeaseId by;

    bool operator==(const FailureId &) const = default;
    /// Whether it is news for who knew that one, as the scripts judge it: a lower number is an older failure, put back by a failover
    /// that lost changes, and the same number under another lease was given again after such a one.
    bool news_after(const FailureId &known) const noexcept {
        return attempt > known.attempt || (attempt == known.attempt && by != known.by);
    }
};

/// The last failed attempt.
struct DelayFailure : FailureId {
    const FailureId &id() const noexcept { return *this; }

    std::optional<std::uint64_t> age_ms;  ///< by the server's clock; none: a plain read
    bool told = false;                    ///< whether its text came along: kind, message and payload
    std::string kind;
    std::string message;
    std::optional<std::string> payload;
};

struct DelayState {
    enum class Phase {
        open,      ///< nobody has asked for the value yet (since the last failure)
        wanted,    ///< somebody waits for it; whether a body runs is told by the lease
        realized,  ///< the value stands for ever
        failed     ///< the failure does
    };
    Phase phase = Phase::open;
    LeaseId lease;                               ///< the newest; of a result: what made it
    std::uint64_t renewals = 0;                  ///< of this lease
    std::optional<std::uint64_t> lease_left_ms;  ///< by the server's clock, 0: nobody holds it; none: a plain read
    std::uint64_t lease_ms = 0;                  ///< how long it lasts if it is not renewed
    bool retry = false;                          ///< as the creation said
    std::uint64_t attempt = 0;                   ///< how often a body was begun
    std::optional<DelayFailure> failure;

    bool over() const noexcept { return phase == Phase::realized || phase == Phase::failed; }
};

struct DelayAnswer {
    enum class Kind {
        wanted,    ///< request: it stands
        granted,   ///< claim: `delay.lease` is the claimer's
        held,      ///< claim: another holds the lease; see lease_left_ms, and lease with renewals
        idle,      ///< claim of one who only serves: nobody waits
        renewed,   ///< renew
        released,  ///< release
        applied,   ///< deliver, fail: by this operation, or an earlier one under the same lease
        lost,      ///< renew, release, deliver, fail: the lease is not (any more) the caller's; nothing was changed
        realized,  ///< there is a value already, and nothing was changed
        failed,    ///< likewise a kept failure
        attempt_failed,  ///< request, claim: `delay.failure` is news after the one that was named as seen; nothing was changed
        gone,            ///< no key, another epoch or type; `redis_type` tells which
        format           ///< a newer format: `there.format`
    };
    Kind kind = Kind::gone;
    bool repeat = false;     ///< granted, applied: an earlier sending had done it. wanted: the request stood already
    std::string redis_type;  ///< the key's type as Redis names it; empty for format
    Sighting there;          ///< with the value if an answer is `realized` to a request, claim, deliver or fail
    DelayState delay;        ///< as it stands now; not set for gone and format
};

/// `op` is the text of the sending that this must be the answer to.
base::Result<DelayAnswer> parse_delay_request(redis::ReplyView reply, std::string_view op);
base::Result<DelayAnswer> parse_delay_claim(redis::ReplyView reply, std::string_view op);
base::Result<DelayAnswer> parse_delay_renew(redis::ReplyView reply, std::string_view op);
base::Result<DelayAnswer> parse_delay_release(redis::ReplyView reply, std::string_view op);
base::Result<DelayAnswer> parse_delay_deliver(redis::ReplyView reply, std::string_view op);
base::Result<DelayAnswer> parse_delay_fail(redis::ReplyView reply, std::string_view op);

/// The fields of a delay in an array, from element `first` on, with the server's time (milliseconds) after them, or nil.
base::Result<DelayState> parse_delay_fields(redis::ReplyView array, std::size_t first);

/// A reference of any type as an opener or a deref finds it, with what a delay has beside.
struct DelaySighting {
    Sighting there;    ///< with its value
    DelayState delay;  ///< if that is a delay
};

/// HMGET of all of it: a read without a script, so without what is left of the lease.
void write_read_delay(redis::CommandWriter &out, std::string_view key);
/// Of its reply, the WRONGTYPE error included.
base::Result<DelaySighting> parse_read_delay(redis::ReplyView reply);

}  // namespace exo::store
