#include "store/message.hpp"

#include "store/schema.hpp"

namespace exo::store {

namespace {

// Takes the text up to the next space, and the space.
std::optional<std::string_view> next_word(std::string_view &rest) {
    const std::size_t space = rest.find(' ');
    if (space == std::string_view::npos || space == 0) return {};
    const std::string_view word = rest.substr(0, space);
    rest.remove_prefix(space + 1);
    return word;
}

std::optional<std::uint64_t> next_count(std::string_view &rest) {
    const auto word = next_word(rest);
    return word ? parse_count(*word) : std::nullopt;
}

std::string_view unless_dash(std::string_view word) { return word == "-" ? std::string_view() : word; }

std::optional<Message::Kind> kind_of(std::string_view word) {
    if (word == "change") return Message::Kind::change;
    if (word == "create") return Message::Kind::create;
    if (word == "delete") return Message::Kind::remove;
    if (word == "wanted") return Message::Kind::wanted;
    if (word == "failed") return Message::Kind::failed;
    return {};
}

// A change follows its predecessor; a creation has none; a removal ends. Before its result a delay stands at version 0.
bool makes_sense(const Message &message) {
    switch (message.kind) {
        case Message::Kind::change: return message.version == message.version_before + 1 && !message.op.empty();
        case Message::Kind::create: return message.version_before == 0 && message.version <= 1;
        case Message::Kind::remove: return message.version == 0;
        case Message::Kind::wanted: return message.version_before == 0 && message.version == 0;
        case Message::Kind::failed: return message.version_before == 0 && message.version <= 1 && !message.op.empty();
    }
    return false;
}

}  // namespace

std::optional<Message> parse_message(std::string_view payload) {
    if (next_word(payload) != "1") return {};
    Message message;
    const auto kind = kind_of(next_word(payload).value_or(std::string_view()));
    const auto db = next_count(payload);
    const auto epoch = next_word(payload);
    const auto version_before = next_count(payload);
    const auto op_before = next_word(payload);
    const auto version = next_count(payload);
    const auto op = next_word(payload);
    const auto term = next_word(payload);
    if (!kind || !db || !epoch || !version_before || !op_before || !version || !op || !term || payload.empty())
        return {};
    message.kind = *kind;
    message.db = *db;
    message.epoch = *epoch;
    message.version_before = *version_before;
    message.op_before = unless_dash(*op_before);
    message.version = *version;
    message.op = unless_dash(*op);
    message.term = unless_dash(*term);
    if (payload.front() == 'v') {
        message.value = payload.substr(1);
    } else if (payload != "-") {
        return {};
    }
    if (!makes_sense(message)) return {};
    return message;
}

}  // namespace exo::store
