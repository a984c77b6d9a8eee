// A process at the head of a process group of its own, which CMD joins: it ends the whole group when this process is gone,
// whatever ended it, SIGKILL too.
//
//   this process --the writing end of a pipe, that no other holds--> guard
//
// It reads that pipe, which ends when this process does; then SIGTERM for the group and, kGraceMs later, SIGKILL, itself included.
// All other signals it blocks, so none that CMD sends to its group ends the guard alone. It holds no descriptor but the pipe.
#pragma once

#include <sys/types.h>

#include "cli/pipe.hpp"

namespace exo::cli {

/// Where main's arguments stand: a guard writes its own name there, so that who ends processes by their name or command line does not
/// end it along with the command.
void remember_arguments(int argc, char **argv);

class Guard {
public:
    Guard() = default;
    /// Ends what is left of the group.
    ~Guard();
    Guard(const Guard &) = delete;
    Guard &operator=(const Guard &) = delete;

    /// False, with errno, if it can't be started.
    bool start();
    /// The group's number; taken as long as this object lives.
    pid_t group() const { return pid_; }
    /// Somebody has ended it: the group is without a guard.
    bool gone() const;
    void signal_group(int signal) const;

private:
    pid_t pid_ = -1;
    Pipe alive_;
};

}  // namespace exo::cli
