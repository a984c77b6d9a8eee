// All of the handshake is written at once; the first answer that forbids to go on decides.
#include "redis/handshake.hpp"

#include <charconv>

#include "redis/command_writer.hpp"

namespace exo::redis {

namespace {

using base::Status;

constexpr int kOldestMajor = 6;
constexpr int kOldestMinor = 2;
constexpr std::size_t kIdDigits = 16;

bool starts_with(std::string_view text, std::string_view start) { return text.substr(0, start.size()) == start; }

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

std::string id_of(std::string_view text) {
    if (text.size() < kIdDigits) return {};
    text = text.substr(0, kIdDigits);
    if (text.find_first_not_of("0123456789abcdefABCDEF") != std::string_view::npos) return {};
    return std::string(text);
}

bool too_old(std::string_view version) {
    int major = 0;
    int minor = 0;
    const char *end = version.data() + version.size();
    const auto first = std::from_chars(version.data(), end, major);
    if (first.ec != std::errc() || first.ptr == end || *first.ptr != '.') return false;
    if (std::from_chars(first.ptr + 1, end, minor).ec != std::errc()) return false;
    return major < kOldestMajor || (major == kOldestMajor && minor < kOldestMinor);
}

}  // namespace

void ServerInfo::read(std::string_view text) {
    while (!text.empty()) {
        const auto end = text.find('\n');
        auto line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        const auto colon = line.find(':');
        if (colon == std::string_view::npos) continue;
        const auto name = line.substr(0, colon);
        const auto value = line.substr(colon + 1);
        if (name == "redis_version") version = value.substr(0, 32);
        if (name == "run_id") run_id = id_of(value);
        if (name == "master_replid") replication_id = id_of(value);
        if (name == "role") role = value.substr(0, 32);
    }
}

bool is_passing(std::string_view text) {
    return starts_with(text, "LOADING") || starts_with(text, "BUSY ") || starts_with(text, "MASTERDOWN") ||
           contains(text, "max number of clients");
}

base::ErrorPtr connect_error(const NodeConfig &config, Status status, const std::string &why,
                             std::string_view server_text) {
    base::Error error;
    error.status = status;
    error.message = "could not connect to " + config.shown + ": " + why;
    error.server_text = server_text;
    return base::make_error(std::move(error));
}

std::string describe_stranger(std::string_view bytes) {
    const char *is = "something else";
    if (starts_with(bytes, "HTTP")) {
        is = "an HTTP server";
    } else if (starts_with(bytes, "SSH-")) {
        is = "an SSH server";
    } else if (bytes.size() >= 2 && (bytes[0] == 0x15 || bytes[0] == 0x16) && bytes[1] == 0x03) {
        is = "a TLS server (rediss:// would be its URL)";
    } else if (starts_with(bytes, "220") || starts_with(bytes, "+OK POP") || starts_with(bytes, "* OK")) {
        is = "a mail or file server";
    }
    return std::string("what answers there is not a Redis server but ") + is + "; check the address and the port";
}

Handshake::Handshake(const NodeConfig &config) : config_(config) {
    if (!config.password.empty() || !config.username.empty()) steps_.push_back(Step::auth);
    if (!config.client_name.empty()) steps_.push_back(Step::name);
    if (config.database != 0) steps_.push_back(Step::select);
    steps_.push_back(Step::info_server);
    steps_.push_back(Step::info_replication);
}

void Handshake::write(std::string &out) const {
    CommandWriter writer(out);
    for (const Step step : steps_) {
        switch (step) {
            case Step::auth:
                if (config_.username.empty()) {
                    writer.begin(2).arg("AUTH").arg(config_.password);
                } else {
                    writer.begin(3).arg("AUTH").arg(config_.username).arg(config_.password);
                }
                break;
            case Step::name: writer.begin(3).arg("CLIENT").arg("SETNAME").arg(config_.client_name); break;
            case Step::select:
                writer.begin(2).arg("SELECT").number(static_cast<std::uint64_t>(config_.database));
                break;
            case Step::info_server: writer.begin(2).arg("INFO").arg("server"); break;
            case Step::info_replication: writer.begin(2).arg("INFO").arg("replication"); break;
        }
    }
}

Handshake::Next Handshake::replied(ReplyView reply) {
    const Step step = steps_[next_];
    if (reply.is_error()) return refused(step, reply.text());

    const bool info = step == Step::info_server || step == Step::info_replication;
    if (info ? !reply.is_string() || reply.is_status() : !reply.is_status()) {
        return fail(Status::EPROTOCOL, "it answered the first commands in a way that no Redis server does");
    }
    if (info) info_.read(reply.text());
    return advance();
}

Handshake::Next Handshake::advance() {
    ++next_;
    return next_ < steps_.size() ? Next::more : judge();
}

Handshake::Next Handshake::refused(Step step, std::string_view said) {
    // A server that does not know AUTH quotes what came with it.
    const bool tells_secret = !config_.password.empty() && contains(said, config_.password);
    const std::string_view text = tells_secret ? std::string_view() : said;
    if (is_passing(text))
        return fail(Status::ECONNECTION, "the server can't serve yet (" + std::string(text) + ")", text);
    if (starts_with(text, "DENIED")) {
        return fail(Status::EAUTH, "the server is in protected mode and wants a password or a local client", text);
    }
    if (step == Step::auth) {
        return fail(Status::EAUTH, "the server refused the user or password; check both", text);
    }
    if (starts_with(text, "NOAUTH")) {
        return fail(Status::EAUTH, "the server wants a password and none was given", text);
    }
    if (step == Step::select) {
        const auto status = starts_with(text, "NOPERM") ? Status::EPERMISSION : Status::ESERVER;
        return fail(status, "the server refused database " + std::to_string(config_.database), text);
    }
    // A name is a courtesy, and who the server is may be hidden.
    if (step != Step::name) info_allowed_ = false;
    return advance();
}

Handshake::Next Handshake::judge() {
    if (too_old(info_.version)) {
        return fail(Status::EVERSION, "the server is Redis " + info_.version + ", and 6.2 is the oldest that serves");
    }
    if (!info_.role.empty() && info_.role != "master") {
        return fail(Status::ECONNECTION,
                    "the server is a replica now (role " + info_.role + "), and only a primary takes writes");
    }
    return Next::done;
}

Handshake::Next Handshake::fail(Status status, const std::string &why, std::string_view server_text) {
    error_ = connect_error(config_, status, why, server_text);
    return Next::failed;
}

}  // namespace exo::redis
