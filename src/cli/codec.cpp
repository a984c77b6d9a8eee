// exoref's own labels are json and string; what others mean, only their owners know.
#include "cli/codec.hpp"

#include "cli/handles.hpp"
#include "cli/json.hpp"

namespace exo::cli {

namespace {

std::string json_refusal(std::string &value) {
    Value canonical;
    Error error;
    const exoref_status status = exoref_json_canonical(value.data(), value.size(), into(canonical), into(error));
    if (status != EXOREF_OK) return exoref_error_message(error.get());
    value = bytes_of(canonical);
    return "";
}

}  // namespace

std::string codec_refusal(const Arguments &arguments, std::string &value) {
    if (arguments.codec == "json") return json_refusal(value);
    if (arguments.codec != "string") return "";
    const std::size_t good = utf8_prefix(value);
    if (good == value.size()) return "";
    return "codec 'string' is UTF-8, and at offset " + std::to_string(good) + " it is not";
}

ExitCode encode(const Arguments &arguments, const char *what, std::string &value, const char *after) {
    const std::string refusal = codec_refusal(arguments, value);
    return refusal.empty() ? kDone : report(kError, std::string(what) + ": " + refusal + after);
}

}  // namespace exo::cli
