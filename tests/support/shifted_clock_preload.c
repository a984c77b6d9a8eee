/*
 * Preloaded into a redis-server: its wall clock is as many milliseconds ahead (or, negative, behind) as a file says, which the test
 * may write anew at any time. The monotonic clock stays. libfaketime would do the same, but can't live with the jemalloc that
 * distributions link redis-server with; this allocates nothing.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static int clock_file = -1;

__attribute__((constructor)) static void open_clock_file(void) {
    const char *path = getenv("EXOREF_TEST_CLOCK_FILE");
    if (path != NULL) clock_file = open(path, O_RDONLY | O_CLOEXEC);
}

static long long shift_ms(void) {
    char text[32] = {0};
    if (clock_file < 0 || pread(clock_file, text, sizeof text - 1, 0) <= 0) return 0;
    return strtoll(text, NULL, 10);
}

int clock_gettime(clockid_t clock, struct timespec *out) {
    const long result = syscall(SYS_clock_gettime, clock, out);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
        const long long now = out->tv_sec * 1000000000LL + out->tv_nsec + shift_ms() * 1000000;
        out->tv_sec = (time_t)(now / 1000000000);
        out->tv_nsec = (long)(now % 1000000000);
    }
    return (int)result;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone) {
    (void)zone;
    struct timespec now;
    const int result = clock_gettime(CLOCK_REALTIME, &now);
    out->tv_sec = now.tv_sec;
    out->tv_usec = now.tv_nsec / 1000;
    return result;
}

time_t time(time_t *out) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out != NULL) *out = now.tv_sec;
    return now.tv_sec;
}
