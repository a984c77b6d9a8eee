// An error: immutable, shared, complete. The same object travels from the place that failed to the caller's hand.
#pragma once

#include <memory>
#include <string>

#include "base/status.hpp"

namespace exo::base {

struct Error {
    Status status = Status::EINTERNAL;
    Reason reason = Reason::none;
    std::string message;      ///< one line, past tense: what was attempted, what went wrong, what to do; never a secret
    std::string server_text;  ///< the server's own words, if it said something
    std::string key;          ///< the key it was about, or empty
    std::string kind;         ///< EBODY: a word for programs, or empty
    std::string payload;      ///< EBODY: any bytes
    bool sent = false;        ///< whether a request may have reached the server
};

using ErrorPtr = std::shared_ptr<const Error>;

inline ErrorPtr make_error(Error error) { return std::make_shared<const Error>(std::move(error)); }

inline ErrorPtr make_error(Status status, std::string message) {
    Error error;
    error.status = status;
    error.message = std::move(message);
    return make_error(std::move(error));
}

/// A key or text as it may stand in a one-line message: quoted, control characters and non-ASCII bytes escaped, cut when long.
std::string quoted(const std::string &bytes);

}  // namespace exo::base
