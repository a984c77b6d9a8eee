// Assertions that say what was found. To be included last.
#pragma once

#include "faults/api.hpp"
#include "support/cmocka.hpp"

// The outcome of a call that must have succeeded.
#define EXPECT_OK(expression)                                                 \
    do {                                                                      \
        const exo::faults::Outcome outcome_here = (expression);               \
        if (!outcome_here.ok()) {                                             \
            fail_msg("%s gave %s", #expression, outcome_here.show().c_str()); \
        }                                                                     \
    } while (false)

#define EXPECT_EQ(actual, expected)                                                     \
    do {                                                                                \
        const auto actual_here = (actual);                                              \
        const auto expected_here = (expected);                                          \
        if (!(actual_here == expected_here)) {                                          \
            std::ostringstream text_here;                                               \
            text_here << #actual << " is " << actual_here << ", not " << expected_here; \
            fail_msg("%s", text_here.str().c_str());                                    \
        }                                                                               \
    } while (false)

#define EXPECT_TRUE_SAYING(condition, text)                    \
    do {                                                       \
        if (!(condition)) {                                    \
            const std::string text_here = (text);              \
            fail_msg("%s: %s", #condition, text_here.c_str()); \
        }                                                      \
    } while (false)

// A watch's log without an unsaid gap.
#define EXPECT_GOOD_LOG(log)                                                \
    do {                                                                    \
        const std::string problem_here = (log).problem();                   \
        if (!problem_here.empty()) {                                        \
            fail_msg("%s\n%s", problem_here.c_str(), (log).show().c_str()); \
        }                                                                   \
    } while (false)
