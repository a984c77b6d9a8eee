// A forked child that answers with a number.
#pragma once

#include <functional>

namespace exo::support {

// What `work` gives in a forked child; 1000 and more: the child died without an answer. It answers through a pipe and then kills
// itself: nothing of this process's is run down in it, and no tool that watches it counts what was this process's as its leaks.
int in_forked_child(const std::function<int()> &work);

}  // namespace exo::support
