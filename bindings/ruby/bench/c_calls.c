/* What the same calls cost in C: c_calls URL prints "name nanoseconds", one a line. */
#include <exoref/exoref.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char VALUE[] = "sixteen bytes: ab";
enum { SIZE = 16, ROUNDS = 5 };

static exoref_promise *promise;
static exoref_atom *atom;

static void check(exoref_status status) {
    if (status == EXOREF_OK) return;
    fprintf(stderr, "%s\n", exoref_status_text(status));
    exit(1);
}

static double now(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int32_t set(void *ctx, const exoref_value *old_value, exoref_sink *result) {
    (void)ctx;
    (void)old_value;
    return exoref_sink_write(result, VALUE, SIZE) == EXOREF_OK ? EXOREF_CALL_OK : EXOREF_CALL_FAILED;
}

static void deref_promise(void) {
    exoref_value *value;
    check(exoref_promise_deref(promise, EXOREF_TIMEOUT_DEFAULT, &value, NULL));
    exoref_value_release(value);
}

static void swap(void) { check(exoref_atom_swap(atom, set, NULL, EXOREF_TIMEOUT_DEFAULT, NULL, NULL)); }

/* As bindings must, whose waits can be interrupted. */
static void swap_by_futures(void) {
    exoref_future *future;
    check(exoref_atom_swap_begin_async(atom, EXOREF_TIMEOUT_DEFAULT, &future, NULL));
    check(exoref_future_wait(future, EXOREF_TIMEOUT_NONE, NULL));
    exoref_swap *begun = exoref_future_swap(future);
    exoref_future_release(future);
    check(exoref_swap_offer_async(begun, VALUE, SIZE, EXOREF_TIMEOUT_DEFAULT, &future, NULL));
    check(exoref_future_wait(future, EXOREF_TIMEOUT_NONE, NULL));
    exoref_future_release(future);
    exoref_swap_release(begun);
}

static void deref_atom(void) {
    exoref_value *value;
    check(exoref_atom_deref(atom, EXOREF_TIMEOUT_DEFAULT, &value, NULL));
    exoref_value_release(value);
}

static void measure(const char *name, int count, clockid_t clock, void (*call)(void)) {
    double best = 1e18;
    for (int round = 0; round < ROUNDS; round++) {
        const double started = now(clock);
        for (int i = 0; i < count; i++) call();
        const double each = (now(clock) - started) / count;
        if (each < best) best = each;
    }
    printf("%s %.0f\n", name, best);
}

int main(int argc, char **argv) {
    exoref_client *client;
    if (argc != 2) return 2;
    check(exoref_client_open(argv[1], NULL, EXOREF_TIMEOUT_DEFAULT, &client, NULL));
    check(exoref_promise_open(client, "c:p", 3, NULL, EXOREF_TIMEOUT_DEFAULT, &promise, NULL, NULL));
    check(exoref_promise_deliver(promise, VALUE, SIZE, EXOREF_TIMEOUT_DEFAULT, NULL, NULL, NULL));
    check(exoref_atom_create(client, "c:a", 3, VALUE, SIZE, NULL, EXOREF_TIMEOUT_DEFAULT, &atom, NULL, NULL));
    measure("promise_deref", 100000, CLOCK_THREAD_CPUTIME_ID, deref_promise);
    measure("swap", 2000, CLOCK_MONOTONIC, swap);
    measure("swap_by_futures", 2000, CLOCK_MONOTONIC, swap_by_futures);
    measure("atom_deref", 2000, CLOCK_MONOTONIC, deref_atom);
    check(exoref_client_close(client, EXOREF_TIMEOUT_DEFAULT, NULL));
    return 0;
}
