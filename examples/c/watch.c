/*
 * Watches an atom: makes three changes and is told of each, as it would be of the changes of other processes.
 *
 *     watch [URL]
 *
 * Prints: watching from version 1: red
 * Prints: version 2: red -> orange
 * Prints: version 3: orange -> yellow
 * Prints: version 4: yellow -> green
 */
#include <exoref/exoref.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TIMEOUT EXOREF_TIMEOUT_DEFAULT

/* What the watch tells the main thread. */
struct seen {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    uint64_t version;
};

/* Called on a thread of the client, one change after the other. */
static int32_t on_change(void *ctx, const exoref_change *change) {
    struct seen *seen = ctx;
    const char *old_text = exoref_value_data(exoref_change_old_value(change)); /* "" where there is none */
    const char *new_text = exoref_value_data(exoref_change_new_value(change));
    if (exoref_change_missed(change) > 0) {
        printf("%llu changes were missed\n", (unsigned long long)exoref_change_missed(change));
    }
    if (exoref_change_flags(change) & EXOREF_CHANGE_DELETED) {
        printf("deleted\n");
    } else {
        printf("version %llu: %s -> %s\n", (unsigned long long)exoref_change_version(change), old_text, new_text);
    }
    pthread_mutex_lock(&seen->lock);
    seen->version = exoref_change_version(change);
    pthread_cond_signal(&seen->changed);
    pthread_mutex_unlock(&seen->lock);
    return EXOREF_CALL_OK;
}

static void wait_for(struct seen *seen, uint64_t version) {
    pthread_mutex_lock(&seen->lock);
    while (seen->version < version) pthread_cond_wait(&seen->changed, &seen->lock);
    pthread_mutex_unlock(&seen->lock);
}

static exoref_status watch(exoref_atom *atom, struct seen *seen, exoref_error **error) {
    static const char *colours[] = {"orange", "yellow", "green"};
    exoref_value *since = NULL;
    exoref_value *last = NULL;
    exoref_status status = exoref_atom_add_watch(atom, "lamp", 4, on_change, seen, NULL, 0, TIMEOUT, &since, error);
    if (status == EXOREF_OK) {
        printf("watching from version %llu: %s\n", (unsigned long long)exoref_value_version(since),
               (const char *)exoref_value_data(since));
    }
    for (int i = 0; i < 3 && status == EXOREF_OK; i++) {
        exoref_value_release(last);
        status = exoref_atom_reset(atom, colours[i], strlen(colours[i]), TIMEOUT, &last, error);
    }
    if (status == EXOREF_OK) {
        wait_for(seen, exoref_value_version(last));
        status = exoref_atom_remove_watch(atom, "lamp", 4, error); /* on_change is not called again */
    }
    exoref_value_release(last);
    exoref_value_release(since);
    return status;
}

int main(int argc, char **argv) {
    const char *url = argc > 1 ? argv[1] : getenv("EXOREF_URL");
    struct seen seen = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0};
    exoref_client *client = NULL;
    exoref_atom *atom = NULL;
    exoref_error *error = NULL;
    exoref_status status;

    status = exoref_client_open(url ? url : "local:exoref-data", NULL, TIMEOUT, &client, &error);
    if (status == EXOREF_OK) {
        status = exoref_atom_create(client, "lamp", 4, "red", 3, NULL, TIMEOUT, &atom, NULL, &error);
    }
    if (status == EXOREF_OK) status = watch(atom, &seen, &error);
    if (status != EXOREF_OK) fprintf(stderr, "watch: %s\n", exoref_error_message(error));
    exoref_error_release(error);

    /* `seen` goes away at the end of main: after the close no callback runs that could use it. */
    if (client) exoref_client_close(client, EXOREF_TIMEOUT_NONE, NULL);
    exoref_atom_release(atom);
    exoref_client_release(client);
    return status == EXOREF_OK ? 0 : 1;
}
