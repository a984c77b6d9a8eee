// Assertions that say what was found, and end a test by unwinding: cmocka's own jump out of the test and leave servers,
// proxies and clients of it running on a stack that the next test uses. To be included last.
#pragma once

#include <string>

#include "faults/api.hpp"
#include "support/cmocka.hpp"

namespace exo::faults {

struct TestFailed {
    std::string what;
};

[[noreturn]] inline void fail_test(const char *file, int line, const std::string &what) {
    throw TestFailed{std::string(file) + ":" + std::to_string(line) + ": " + what};
}

template <void (*Test)(void **)>
void unwound(void **state) {
    std::string what;
    try {
        Test(state);
    } catch (const TestFailed &failed) {
        what = failed.what;
    }
    if (!what.empty()) {
        fail_msg("%s", what.c_str());
    }
}

}  // namespace exo::faults

#define FAIL_TEST(text) exo::faults::fail_test(__FILE__, __LINE__, (text))

// The outcome of a call that must have succeeded.
#define EXPECT_OK(expression)                                                   \
    do {                                                                        \
        const exo::faults::Outcome outcome_here = (expression);                 \
        if (!outcome_here.ok()) {                                               \
            FAIL_TEST(std::string(#expression " gave ") + outcome_here.show()); \
        }                                                                       \
    } while (false)

#define EXPECT_EQ(actual, expected)                                                     \
    do {                                                                                \
        const auto actual_here = (actual);                                              \
        const auto expected_here = (expected);                                          \
        if (!(actual_here == expected_here)) {                                          \
            std::ostringstream text_here;                                               \
            text_here << #actual << " is " << actual_here << ", not " << expected_here; \
            FAIL_TEST(text_here.str());                                                 \
        }                                                                               \
    } while (false)

#define EXPECT_TRUE_SAYING(condition, text)                             \
    do {                                                                \
        if (!(condition)) {                                             \
            FAIL_TEST(std::string(#condition " is not so: ") + (text)); \
        }                                                               \
    } while (false)

#define EXPECT_TRUE(condition) EXPECT_TRUE_SAYING(condition, "")

// A watch's log without an unsaid gap.
#define EXPECT_GOOD_LOG(log)                               \
    do {                                                   \
        const std::string problem_here = (log).problem();  \
        if (!problem_here.empty()) {                       \
            FAIL_TEST(problem_here + "\n" + (log).show()); \
        }                                                  \
    } while (false)

#undef cmocka_unit_test
#define cmocka_unit_test(test) \
    { #test, exo::faults::unwound < test>, nullptr, nullptr, nullptr }
