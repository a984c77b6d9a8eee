// Writing JSON: bytes as strings, or {"base64":...} where they are no UTF-8; objects member by member.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "cli/handles.hpp"

namespace exo::cli {

/// How many bytes from the beginning are UTF-8.
std::size_t utf8_prefix(std::string_view bytes);
std::string base64(std::string_view bytes);

/// A JSON string if the bytes are UTF-8, else {"base64":"..."}.
std::string json_bytes(std::string_view bytes);
/// The same, or null.
std::string json_value(const exoref_value *value);
/// Digits as a number, null for null or an empty text; what is no number stays a string.
std::string json_number(const char *text);
/// A string, null for null or an empty text.
std::string json_text(const char *text);

/// {"a":1,"b":"x"}: members in the order they are added; each is JSON already.
class JsonObject {
public:
    JsonObject &add(std::string_view name, std::string_view json);
    JsonObject &add(std::string_view name, std::uint64_t number) { return add(name, std::to_string(number)); }
    std::string text() const { return text_ + '}'; }

private:
    std::string text_ = "{";
};

class JsonArray {
public:
    JsonArray &add(std::string_view json);
    std::string text() const { return text_ + ']'; }

private:
    std::string text_ = "[";
};

}  // namespace exo::cli
