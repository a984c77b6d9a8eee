/*
 * Counts on an atom that any number of processes share.
 *
 *     counter [URL [KEY [TIMES]]]
 *
 * Prints: counter is 3
 */
#include <exoref/exoref.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Called with the value that is there, again for each time that somebody else was faster. */
static int32_t add_one(void *ctx, const exoref_value *old_value, exoref_sink *result) {
    const char *text = exoref_value_data(old_value); /* a NUL follows the bytes */
    char next[32];
    char *end;
    const long long number = strtoll(text, &end, 10);
    (void)ctx;
    if (end == text || *end != '\0') {
        exoref_sink_set_message(result, "the value is no number");
        return EXOREF_CALL_FAILED;
    }
    snprintf(next, sizeof next, "%lld", number + 1);
    return exoref_sink_write(result, next, strlen(next)) == EXOREF_OK ? EXOREF_CALL_OK : EXOREF_CALL_FAILED;
}

/* Adds one. What certainly did not happen, and may succeed later, is tried again. */
static exoref_status count(exoref_atom *atom, exoref_error **error) {
    for (int tries = 1;; tries++) {
        exoref_status status = exoref_atom_swap(atom, add_one, NULL, EXOREF_TIMEOUT_DEFAULT, NULL, error);
        if (exoref_status_class(status) != EXOREF_CLASS_NOT_APPLIED_RETRY || tries == 10) {
            return status; /* with EXOREF_EUNKNOWN it may have been counted: a counter can't tell */
        }
        if (error) exoref_error_release(*error);
    }
}

static int failed(const char *what, exoref_error *error) {
    fprintf(stderr, "counter: %s: %s\n", what, exoref_error_message(error));
    exoref_error_release(error);
    return 1;
}

static int run(exoref_atom *atom, const char *key, long times) {
    exoref_error *error = NULL;
    exoref_value *value = NULL;
    for (long i = 0; i < times; i++) {
        if (count(atom, &error) != EXOREF_OK) return failed("counting", error);
    }
    if (exoref_atom_deref(atom, EXOREF_TIMEOUT_DEFAULT, &value, &error) != EXOREF_OK) return failed("reading", error);
    printf("%s is %s\n", key, (const char *)exoref_value_data(value));
    exoref_value_release(value);
    return 0;
}

int main(int argc, char **argv) {
    const char *url = argc > 1 ? argv[1] : getenv("EXOREF_URL");
    const char *key = argc > 2 ? argv[2] : "counter";
    const long times = argc > 3 ? strtol(argv[3], NULL, 10) : 3;
    exoref_client *client = NULL;
    exoref_atom *atom = NULL;
    exoref_error *error = NULL;
    int code;

    if (exoref_client_open(url ? url : "local:exoref-data", NULL, EXOREF_TIMEOUT_DEFAULT, &client, &error) !=
        EXOREF_OK) {
        return failed("connecting", error);
    }
    if (exoref_atom_create(client, key, strlen(key), "0", 1, NULL, EXOREF_TIMEOUT_DEFAULT, &atom, NULL, &error) !=
        EXOREF_OK) {
        code = failed("opening", error);
    } else {
        code = run(atom, key, times);
    }
    exoref_atom_release(atom);
    exoref_client_release(client);
    return code;
}
