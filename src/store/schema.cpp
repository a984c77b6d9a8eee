#include "store/schema.hpp"

#include <charconv>

#include "store/protocol_error.hpp"

namespace exo::store {

namespace {

constexpr std::uint64_t kLargestCount = std::uint64_t{1} << 53;

}  // namespace

std::optional<std::uint64_t> parse_count(std::string_view digits) {
    if (digits.empty() || digits.size() > 16 || (digits.size() > 1 && digits.front() == '0')) return {};
    std::uint64_t number = 0;
    const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (problem != std::errc() || end != digits.data() + digits.size() || number >= kLargestCount) return {};
    return number;
}

std::string op_text(std::string_view session, std::uint64_t counter, std::uint64_t sending) {
    std::string text;
    text.reserve(session.size() + 24);
    text.append(session).append("-").append(std::to_string(counter)).append("-").append(std::to_string(sending));
    return text;
}

bool op_is_of(std::string_view op, std::string_view session, std::uint64_t counter) {
    const std::string mine = op_text(session, counter, 0);
    const std::size_t prefix = mine.size() - 1;  // up to the last dash
    return op.size() > prefix && op.substr(0, prefix) == std::string_view(mine).substr(0, prefix);
}

std::string server_identity(const redis::Peer &peer) {
    if (peer.run_id.empty() || peer.replication_id.empty()) return {};
    return peer.run_id + ":" + peer.replication_id;
}

std::string_view term_of(std::string_view terms, std::uint64_t version) {
    std::string_view found;
    while (!terms.empty()) {
        const std::size_t space = terms.find(' ');
        const std::string_view entry = terms.substr(0, space);
        terms.remove_prefix(space == std::string_view::npos ? terms.size() : space + 1);
        const auto first = parse_count(entry.substr(0, entry.find(':')));
        if (!first || *first > version) break;
        found = entry;
    }
    return found;
}

std::optional<RingEntry> parse_ring_entry(std::string_view text) {
    const std::size_t space = text.find(' ');
    if (space == std::string_view::npos) return {};
    const std::size_t second = text.find(' ', space + 1);
    if (second == std::string_view::npos || second == space + 1 || second + 1 >= text.size()) return {};
    const auto version = parse_count(text.substr(0, space));
    if (!version) return {};
    RingEntry entry{*version, text.substr(space + 1, second - space - 1), {}};
    const std::string_view rest = text.substr(second + 1);
    if (rest.front() == 'v') {
        entry.value = rest.substr(1);
    } else if (rest != "-") {
        return {};
    }
    return entry;
}

base::Result<Sighting> parse_state(redis::ReplyView array, std::size_t first) {
    const auto field = [&](std::size_t i) { return array[first + i]; };
    for (std::size_t i = 0; i < kStateFields.size(); ++i) {
        if (!field(i).is_nil() && !field(i).is_string())
            return protocol_error("a state held something that is no string");
    }
    Sighting found;
    const auto format = parse_count(field(0).text());
    if (!format) return found;
    found.format = *format;
    if (*format > kFormat) {
        found.kind = Sighting::Kind::newer_format;
        return found;
    }
    if (field(3).text().empty()) return found;
    const auto version = parse_count(field(4).text());
    if (!version) return protocol_error("a state's version was no number");
    State state;
    state.type = field(1).text();
    state.codec = field(2).text();
    state.identity = {std::string(field(3).text()), *version, std::string(field(5).text())};
    state.terms = field(6).text();
    state.term = term_of(state.terms, *version);
    state.ring_n = parse_count(field(7).text()).value_or(0);
    if (field(8).is_string()) state.value = field(8).text();
    found.kind = Sighting::Kind::present;
    found.state = std::make_shared<const State>(std::move(state));
    return found;
}

base::Result<Sighting> parse_read_state(redis::ReplyView reply) {
    if (reply.is_error() && reply.text().starts_with("WRONGTYPE")) {
        Sighting found;
        found.kind = Sighting::Kind::other_type;
        return found;
    }
    if (reply.size() != kStateFields.size() && reply.size() != kStateFields.size() - 1) {
        return protocol_error("a state did not have its fields");
    }
    return parse_state(reply);
}

}  // namespace exo::store
