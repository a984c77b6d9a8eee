/* Loads and unloads the library, used and unused, without being linked with it.  LIBRARY URL TIMES */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int use(void *library, const char *url) {
    int32_t (*open)(const char *, const void *, int64_t, void **, void **);
    int32_t (*ping)(void *, int64_t, int64_t *, void **, void **);
    void (*release)(void *);
    void *client = NULL;
    void *symbol = dlsym(library, "exoref_client_open");
    memcpy(&open, &symbol, sizeof symbol);
    symbol = dlsym(library, "exoref_client_ping");
    memcpy(&ping, &symbol, sizeof symbol);
    symbol = dlsym(library, "exoref_client_release");
    memcpy(&release, &symbol, sizeof symbol);
    if (open(url, NULL, 20000, &client, NULL) != 0 || ping(client, 20000, NULL, NULL, NULL) != 0) return 1;
    release(client); /* its threads may still run when the library is unloaded */
    return 0;
}

int main(int argc, char **argv) {
    if (argc != 4) return 2;
    for (int i = 0; i < atoi(argv[3]); i++) {
        void *library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
        if (library == NULL) {
            fprintf(stderr, "%s\n", dlerror());
            return 3;
        }
        if (i % 2 == 1 && use(library, argv[2]) != 0) return 4;
        if (dlclose(library) != 0) return 5;
    }
    return 0;
}
