// What a process holds: memory, descriptors, threads; and the seed of a test. For leak checks and replays.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace exo::support {

// Resident memory in bytes; pid 0 is this process. 0 if it is gone.
std::size_t resident_bytes(pid_t pid = 0);
// The peak of resident memory in bytes.
std::size_t peak_resident_bytes(pid_t pid = 0);
std::size_t open_fds(pid_t pid = 0);
std::size_t thread_count(pid_t pid = 0);

// EXOREF_TEST_SEED or EXOREF_SEED if set, else a fresh one. Drawn once a program and printed, so that a run can be
// repeated.
std::uint64_t test_seed();

// The path of the running program, to start it again in another role.
std::string self_path();

}  // namespace exo::support
