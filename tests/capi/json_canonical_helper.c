/* exoref_json_canonical for another program: reads "SIZE\n" and so many bytes, answers "+SIZE\n" and the canonical form or "-SIZE\n"
 * and the error's message, until its input ends. tests/conformance/json_oracle.py talks to it. */
#include <exoref/exoref.h>
#include <stdio.h>
#include <stdlib.h>

static void answer(char sign, const void *data, size_t size) {
    printf("%c%zu\n", sign, size);
    fwrite(data, 1, size, stdout);
    fflush(stdout);
}

int main(void) {
    size_t size = 0;
    while (scanf("%zu", &size) == 1 && getchar() == '\n') {
        exoref_value *canonical = NULL;
        exoref_error *error = NULL;
        char *text = malloc(size + 1);
        if (text == NULL || fread(text, 1, size, stdin) != size) {
            free(text);
            return 1;
        }
        if (exoref_json_canonical(text, size, &canonical, &error) == EXOREF_OK) {
            answer('+', exoref_value_data(canonical), exoref_value_size(canonical));
        } else {
            const char *message = exoref_error_message(error);
            size_t length = 0;
            while (message[length] != '\0') ++length;
            answer('-', message, length);
        }
        exoref_value_release(canonical);
        exoref_error_release(error);
        free(text);
    }
    return 0;
}
