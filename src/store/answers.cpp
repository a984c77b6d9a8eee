#include "store/answers.hpp"

#include "store/protocol_error.hpp"

namespace exo::store {

namespace {

using base::Result;
using redis::ReplyView;

// Where the parts of a reply stand: op, answer, note, then the fields of a state, then what a script adds.
constexpr std::size_t kOp = 0;
constexpr std::size_t kAnswer = 1;
constexpr std::size_t kNote = 2;
constexpr std::size_t kState = 3;
constexpr std::size_t kMore = kState + kStateFields.size();

// Every reply is an array that begins with the operation that it answers.
base::ErrorPtr check_echo(ReplyView reply, std::string_view op, std::size_t at_least) {
    if (!reply.is_array()) return protocol_error("a script did not answer with an array");
    if (!reply[kOp].is_string() || reply[kOp].text() != op)
        return protocol_error("the answer belonged to another operation");
    if (!reply[kAnswer].is_string()) return protocol_error("an answer had no name");
    if (reply.size() < at_least) return protocol_error("an answer was too short");
    return nullptr;
}

std::optional<std::string> text_or_none(ReplyView view) {
    if (!view.is_string()) return {};
    return std::string(view.text());
}

std::optional<Refusal::Kind> refusal_kind(std::string_view answer) {
    if (answer == "gone") return Refusal::Kind::gone;
    if (answer == "format") return Refusal::Kind::format;
    if (answer == "stale") return Refusal::Kind::stale;
    if (answer == "too-old") return Refusal::Kind::too_old;
    if (answer == "conflict") return Refusal::Kind::conflict;
    if (answer == "exists") return Refusal::Kind::exists;
    if (answer == "foreign") return Refusal::Kind::foreign;
    if (answer == "wrongtype") return Refusal::Kind::wrong_type;
    return {};
}

Result<Refusal> parse_refusal(ReplyView reply) {
    const auto kind = refusal_kind(reply[kAnswer].text());
    if (!kind) return protocol_error("an answer had an unknown name");
    if (reply.size() < kMore) return protocol_error("a refusal came without a state");
    auto there = parse_state(reply, kState);
    if (!there) return there.error();
    Refusal refusal;
    refusal.kind = *kind;
    if (*kind != Refusal::Kind::format) refusal.redis_type = reply[kNote].text();
    refusal.there = std::move(*there);
    const bool needs_state = *kind == Refusal::Kind::stale || *kind == Refusal::Kind::too_old ||
                             *kind == Refusal::Kind::conflict || *kind == Refusal::Kind::exists;
    if (needs_state && !refusal.there.state) return protocol_error("a refusal came without a state");
    return refusal;
}

// op, applied, now|record, version, op that made it, terms entry, predecessor's version, op, value
Result<Committed> parse_committed(ReplyView reply, std::string_view op, std::string_view epoch) {
    if (reply.size() < 9) return protocol_error("an answer was too short");
    const auto version = parse_count(reply[3].text());
    const std::string_view made_by = reply[4].text();
    const std::string_view asked_by = op.substr(0, op.rfind('-') + 1);
    if (!version || *version == 0 || !made_by.starts_with(asked_by)) {
        return protocol_error("an applied change had no identity of its own");
    }
    Committed done;
    done.repeat = reply[kNote].text() == "record";
    done.made = {std::string(epoch), *version, std::string(made_by)};
    done.term = reply[5].text();
    const auto before = parse_count(reply[6].text());
    if (before) {
        done.before = Predecessor{{std::string(epoch), *before, std::string(reply[7].text())}, text_or_none(reply[8])};
    }
    return done;
}

Answer<Committed> upon_base(std::string_view op, const State &base) {
    Answer<Committed> answer;
    answer.done.emplace();
    answer.done->made = {base.identity.epoch, base.identity.version + 1, std::string(op)};
    answer.done->term = base.term;
    answer.done->before = Predecessor{base.identity, base.value};
    return answer;
}

std::optional<std::uint64_t> count_or_none(ReplyView view) {
    if (view.is_integer()) {
        if (view.integer() < 0) return {};
        return static_cast<std::uint64_t>(view.integer());
    }
    return parse_count(view.text());
}

// Ring entries with rising versions from element `first` on.
Result<std::vector<Changes::Entry>> parse_entries(ReplyView reply, std::size_t first) {
    std::vector<Changes::Entry> entries;
    for (std::size_t i = first; i < reply.size(); ++i) {
        const auto entry = parse_ring_entry(reply[i].text());
        if (!entry) return protocol_error("an entry of the history could not be read");
        if (!entries.empty() && entry->version <= entries.back().version) {
            return protocol_error("the history was not in order");
        }
        Changes::Entry change{entry->version, std::string(entry->op), {}};
        if (entry->value) change.value = std::string(*entry->value);
        entries.push_back(std::move(change));
    }
    return entries;
}

}  // namespace

Verdict verdict(Refusal::Kind refusal, bool only_sending) {
    // An identity that was passed or lost never comes back: that holds for every sending, those under way too.
    if (refusal == Refusal::Kind::conflict || only_sending) return Verdict::not_applied;
    return Verdict::unknown;
}

Result<Answer<Committed>> parse_commit(ReplyView reply, std::string_view op, const State &base) {
    // The shortest answer, to the most frequent case: applied upon the base, by the server of its term.
    if (reply.is_string() && reply.text() == op) return upon_base(op, base);
    if (auto problem = check_echo(reply, op, kState)) return problem;
    Answer<Committed> answer;
    if (reply[kAnswer].text() == "applied") {
        auto done = parse_committed(reply, op, base.identity.epoch);
        if (!done) return done.error();
        answer.done = std::move(*done);
        return answer;
    }
    auto refused = parse_refusal(reply);
    if (!refused) return refused.error();
    answer.refused = std::move(*refused);
    return answer;
}

Result<Answer<Created>> parse_create(ReplyView reply, std::string_view op) {
    if (auto problem = check_echo(reply, op, kMore)) return problem;
    Answer<Created> answer;
    if (reply[kAnswer].text() == "created") {
        auto there = parse_state(reply, kState);
        if (!there) return there.error();
        if (!there->state) return protocol_error("what was created was not shown");
        answer.done = Created{there->state};
        return answer;
    }
    auto refused = parse_refusal(reply);
    if (!refused) return refused.error();
    answer.refused = std::move(*refused);
    return answer;
}

Result<Answer<Delivered>> parse_deliver(ReplyView reply, std::string_view op, const State &open) {
    Answer<Delivered> answer;
    // The shortest answer, to the most frequent case.
    if (reply.is_string() && reply.text() == op) {
        auto made = std::make_shared<State>(open);
        made->identity.version = 1;
        made->identity.op = op;
        answer.done = Delivered{true, false, std::move(made)};
        return answer;
    }
    if (auto problem = check_echo(reply, op, kMore)) return problem;
    const std::string_view name = reply[kAnswer].text();
    if (name == "delivered" || name == "standing") {
        auto there = parse_state(reply, kState);
        if (!there) return there.error();
        const bool mine = name == "delivered";
        const bool complete = there->state && there->state->identity.version > 0 && (mine || there->state->value);
        if (!complete) return protocol_error("a delivered promise was not shown");
        answer.done = Delivered{mine, mine, there->state};
        return answer;
    }
    auto refused = parse_refusal(reply);
    if (!refused) return refused.error();
    answer.refused = std::move(*refused);
    return answer;
}

Result<Answer<Deleted>> parse_delete(ReplyView reply, std::string_view op) {
    if (auto problem = check_echo(reply, op, kMore)) return problem;
    Answer<Deleted> answer;
    if (reply[kAnswer].text() == "deleted") {
        auto there = parse_state(reply, kState);
        if (!there) return there.error();
        answer.done = Deleted{there->state ? there->state->identity : Identity{}};
        return answer;
    }
    auto refused = parse_refusal(reply);
    if (!refused) return refused.error();
    answer.refused = std::move(*refused);
    return answer;
}

Result<AttributeAnswer> parse_attribute(ReplyView reply, std::string_view op) {
    if (auto problem = check_echo(reply, op, 6)) return problem;
    const Attribute there{text_or_none(reply[3]), std::string(reply[4].text())};
    AttributeAnswer answer;
    if (reply[kAnswer].text() == "applied") {
        answer.done = there;
        return answer;
    }
    const auto kind = refusal_kind(reply[kAnswer].text());
    const bool known = kind == Refusal::Kind::gone || kind == Refusal::Kind::format || kind == Refusal::Kind::conflict;
    if (!known) return protocol_error("an answer had an unknown name");
    AttributeRefusal refusal;
    refusal.kind = *kind;
    refusal.format = parse_count(reply[5].text()).value_or(0);
    if (*kind != Refusal::Kind::format) refusal.redis_type = reply[kNote].text();
    refusal.there = there;
    answer.refused = std::move(refusal);
    return answer;
}

std::vector<RingEntry> Changes::ring() const {
    std::vector<RingEntry> known;
    for (const Entry &entry : entries) {
        known.push_back({entry.version, entry.op, {}});
    }
    if (base_op) known.push_back({base_version, *base_op, {}});
    return known;
}

Result<Changes> parse_changes(ReplyView reply, std::string_view op, std::uint64_t after) {
    if (auto problem = check_echo(reply, op, kMore)) return problem;
    auto head = parse_state(reply, kState);
    if (!head) return head.error();
    Changes changes;
    changes.head = std::move(*head);
    changes.base_version = after;
    changes.redis_type = reply[kNote].text();
    const std::string_view name = reply[kAnswer].text();
    if (name == "gone" || name == "format") {
        changes.gone = name == "gone";
        return changes;
    }
    if (name != "changes" || !changes.head.state) return protocol_error("an answer had an unknown name");
    changes.base_op = text_or_none(reply[kMore]);
    auto entries = parse_entries(reply, kMore + 1);
    if (!entries) return entries.error();
    const State &now = *changes.head.state;
    if (!entries->empty()) {
        Changes::Entry &last = entries->back();
        const bool dense = last.version - entries->front().version + 1 == entries->size();
        if (!dense || last.version != now.identity.version || entries->front().version <= after) {
            return protocol_error("the history did not lead to the newest state");
        }
        last.value = now.value;
    }
    changes.entries = std::move(*entries);
    return changes;
}

Result<Inspection> parse_inspect(ReplyView reply, std::string_view op) {
    if (auto problem = check_echo(reply, op, kMore)) return problem;
    if (reply[kAnswer].text() != "inspected") return protocol_error("an answer had an unknown name");
    auto there = parse_state(reply, kState);
    if (!there) return there.error();
    Inspection found;
    found.redis_type = reply[kNote].text();
    found.there = std::move(*there);
    found.value_size = count_or_none(reply[kMore]).value_or(0);
    found.meta = text_or_none(reply[kMore + 1]);
    found.ttl_ms = count_or_none(reply[kMore + 2]);
    if (found.ttl_ms == std::uint64_t{0}) found.ttl_ms.reset();
    found.expires_in_ms = count_or_none(reply[kMore + 3]);
    found.fields = count_or_none(reply[kMore + 4]).value_or(0);
    found.ring_length = count_or_none(reply[kMore + 5]).value_or(0);
    found.most_records = count_or_none(reply[kMore + 6]).value_or(0);
    found.records = count_or_none(reply[kMore + 7]).value_or(0);
    found.floor = count_or_none(reply[kMore + 8]).value_or(0);
    constexpr std::size_t kDelay = kMore + 9;
    if (found.there.state && found.there.state->type == "delay") {
        auto delay = parse_delay_fields(reply, kDelay);
        if (!delay) return delay.error();
        found.delay = std::move(*delay);
    }
    auto entries = parse_entries(reply, kDelay + kDelayFields.size() + 1);
    if (!entries) return entries.error();
    found.last_changes = std::move(*entries);
    return found;
}

}  // namespace exo::store
