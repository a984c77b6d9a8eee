// The JSON library reads (grammar, escapes, UTF-8) and tells what it meets; the canonical text is written as that comes, and
// members that are out of order are put in place at the end.
#include "base/json_canonical.hpp"

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "base/json_number.hpp"
#include "base/json_order.hpp"
#include "base/json_text.hpp"

namespace exo::base {

namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

struct Fault {
    std::string what;
    std::size_t offset = 0;
};

void append_string(std::string &out, std::string_view utf8) {
    static constexpr char kHex[] = "0123456789abcdef";
    out += '"';
    for (const char c : utf8) {
        switch (c) {
            case '"': out += "\\\""; break;
            case '\\': out += "\\\\"; break;
            case '\b': out += "\\b"; break;
            case '\f': out += "\\f"; break;
            case '\n': out += "\\n"; break;
            case '\r': out += "\\r"; break;
            case '\t': out += "\\t"; break;
            default:
                if (const auto byte = static_cast<unsigned char>(c); byte < 0x20) {
                    out += "\\u00";
                    out += kHex[byte >> 4U];
                    out += kHex[byte & 15U];
                } else {
                    out += c;
                }
        }
    }
    out += '"';
}

/// What the library found wrong, as it says it: "... syntax error while parsing value - invalid literal; last read: 'nulx'".
/// What it read last is left out: it may be a secret, or very long.
std::string library_words(const std::string &what) {
    static constexpr std::string_view kBefore = " - ";
    const std::size_t before = what.find(kBefore);
    if (before == what.npos) return "syntax error";
    const std::size_t begin = before + kBefore.size();
    return what.substr(begin, what.find("; last read: ", begin) - begin);
}

/// Told by the library what it reads; each function answers whether to go on.
class Writer {
public:
    explicit Writer(const JsonText &text, std::size_t size) : text_(text) { out_.reserve(size); }

    bool null() { return literal("null"); }
    bool boolean(bool value) { return literal(value ? "true" : "false"); }
    bool number_integer(std::int64_t) { return number(); }
    bool number_unsigned(std::uint64_t) { return number(); }
    bool number_float(double, const std::string &) { return number(); }
    bool string(const std::string &value) {
        separate();
        append_string(out_, value);
        return true;
    }
    bool binary(const std::vector<std::uint8_t> &) { return false; }  // no JSON text has it

    bool start_object(std::size_t) { return begin('{'); }
    bool start_array(std::size_t) { return begin('['); }
    bool end_array() { return end(']'); }
    bool end_object() {
        Object object = objects_.back();
        if (!object.in_order && !put_in_order(object)) return false;
        objects_.pop_back();
        if (members_.size() > object.first) keys_.resize(members_[object.first].key);
        members_.resize(object.first);
        return end('}');
    }

    bool key(const std::string &name) {
        separate();
        Object &object = objects_.back();
        if (members_.size() > object.first) object.in_order = object.in_order && key_of(members_.back()) < name;
        members_.push_back({size32(out_), 0, size32(keys_), static_cast<std::uint32_t>(name.size()),
                            static_cast<std::uint32_t>(text_.last())});
        keys_ += name;
        append_string(out_, name);
        out_ += ':';
        first_ = true;
        return true;
    }

    bool parse_error(std::size_t position, const std::string &, const nlohmann::detail::exception &error) {
        constexpr int kNumberOverflow = 406;
        if (error.id == kNumberOverflow) return number_too_large();
        return fail(library_words(error.what()), text_.real_offset(position - 1));
    }

    const std::optional<Fault> &fault() const { return fault_; }
    std::string take() { return order_.empty() ? std::move(out_) : order_.applied(out_); }

private:
    /// Offsets are 32 bits: the text is at most kMostJsonBytes, and the canonical one at most five times as long (of 1e20).
    struct Member {
        std::uint32_t begin;  ///< of its canonical text
        std::uint32_t end;
        std::uint32_t key;  ///< where in keys_
        std::uint32_t key_size;
        std::uint32_t offset;  ///< of the key's last byte in the text that is read
    };
    struct Object {
        std::size_t first;  ///< its first member
        bool in_order;      ///< so far each key is greater than the one before it
    };

    static std::uint32_t size32(const std::string &bytes) { return static_cast<std::uint32_t>(bytes.size()); }

    std::string_view key_of(const Member &member) const {
        return std::string_view(keys_).substr(member.key, member.key_size);
    }

    /// A comma before what is not the first.
    void separate() {
        if (!first_) out_ += ',';
        first_ = false;
    }

    bool literal(std::string_view text) {
        separate();
        out_ += text;
        return true;
    }

    bool number() {
        const auto text = canonical_number(text_.number());
        return text ? literal(*text) : number_too_large();
    }
    bool number_too_large() {
        return fail("a number is beyond the largest double", text_.number_offset() + text_.number().size() - 1);
    }

    bool begin(char bracket) {
        if (++depth_ > kMostJsonNesting) {
            return fail("arrays and objects are nested more than " + std::to_string(kMostJsonNesting) + " deep",
                        text_.last());
        }
        separate();
        out_ += bracket;
        if (bracket == '{') objects_.push_back({members_.size(), true});
        first_ = true;
        return true;
    }

    bool end(char bracket) {
        --depth_;
        out_ += bracket;
        first_ = false;
        return true;
    }

    /// Sorts the members of an object that ends, and notes their order.
    bool put_in_order(const Object &object) {
        const auto first = members_.begin() + static_cast<std::ptrdiff_t>(object.first);
        const std::uint32_t begin = first->begin - 1;  // the bracket
        std::uint32_t end = size32(out_);
        for (std::size_t n = members_.size(); n-- > object.first;) {
            members_[n].end = end;
            end = members_[n].begin - 1;  // the comma
        }
        std::sort(first, members_.end(), [this](const Member &a, const Member &b) {
            const int order = key_of(a).compare(key_of(b));
            return order != 0 ? order < 0 : a.begin < b.begin;
        });
        if (!all_different(first)) return false;
        order_.begin_object({begin, size32(out_)});
        for (auto member = first; member != members_.end(); ++member) order_.add({member->begin, member->end});
        return true;
    }

    /// Of sorted members. What stands first in the text is complained about.
    bool all_different(std::vector<Member>::const_iterator member) {
        const Member *second = nullptr;
        for (++member; member != members_.end(); ++member) {
            if (key_of(*member) != key_of(*(member - 1))) continue;
            if (second == nullptr || member->offset < second->offset) second = &*member;
        }
        return second == nullptr ||
               fail("the key " + quoted(std::string(key_of(*second))) + " stands there twice", second->offset);
    }

    bool fail(std::string what, std::size_t offset) {
        if (!fault_) fault_ = Fault{std::move(what), offset};
        return false;
    }

    const JsonText &text_;
    std::string out_;  ///< canonical but for the order of members
    JsonOrder order_;
    std::vector<Object> objects_;  ///< that are open
    std::vector<Member> members_;  ///< of them
    std::string keys_;             ///< of the members, unescaped
    std::size_t depth_ = 0;
    bool first_ = true;  ///< nothing stands yet before the next value or member
    std::optional<Fault> fault_;
};

ErrorPtr not_json(std::string_view text, const Fault &fault) {
    const std::string_view before = text.substr(0, fault.offset);
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    const std::string_view here = before.substr(before.rfind('\n') + 1);
    const auto column = std::count_if(here.begin(), here.end(),
                                      [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }) +
                        1;
    return make_error(Status::EXOREF_EINVAL, "the JSON text was refused at line " + std::to_string(line) + ", column " +
                                                 std::to_string(column) + " (offset " + std::to_string(fault.offset) +
                                                 "): " + fault.what);
}

}  // namespace

Result<std::string> canonical_json(std::string_view text) {
    if (text.size() > kMostJsonBytes) {
        return make_error(Status::ETOOBIG, "the JSON text has " + std::to_string(text.size()) + " bytes, and at most " +
                                               std::to_string(kMostJsonBytes) + " are taken");
    }
    if (text.starts_with(kByteOrderMark)) return not_json(text, {"it begins with a byte order mark", 0});
    JsonText shown(text);
    Writer writer(shown, text.size());
    const bool read = nlohmann::json::sax_parse(JsonTextIterator(shown), JsonTextIterator(), &writer);
    if (writer.fault()) return not_json(text, *writer.fault());
    if (!read) return make_error(Status::EINTERNAL, "the JSON text could not be read; please report it");
    return writer.take();
}

}  // namespace exo::base
