/* A program that has neither the header nor the library at build time: dlopen and dlsym, as a foreign-function interface does. */
#define _POSIX_C_SOURCE 200809L
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int32_t (*open_fn)(const char *, const void *, int64_t, void **, void **);
typedef int32_t (*atom_open_fn)(void *, const void *, size_t, const void *, int64_t, void **, void **);
typedef int32_t (*deref_fn)(void *, int64_t, void **, void **);
typedef const void *(*data_fn)(const void *);
typedef void (*release_fn)(void *);

static void *library;

static void look_up(const char *name, void *function) {
    void *found = dlsym(library, name);
    if (found == NULL) {
        fprintf(stderr, "%s: %s\n", name, dlerror());
        exit(1);
    }
    memcpy(function, &found, sizeof found);
}

int main(int argc, char **argv) {
    open_fn client_open;
    atom_open_fn atom_open;
    deref_fn deref;
    data_fn data;
    release_fn release_value, release_atom, release_client;
    void *client = NULL, *atom = NULL, *value = NULL;
    int good;
    if (argc != 3 || (library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL)) == NULL) {
        fprintf(stderr, "usage: by_dlopen LIBRARY URL (%s)\n", argc == 3 ? dlerror() : "two arguments");
        return 2;
    }
    look_up("exoref_client_open", &client_open);
    look_up("exoref_atom_open", &atom_open);
    look_up("exoref_atom_deref", &deref);
    look_up("exoref_value_data", &data);
    look_up("exoref_value_release", &release_value);
    look_up("exoref_atom_release", &release_atom);
    look_up("exoref_client_release", &release_client);
    good = client_open(argv[2], NULL, 10000, &client, NULL) == 0 &&
           atom_open(client, "packaging", 9, NULL, 10000, &atom, NULL) == 0 && deref(atom, 10000, &value, NULL) == 0 &&
           strcmp(data(value), "hello") == 0;
    release_value(value);
    release_atom(atom);
    release_client(client);
    dlclose(library);
    puts(good ? "works" : "failed");
    return good ? 0 : 1;
}
