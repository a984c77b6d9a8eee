// Counts forks by a handler that runs in each child. No locks and no destructors: the child may have been forked at any
// instant.
#include "base/fork.hpp"

#include <pthread.h>

#include <atomic>

namespace exo::base {

namespace {

std::atomic<std::uint32_t> generation{0};

void count_fork() { generation.fetch_add(1, std::memory_order_relaxed); }

// Registered when the library is loaded, so that no fork is missed.
[[maybe_unused]] const int registered = pthread_atfork(nullptr, nullptr, count_fork);

}  // namespace

std::uint32_t fork_generation() noexcept { return generation.load(std::memory_order_relaxed); }

}  // namespace exo::base
