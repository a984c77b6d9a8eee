// Ctrl-C and its like: the command ends at once, with 128 and the signal's number, and takes a running CMD with it.
#pragma once

#include <sys/types.h>

#include <functional>

namespace exo::cli {

/// Before any other thread exists: from now on a thread waits for the signals, and no other gets them.
void handle_signals();

/// Between asking CMD to end, by SIGTERM, and ending it and all of its process group, by SIGKILL.
constexpr int kGraceMs = 300;

struct Child {
    pid_t pid = -1;
    pid_t group = 0;  ///< the process group that is its own, or its guard's; 0: it shares ours
};

/// The child that a signal takes along. No signal is acted upon while `start` starts it, so none can leave a child behind.
void start_child(const std::function<Child()> &start);
/// Gives the child's wait status when it has ended, and forgets it. Does not return once a signal ends the process.
int reap_child(pid_t pid);

/// While it lives, a signal calls this too, from the thread of the signals: the child has been ended then, and the process ends
/// when it returns. So it must not take long.
class AtSignal {
public:
    explicit AtSignal(std::function<void()> last);
    ~AtSignal();
    AtSignal(const AtSignal &) = delete;
    AtSignal &operator=(const AtSignal &) = delete;
};

/// Does not return once a signal ends the process: before what its last deeds have brought about is taken for an outcome.
void go_on_unless_signalled();

}  // namespace exo::cli
