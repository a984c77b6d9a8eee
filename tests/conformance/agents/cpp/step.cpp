// Fields and results of a step; bytes are percent-encoded on the wire.
#include "step.hpp"

#include <charconv>

namespace agent {

namespace {
std::string from_wire(const std::string &text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        unsigned byte = 0;
        const char *end = text.data() + std::min(i + 3, text.size());
        const auto read = std::from_chars(text.data() + i + 1, end, byte, 16);
        if (read.ptr != text.data() + i + 3) throw Fault("not percent-encoded: " + text);
        out += static_cast<char>(byte);
        i += 2;
    }
    return out;
}
}  // namespace

std::string to_wire(std::string_view bytes) {
    static const char digits[] = "0123456789abcdef";
    std::string out;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte < 0x7f && c != '%') {
            out += c;
        } else {
            out += '%';
            out += digits[byte >> 4];
            out += digits[byte & 15];
        }
    }
    return out;
}

const json *Step::take(const char *name) {
    taken_.insert(name);
    const auto found = fields_.find(name);
    return found == fields_.end() ? nullptr : &*found;
}

std::optional<std::string> Step::maybe_text(const char *name) {
    const json *field = take(name);
    if (!field) return std::nullopt;
    if (!field->is_string()) throw Fault(std::string(name) + " is no text");
    return field->get<std::string>();
}

std::string Step::text(const char *name) {
    auto found = maybe_text(name);
    if (!found) throw Fault(std::string("field '") + name + "' is missing");
    return *found;
}

std::optional<std::string> Step::maybe_bytes(const char *name) {
    const auto found = maybe_text(name);
    return found ? std::optional(from_wire(*found)) : std::nullopt;
}

std::string Step::bytes(const char *name) { return from_wire(text(name)); }

std::int64_t Step::number(const char *name, std::int64_t otherwise) {
    const json *field = take(name);
    if (!field) return otherwise;
    if (!field->is_number_integer()) throw Fault(std::string(name) + " is no number");
    return field->get<std::int64_t>();
}

exoref::timeout Step::timeout(std::int64_t otherwise) { return exoref::timeout(number("timeout", otherwise)); }

exoref::options Step::options() {
    exoref::options out;
    if (const json *given = take("options")) {
        for (const auto &[name, text] : given->items()) out.set(name, text.get<std::string>());
    }
    return out;
}

void Step::ready() {
    for (const auto &[name, value] : fields_.items()) {
        if (!taken_.count(name)) throw Fault("unknown field '" + name + "'");
    }
}

void Step::give(const exoref::value &value) {
    if (!value) return;
    give("value", to_wire(value));
    give("version", value.version());
    give("codec", std::string(value.codec()));
}

void Step::give_old(const exoref::value &value) {
    if (!value) return;
    give("old", to_wire(value));
    give("old_version", value.version());
}

}  // namespace agent
