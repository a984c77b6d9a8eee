// The form of doubles is that of ECMAScript's Number::toString (RFC 8785 uses it too), as the one that most languages can
// check against; it writes 1.0 as 1, which is an integer here, so that gets a ".0".
#include "base/json_number.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>

namespace exo::base {

namespace {

/// Plain digits up to here, an exponent beyond: 1e21, and 0.000001.
constexpr int kMostDigitsBeforePoint = 21;
constexpr int kMostZerosBehindPoint = 5;

/// Far beyond what matters; the digits of an exponent may be more than any integer holds.
constexpr std::int64_t kHugeExponent = std::int64_t{1} << 40;

std::int64_t exponent_of(std::string_view text) {
    const bool negative = text.starts_with('-');
    std::int64_t exponent = 0;
    for (const char c : text) {
        if (c >= '0' && c <= '9') exponent = std::min(exponent * 10 + (c - '0'), kHugeExponent);
    }
    return negative ? -exponent : exponent;
}

/// Of a number that no double is near to: whether it is too large, not too small. It is known to be one of them, so where its
/// first digit other than 0 stands is enough.
bool too_large(std::string_view text) {
    const std::size_t e = std::min(text.find_first_of("eE"), text.size());
    const std::string_view mantissa = text.substr(0, e);
    const std::size_t point = std::min(mantissa.find('.'), e);
    const std::size_t first = std::min(mantissa.find_first_of("123456789"), e);
    const auto places = static_cast<std::int64_t>(point) - static_cast<std::int64_t>(first);
    return places + (e < text.size() ? exponent_of(text.substr(e + 1)) : 0) > 0;
}

/// The nearest double, which is an infinity or a zero for what is out of range.
double nearest_double(std::string_view text) {
    double value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem == std::errc::result_out_of_range) {
        value = std::copysign(too_large(text) ? std::numeric_limits<double>::infinity() : 0.0,
                              text.starts_with('-') ? -1.0 : 1.0);
    }
    return value;
}

}  // namespace

std::string double_text(double value) {
    char buffer[64];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific).ptr;
    const std::string_view scientific(buffer, static_cast<std::size_t>(end - buffer));
    const std::size_t e = scientific.find('e');
    std::string digits;
    for (const char c : scientific.substr(0, e)) {
        if (c >= '0' && c <= '9') digits += c;
    }
    const std::string sign = scientific.starts_with('-') ? "-" : "";
    const int exponent = static_cast<int>(exponent_of(scientific.substr(e + 1)));
    const auto count = static_cast<int>(digits.size());
    const int point = exponent + 1;  // how many of the digits stand before the point

    if (point > kMostDigitsBeforePoint || point < -kMostZerosBehindPoint) {
        if (count > 1) digits.insert(1, ".");
        return sign + digits + (exponent < 0 ? "e-" : "e+") + std::to_string(std::abs(exponent));
    }
    if (point <= 0) return sign + "0." + std::string(static_cast<std::size_t>(-point), '0') + digits;
    if (point >= count) return sign + digits + std::string(static_cast<std::size_t>(point - count), '0') + ".0";
    return sign + digits.insert(static_cast<std::size_t>(point), ".");
}

std::optional<std::string> canonical_number(std::string_view text) {
    // An integer has no negative zero: no language's integers know one.
    if (text.find_first_of(".eE") == text.npos) return std::string(text == "-0" ? "0" : text);
    const double value = nearest_double(text);
    if (std::isinf(value)) return std::nullopt;
    return double_text(value);
}

}  // namespace exo::base
