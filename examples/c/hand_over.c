/*
 * A result that one process hands over to another: a promise. Nothing has to be agreed on but the key, and neither has to be there
 * when the other is.
 *
 *     hand_over [URL]
 *
 * Prints: the result is: report 17
 * Prints: delivered once more: no, it is report 17
 */
#define _POSIX_C_SOURCE 200809L
#include <exoref/exoref.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define TIMEOUT EXOREF_TIMEOUT_DEFAULT
#define WAIT_MS 30000

static const char key[] = "jobs:17:report";

/* Both begin like this: whoever comes first creates the promise. The time to live counts from the delivery. */
static exoref_status open_result(const char *url, exoref_client **client, exoref_promise **result,
                                 exoref_error **error) {
    exoref_options *options = NULL;
    exoref_status status = exoref_client_open(url, NULL, TIMEOUT, client, error);
    if (status == EXOREF_OK) status = exoref_options_new(&options, error);
    if (status == EXOREF_OK) status = exoref_options_set(options, "ttl", "1h", error);
    if (status == EXOREF_OK) {
        status = exoref_promise_open(*client, key, strlen(key), options, TIMEOUT, result, NULL, error);
    }
    exoref_options_release(options);
    return status;
}

/* Delivers. If there was a result before, that one stands, and is no error. */
static exoref_status deliver(exoref_promise *result, const char *text, exoref_error **error) {
    exoref_value *standing = NULL;
    bool delivered = false;
    exoref_status status = exoref_promise_deliver(result, text, strlen(text), TIMEOUT, &delivered, &standing, error);
    if (status == EXOREF_OK && !delivered) {
        printf("delivered once more: no, it is %s\n", (const char *)exoref_value_data(standing));
    }
    exoref_value_release(standing);
    return status;
}

/* Waits until somebody has delivered. */
static exoref_status use_result(exoref_promise *result, exoref_error **error) {
    exoref_value *value = NULL;
    exoref_status status = exoref_promise_deref(result, WAIT_MS, &value, error);
    if (status == EXOREF_OK) printf("the result is: %s\n", (const char *)exoref_value_data(value));
    exoref_value_release(value);
    return status;
}

static int run(const char *url, bool computes) {
    exoref_client *client = NULL;
    exoref_promise *result = NULL;
    exoref_error *error = NULL;
    exoref_status status = open_result(url, &client, &result, &error);
    if (status == EXOREF_OK && computes) status = deliver(result, "report 17", &error);
    if (status == EXOREF_OK && !computes) status = use_result(result, &error);
    if (status == EXOREF_OK && !computes) status = deliver(result, "report 18", &error);
    if (status != EXOREF_OK) fprintf(stderr, "hand_over: %s\n", exoref_error_message(error));
    exoref_error_release(error);
    exoref_promise_release(result);
    exoref_client_release(client);
    return status == EXOREF_OK ? 0 : 1;
}

int main(int argc, char **argv) {
    const char *from_environment = getenv("EXOREF_URL");
    const char *url = argc > 1 ? argv[1] : from_environment ? from_environment : "local:exoref-data";
    int status = 0;
    const pid_t other = fork(); /* before there is a client: a child can't use its parent's */
    if (other < 0) {
        perror("hand_over");
        return 1;
    }
    if (other == 0) return run(url, true);
    const int code = run(url, false);
    if (waitpid(other, &status, 0) != other || status != 0) return 1;
    return code;
}
