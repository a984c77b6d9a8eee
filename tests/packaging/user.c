/* A C program outside the tree: it knows the installed header and how the package is found, nothing else. */
#include <exoref/exoref.h>
#include <stdio.h>
#include <string.h>

static int fail(const char *what, exoref_error *error) {
    fprintf(stderr, "%s: %s\n", what, exoref_error_message(error));
    exoref_error_release(error);
    return 1;
}

int main(int argc, char **argv) {
    exoref_client *client = NULL;
    exoref_atom *atom = NULL;
    exoref_value *value = NULL;
    exoref_error *error = NULL;
    bool same;
    if (argc != 2 || exoref_version_number() / 10000 != EXOREF_VERSION_MAJOR) {
        fprintf(stderr, "usage: user URL, with the library of the header's version\n");
        return 2;
    }
    if (exoref_client_open(argv[1], NULL, 10000, &client, &error) != EXOREF_OK) {
        return fail("open", error);
    }
    if (exoref_atom_create(client, "packaging", 9, "0", 1, NULL, 10000, &atom, NULL, &error) != EXOREF_OK) {
        return fail("create", error);
    }
    if (exoref_json_canonical("[1.50]", 6, &value, &error) != EXOREF_OK) {
        return fail("json", error);
    }
    exoref_value_release(value);
    if (exoref_atom_reset(atom, "hello", 5, 10000, NULL, &error) != EXOREF_OK) {
        return fail("reset", error);
    }
    if (exoref_atom_deref(atom, 10000, &value, &error) != EXOREF_OK) {
        return fail("deref", error);
    }
    same = exoref_value_size(value) == 5 && memcmp(exoref_value_data(value), "hello", 5) == 0;
    exoref_value_release(value);
    exoref_atom_release(atom);
    exoref_client_release(client);
    puts(same ? "works" : "another value came back");
    return same ? 0 : 1;
}
