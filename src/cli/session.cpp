// Opening the client.
#include "cli/session.hpp"

#include "cli/duration.hpp"
#include "cli/input.hpp"

namespace exo::cli {

namespace {

constexpr std::int64_t kClosingMs = 1000;

exoref_status set_option(Options &options, Error &error, const char *name, const std::string &text) {
    return exoref_options_set(options.get(), name, text.c_str(), into(error));
}

}  // namespace

Session::~Session() {
    if (client_) exoref_client_close(client_.get(), kClosingMs, nullptr);
}

ExitCode Session::choose_url(std::string &url) const {
    if (arguments_.url_file) return read_first_line(*arguments_.url_file, url);
    if (arguments_.url) url = *arguments_.url;
    return kDone;
}

ExitCode Session::open(const char *events) {
    std::string url;
    if (const ExitCode code = choose_url(url); code != kDone) return code;
    if (arguments_.timeout) {
        if (const ExitCode code = read_duration("timeout", *arguments_.timeout, timeout_); code != kDone) return code;
    }
    Options options;
    Error error;
    exoref_status status = exoref_options_new(into(options), into(error));
    if (status == EXOREF_OK && arguments_.prefix) status = set_option(options, error, "prefix", *arguments_.prefix);
    if (status == EXOREF_OK && events != nullptr) status = set_option(options, error, "events", events);
    if (status != EXOREF_OK) return report(status, error);
    const bool chosen = arguments_.url || arguments_.url_file;
    status = exoref_client_open(chosen ? url.c_str() : nullptr, options.get(), timeout_, into(client_), into(error));
    return status == EXOREF_OK ? kDone : report(status, error);
}

ExitCode Session::reference_options(Options &options, const Settings &settings) const {
    Error error;
    exoref_status status = exoref_options_new(into(options), into(error));
    if (status == EXOREF_OK && arguments_.codec) status = set_option(options, error, "codec", *arguments_.codec);
    for (const auto &[name, text] : settings) {
        if (status == EXOREF_OK) status = set_option(options, error, name, text);
    }
    return status == EXOREF_OK ? kDone : report(status, error);
}

ExitCode Session::open_atom(const std::string &key, Atom &atom) {
    Options options;
    if (const ExitCode code = reference_options(options); code != kDone) return code;
    Error error;
    const exoref_status status =
        exoref_atom_open(client(), key.data(), key.size(), options.get(), timeout_, into(atom), into(error));
    return status == EXOREF_OK ? kDone : report(status, error);
}

ExitCode Session::set_time_to_live(const std::string &key, std::int64_t ttl, const char *done) {
    Error error;
    const exoref_status status = exoref_expire(client(), key.data(), key.size(), ttl, timeout_, into(error));
    if (status == EXOREF_OK) return kDone;
    const std::string what = std::string(done) + ", but its time to live was not set: ";
    return report(status == EXOREF_EUNKNOWN ? kUnknown : kError, what + exoref_error_message(error.get()));
}

}  // namespace exo::cli
