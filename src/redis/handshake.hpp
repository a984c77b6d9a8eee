// What is said first on a new connection, and what the answers mean: AUTH, CLIENT SETNAME, SELECT, INFO. No I/O here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "redis/node.hpp"
#include "redis/reply.hpp"

namespace exo::redis {

/// What INFO tells of a server; empty where it does not say.
struct ServerInfo {
    std::string version;
    std::string run_id;          ///< first 16 digits
    std::string replication_id;  ///< first 16 digits
    std::string role;

    /// Takes over the fields that this INFO text has.
    void read(std::string_view info);
};

/// An error reply that will pass: the server loads, is busy, has too many clients.
bool is_passing(std::string_view error_reply);

/// "could not connect to redis://…: <why>"
base::ErrorPtr connect_error(const NodeConfig &config, base::Status status, const std::string &why,
                             std::string_view server_text = {});

/// What a peer is whose first bytes are no reply of a Redis server: the whole error message's reason.
std::string describe_stranger(std::string_view first_bytes);

class Handshake {
public:
    enum class Next { more, done, failed };

    explicit Handshake(const NodeConfig &config);

    void write(std::string &out) const;
    Next replied(ReplyView reply);

    const base::ErrorPtr &error() const noexcept { return error_; }  ///< after "failed"
    const ServerInfo &info() const noexcept { return info_; }
    bool info_allowed() const noexcept { return info_allowed_; }

private:
    enum class Step { auth, name, select, info_server, info_replication };

    Next advance();
    Next refused(Step step, std::string_view said);
    Next fail(base::Status status, const std::string &why, std::string_view server_text = {});
    Next judge();

    const NodeConfig &config_;
    std::vector<Step> steps_;
    std::size_t next_ = 0;
    ServerInfo info_;
    bool info_allowed_ = true;
    base::ErrorPtr error_;
};

}  // namespace exo::redis
