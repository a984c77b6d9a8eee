/* Forces a delay that it has a body for, and prints the value. The body counts its runs on the server, over a socket of its own.
 *   delay_forcing_helper URL SOCKET-FILE KEY
 * Says "ready" when it has opened the delay, and goes on when its input ends. */
#define _POSIX_C_SOURCE 200809L

#include <exoref/exoref.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static const char kCount[] = "INCR runs\r\n";

static int32_t count_the_run(void *ctx, exoref_lease *lease, exoref_sink *result) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char reply[32];
    ssize_t size = 0;
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    (void)lease;
    snprintf(address.sun_path, sizeof address.sun_path, "%s", (const char *)ctx);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof address) == 0 &&
        write(fd, kCount, sizeof kCount - 1) == (ssize_t)sizeof kCount - 1) {
        size = read(fd, reply, sizeof reply);
    }
    if (fd >= 0) close(fd);
    /* ":<runs>\r\n" */
    if (size < 4 || reply[0] != ':') return EXOREF_CALL_FAILED;
    return exoref_sink_write(result, reply + 1, (size_t)size - 3) == EXOREF_OK ? EXOREF_CALL_OK : EXOREF_CALL_FAILED;
}

int main(int argc, char **argv) {
    exoref_client *client = NULL;
    exoref_delay *delay = NULL;
    exoref_value *value = NULL;
    exoref_error *error = NULL;
    char byte;
    if (argc != 4) return 2;
    if (exoref_client_open(argv[1], NULL, 120000, &client, &error) != EXOREF_OK ||
        exoref_delay_open_with_body(client, argv[3], strlen(argv[3]), count_the_run, argv[2], NULL, 0, NULL, 120000,
                                    &delay, NULL, &error) != EXOREF_OK) {
        fprintf(stderr, "%s\n", exoref_error_message(error));
        return 3;
    }
    puts("ready");
    fflush(stdout);
    while (read(STDIN_FILENO, &byte, 1) > 0) continue;
    if (exoref_delay_deref(delay, 120000, &value, &error) != EXOREF_OK) {
        fprintf(stderr, "%s\n", exoref_error_message(error));
        return 4;
    }
    printf("run %.*s\n", (int)exoref_value_size(value), (const char *)exoref_value_data(value));
    exoref_value_release(value);
    exoref_delay_release(delay);
    exoref_client_release(client);
    return 0;
}
