// How often this process has been forked off since the library was loaded: threads, locks and sockets made in one
// generation are not usable in the next, and a forked child must leave them alone.
#pragma once

#include <cstdint>

namespace exo::base {

/// The number of forks between the process that loaded the library and this one. Cheap; never locks.
std::uint32_t fork_generation() noexcept;

}  // namespace exo::base
