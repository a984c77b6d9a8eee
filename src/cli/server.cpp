// ping, and the private server of local:DIR by hand.
#include <cstdio>

#include "cli/duration.hpp"
#include "cli/json.hpp"
#include "cli/output.hpp"
#include "cli/session.hpp"
#include "cli/words.hpp"

namespace exo::cli {

namespace {

constexpr std::int64_t kDefaultMs = 5000;

/// DIR as it is, or as its URL says it; `ms` gets the time that is allowed.
ExitCode read_directory(const Arguments &arguments, std::string &directory, std::int64_t &ms) {
    directory = arguments.values[0];
    if (directory.starts_with("local:")) directory.erase(0, 6);
    ms = kDefaultMs;
    return arguments.timeout ? read_duration("timeout", *arguments.timeout, ms) : kDone;
}

}  // namespace

int ping(const Arguments &arguments) {
    Session session(arguments);
    if (const ExitCode code = session.open(); code != kDone) return code;
    std::int64_t microseconds = 0;
    Value version;
    Error error;
    const exoref_status status =
        exoref_client_ping(session.client(), session.timeout(), &microseconds, into(version), into(error));
    if (status != EXOREF_OK) return report(status, error);
    const std::string server = exoref_client_server(session.client());
    const std::string number(bytes_of(version));
    if (arguments.json) {
        return write_line(JsonObject()
                              .add("server", json_bytes(server))
                              .add("version", json_text(number.c_str()))
                              .add("round_trip_us", static_cast<std::uint64_t>(microseconds))
                              .text());
    }
    char milliseconds[32];
    std::snprintf(milliseconds, sizeof milliseconds, "%.3f ms", static_cast<double>(microseconds) / 1000);
    return write_line(server + "  version " + (number.empty() ? "unknown" : number) + "  round trip " + milliseconds);
}

int server_start(const Arguments &arguments) {
    std::string directory;
    std::int64_t ms = 0;
    if (const ExitCode code = read_directory(arguments, directory, ms); code != kDone) return code;
    Error error;
    const exoref_status status = exoref_local_start(directory.c_str(), ms, into(error));
    return status == EXOREF_OK ? kDone : report(status, error);
}

int server_stop(const Arguments &arguments) {
    std::string directory;
    std::int64_t ms = 0;
    if (const ExitCode code = read_directory(arguments, directory, ms); code != kDone) return code;
    bool stopped = false;
    Error error;
    const exoref_status status = exoref_local_stop(directory.c_str(), ms, &stopped, into(error));
    if (status != EXOREF_OK) return report(status, error);
    return stopped ? kDone : report(kNo, "no server runs in '" + directory + "'");
}

int server_status(const Arguments &arguments) {
    std::string directory;
    std::int64_t ms = 0;
    if (const ExitCode code = read_directory(arguments, directory, ms); code != kDone) return code;
    Value text;
    Error error;
    const exoref_status status = exoref_local_status(directory.c_str(), ms, into(text), into(error));
    if (status != EXOREF_OK) return report(status, error);
    return text ? write_line(std::string(bytes_of(text))) : report(kNo, "no server runs in '" + directory + "'");
}

}  // namespace exo::cli
