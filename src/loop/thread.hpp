// Threads of the library: named, and with signals blocked, so that the application's handlers never run on them.
#pragma once

#include <pthread.h>

#include <functional>

namespace exo::loop {

/// Starts a joinable thread. 0, or the errno that says why there is none.
int start_thread(const char *name, std::function<void()> body, pthread_t *thread);

/// Starts a thread that nobody waits for: what it uses must outlive it. 0 or an errno.
int start_detached(const char *name, std::function<void()> body);

}  // namespace exo::loop
