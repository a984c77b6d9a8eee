/*
 * Many operations at once from one thread: all are begun, then all are waited for. They share one connection.
 *
 *     futures [URL]
 *
 * Prints: 100 atoms were created at once
 * Prints: 4950 is the sum of what they hold
 */
#include <exoref/exoref.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT 100
#define TIMEOUT EXOREF_TIMEOUT_DEFAULT

/* The outcome of a future, waited for. The operation has its own timeout, so this wait needs none. */
static exoref_status finish(exoref_future *future, exoref_error **error) {
    exoref_status status = exoref_future_wait(future, EXOREF_TIMEOUT_NONE, error);
    if (status != EXOREF_OK) return status;
    *error = exoref_future_error(future);
    return exoref_future_status(future);
}

static exoref_status create_all(exoref_client *client, exoref_atom **atoms, exoref_error **error) {
    exoref_future *futures[COUNT] = {NULL};
    exoref_status status = EXOREF_OK;
    for (int i = 0; i < COUNT && status == EXOREF_OK; i++) {
        char key[32];
        char initial[32];
        snprintf(key, sizeof key, "futures:%d", i);
        snprintf(initial, sizeof initial, "%d", i);
        status = exoref_atom_create_async(client, key, strlen(key), initial, strlen(initial), NULL, TIMEOUT,
                                          &futures[i], error);
    }
    for (int i = 0; i < COUNT; i++) {
        if (status == EXOREF_OK) status = finish(futures[i], error);
        if (status == EXOREF_OK) atoms[i] = exoref_future_atom(futures[i]);
        exoref_future_release(futures[i]);
    }
    return status;
}

static exoref_status sum_of_all(exoref_atom **atoms, long *sum, exoref_error **error) {
    exoref_future *futures[COUNT] = {NULL};
    exoref_status status = EXOREF_OK;
    for (int i = 0; i < COUNT && status == EXOREF_OK; i++) {
        status = exoref_atom_deref_async(atoms[i], TIMEOUT, &futures[i], error);
    }
    for (int i = 0; i < COUNT; i++) {
        if (status == EXOREF_OK) status = finish(futures[i], error);
        if (status == EXOREF_OK) {
            exoref_value *value = exoref_future_value(futures[i]);
            *sum += strtol(exoref_value_data(value), NULL, 10);
            exoref_value_release(value);
        }
        exoref_future_release(futures[i]);
    }
    return status;
}

int main(int argc, char **argv) {
    const char *url = argc > 1 ? argv[1] : getenv("EXOREF_URL");
    exoref_client *client = NULL;
    exoref_atom *atoms[COUNT] = {NULL};
    exoref_error *error = NULL;
    long sum = 0;

    exoref_status status = exoref_client_open(url ? url : "local:exoref-data", NULL, TIMEOUT, &client, &error);
    if (status == EXOREF_OK) status = create_all(client, atoms, &error);
    if (status == EXOREF_OK) {
        printf("%d atoms were created at once\n", COUNT);
        status = sum_of_all(atoms, &sum, &error);
    }
    if (status == EXOREF_OK) {
        printf("%ld is the sum of what they hold\n", sum);
    } else {
        fprintf(stderr, "futures: %s\n", exoref_error_message(error));
    }
    exoref_error_release(error);
    for (int i = 0; i < COUNT; i++) exoref_atom_release(atoms[i]);
    exoref_client_release(client);
    return status == EXOREF_OK ? 0 : 1;
}
