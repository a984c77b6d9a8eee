// The Redis protocol as far as tests need it: where a frame ends, what a command says, a reply as a value.
// Written apart from the library's own codec, so that one is checked against the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace exo::support {

struct Reply {
    enum class Type { kNil, kStatus, kError, kInteger, kString, kArray, kPush };

    Type type = Type::kNil;
    std::string text;  // status, error or string
    std::int64_t integer = 0;
    std::vector<Reply> elements;

    bool is_error() const { return type == Type::kError; }
    bool is_nil() const { return type == Type::kNil; }
    bool is_ok() const { return type == Type::kStatus && text == "OK"; }
    // For messages of failed tests.
    std::string show() const;
};

struct FrameScan {
    enum class State { kComplete, kIncomplete, kBroken };
    State state = State::kIncomplete;
    std::size_t size = 0;  // of the whole frame, when complete
};

// Where the first reply, or the first command (an inline one too), in `data` ends.
FrameScan scan_reply(std::string_view data);
FrameScan scan_command(std::string_view data);

std::vector<std::string> parse_command(std::string_view frame);
std::optional<Reply> parse_reply(std::string_view frame);

std::string encode_command(const std::vector<std::string> &args);
std::string encode_status(std::string_view text);  // +OK
std::string encode_error(std::string_view text);   // -ERR …
std::string encode_integer(std::int64_t value);
std::string encode_bulk(std::string_view data);
std::string encode_nil();
std::string encode_array(const std::vector<std::string> &encoded_elements);

// ASCII only.
std::string upper(std::string_view text);

}  // namespace exo::support
