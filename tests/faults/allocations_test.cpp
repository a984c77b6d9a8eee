// Each allocation that the library makes on its callers' threads fails once: nothing crashes, hangs or is lost, no exception
// comes out, what was said about a write is so, and everything is given back. The helper does it, in a process of its own.
#include <string>

#include "faults/api.hpp"
#include "faults/expect.hpp"
#include "support/process.hpp"
#include "support/redis_server.hpp"

using namespace exo::faults;
using namespace exo::support;

namespace {

void each_fails(const char *thread, const char *mode) {
    RedisServer server;
    const RunResult result = run_program(
        {EXOREF_TEST_HELPER_DIR "/allocations_helper", server.unix_url(), thread, mode}, "", Millis(120000));
    print_message("%s %s: %s", thread, mode, result.out.c_str());
    EXPECT_TRUE_SAYING(result.status.ok(), result.out + result.err);
    EXPECT_TRUE_SAYING(std::atol(result.out.c_str()) >= 100, "only so many allocations failed: " + result.out);
}

}  // namespace

static void G9_each_allocation_of_a_caller_may_fail_once(void **) { each_fails("caller", "once"); }

static void G9_all_allocations_of_a_call_from_each_one_on_may_fail(void **) { each_fails("caller", "on"); }

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(G9_each_allocation_of_a_caller_may_fail_once),
        cmocka_unit_test(G9_all_allocations_of_a_call_from_each_one_on_may_fail),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
