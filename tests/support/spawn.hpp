// Starting a program as a child that ends with this process, whatever ends it. Not for tests: they use
// Process.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace exo::support {

struct SpawnRequest {
    std::vector<std::string> argv;         // argv[0] is looked up in PATH
    std::vector<std::string> environment;  // all of it, NAME=value
    std::string directory;                 // "" stays where we are
    int stdin_fd = -1;                     // -1: /dev/null
    int stdout_fd = -1;
    int stderr_fd = -1;
};

// The child's pid. The program that can't be started ends with 127.
// The child gets SIGKILL when this process dies (PR_SET_PDEATHSIG is bound to the thread that forks, so one
// thread that lives as long as the process does it).
pid_t spawn(const SpawnRequest &request);

}  // namespace exo::support
