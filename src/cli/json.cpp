// JSON as RFC 8259 has it, and what is UTF-8 as RFC 3629 has it.
#include "cli/json.hpp"

#include <cstdio>

namespace exo::cli {

namespace {

/// How many bytes the character at the beginning has; 0 if there is none that is well formed.
std::size_t character_size(std::string_view bytes) {
    const auto at = [&](std::size_t i) { return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U; };
    const auto follows = [&](std::size_t i) { return (at(i) & 0xc0U) == 0x80U; };
    const unsigned first = at(0);
    const unsigned second = at(1);
    if (first < 0x80U) return 1;
    if (first >= 0xc2U && first <= 0xdfU) return follows(1) ? 2 : 0;
    if (first >= 0xe0U && first <= 0xefU) {
        const bool overlong = first == 0xe0U && second < 0xa0U;
        const bool surrogate = first == 0xedU && second > 0x9fU;
        return follows(1) && follows(2) && !overlong && !surrogate ? 3 : 0;
    }
    if (first >= 0xf0U && first <= 0xf4U) {
        const bool overlong = first == 0xf0U && second < 0x90U;
        const bool beyond = first == 0xf4U && second > 0x8fU;
        return follows(1) && follows(2) && follows(3) && !overlong && !beyond ? 4 : 0;
    }
    return 0;
}

std::string json_string(std::string_view utf8) {
    std::string text = "\"";
    for (const char c : utf8) {
        const auto byte = static_cast<unsigned char>(c);
        switch (c) {
            case '"': text += "\\\""; break;
            case '\\': text += "\\\\"; break;
            case '\n': text += "\\n"; break;
            case '\r': text += "\\r"; break;
            case '\t': text += "\\t"; break;
            default:
                if (byte < 0x20 || byte == 0x7f) {
                    char escaped[8];
                    std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(byte));
                    text += escaped;
                } else {
                    text += c;
                }
        }
    }
    return text + '"';
}

}  // namespace

std::size_t utf8_prefix(std::string_view bytes) {
    std::size_t at = 0;
    while (at < bytes.size()) {
        const std::size_t size = character_size(bytes.substr(at));
        if (size == 0) break;
        at += size;
    }
    return at;
}

std::string base64(std::string_view bytes) {
    static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const auto at = [&](std::size_t i) { return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U; };
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const unsigned group = at(i) << 16U | at(i + 1) << 8U | at(i + 2);
        text += kDigits[group >> 18U & 63U];
        text += kDigits[group >> 12U & 63U];
        text += i + 1 < bytes.size() ? kDigits[group >> 6U & 63U] : '=';
        text += i + 2 < bytes.size() ? kDigits[group & 63U] : '=';
    }
    return text;
}

std::string json_bytes(std::string_view bytes) {
    return utf8_prefix(bytes) == bytes.size() ? json_string(bytes) : "{\"base64\":\"" + base64(bytes) + "\"}";
}

std::string json_value(const exoref_value *value) { return value == nullptr ? "null" : json_bytes(bytes_of(value)); }

std::string json_number(const char *text) {
    const std::string_view digits = text == nullptr ? "" : text;
    return digits.empty() || digits.find_first_not_of("0123456789") != digits.npos ? json_text(text)
                                                                                   : std::string(digits);
}

std::string json_text(const char *text) { return text == nullptr || *text == '\0' ? "null" : json_bytes(text); }

JsonObject &JsonObject::add(std::string_view name, std::string_view json) {
    if (text_.size() > 1) text_ += ',';
    text_ += '"';
    text_ += name;
    text_ += "\":";
    text_ += json;
    return *this;
}

JsonArray &JsonArray::add(std::string_view json) {
    if (text_.size() > 1) text_ += ',';
    text_ += json;
    return *this;
}

}  // namespace exo::cli
