// Asks whether somebody answers at a socket file, as a Redis server does. Knows nothing of locks and processes.
#pragma once

#include <string>

#include "redis/local/fd.hpp"
#include "redis/local/wait.hpp"

namespace exo::redis::local {

struct Answer {
    enum class State {
        absent,   ///< no socket, or nobody listens there
        silent,   ///< it took the connection and did not answer in time
        loading,  ///< it reads its data and will be there soon
        ready     ///< it answered
    };
    State state = State::absent;
    std::string text;  ///< what it answered
    Fd connection;     ///< still open, where there was one
};

/// One PING, waited for up to `patience` and the wait's own end.
Answer ping(const std::string &socket_path, Wait &wait, base::Millis patience);

/// The server's version as INFO shows it, or empty.
std::string version_at(const std::string &socket_path, Wait &wait, base::Millis patience);

}  // namespace exo::redis::local
