// The address of a server as one text: redis://, redis+unix://, local:. Parses and chooses; connects to nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/options.hpp"
#include "base/result.hpp"
#include "redis/node.hpp"

namespace exo::redis {

struct ParsedUrl {
    NodeConfig::Kind kind = NodeConfig::Kind::tcp;
    std::string host = "127.0.0.1";  ///< tcp; IPv6 without brackets
    std::uint16_t port = 6379;       ///< tcp
    std::string path;                ///< unix_socket: the socket's path; local: the directory, as it was written
    std::string username;            ///< empty: not said
    std::string password;            ///< empty: not said
    std::optional<int> database;
    /// The query's options, of scope client; user, password and database stand here too, wherever the URL had them. So
    /// merging it over the application's options is all that is needed.
    base::OptionSet query;
    std::string shown;  ///< as messages may name the server: no user, no password, no options
};

/// EINVAL says what is wrong and which form is accepted. No message contains any part of user info or options' values of
/// secrets.
base::Result<ParsedUrl> parse_url(std::string_view url);

/// `url` if it is not null, else the environment's EXOREF_URL, REDIS_URL (unset and empty are the same), else the default.
std::string choose_url(const char *url);

}  // namespace exo::redis
