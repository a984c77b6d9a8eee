// A real redis-server of the test's own: in a fresh folder, on a free loopback port and a socket file, never
// 6379; killed, stopped, restarted with the same data at the test's will, and gone when the test is gone.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "support/net.hpp"
#include "support/redis_client.hpp"
#include "support/temp_dir.hpp"

namespace exo::support {

struct RedisServerOptions {
    bool append_only = false;
    bool tcp = true;                  // the socket file is always there
    bool ipv6 = false;                // on ::1 instead of 127.0.0.1
    bool shifted_clock = false;       // for shift_clock()
    std::string password;             // of the default user
    std::vector<std::string> users;   // ACL rules: "alice on >secret ~* +@all resetchannels"
    std::vector<std::string> config;  // further lines of redis.conf
};

class RedisServer {
public:
    explicit RedisServer(RedisServerOptions options = {});
    ~RedisServer();
    RedisServer(RedisServer &&) = delete;
    RedisServer &operator=(RedisServer &&) = delete;

    pid_t pid() const { return pid_; }
    const Endpoint &tcp() const { return tcp_; }
    const Endpoint &unix_socket() const { return unix_; }
    // URLs as the library takes them, with the default user's password if there is one.
    std::string url() const;
    std::string unix_url() const;
    const std::string &folder() const { return folder_.path(); }
    std::string log() const;

    // Each returns when it is so.
    void kill9();
    void terminate();
    void pause();
    void resume();
    // Starts it again on the same port, socket and folder (kills it first if it runs), and waits until it
    // answers.
    void restart();
    // Starts it without waiting until it answers; wait_ready() does that.
    void start();
    void wait_ready();

    // Sets the server's wall clock ahead of the machine's, or behind it (an option; holds for later starts as well).
    void shift_clock(Millis ahead);

    // Cuts the end off the append-only file of a dead server: acknowledged writes are really lost then.
    // Returns how many bytes were cut.
    std::uint64_t truncate_aof(std::uint64_t bytes);
    std::uint64_t aof_size() const;

    // One command over the socket file, as the default user. Errors are replies.
    Reply cli(const std::vector<std::string> &args);
    // The same, but fatal if the reply is an error.
    Reply must(const std::vector<std::string> &args);
    std::map<std::string, std::string> info(const std::string &section = "default");
    // How often the server ran a command ("evalsha"), from INFO commandstats; and all of them.
    std::uint64_t calls(const std::string &command);
    std::map<std::string, std::uint64_t> all_calls();
    void reset_calls();
    // Ids of the connections as CLIENT LIST shows them; `type` as in CLIENT LIST TYPE, the own connection
    // left out.
    std::vector<std::map<std::string, std::string>> clients(const std::string &type = "");

private:
    void write_config() const;
    std::string incremental_aof() const;
    bool reaped();

    RedisServerOptions options_;
    TempDir folder_;
    Endpoint tcp_;
    Endpoint unix_;
    pid_t pid_ = -1;
    int last_status_ = 0;
    std::mutex client_mutex_;
    RedisClient client_;
};

}  // namespace exo::support
