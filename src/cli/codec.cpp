// exoref's own labels are json and string; what others mean, only their owners know.
#include "cli/codec.hpp"

#include "cli/handles.hpp"
#include "cli/json.hpp"

namespace exo::cli {

namespace {

ExitCode refuse(const char *what, const std::string &why, const char *after) {
    return report(kError, std::string(what) + ": " + why + after);
}

ExitCode encode_json(const char *what, std::string &value, const char *after) {
    Value canonical;
    Error error;
    const exoref_status status = exoref_json_canonical(value.data(), value.size(), into(canonical), into(error));
    if (status != EXOREF_OK) return refuse(what, exoref_error_message(error.get()), after);
    value = bytes_of(canonical);
    return kDone;
}

}  // namespace

ExitCode encode(const Arguments &arguments, const char *what, std::string &value, const char *after) {
    if (arguments.codec == "json") return encode_json(what, value, after);
    if (arguments.codec != "string") return kDone;
    const std::size_t good = utf8_prefix(value);
    if (good == value.size()) return kDone;
    return refuse(what, "codec 'string' is UTF-8, and at offset " + std::to_string(good) + " it is not", after);
}

}  // namespace exo::cli
