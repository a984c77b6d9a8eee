/* Opens a client whose server's name is looked up for ever, and ends.  close | release | leave */
#define _POSIX_C_SOURCE 200809L

#include <exoref/exoref.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t asked_now = PTHREAD_COND_INITIALIZER;
static int asked;

/* Not locals: who leaves without releasing them has not lost them. */
static exoref_client *client;
static exoref_future *pending;

/* Stands before the C library's: no name server here ever answers, and no name is a number. */
int getaddrinfo(const char *restrict name, const char *restrict service, const struct addrinfo *restrict hints,
                struct addrinfo **restrict result) {
    (void)name;
    (void)service;
    (void)result;
    if ((hints->ai_flags & AI_NUMERICHOST) != 0) return EAI_NONAME;
    pthread_mutex_lock(&mutex);
    asked = 1;
    pthread_cond_signal(&asked_now);
    pthread_mutex_unlock(&mutex);
    for (;;) poll(NULL, 0, -1);
}

int main(int argc, char **argv) {
    if (argc != 2) return 2;
    if (exoref_client_open("redis://slow.example", NULL, 0, &client, NULL) != EXOREF_OK) return 3;
    if (exoref_atom_open_async(client, "k", 1, NULL, EXOREF_TIMEOUT_NONE, &pending, NULL) != EXOREF_OK) return 4;
    pthread_mutex_lock(&mutex);
    while (!asked) pthread_cond_wait(&asked_now, &mutex);
    pthread_mutex_unlock(&mutex);
    puts("looking up");
    if (strcmp(argv[1], "leave") == 0) return 0;
    if (strcmp(argv[1], "close") == 0 && exoref_client_close(client, 20000, NULL) != EXOREF_OK) return 5;
    exoref_future_release(pending);
    exoref_client_release(client);
    return 0;
}
