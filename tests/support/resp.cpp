#include "support/resp.hpp"

#include <cctype>
#include <charconv>

namespace exo::support {

namespace {

constexpr std::size_t kMaxLine = 64 * 1024;
constexpr int kMaxDepth = 32;

struct Line {
    FrameScan::State state = FrameScan::State::kIncomplete;
    std::string_view text;  // behind the type byte
    std::size_t next = 0;
};

Line line_at(std::string_view data, std::size_t at) {
    const std::size_t end = data.find("\r\n", at);
    if (end == std::string_view::npos) {
        const bool endless = data.size() - at > kMaxLine;
        return Line{endless ? FrameScan::State::kBroken : FrameScan::State::kIncomplete, {}, 0};
    }
    return Line{FrameScan::State::kComplete, data.substr(at + 1, end - at - 1), end + 2};
}

std::optional<std::int64_t> number(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

FrameScan broken() { return FrameScan{FrameScan::State::kBroken, 0}; }
FrameScan incomplete() { return FrameScan{FrameScan::State::kIncomplete, 0}; }
FrameScan complete(std::size_t size) { return FrameScan{FrameScan::State::kComplete, size}; }

// The end of the value that begins at `at`; fills `into` if it is given.
FrameScan scan_value(std::string_view data, std::size_t at, int depth, Reply *into);

FrameScan scan_bulk(std::string_view data, const Line &line, std::int64_t length, Reply *into) {
    if (length < 0) {
        return complete(line.next);
    }
    const auto size = static_cast<std::size_t>(length);
    if (data.size() - line.next < size + 2) {
        return incomplete();
    }
    if (data.substr(line.next + size, 2) != "\r\n") {
        return broken();
    }
    if (into != nullptr) {
        into->type = Reply::Type::kString;
        into->text = std::string(data.substr(line.next, size));
    }
    return complete(line.next + size + 2);
}

FrameScan scan_elements(std::string_view data, const Line &line, std::int64_t count, int depth, Reply *into) {
    if (count < 0) {
        return complete(line.next);
    }
    std::size_t at = line.next;
    for (std::int64_t i = 0; i < count; ++i) {
        Reply *element = nullptr;
        if (into != nullptr) {
            element = &into->elements.emplace_back();
        }
        const FrameScan scan = scan_value(data, at, depth + 1, element);
        if (scan.state != FrameScan::State::kComplete) {
            return scan;
        }
        at = scan.size;
    }
    return complete(at);
}

FrameScan scan_simple(const Line &line, char type, Reply *into) {
    if (type == ':') {
        const std::optional<std::int64_t> value = number(line.text);
        if (!value) {
            return broken();
        }
        if (into != nullptr) {
            into->type = Reply::Type::kInteger;
            into->integer = *value;
        }
        return complete(line.next);
    }
    if (into != nullptr) {
        into->type = type == '-' ? Reply::Type::kError : Reply::Type::kStatus;
        into->text = std::string(line.text);
    }
    return complete(line.next);
}

FrameScan scan_value(std::string_view data, std::size_t at, int depth, Reply *into) {
    if (at >= data.size()) {
        return incomplete();
    }
    const char type = data[at];
    if (std::string_view("+-:$*>").find(type) == std::string_view::npos || depth > kMaxDepth) {
        return broken();
    }
    const Line line = line_at(data, at);
    if (line.state != FrameScan::State::kComplete) {
        return FrameScan{line.state, 0};
    }
    if (type == '+' || type == '-' || type == ':') {
        return scan_simple(line, type, into);
    }
    const std::optional<std::int64_t> length = number(line.text);
    if (!length || *length < -1) {
        return broken();
    }
    if (type == '$') {
        return scan_bulk(data, line, *length, into);
    }
    if (into != nullptr && *length >= 0) {
        into->type = type == '>' ? Reply::Type::kPush : Reply::Type::kArray;
    }
    return scan_elements(data, line, *length, depth, into);
}

}  // namespace

std::string Reply::show() const {
    switch (type) {
        case Type::kNil: return "nil";
        case Type::kStatus: return "+" + text;
        case Type::kError: return "-" + text;
        case Type::kInteger: return std::to_string(integer);
        case Type::kString: return "\"" + text + "\"";
        case Type::kArray:
        case Type::kPush: break;
    }
    std::string result = type == Type::kPush ? ">[" : "[";
    for (const Reply &element : elements) {
        result += (result.size() > 2 ? ", " : "") + element.show();
    }
    return result + "]";
}

FrameScan scan_reply(std::string_view data) { return scan_value(data, 0, 0, nullptr); }

FrameScan scan_command(std::string_view data) {
    if (!data.empty() && data[0] == '*') {
        return scan_value(data, 0, 0, nullptr);
    }
    const Line line = line_at(data, 0);
    return FrameScan{data.empty() ? FrameScan::State::kIncomplete : line.state, line.next};
}

std::vector<std::string> parse_command(std::string_view frame) {
    std::vector<std::string> args;
    if (!frame.empty() && frame[0] == '*') {
        Reply value;
        scan_value(frame, 0, 0, &value);
        for (Reply &element : value.elements) {
            args.push_back(std::move(element.text));
        }
        return args;
    }
    std::string word;
    for (const char c : frame) {
        if (std::isspace(static_cast<unsigned char>(c)) == 0) {
            word += c;
        } else if (!word.empty()) {
            args.push_back(std::move(word));
            word.clear();
        }
    }
    return args;
}

std::optional<Reply> parse_reply(std::string_view frame) {
    Reply reply;
    if (scan_value(frame, 0, 0, &reply).state != FrameScan::State::kComplete) {
        return std::nullopt;
    }
    return reply;
}

std::string encode_command(const std::vector<std::string> &args) {
    std::string result = "*" + std::to_string(args.size()) + "\r\n";
    for (const std::string &arg : args) {
        result += encode_bulk(arg);
    }
    return result;
}

std::string encode_status(std::string_view text) { return "+" + std::string(text) + "\r\n"; }

std::string encode_error(std::string_view text) { return "-" + std::string(text) + "\r\n"; }

std::string encode_integer(std::int64_t value) { return ":" + std::to_string(value) + "\r\n"; }

std::string encode_bulk(std::string_view data) {
    return "$" + std::to_string(data.size()) + "\r\n" + std::string(data) + "\r\n";
}

std::string encode_nil() { return "$-1\r\n"; }

std::string encode_array(const std::vector<std::string> &encoded_elements) {
    std::string result = "*" + std::to_string(encoded_elements.size()) + "\r\n";
    for (const std::string &element : encoded_elements) {
        result += element;
    }
    return result;
}

std::string upper(std::string_view text) {
    std::string result(text);
    for (char &c : result) {
        c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    return result;
}

}  // namespace exo::support
