// The library says whether a text is a time; this says how long it is.
#include "cli/duration.hpp"

#include <cstdlib>

namespace exo::cli {

namespace {

struct Unit {
    const char *name;
    std::int64_t milliseconds;
};

constexpr Unit kUnits[] = {{"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}};

}  // namespace

ExitCode read_duration(const char *option, const std::string &text, std::int64_t &milliseconds) {
    Options options;
    Error error;
    exoref_status status = exoref_options_new(into(options), into(error));
    if (status == EXOREF_OK) status = exoref_options_set(options.get(), option, text.c_str(), into(error));
    if (status != EXOREF_OK) return report(status, error);
    milliseconds = -1;
    if (text == "none") return kDone;
    char *unit_name = nullptr;
    milliseconds = std::strtoll(text.c_str(), &unit_name, 10);
    for (const Unit &unit : kUnits) {
        if (std::string(unit_name) == unit.name) milliseconds *= unit.milliseconds;
    }
    return kDone;
}

std::string duration_text(std::int64_t milliseconds) {
    if (milliseconds < 0) return "none";
    for (const Unit &unit : kUnits) {
        if (milliseconds > 0 && milliseconds % unit.milliseconds == 0) {
            return std::to_string(milliseconds / unit.milliseconds) + unit.name;
        }
    }
    return "0ms";
}

}  // namespace exo::cli
