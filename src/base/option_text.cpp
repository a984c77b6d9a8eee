// Reading the written forms of options. All numbers are checked for overflow: texts come from URLs of strangers.
#include "base/option_text.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <utility>
#include <vector>

namespace exo::base {

namespace {

struct Unit {
    std::string_view name;
    std::int64_t factor;
};

constexpr Unit kDurationUnits[] = {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}};
constexpr Unit kSizeUnits[] = {{"", 1},
                               {"KiB", std::int64_t{1} << 10},
                               {"MiB", std::int64_t{1} << 20},
                               {"GiB", std::int64_t{1} << 30},
                               {"TiB", std::int64_t{1} << 40}};
constexpr std::size_t kLongestLabel = 64;
constexpr std::size_t kLongestName = 64;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

template <std::size_t N>
std::optional<std::int64_t> parse_with_unit(std::string_view text, const Unit (&units)[N]) {
    const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
    const auto digits = static_cast<std::size_t>(end - text.begin());
    const std::optional<std::int64_t> number = parse_count(text.substr(0, digits));
    if (!number) return std::nullopt;
    for (const Unit &unit : units) {
        if (text.substr(digits) != unit.name) continue;
        if (*number > std::numeric_limits<std::int64_t>::max() / unit.factor) return std::nullopt;
        return *number * unit.factor;
    }
    return std::nullopt;
}

std::optional<std::int64_t> parse_number(OptionType type, std::string_view text) {
    if (type == OptionType::duration) return parse_duration(text);
    return type == OptionType::size ? parse_size(text) : parse_count(text);
}

struct Range {
    std::string_view low;
    std::string_view high;
    bool none = false;
};

Range range_of(const OptionEntry &entry) {
    std::string_view text = entry.range;
    Range range;
    constexpr std::string_view kNone = "|none";
    if (text.ends_with(kNone)) {
        range.none = true;
        text.remove_suffix(kNone.size());
    }
    const std::size_t dots = text.find("..");
    if (dots != text.npos) {
        range.low = text.substr(0, dots);
        range.high = text.substr(dots + 2);
    }
    return range;
}

std::vector<std::string_view> choices_of(const OptionEntry &entry) {
    std::vector<std::string_view> choices;
    std::string_view rest = entry.range;
    for (std::size_t bar = rest.find('|'); bar != rest.npos; bar = rest.find('|')) {
        choices.push_back(rest.substr(0, bar));
        rest.remove_prefix(bar + 1);
    }
    choices.push_back(rest);
    return choices;
}

bool number_accepted(const OptionEntry &entry, std::string_view text) {
    const Range range = range_of(entry);
    if (range.none && text == "none") return true;
    const std::optional<std::int64_t> number = parse_number(entry.type, text);
    if (!number) return false;
    const std::optional<std::int64_t> low = parse_number(entry.type, range.low);
    const std::optional<std::int64_t> high = parse_number(entry.type, range.high);
    return (!low || *number >= *low) && (!high || *number <= *high);
}

bool is_label_character(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("._+/-").find(c) != std::string_view::npos;
}

bool text_accepted(std::string_view form, std::string_view text) {
    if (form == "word") return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
    if (form == "label") {
        return text.size() <= kLongestLabel && std::all_of(text.begin(), text.end(), is_label_character);
    }
    return true;
}

/// How many letters must be changed, put in or taken out; a dash is as good as an underscore.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    const auto letter = [](char c) { return c == '-' ? '_' : c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t changed = diagonal + (letter(a[i - 1]) == letter(b[j - 1]) ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row[b.size()];
}

}  // namespace

std::optional<std::int64_t> parse_count(std::string_view text) noexcept {
    std::int64_t number = 0;
    if (text.empty() || !is_digit(text.front())) return std::nullopt;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

std::optional<std::int64_t> parse_duration(std::string_view text) noexcept {
    if (text == "0") return 0;
    return parse_with_unit(text, kDurationUnits);
}

std::optional<std::int64_t> parse_size(std::string_view text) noexcept { return parse_with_unit(text, kSizeUnits); }

bool option_accepts(const OptionEntry &entry, std::string_view text) {
    switch (entry.type) {
        case OptionType::duration:
        case OptionType::size:
        case OptionType::count: return number_accepted(entry, text);
        case OptionType::truth: return text == "true" || text == "false";
        case OptionType::choice: {
            const std::vector<std::string_view> choices = choices_of(entry);
            return std::find(choices.begin(), choices.end(), text) != choices.end();
        }
        case OptionType::text: return text_accepted(entry.range, text);
    }
    return false;
}

std::string accepted_form(const OptionEntry &entry) {
    const Range range = range_of(entry);
    std::string bounds;
    if (!range.low.empty()) bounds += " from " + std::string(range.low);
    if (!range.high.empty()) bounds += " to " + std::string(range.high);
    switch (entry.type) {
        case OptionType::duration:
            return "a duration" + bounds + ", such as 500ms, 5s, 2m or 1h" + (range.none ? ", or none" : "");
        case OptionType::size: return "a size in bytes" + bounds + ", such as 4096, 64KiB or 1MiB";
        case OptionType::count: return "a whole number" + bounds;
        case OptionType::truth: return "true or false";
        case OptionType::choice: {
            std::string list;
            for (const std::string_view choice : choices_of(entry)) {
                list += (list.empty() ? "" : ", ") + std::string(choice);
            }
            return "one of " + list;
        }
        case OptionType::text: break;
    }
    const std::string_view form = entry.range;
    if (form == "word") return "printable characters without spaces";
    if (form == "label") return "letters, digits and any of . _ + / -, at most 64 of them";
    return "any text";
}

std::string one_line(const std::string &text) {
    std::string line;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f || c == '\\') {
            char escaped[8];
            std::snprintf(escaped, sizeof escaped, "\\x%02x", byte);
            line += escaped;
        } else {
            line += c;
        }
    }
    return line;
}

void NearestName::consider(std::string_view name, const char *answer) {
    if (wanted_.size() < 2 || wanted_.size() > kLongestName) return;
    const std::size_t distance = edit_distance(wanted_, name);
    if (distance > std::max<std::size_t>(2, name.size() / 3) || distance >= std::min(name.size(), wanted_.size())) {
        return;
    }
    if (answer_ == nullptr || distance < distance_) {
        answer_ = answer;
        distance_ = distance;
    }
}

}  // namespace exo::base
