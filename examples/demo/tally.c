/*
 * A worker of script/demo: counts on a shared atom for some seconds, and writes down how each count ended.
 *
 *     tally URL KEY SECONDS FILE
 *
 * FILE gets a byte per count: '+' it was counted, '-' it certainly was not, '?' nobody can tell. Each is written as soon as it
 * is known, so that the file of a process that is killed lacks one byte at most.
 */
#define _POSIX_C_SOURCE 200809L
#include <exoref/exoref.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PAUSE_MS = 40, TIMEOUT_MS = 10000 };

static int32_t add_one(void *ctx, const exoref_value *old_value, exoref_sink *result) {
    char next[32];
    (void)ctx;
    snprintf(next, sizeof next, "%lld", strtoll(exoref_value_data(old_value), NULL, 10) + 1);
    return exoref_sink_write(result, next, strlen(next)) == EXOREF_OK ? EXOREF_CALL_OK : EXOREF_CALL_FAILED;
}

/* Counts once. False if it makes no sense to go on. */
static bool count(exoref_atom *atom, int file) {
    exoref_error *error = NULL;
    exoref_status status = exoref_atom_swap(atom, add_one, NULL, TIMEOUT_MS, NULL, &error);
    int32_t class = exoref_status_class(status);
    char mark = class == EXOREF_CLASS_OK ? '+' : class == EXOREF_CLASS_UNKNOWN ? '?' : '-';
    if (error) fprintf(stderr, "tally: %s\n", exoref_error_message(error));
    exoref_error_release(error);
    return write(file, &mark, 1) == 1 && class != EXOREF_CLASS_NOT_APPLIED_FINAL;
}

static time_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec;
}

int main(int argc, char **argv) {
    exoref_client *client = NULL;
    exoref_atom *atom = NULL;
    exoref_error *error = NULL;
    bool well = true;
    if (argc != 5) {
        fprintf(stderr, "usage: tally URL KEY SECONDS FILE\n");
        return 2;
    }
    const int file = open(argv[4], O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (file < 0) {
        perror(argv[4]);
        return 1;
    }
    if (exoref_client_open(argv[1], NULL, TIMEOUT_MS, &client, &error) != EXOREF_OK ||
        exoref_atom_create(client, argv[2], strlen(argv[2]), "0", 1, NULL, TIMEOUT_MS, &atom, NULL, &error) !=
            EXOREF_OK) {
        fprintf(stderr, "tally: %s\n", exoref_error_message(error));
        exoref_error_release(error);
        well = false;
    }
    for (const time_t end = now() + strtol(argv[3], NULL, 10); well && now() < end;) {
        well = count(atom, file);
        poll(NULL, 0, PAUSE_MS); /* leaves the others a turn */
    }
    exoref_atom_release(atom);
    exoref_client_release(client);
    close(file);
    return well ? 0 : 1;
}
