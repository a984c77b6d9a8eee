// The client of one run of the command, as the global options ask for it.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "cli/arguments.hpp"
#include "cli/exit_code.hpp"
#include "cli/handles.hpp"

namespace exo::cli {

class Session {
public:
    explicit Session(const Arguments &arguments) : arguments_(arguments) {}
    ~Session();
    Session(const Session &) = delete;
    Session &operator=(const Session &) = delete;

    /// Connects. `events` is the client's option of that name, null for its default.
    ExitCode open(const char *events = nullptr);

    using Settings = std::vector<std::pair<const char *, std::string>>;
    /// For a reference: its codec, and these.
    ExitCode reference_options(Options &options, const Settings &settings = {}) const;

    /// Opens an existing atom.
    ExitCode open_atom(const std::string &key, Atom &atom);

    /// `done` is what was done before, for the message where this fails.
    ExitCode set_time_to_live(const std::string &key, std::int64_t ttl, const char *done);

    exoref_client *client() const { return client_.get(); }
    /// Of each request.
    std::int64_t timeout() const { return timeout_; }
    /// Of a wait for what somebody else does: for ever, unless it was said how long.
    std::int64_t patience() const { return arguments_.timeout ? timeout_ : EXOREF_TIMEOUT_NONE; }

private:
    ExitCode choose_url(std::string &url) const;

    const Arguments &arguments_;
    std::int64_t timeout_ = EXOREF_TIMEOUT_DEFAULT;
    Client client_;
};

}  // namespace exo::cli
