// The private server of a folder, by hand.
#include <exoref/exoref.h>

#include <algorithm>
#include <atomic>

#include "capi/border.hpp"
#include "redis/local/local_server.hpp"

using exo::base::ErrorPtr;
using exo::base::Result;
using exo::capi::border;
using exo::capi::null_argument;
namespace local = exo::redis::local;

namespace {

/// Without a client there is no option `timeout` to ask.
constexpr std::int64_t kDefaultMs = 10000;
constexpr std::int64_t kForEverMs = std::int64_t{1} << 40;

Result<exo::base::Millis> timeout_in(int64_t timeout_ms) {
    if (timeout_ms == EXOREF_TIMEOUT_DEFAULT) return exo::base::Millis(kDefaultMs);
    if (timeout_ms == EXOREF_TIMEOUT_NONE) return exo::base::Millis(kForEverMs);
    if (timeout_ms < 0) return exo::capi::invalid("the timeout was " + std::to_string(timeout_ms) + " ms");
    return exo::base::Millis(std::min(timeout_ms, kForEverMs));
}

}  // namespace

extern "C" {

exoref_status exoref_local_start(const char *directory, int64_t timeout_ms, exoref_error **error) {
    return border(error, [&]() -> ErrorPtr {
        if (directory == nullptr) return null_argument("directory");
        const auto timeout = timeout_in(timeout_ms);
        if (!timeout) return timeout.error();
        const std::atomic<bool> cancelled{false};
        const auto outcome = local::start_pinned(directory, *timeout, cancelled);
        return outcome ? nullptr : outcome.error();
    });
}

exoref_status exoref_local_stop(const char *directory, int64_t timeout_ms, bool *stopped, exoref_error **error) {
    exo::capi::clear(stopped);
    return border(error, [&]() -> ErrorPtr {
        if (directory == nullptr) return null_argument("directory");
        const auto timeout = timeout_in(timeout_ms);
        if (!timeout) return timeout.error();
        const std::atomic<bool> cancelled{false};
        const auto outcome = local::stop(directory, *timeout, cancelled);
        if (!outcome) return outcome.error();
        exo::capi::give(stopped, outcome->was_running);
        return nullptr;
    });
}

exoref_status exoref_local_status(const char *directory, int64_t timeout_ms, exoref_value **out, exoref_error **error) {
    exo::capi::clear(out);
    return border(error, [&]() -> ErrorPtr {
        if (directory == nullptr) return null_argument("directory");
        const auto timeout = timeout_in(timeout_ms);
        if (!timeout) return timeout.error();
        const std::atomic<bool> cancelled{false};
        const auto state = local::status(directory, *timeout, cancelled);
        if (!state) return state.error();
        if (state->running && out != nullptr) *out = exo::capi::new_text(state->text());
        return nullptr;
    });
}

}  // extern "C"
