/*
 * Run once among many machines: three processes, as if on three machines, all need what a migration leaves behind. Each offers to run it,
 * one does, and all go on with what it gave: a delay.
 *
 *     run_once [URL [KEY]]
 *
 * Prints: 3 processes went on with: schema 42
 * Prints: runs of the migration: 1
 */
#define _POSIX_C_SOURCE 200809L
#include <exoref/exoref.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define TIMEOUT EXOREF_TIMEOUT_DEFAULT

enum { PROCESSES = 3, WAIT_MS = 30000 };

/* The body: called in one of the processes. A long one looks at exoref_lease_lost() now and then, and stops if it is lost. */
static int32_t migrate(void *ctx, exoref_lease *lease, exoref_sink *result) {
    const int *log = ctx;
    if (exoref_lease_lost(lease)) return EXOREF_CALL_FAILED;
    if (write(*log, "m", 1) != 1) { /* here it does its work */
        exoref_sink_set_kind(result, "io");
        exoref_sink_set_message(result, "the log can't be written");
        return EXOREF_CALL_FAILED; /* which all processes are told, with kind and message */
    }
    return exoref_sink_write(result, "schema 42", 9) == EXOREF_OK ? EXOREF_CALL_OK : EXOREF_CALL_FAILED;
}

/* What each process does, whether it is the one that migrates or not. */
static int machine(const char *url, const char *key, int log, int said) {
    exoref_client *client = NULL;
    exoref_delay *schema = NULL;
    exoref_value *value = NULL;
    exoref_error *error = NULL;
    exoref_status status = exoref_client_open(url, NULL, TIMEOUT, &client, &error);
    if (status == EXOREF_OK) {
        status = exoref_delay_open_with_body(client, key, strlen(key), migrate, &log, NULL, 0, NULL, TIMEOUT, &schema,
                                             NULL, &error);
    }
    if (status == EXOREF_OK) status = exoref_delay_deref(schema, WAIT_MS, &value, &error);
    if (status == EXOREF_OK) {
        if (strcmp(exoref_value_data(value), "schema 42") != 0 || write(said, "s", 1) != 1) status = EXOREF_EINTERNAL;
    } else {
        fprintf(stderr, "run_once: %s\n", exoref_error_message(error));
    }
    /* `log` goes away with this function: after the close no body runs that could use it. */
    if (client) exoref_client_close(client, EXOREF_TIMEOUT_NONE, NULL);
    exoref_error_release(error);
    exoref_value_release(value);
    exoref_delay_release(schema);
    exoref_client_release(client);
    return status == EXOREF_OK ? 0 : 1;
}

/* How many bytes came, once nobody can write any more. */
static int count(const int pipe_ends[2]) {
    char byte;
    int bytes = 0;
    close(pipe_ends[1]);
    while (read(pipe_ends[0], &byte, 1) == 1) bytes++;
    close(pipe_ends[0]);
    return bytes;
}

int main(int argc, char **argv) {
    const char *from_environment = getenv("EXOREF_URL");
    const char *url = argc > 1 ? argv[1] : from_environment ? from_environment : "local:exoref-data";
    const char *key = argc > 2 ? argv[2] : "migrations:42";
    int log[2];
    int said[2];
    int failed = 0;
    if (pipe(log) != 0 || pipe(said) != 0) {
        perror("run_once");
        return 1;
    }
    for (int i = 0; i < PROCESSES; i++) {
        const pid_t child = fork(); /* before there is a client: a child can't use its parent's */
        if (child == 0) return machine(url, key, log[1], said[1]);
        if (child < 0) failed = 1;
    }
    const int runs = count(log);
    printf("%d processes went on with: schema 42\n", count(said));
    printf("runs of the migration: %d\n", runs); /* 0 if it was run by an earlier call of this program */
    for (int status = 0; wait(&status) > 0;) failed |= status != 0;
    return failed || runs > 1;
}
