// pthread directly: std::thread throws when there is no thread to be had, and we report.
#include "loop/thread.hpp"

#include <csignal>
#include <memory>

namespace exo::loop {

namespace {

struct Start {
    std::function<void()> body;
    char name[16] = {};
};

void *enter(void *argument) {
    const std::unique_ptr<Start> start(static_cast<Start *>(argument));
    pthread_setname_np(pthread_self(), start->name);
    start->body();
    return nullptr;
}

// Everything but what the thread brings upon itself: those must reach the application's crash handler.
sigset_t blocked_signals() {
    sigset_t set;
    sigfillset(&set);
    for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT}) sigdelset(&set, fault);
    return set;
}

int start(const char *name, std::function<void()> body, pthread_t *thread) {
    auto argument = std::make_unique<Start>();
    argument->body = std::move(body);
    for (std::size_t i = 0; i + 1 < sizeof argument->name && name[i] != '\0'; ++i) argument->name[i] = name[i];

    const sigset_t blocked = blocked_signals();
    sigset_t before;
    pthread_sigmask(SIG_SETMASK, &blocked, &before);
    const int failure = pthread_create(thread, nullptr, enter, argument.get());
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    if (failure == 0) static_cast<void>(argument.release());
    return failure;
}

}  // namespace

int start_thread(const char *name, std::function<void()> body, pthread_t *thread) {
    return start(name, std::move(body), thread);
}

int start_detached(const char *name, std::function<void()> body) {
    pthread_t thread;
    const int failure = start(name, std::move(body), &thread);
    if (failure == 0) pthread_detach(thread);
    return failure;
}

}  // namespace exo::loop
