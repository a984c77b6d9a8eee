// A small blocking client of one connection, for what a test asks of a server beside the library.
// Binary safe; every call has a deadline; a lost connection is an answer, not an exception.
#pragma once

#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "support/net.hpp"
#include "support/resp.hpp"

namespace exo::support {

class RedisClient {
public:
    // Does not connect yet; the first call does.
    explicit RedisClient(Endpoint endpoint, Millis timeout = Millis(5000));

    // Sends and waits for the reply. If the connection is lost or the time is over, an error reply whose text
    // begins with "CLIENT " is given and the connection is closed; the next call opens a new one.
    Reply call(const std::vector<std::string> &args);
    // The parts of a pipeline, or of a subscription.
    bool send(const std::vector<std::string> &args);
    bool send_raw(const std::string &bytes);
    std::optional<Reply> receive(Millis time);
    void close();
    // Kept for each new connection.
    void authenticate(std::string user, std::string password);

private:
    bool open();

    Endpoint endpoint_;
    Millis timeout_;
    std::string user_;
    std::string password_;
    Fd fd_;
    std::string buffer_;
};

// The lines of INFO as names and values.
std::map<std::string, std::string> parse_info(const std::string &text);

}  // namespace exo::support
