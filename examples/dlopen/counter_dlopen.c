/*
 * The library without its header, as an interpreter's foreign-function interface uses it: by dlopen and dlsym. Handles
 * are pointers, statuses are 32-bit integers (0: it went well), timeouts are 64-bit milliseconds (-2: the default).
 *
 *     counter_dlopen [URL [LIBRARY]]
 *
 * Prints: counter_dlopen is 3
 */
#include <dlfcn.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int32_t (*client_open)(const char *, const void *, int64_t, void **, void **);
static int32_t (*atom_create)(void *, const void *, size_t, const void *, size_t, const void *, int64_t, void **,
                              bool *, void **);
static int32_t (*atom_swap)(void *, int32_t (*)(void *, const void *, void *), void *, int64_t, void **, void **);
static const void *(*value_data)(const void *);
static int32_t (*sink_write)(void *, const void *, size_t);
static const char *(*error_message)(const void *);
static void (*atom_release)(void *), (*client_release)(void *), (*value_release)(void *), (*error_release)(void *);

static bool load(void *library, void *function, const char *name) {
    void *symbol = dlsym(library, name);
    if (symbol == NULL) fprintf(stderr, "counter_dlopen: the library has no %s\n", name);
    memcpy(function, &symbol, sizeof symbol); /* C has no cast from an object's to a function's pointer */
    return symbol != NULL;
}

static bool load_all(void *library) {
    return load(library, &client_open, "exoref_client_open") && load(library, &atom_create, "exoref_atom_create") &&
           load(library, &atom_swap, "exoref_atom_swap") && load(library, &value_data, "exoref_value_data") &&
           load(library, &sink_write, "exoref_sink_write") && load(library, &error_message, "exoref_error_message") &&
           load(library, &atom_release, "exoref_atom_release") &&
           load(library, &client_release, "exoref_client_release") &&
           load(library, &value_release, "exoref_value_release") &&
           load(library, &error_release, "exoref_error_release");
}

static int32_t add_one(void *ctx, const void *old_value, void *result) {
    char next[32];
    (void)ctx;
    snprintf(next, sizeof next, "%lld", strtoll(value_data(old_value), NULL, 10) + 1);
    return sink_write(result, next, strlen(next)) == 0 ? 0 : -1;
}

int main(int argc, char **argv) {
    const char *url = argc > 1 ? argv[1] : getenv("EXOREF_URL");
    void *library = dlopen(argc > 2 ? argv[2] : "libexoref.so.1", RTLD_NOW);
    void *client = NULL, *atom = NULL, *value = NULL, *error = NULL;
    const int64_t timeout = -2;
    int32_t status;
    if (library == NULL) {
        fprintf(stderr, "counter_dlopen: %s\n", dlerror());
        return 1;
    }
    if (!load_all(library)) return 1;

    status = client_open(url ? url : "local:exoref-data", NULL, timeout, &client, &error);
    if (status == 0) status = atom_create(client, "counter_dlopen", 14, "0", 1, NULL, timeout, &atom, NULL, &error);
    for (int i = 0; i < 3 && status == 0; i++) {
        value_release(value);
        status = atom_swap(atom, add_one, NULL, timeout, &value, &error);
    }
    if (status == 0) {
        printf("counter_dlopen is %s\n", (const char *)value_data(value));
    } else {
        fprintf(stderr, "counter_dlopen: %s\n", error_message(error));
    }
    error_release(error);
    value_release(value);
    atom_release(atom);
    client_release(client);
    dlclose(library);
    return status == 0 ? 0 : 1;
}
