/* Leaves main, or calls exit, with calls pending, watches standing and handles never released.  URL WAY */
#include <exoref/exoref.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int32_t add_one(void *ctx, const exoref_value *old_value, exoref_sink *result) {
    (void)ctx;
    (void)old_value;
    return exoref_sink_write(result, "x", 1);
}

static int32_t on_change(void *ctx, const exoref_change *change) {
    (void)ctx;
    (void)change;
    return EXOREF_CALL_OK;
}

#if defined(__SANITIZE_THREAD__)
/* The client's threads run on when main is left: that is what is tried. */
const char *__tsan_default_options(void);
const char *__tsan_default_options(void) { return "report_thread_leaks=0"; }
#endif

/* Not on the stack: what nobody releases must still be found by a leak checker that looks at exit. */
static exoref_client *client;
static exoref_atom *atom;

int main(int argc, char **argv) {
    exoref_future *future = NULL;
    if (argc != 3) return 2;
    if (exoref_client_open(argv[1], NULL, 20000, &client, NULL) != EXOREF_OK) return 3;
    if (exoref_atom_create(client, "exits", 5, "1", 1, NULL, 20000, &atom, NULL, NULL) != EXOREF_OK) return 4;
    if (exoref_atom_add_watch(atom, "w", 1, on_change, NULL, NULL, 0, 20000, NULL, NULL) != EXOREF_OK) return 5;
    for (int i = 0; i < 100; i++) {
        if (exoref_atom_reset_async(atom, "2", 1, false, EXOREF_TIMEOUT_NONE, &future, NULL) != EXOREF_OK) return 6;
        exoref_future_release(future);
        if (exoref_atom_swap_async(atom, add_one, NULL, NULL, EXOREF_TIMEOUT_NONE, &future, NULL) != EXOREF_OK)
            return 7;
        exoref_future_release(future);
    }
    if (strcmp(argv[2], "release") == 0) {
        exoref_atom_release(atom);
        exoref_client_release(client);
    }
    if (strcmp(argv[2], "close") == 0) exoref_client_close(client, 0, NULL);
    if (strcmp(argv[2], "exit") == 0) exit(0);
    if (strcmp(argv[2], "quick_exit") == 0) quick_exit(0);
    return 0;
}
