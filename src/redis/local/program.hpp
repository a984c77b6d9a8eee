// Which redis-server is started: EXOREF_REDIS_SERVER or the first on PATH, and whether it is new enough.
// Knows nothing of folders and locks.
#pragma once

#include <string>

#include "base/result.hpp"
#include "redis/local/wait.hpp"

namespace exo::redis::local {

struct ServerProgram {
    std::string path;
    int major = 0;
    int minor = 0;
    std::string version;
};

/// The program to start, or ELOCAL (none found: says what to install), EVERSION (older than 6.2).
base::Result<ServerProgram> find_server_program(Wait &wait);

/// The absolute path of a program on PATH (if that is not set, in the usual folders), or empty. Relative entries of PATH
/// are passed over: a server is not started from wherever the host happens to stand.
std::string find_on_path(const std::string &name, bool usual_folders_too = false);

}  // namespace exo::redis::local
