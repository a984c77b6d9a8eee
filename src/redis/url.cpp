// Reading the address of a server. A URL carries a password at times, and a malformed one may carry it in the wrong
// place: so messages quote nothing of it but the scheme and the names of options.
#include "redis/url.hpp"

#include <arpa/inet.h>
#include <sys/un.h>

#include <algorithm>
#include <cstdlib>

#include "base/option_text.hpp"

namespace exo::redis {

namespace {

using base::ErrorPtr;
using base::Nothing;
using base::Option;
using base::Outcome;
using base::Result;

constexpr const char *kDefaultUrl = "redis://127.0.0.1:6379";
constexpr const char *kTcpForm = "redis://[[user]:password@]host[:port][/database][?option=value&...]";
constexpr const char *kUnixForm = "redis+unix://[[user]:password@]/path/to/socket[?option=value&...]";
constexpr const char *kLocalForm = "local:DIR[?option=value&...]";

ErrorPtr malformed(const std::string &what, const char *form) {
    return base::make_error(base::Status::EXOREF_EINVAL,
                            "the URL is malformed: " + what + "; the accepted form is " + form);
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::optional<std::string> percent_decoded(std::string_view text) {
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            decoded += text[i];
            continue;
        }
        if (i + 2 >= text.size() || hex_digit(text[i + 1]) < 0 || hex_digit(text[i + 2]) < 0) return std::nullopt;
        decoded += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
        i += 2;
    }
    return decoded;
}

std::string bad_percent(const char *part) {
    return std::string("a '%' in the ") + part + " is not followed by two hexadecimal digits (a '%' itself is %25)";
}

/// Cuts what follows the first `separator` (and the separator) off `text` and gives it; nullopt if there is none.
std::optional<std::string_view> cut_tail(std::string_view &text, char separator) {
    const std::size_t at = text.find(separator);
    if (at == text.npos) return std::nullopt;
    const std::string_view tail = text.substr(at + 1);
    text = text.substr(0, at);
    return tail;
}

Outcome set_option(ParsedUrl &url, std::string_view name, std::string_view text, const char *form) {
    const std::optional<Option> option = base::find_option(name);
    if (option && url.query.is_set(*option)) {
        return malformed("option '" + std::string(base::option_entry(*option).name) + "' is given twice", form);
    }
    return url.query.set(name, text, base::OptionScope::client);
}

Outcome parse_query(ParsedUrl &url, std::string_view query, const char *form) {
    while (!query.empty()) {
        std::string_view pair = query;
        query = cut_tail(pair, '&').value_or(std::string_view{});
        if (pair.empty()) continue;
        const std::optional<std::string_view> written = cut_tail(pair, '=');
        const std::optional<std::string> name = percent_decoded(pair);
        if (!name) return malformed(bad_percent("query"), form);
        if (!written) return malformed("option " + base::quoted(*name) + " has no value", form);
        const std::optional<std::string> text = percent_decoded(*written);
        if (!text) return malformed(bad_percent("query"), form);
        if (Outcome set = set_option(url, *name, *text, form); !set) {
            return base::make_error(set.error()->status, "the URL's query was refused: " + set.error()->message);
        }
    }
    return Nothing{};
}

/// Takes "user:password@" off the front of an authority.
Outcome parse_user_info(ParsedUrl &url, std::string_view &authority, const char *form) {
    const std::size_t at = authority.rfind('@');
    if (at == authority.npos) return Nothing{};
    std::string_view user = authority.substr(0, at);
    authority.remove_prefix(at + 1);
    if (user.empty()) return Nothing{};
    const std::optional<std::string_view> password = cut_tail(user, ':');
    if (!password) {
        return malformed("before '@' stands user:password, or :password for the default user", form);
    }
    const std::optional<std::string> decoded_user = percent_decoded(user);
    const std::optional<std::string> decoded_password = percent_decoded(*password);
    if (!decoded_user || !decoded_password) return malformed(bad_percent("user or password"), form);
    if (!decoded_user->empty()) {
        if (Outcome set = set_option(url, "user", *decoded_user, form); !set) return set;
    }
    if (!decoded_password->empty()) {
        if (Outcome set = set_option(url, "password", *decoded_password, form); !set) return set;
    }
    return Nothing{};
}

bool is_host_character(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' ||
           c == '_';
}

bool is_ipv6(const std::string &host) {
    const std::string address = host.substr(0, host.find('%'));
    in6_addr parsed{};
    return host.find('\0') == host.npos && inet_pton(AF_INET6, address.c_str(), &parsed) == 1;
}

/// "[::1]:6379": takes the address and leaves ":6379".
Outcome parse_bracketed(ParsedUrl &url, std::string_view &authority) {
    const std::size_t close = authority.find(']');
    if (close == authority.npos) return malformed("a '[' before the host is not closed by ']'", kTcpForm);
    const std::optional<std::string> host = percent_decoded(authority.substr(1, close - 1));
    if (!host || !is_ipv6(*host)) return malformed("between the brackets stands no IPv6 address", kTcpForm);
    url.host = *host;
    authority.remove_prefix(close + 1);
    if (!authority.empty() && authority.front() != ':') {
        return malformed("behind ']' stands something else than :port", kTcpForm);
    }
    return Nothing{};
}

Outcome parse_host_and_port(ParsedUrl &url, std::string_view authority) {
    if (authority.starts_with('[')) {
        if (Outcome bracketed = parse_bracketed(url, authority); !bracketed) return bracketed;
    } else {
        const std::string_view host = authority.substr(0, authority.find(':'));
        if (host.empty()) return malformed("it names no host", kTcpForm);
        if (!std::all_of(host.begin(), host.end(), is_host_character)) {
            return malformed("its host has characters that no host name has", kTcpForm);
        }
        url.host = std::string(host);
        authority.remove_prefix(host.size());
        if (std::count(authority.begin(), authority.end(), ':') > 1) {
            return malformed("its host has several ':' (an IPv6 address stands in brackets: redis://[::1]:6379)",
                             kTcpForm);
        }
    }
    if (authority.empty()) return Nothing{};
    const std::optional<std::int64_t> port = base::parse_count(authority.substr(1));
    if (!port || *port < 1 || *port > 65535) return malformed("its port is not a number from 1 to 65535", kTcpForm);
    url.port = static_cast<std::uint16_t>(*port);
    return Nothing{};
}

std::string shown_tcp(const ParsedUrl &url) {
    const bool ipv6 = url.host.find(':') != url.host.npos;
    std::string shown = "redis://" + (ipv6 ? "[" + url.host + "]" : url.host) + ":" + std::to_string(url.port);
    if (url.database.value_or(0) != 0) shown += "/" + std::to_string(*url.database);
    return shown;
}

Outcome parse_tcp(ParsedUrl &url, std::string_view rest) {
    url.kind = NodeConfig::Kind::tcp;
    const std::string_view query = cut_tail(rest, '?').value_or(std::string_view{});
    const std::string_view database = cut_tail(rest, '/').value_or(std::string_view{});
    if (Outcome user = parse_user_info(url, rest, kTcpForm); !user) return user;
    if (Outcome host = parse_host_and_port(url, rest); !host) return host;
    if (!database.empty()) {
        if (!base::parse_count(database)) return malformed("its database is not a number", kTcpForm);
        if (Outcome set = set_option(url, "database", database, kTcpForm); !set) return set;
    }
    return parse_query(url, query, kTcpForm);
}

/// The path of a socket or folder; no path of any system holds a NUL byte.
Outcome parse_path(ParsedUrl &url, std::string_view path, const char *form) {
    const std::optional<std::string> decoded = percent_decoded(path);
    if (!decoded) return malformed(bad_percent("path"), form);
    if (decoded->find('\0') != decoded->npos) return malformed("its path has a NUL byte", form);
    url.path = *decoded;
    return Nothing{};
}

Outcome parse_unix(ParsedUrl &url, std::string_view rest) {
    url.kind = NodeConfig::Kind::unix_socket;
    const std::string_view query = cut_tail(rest, '?').value_or(std::string_view{});
    const std::size_t slash = rest.find('/');
    std::string_view authority = rest.substr(0, slash);
    if (Outcome user = parse_user_info(url, authority, kUnixForm); !user) return user;
    if (slash == rest.npos || !authority.empty()) {
        return malformed("a socket's path begins with '/', so that three stand together: redis+unix:///run/redis.sock",
                         kUnixForm);
    }
    if (Outcome path = parse_path(url, rest.substr(slash), kUnixForm); !path) return path;
    if (url.path.size() >= sizeof(sockaddr_un::sun_path)) {
        return malformed("its path is longer than the " + std::to_string(sizeof(sockaddr_un::sun_path) - 1) +
                             " bytes that a socket's path may have",
                         kUnixForm);
    }
    return parse_query(url, query, kUnixForm);
}

Outcome parse_local(ParsedUrl &url, std::string_view rest) {
    url.kind = NodeConfig::Kind::local;
    const std::string_view query = cut_tail(rest, '?').value_or(std::string_view{});
    if (rest.empty()) return malformed("it names no folder", kLocalForm);
    if (rest.starts_with("//") && !rest.starts_with("///")) {
        return malformed("the folder follows at once, without '//'", kLocalForm);
    }
    if (Outcome path = parse_path(url, rest, kLocalForm); !path) return path;
    return parse_query(url, query, kLocalForm);
}

ErrorPtr unknown_scheme(std::string_view scheme) {
    const auto not_here = [](const char *what) {
        return base::make_error(base::Status::EXOREF_EINVAL, std::string("the URL asks for ") + what +
                                                                 ", which this version can not do; it takes redis://, "
                                                                 "redis+unix:// and local:");
    };
    if (scheme == "rediss") return not_here("an encrypted connection (rediss://)");
    if (scheme == "redis+sentinel" || scheme == "redis-sentinel") return not_here("sentinels (redis+sentinel://)");
    if (scheme == "redis+cluster" || scheme == "redis-cluster") return not_here("a cluster (redis+cluster://)");
    std::string form = std::string(kTcpForm) + ", " + kUnixForm + " or " + kLocalForm;
    if (scheme == "unix" || scheme == "redis-socket") {
        return malformed("its scheme is '" + std::string(scheme) + "', which is written redis+unix://", form.c_str());
    }
    return malformed("it begins with none of redis://, redis+unix://, local:", form.c_str());
}

std::string lower(std::string_view text) {
    std::string lowered(text);
    for (char &c : lowered) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    }
    return lowered;
}

Outcome parse_into(ParsedUrl &url, std::string_view text) {
    std::string_view rest;
    std::string_view scheme_text = text;
    if (const auto tail = cut_tail(scheme_text, ':')) rest = *tail;
    const std::string scheme = lower(scheme_text);
    if (text.size() == scheme_text.size()) return unknown_scheme("");
    if (scheme == "local") return parse_local(url, rest);
    const bool slashes = rest.starts_with("//");
    if (slashes && scheme == "redis") return parse_tcp(url, rest.substr(2));
    if (slashes && scheme == "redis+unix") return parse_unix(url, rest.substr(2));
    return unknown_scheme(slashes ? scheme : "");
}

/// A raw '/' or '?' in a password ends the part it stands in, so the rest of it would be taken for a database, a path or an
/// option, and a message about that would show it.
bool password_may_be_misplaced(std::string_view text) {
    const std::size_t slashes = text.find("//");
    const std::size_t at = text.rfind('@');
    if (slashes == text.npos || at == text.npos) return false;
    return text.find_first_of("/?", slashes + 2) < at;
}

}  // namespace

Result<ParsedUrl> parse_url(std::string_view text) {
    ParsedUrl url;
    if (Outcome parsed = parse_into(url, text); !parsed) {
        if (!password_may_be_misplaced(text)) return parsed.error();
        return malformed(
            "it could not be taken apart; '/', '?', '@' and '%' in a user, password or value are written "
            "%2F, %3F, %40 and %25",
            kTcpForm);
    }
    url.username = url.query.text(Option::user);
    url.password = url.query.text(Option::password);
    if (url.query.is_set(Option::database)) url.database = static_cast<int>(url.query.count(Option::database));
    switch (url.kind) {
        case NodeConfig::Kind::tcp: url.shown = shown_tcp(url); break;
        case NodeConfig::Kind::unix_socket: url.shown = "redis+unix://" + base::one_line(url.path); break;
        case NodeConfig::Kind::local: url.shown = "local:" + base::one_line(url.path); break;
    }
    return url;
}

std::string choose_url(const char *url) {
    if (url != nullptr) return url;
    for (const char *variable : {"EXOREF_URL", "REDIS_URL"}) {
        const char *value = std::getenv(variable);
        if (value != nullptr && *value != '\0') return value;
    }
    return kDefaultUrl;
}

}  // namespace exo::redis
