// The answers of the scripts delay_*, read.
#include "store/delay.hpp"

#include <algorithm>
#include <initializer_list>

#include "store/protocol_error.hpp"

namespace exo::store {

namespace {

using base::Result;
using redis::ReplyView;
using Kind = DelayAnswer::Kind;
using Phase = DelayState::Phase;

// Where the parts of a reply stand: op, answer, note, the fields of a state, those of a delay, the server's time.
constexpr std::size_t kAnswer = 1;
constexpr std::size_t kNote = 2;
constexpr std::size_t kState = 3;
constexpr std::size_t kDelay = kState + kStateFields.size();
constexpr std::size_t kSize = kDelay + kDelayFields.size() + 1;

// The places of the fields in kDelayFields.
struct Field {
    enum : std::size_t {
        state,
        token,
        owner,
        renewals,
        lease_until,
        lease_ms,
        retry,
        attempt,
        failure,
        kind,
        message,
        payload,
        now
    };
};
static_assert(Field::now == kDelayFields.size());

struct Name {
    std::string_view text;
    Kind kind;
};
constexpr std::array<Name, 13> kNames = {{{"wanted", Kind::wanted},
                                          {"granted", Kind::granted},
                                          {"held", Kind::held},
                                          {"idle", Kind::idle},
                                          {"renewed", Kind::renewed},
                                          {"released", Kind::released},
                                          {"applied", Kind::applied},
                                          {"lost", Kind::lost},
                                          {"realized", Kind::realized},
                                          {"failed", Kind::failed},
                                          {"attempt-failed", Kind::attempt_failed},
                                          {"gone", Kind::gone},
                                          {"format", Kind::format}}};

std::optional<Kind> kind_named(std::string_view text) {
    const auto *found = std::find_if(kNames.begin(), kNames.end(), [&](const Name &name) { return name.text == text; });
    if (found == kNames.end()) return {};
    return found->kind;
}

std::optional<Phase> phase_named(std::string_view text) {
    if (text == "open") return Phase::open;
    if (text == "wanted") return Phase::wanted;
    if (text == "realized") return Phase::realized;
    if (text == "failed") return Phase::failed;
    return {};
}

std::string_view next_word(std::string_view &rest) {
    const std::size_t space = std::min(rest.find(' '), rest.size());
    const std::string_view word = rest.substr(0, space);
    rest.remove_prefix(std::min(space + 1, rest.size()));
    return word;
}

// "<attempt> <token> <owner> <time> p|-", and its text in three fields if that came along.
Result<DelayFailure> parse_failure(ReplyView array, std::size_t first, std::optional<std::uint64_t> at) {
    std::string_view rest = array[first + Field::failure].text();
    const auto attempt_there = parse_count(next_word(rest));
    const auto token_there = parse_count(next_word(rest));
    DelayFailure found;
    found.by.owner = next_word(rest);
    const auto time = parse_count(next_word(rest));
    if (!attempt_there || !token_there || found.by.owner.empty() || !time || (rest != "p" && rest != "-")) {
        return protocol_error("a delay's failure could not be read");
    }
    found.attempt = *attempt_there;
    found.by.token = *token_there;
    if (at) found.age_ms = *at > *time ? *at - *time : 0;
    found.told = array[first + Field::kind].is_string();
    found.kind = array[first + Field::kind].text();
    found.message = array[first + Field::message].text();
    if (found.told && rest == "p" && array[first + Field::payload].is_string()) {
        found.payload = std::string(array[first + Field::payload].text());
    }
    return found;
}

std::uint64_t lease_left(const DelayState &delay, std::uint64_t ends, std::uint64_t at) {
    if (delay.over() || delay.lease.owner.empty() || ends <= at) return 0;
    return std::min(ends - at, delay.lease_ms);
}

// Whatever the numbers of the sendings are.
bool same_operation(std::string_view one, std::string_view other) {
    const std::size_t end = other.rfind('-') + 1;
    return one.size() > end && one.substr(0, end) == other.substr(0, end);
}

// Does the answer go with the delay that it shows?
bool makes_sense(const DelayAnswer &answer, std::string_view op) {
    const DelayState &delay = answer.delay;
    switch (answer.kind) {
        case Kind::wanted:
        case Kind::held:
        case Kind::renewed:
        case Kind::released: return delay.phase == Phase::wanted;
        case Kind::granted: return delay.phase == Phase::wanted && same_operation(delay.lease.owner, op);
        case Kind::realized: return delay.phase == Phase::realized;
        case Kind::failed: return delay.phase == Phase::failed && delay.failure.has_value();
        case Kind::attempt_failed: return delay.failure && delay.failure->told;
        default: return true;
    }
}

// Every reply is an array that begins with the operation that it answers, with an answer that its script can give.
Result<DelayAnswer> parse(ReplyView reply, std::string_view op, std::initializer_list<Kind> possible) {
    if (!reply.is_array()) return protocol_error("a script did not answer with an array");
    if (!reply[0].is_string() || reply[0].text() != op) {
        return protocol_error("the answer belonged to another operation");
    }
    if (reply.size() != kSize) return protocol_error("an answer about a delay had not its length");
    const auto named = kind_named(reply[kAnswer].text());
    const bool general =
        named == Kind::realized || named == Kind::failed || named == Kind::gone || named == Kind::format;
    if (!named || !(general || std::find(possible.begin(), possible.end(), *named) != possible.end())) {
        return protocol_error("an answer had an unknown name");
    }
    auto there = parse_state(reply, kState);
    if (!there) return there.error();
    DelayAnswer answer;
    answer.kind = *named;
    const std::string_view note = reply[kNote].text();
    answer.repeat = note == "again" || note == "record" || note == "stands";
    if (*named != Kind::format) answer.redis_type = *named == Kind::gone ? note : "hash";
    answer.there = std::move(*there);
    if (*named == Kind::gone || *named == Kind::format) return answer;
    if (!answer.there.state) return protocol_error("an answer about a delay came without its state");
    auto delay = parse_delay_fields(reply, kDelay);
    if (!delay) return delay.error();
    answer.delay = std::move(*delay);
    if (!makes_sense(answer, op)) return protocol_error("an answer about a delay contradicted itself");
    return answer;
}

}  // namespace

Result<DelayAnswer> parse_delay_request(ReplyView reply, std::string_view op) {
    return parse(reply, op, {Kind::wanted, Kind::attempt_failed});
}
Result<DelayAnswer> parse_delay_claim(ReplyView reply, std::string_view op) {
    return parse(reply, op, {Kind::granted, Kind::held, Kind::idle, Kind::attempt_failed});
}
Result<DelayAnswer> parse_delay_renew(ReplyView reply, std::string_view op) {
    return parse(reply, op, {Kind::renewed, Kind::lost});
}
Result<DelayAnswer> parse_delay_release(ReplyView reply, std::string_view op) {
    return parse(reply, op, {Kind::released, Kind::lost});
}
Result<DelayAnswer> parse_delay_deliver(ReplyView reply, std::string_view op) {
    return parse(reply, op, {Kind::applied, Kind::lost});
}
Result<DelayAnswer> parse_delay_fail(ReplyView reply, std::string_view op) {
    return parse(reply, op, {Kind::applied, Kind::lost});
}

Result<DelayState> parse_delay_fields(ReplyView array, std::size_t first) {
    for (std::size_t i = 0; i <= kDelayFields.size(); ++i) {
        if (!array[first + i].is_nil() && !array[first + i].is_string()) {
            return protocol_error("a delay held something that is no string");
        }
    }
    const auto count = [&](std::size_t field) { return parse_count(array[first + field].text()); };
    const auto phase = phase_named(array[first + Field::state].text());
    const auto token = count(Field::token);
    const auto lease_ms = count(Field::lease_ms);
    const auto attempt = count(Field::attempt);
    if (!phase || !token || !lease_ms || !attempt) return protocol_error("a delay did not have its fields");
    DelayState found;
    found.phase = *phase;
    found.lease = {*token, std::string(array[first + Field::owner].text())};
    found.renewals = count(Field::renewals).value_or(0);
    found.lease_ms = *lease_ms;
    found.retry = array[first + Field::retry].text() == "1";
    found.attempt = *attempt;
    const auto now = count(Field::now);
    if (now) found.lease_left_ms = lease_left(found, count(Field::lease_until).value_or(0), *now);
    if (!array[first + Field::failure].text().empty()) {
        auto failure = parse_failure(array, first, now);
        if (!failure) return failure.error();
        found.failure = std::move(*failure);
    }
    return found;
}

void write_read_delay(redis::CommandWriter &out, std::string_view key) {
    out.begin(2 + kStateFields.size() + kDelayFields.size()).arg("HMGET").arg(key);
    for (const std::string_view field : kStateFields) out.arg(field);
    for (const std::string_view field : kDelayFields) out.arg(field);
}

Result<DelaySighting> parse_read_delay(ReplyView reply) {
    DelaySighting found;
    if (reply.is_error() && reply.text().starts_with("WRONGTYPE")) {
        found.there.kind = Sighting::Kind::other_type;
        return found;
    }
    if (reply.size() != kStateFields.size() + kDelayFields.size()) {
        return protocol_error("a delay did not have its fields");
    }
    auto there = parse_state(reply);
    if (!there) return there.error();
    found.there = std::move(*there);
    if (found.there.state && found.there.state->type == "delay") {
        auto delay = parse_delay_fields(reply, kStateFields.size());
        if (!delay) return delay.error();
        found.delay = std::move(*delay);
    }
    return found;
}

}  // namespace exo::store
