// The client of one run of the command, as the global options ask for it.
#pragma once

#include <cstdint>
#include <string>

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

    /// For a reference: its codec, and what `name` is set to, if it is not null.
    ExitCode reference_options(Options &options, const char *name = nullptr, const std::string &text = "") const;

    /// Opens an existing atom.
    ExitCode open_atom(const std::string &key, Atom &atom);

    exoref_client *client() const { return client_.get(); }
    /// Of each request.
    std::int64_t timeout() const { return timeout_; }

private:
    ExitCode choose_url(std::string &url) const;

    const Arguments &arguments_;
    std::int64_t timeout_ = EXOREF_TIMEOUT_DEFAULT;
    Client client_;
};

}  // namespace exo::cli
