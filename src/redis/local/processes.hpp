// Finding the process that was started with a lock of a DIR, by the lock and not by a remembered pid, which
// another process may have by now. Reads /proc.
#pragma once

#include <sys/types.h>

#include <vector>

#include "redis/local/directory.hpp"

namespace exo::redis::local {

// The numbers under which the server and the guard get their lock. Not 3: any program that opens a file gets that.
inline constexpr int kServerLockFd = 9;
inline constexpr int kGuardLockFd = 6;

/// The processes that work in the folder and have its file `name` open as number `fd`: the server (and, for moments, its
/// child that rewrites the append-only file), or the guard.
std::vector<pid_t> holders(const Directory &directory, const char *name, int fd);

/// Of a server that no lock speaks for any more: the process listening at `socket`, if it was started by us, or 0.
pid_t orphaned_server(const Directory &directory, int connected_socket);
/// The pid of the process that listens at the other end, or 0.
pid_t peer_of(int connected_socket);

}  // namespace exo::redis::local
