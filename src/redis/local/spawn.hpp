// Starting a program that shall outlive this process: in a session of its own, with its own descriptors only, default
// signals, and nothing of the host's environment but what it needs. Knows nothing of Redis.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/result.hpp"
#include "redis/local/wait.hpp"

namespace exo::redis::local {

struct Program {
    std::string path;
    std::vector<std::string> arguments;  ///< without the name
    int folder = -1;                     ///< its working folder, by descriptor
    const char *output = "/dev/null";    ///< the file, in `folder`, that gets its stdout and stderr
    int input = -1;                      ///< a descriptor that it gets as stdin; -1: /dev/null
    int lock = -1;                       ///< a descriptor that it gets as number `lock_as`; -1: none
    int lock_as = -1;
};

/// Starts it; the pid. Whatever descriptors the host holds, close-on-exec or not: the program has 0 (/dev/null), 1, 2
/// and the lock, and so no pipe or terminal of its starter stays open because of it.
base::Result<pid_t> spawn_detached(const Program &program);

/// Waits for the end of a short-lived child; its exit code, or -1 if that can't be known (the host reaps children
/// itself, or it was killed), or the wait's error.
base::Result<int> reap(pid_t pid, Wait &wait, const std::string &what);

/// Runs a program to its end and gives what it wrote to its stdout.
base::Result<std::string> output_of(const std::string &path, const std::vector<std::string> &arguments, Wait &wait);

}  // namespace exo::redis::local
