// Numbers of canonical JSON: doubles by the fewest digits, in one form. What the texts of numbers become is in the table of
// cases (json_canonical_test).
#include "base/json_number.hpp"

#include <regex.h>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <random>

#include "support/cmocka.hpp"

using exo::base::canonical_number;
using exo::base::double_text;

namespace {

double double_of(std::uint64_t bits) {
    double value = 0;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

/// Of all finite doubles alike, and of those that programs use more often.
double drawn(std::mt19937_64 &random) {
    double value = double_of(random());
    if (random() % 3 == 0) value = static_cast<double>(static_cast<std::int64_t>(random()) >> random() % 63) / 1000;
    if (random() % 3 == 0)
        value = std::ldexp(static_cast<double>(random() % 1000), static_cast<int>(random() % 120) - 60);
    return std::isfinite(value) ? value : 1.5;
}

std::size_t significant_digits(const std::string &text) {
    std::string digits;
    for (const char c : text.substr(0, text.find('e'))) {
        if (c >= '0' && c <= '9' && (!digits.empty() || c != '0')) digits += c;
    }
    while (digits.size() > 1 && digits.back() == '0') digits.pop_back();
    return digits.empty() ? 1 : digits.size();
}

/// The fewest digits that C's own conversion there and back needs.
std::size_t fewest_digits(double value) {
    for (int digits = 1;; ++digits) {
        char text[64];
        std::snprintf(text, sizeof text, "%.*e", digits - 1, value);
        if (std::strtod(text, nullptr) == value) return significant_digits(text);
    }
}

void a_double_is_the_fewest_digits_that_read_back(void **) {
    std::mt19937_64 random(8785);
    for (int round = 0; round < 20000; ++round) {
        const double value = drawn(random);
        const std::string text = double_text(value);
        if (std::strtod(text.c_str(), nullptr) != value) fail_msg("%.17g became %s", value, text.c_str());
        if (significant_digits(text) > fewest_digits(value)) fail_msg("%.17g became %s", value, text.c_str());
    }
}

/// An extended regular expression.
class Pattern {
public:
    explicit Pattern(const std::string &text) {
        if (regcomp(&compiled_, ("^(" + text + ")$").c_str(), REG_EXTENDED | REG_NOSUB) != 0) fail();
    }
    ~Pattern() { regfree(&compiled_); }
    Pattern(const Pattern &) = delete;
    Pattern &operator=(const Pattern &) = delete;

    bool is_all_of(const std::string &text) const { return regexec(&compiled_, text.c_str(), 0, nullptr, 0) == 0; }

private:
    regex_t compiled_{};
};

void a_double_has_a_point_or_an_exponent_and_one_form(void **) {
    const Pattern plain("-?(0|[1-9][0-9]{0,20})\\.(0|[0-9]*[1-9])");
    const Pattern scientific(
        "-?[1-9](\\.[0-9]*[1-9])?e(\\+(2[1-9]|[3-9][0-9]|[123][0-9][0-9])|-([7-9]|[1-9][0-9]{1,2}))");
    std::mt19937_64 random(754);
    for (int round = 0; round < 20000; ++round) {
        const double value = drawn(random);
        const std::string text = double_text(value);
        const double size = std::fabs(value);
        const bool with_exponent = value != 0 && (size < 1e-6 || size >= 1e21);
        if (!(with_exponent ? scientific : plain).is_all_of(text)) fail_msg("%.17g became %s", value, text.c_str());
        assert_string_equal(canonical_number(text)->c_str(), text.c_str());
    }
}

void the_ends_of_the_range(void **) {
    using Limits = std::numeric_limits<double>;
    assert_string_equal(double_text(Limits::max()).c_str(), "1.7976931348623157e+308");
    assert_string_equal(double_text(-Limits::denorm_min()).c_str(), "-5e-324");
    assert_string_equal(double_text(Limits::min()).c_str(), "2.2250738585072014e-308");
    assert_string_equal(double_text(0.0).c_str(), "0.0");
    assert_string_equal(double_text(-0.0).c_str(), "-0.0");
    assert_string_equal(double_text(std::nextafter(1e21, 0)).c_str(), "999999999999999900000.0");
    assert_string_equal(double_text(std::nextafter(1e-6, 0)).c_str(), "9.999999999999997e-7");
}

void out_of_range_is_told_from_too_small_by_the_number_alone(void **) {
    const std::string zeros(2000, '0');
    assert_false(canonical_number("1" + zeros + ".0").has_value());
    assert_false(canonical_number("-1" + zeros + "e-1000").has_value());
    assert_string_equal(canonical_number("1" + zeros + "e-3000")->c_str(), "0.0");
    assert_string_equal(canonical_number("-0." + zeros + "1")->c_str(), "-0.0");
    assert_false(canonical_number("0." + zeros + "1e3000").has_value());
    assert_string_equal(canonical_number("0." + zeros + "1e2001")->c_str(), "1.0");
    assert_string_equal(canonical_number("0." + zeros + "e" + zeros + "9" + zeros)->c_str(), "0.0");
    assert_string_equal(canonical_number("123e-9" + zeros)->c_str(), "0.0");
    assert_false(canonical_number("123e9" + zeros).has_value());
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_double_is_the_fewest_digits_that_read_back),
        cmocka_unit_test(a_double_has_a_point_or_an_exponent_and_one_form),
        cmocka_unit_test(the_ends_of_the_range),
        cmocka_unit_test(out_of_range_is_told_from_too_small_by_the_number_alone),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
