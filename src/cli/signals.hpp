// Ctrl-C and its like: the command ends at once, with 128 and the signal's number, and takes a running CMD with it.
#pragma once

#include <sys/types.h>

#include <functional>
#include <utility>
#include <vector>

namespace exo::cli {

/// Before any other thread exists: from now on a thread waits for the signals, and no other gets them.
void handle_signals();

/// The child that a signal takes along. `start` starts it and gives its pid and whether it leads a group of its own; no
/// signal is acted upon in between, so none can leave a child behind.
void start_child(const std::function<std::pair<pid_t, bool>()> &start);
/// Gives the child's wait status when it has ended, and forgets it.
int reap_child(pid_t pid);

}  // namespace exo::cli
