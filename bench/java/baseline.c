/* The same calls in C: what the binding is measured against. */
#include <exoref/exoref.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 9, DEREFS = 200000, SWAPS = 4000 };

static double now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void check(exoref_status status) {
    if (status == EXOREF_OK) return;
    fprintf(stderr, "%s\n", exoref_status_text(status));
    exit(1);
}

static int32_t same(void *ctx, const exoref_value *old_value, exoref_sink *result) {
    (void)ctx;
    return exoref_sink_write(result, exoref_value_data(old_value), exoref_value_size(old_value)) == EXOREF_OK
               ? EXOREF_CALL_OK
               : EXOREF_CALL_FAILED;
}

int main(int argc, char **argv) {
    exoref_client *client;
    exoref_promise *promise;
    exoref_atom *atom;
    double deref = 1e18, swap = 1e18;
    if (argc < 2) return 2;
    check(exoref_client_open(argv[1], NULL, 5000, &client, NULL));
    check(exoref_promise_open(client, "bench-c-p", 9, NULL, 5000, &promise, NULL, NULL));
    check(exoref_promise_deliver(promise, "0123456789abcdef", 16, 5000, NULL, NULL, NULL));
    check(exoref_atom_create(client, "bench-c-a", 9, "0123456789abcdef", 16, NULL, 5000, &atom, NULL, NULL));
    for (int r = 0; r < ROUNDS; r++) {
        double begun = now_ns(), time;
        for (int i = 0; i < DEREFS; i++) {
            exoref_value *value;
            check(exoref_promise_deref(promise, 5000, &value, NULL));
            exoref_value_release(value);
        }
        time = (now_ns() - begun) / DEREFS;
        if (time < deref) deref = time;
        begun = now_ns();
        for (int i = 0; i < SWAPS; i++) check(exoref_atom_swap(atom, same, NULL, 5000, NULL, NULL));
        time = (now_ns() - begun) / SWAPS;
        if (time < swap) swap = time;
    }
    printf("%.0f %.0f\n", deref, swap);
    exoref_atom_release(atom);
    exoref_promise_release(promise);
    exoref_client_close(client, 1000, NULL);
    exoref_client_release(client);
    return 0;
}
