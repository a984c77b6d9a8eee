/*
 * Waits for a promise in script/demo, and prints what comes.
 *
 *     wait URL KEY
 */
#include <exoref/exoref.h>
#include <stdio.h>
#include <string.h>

enum { TIMEOUT_MS = 30000 };

int main(int argc, char **argv) {
    exoref_client *client = NULL;
    exoref_promise *promise = NULL;
    exoref_value *value = NULL;
    exoref_error *error = NULL;
    if (argc != 3) {
        fprintf(stderr, "usage: wait URL KEY\n");
        return 2;
    }
    exoref_status status = exoref_client_open(argv[1], NULL, TIMEOUT_MS, &client, &error);
    if (status == EXOREF_OK) {
        status = exoref_promise_open(client, argv[2], strlen(argv[2]), NULL, TIMEOUT_MS, &promise, NULL, &error);
    }
    if (status == EXOREF_OK) status = exoref_promise_deref(promise, TIMEOUT_MS, &value, &error);
    if (status == EXOREF_OK) {
        printf("%s\n", (const char *)exoref_value_data(value));
    } else {
        fprintf(stderr, "wait: %s\n", exoref_error_message(error));
    }
    exoref_error_release(error);
    exoref_value_release(value);
    exoref_promise_release(promise);
    exoref_client_release(client);
    return status == EXOREF_OK ? 0 : 1;
}
