/*
 * A swap in the pull form: the program computes in its own loop instead of a callback. Here somebody else changes the
 * value in between, so that the first offer is answered "again".
 *
 *     pull_swap [URL]
 *
 * Prints: computing from a
 * Prints: computing from ab
 * Prints: abc
 */
#include <exoref/exoref.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TIMEOUT EXOREF_TIMEOUT_DEFAULT

/* Appends a letter. `rival` interferes the first time. */
static exoref_status append(exoref_atom *atom, exoref_atom *rival, char letter, exoref_value **result,
                            exoref_error **error) {
    exoref_swap *swap = NULL;
    exoref_value *value = NULL;
    bool done = false;
    exoref_status status = exoref_atom_swap_begin(atom, TIMEOUT, &swap, &value, error);
    while (status == EXOREF_OK && !done) {
        char next[64];
        snprintf(next, sizeof next, "%.60s%c", (const char *)exoref_value_data(value), letter);
        printf("computing from %s\n", (const char *)exoref_value_data(value));
        exoref_value_release(value);
        value = NULL;
        if (rival) {
            status = exoref_atom_reset(rival, "ab", 2, TIMEOUT, NULL, error);
            rival = NULL;
        }
        if (status == EXOREF_OK) {
            status = exoref_swap_offer(swap, next, strlen(next), TIMEOUT, &done, &value, error);
        }
    }
    exoref_swap_release(swap);
    *result = value; /* done: the new value */
    return status;
}

int main(int argc, char **argv) {
    const char *url = argc > 1 ? argv[1] : getenv("EXOREF_URL");
    exoref_client *clients[2] = {NULL, NULL};
    exoref_atom *atoms[2] = {NULL, NULL};
    exoref_value *result = NULL;
    exoref_error *error = NULL;
    exoref_status status = EXOREF_OK;

    if (!url) url = "local:exoref-data";
    for (int i = 0; i < 2 && status == EXOREF_OK; i++) { /* two clients, as two processes would be */
        status = exoref_client_open(url, NULL, TIMEOUT, &clients[i], &error);
        if (status == EXOREF_OK) {
            status = exoref_atom_create(clients[i], "letters", 7, "a", 1, NULL, TIMEOUT, &atoms[i], NULL, &error);
        }
    }
    if (status == EXOREF_OK) status = append(atoms[0], atoms[1], 'c', &result, &error);
    if (status == EXOREF_OK) {
        printf("%s\n", (const char *)exoref_value_data(result));
    } else {
        fprintf(stderr, "pull_swap: %s\n", exoref_error_message(error));
    }
    exoref_error_release(error);
    exoref_value_release(result);
    for (int i = 0; i < 2; i++) {
        exoref_atom_release(atoms[i]);
        exoref_client_release(clients[i]);
    }
    return status == EXOREF_OK ? 0 : 1;
}
