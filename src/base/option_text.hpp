// The written forms of options: numbers with units, ranges, choices, labels; and the nearest of many names.
// Knows entries of the table, but not what is set.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/options.hpp"

namespace exo::base {

/// Decimal digits alone.
std::optional<std::int64_t> parse_count(std::string_view text) noexcept;

/// Whether the text has the entry's form and is in its range.
bool option_accepts(const OptionEntry &entry, std::string_view text);
/// "a duration from 100ms to 1h, such as 500ms, 5s, 2m or 1h".
std::string accepted_form(const OptionEntry &entry);

/// Control characters and backslashes as \xNN, so that a text stays on its line.
std::string one_line(const std::string &text);

/// Finds the name with the fewest changes of a letter, if it is near enough to be meant.
class NearestName {
public:
    explicit NearestName(std::string_view wanted) : wanted_(wanted) {}
    /// `answer` is what is given back if `name` is the nearest.
    void consider(std::string_view name, const char *answer);
    const char *found() const { return answer_; }

private:
    std::string_view wanted_;
    const char *answer_ = nullptr;
    std::size_t distance_ = 0;
};

}  // namespace exo::base
