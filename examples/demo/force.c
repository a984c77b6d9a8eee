/*
 * One of those that force a delay in script/demo. Its body works for some seconds.
 *
 *     force URL KEY NAME
 *
 * Prints a line, at once, whenever something happens: "asks", "runs N" (this process is the owner, of run N), "lost N" (it was
 * told that it is the owner no more), and at the end "has VALUE".
 */
#define _POSIX_C_SOURCE 200809L
#include <exoref/exoref.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

enum { TIMEOUT_MS = 30000, STEPS = 150, STEP_MS = 20 };

static int32_t work(void *ctx, exoref_lease *lease, exoref_sink *result) {
    const long long run = exoref_lease_token(lease);
    char made[100];
    printf("runs %lld\n", run);
    fflush(stdout);
    for (int step = 0; step < STEPS; step++) {
        poll(NULL, 0, STEP_MS);
        if (exoref_lease_lost(lease)) {
            printf("lost %lld\n", run);
            fflush(stdout);
            return EXOREF_CALL_FAILED; /* refused, whatever it is */
        }
    }
    snprintf(made, sizeof made, "made by %s in run %lld", (const char *)ctx, run);
    return exoref_sink_write(result, made, strlen(made)) == EXOREF_OK ? EXOREF_CALL_OK : EXOREF_CALL_FAILED;
}

int main(int argc, char **argv) {
    exoref_client *client = NULL;
    exoref_options *options = NULL;
    exoref_delay *delay = NULL;
    exoref_value *value = NULL;
    exoref_error *error = NULL;
    if (argc != 4) {
        fprintf(stderr, "usage: force URL KEY NAME\n");
        return 2;
    }
    exoref_status status = exoref_client_open(argv[1], NULL, TIMEOUT_MS, &client, &error);
    if (status == EXOREF_OK) status = exoref_options_new(&options, &error);
    if (status == EXOREF_OK) status = exoref_options_set(options, "lease", "1s", &error);
    if (status == EXOREF_OK) {
        status = exoref_delay_open_with_body(client, argv[2], strlen(argv[2]), work, argv[3], NULL, 0, options,
                                             TIMEOUT_MS, &delay, NULL, &error);
    }
    if (status == EXOREF_OK) {
        printf("asks\n");
        fflush(stdout);
        status = exoref_delay_deref(delay, TIMEOUT_MS, &value, &error);
    }
    if (status == EXOREF_OK) {
        printf("has %s\n", (const char *)exoref_value_data(value));
    } else {
        fprintf(stderr, "force: %s\n", exoref_error_message(error));
    }
    exoref_error_release(error);
    exoref_value_release(value);
    exoref_delay_release(delay);
    exoref_options_release(options);
    exoref_client_release(client);
    return status == EXOREF_OK ? 0 : 1;
}
