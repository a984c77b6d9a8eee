// libuv closes descriptors by the bare system call, which ThreadSanitizer does not see: a number that is given out again would be
// opened twice to it, by threads that never met. Here it is shown these closes. Linked into the test programs of that build alone.
#if defined(__SANITIZE_THREAD__)

#include <dlfcn.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdarg>

extern "C" long syscall(long number, ...) noexcept {
    std::va_list list;
    va_start(list, number);
    long arguments[6];
    for (long &argument : arguments) argument = va_arg(list, long);
    va_end(list);
    if (number == SYS_close) return ::close(static_cast<int>(arguments[0]));
    using Syscall = long (*)(long, ...);
    static const auto real = reinterpret_cast<Syscall>(dlsym(RTLD_NEXT, "syscall"));
    return real(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]);
}

#endif
