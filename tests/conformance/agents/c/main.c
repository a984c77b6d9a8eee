/* Reads steps, one a line; has them played; writes the answers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent.h"

static void hello(step *s) {
    if (ready(s)) give_text(s, "language", "c");
}

static void case_end(step *s) {
    if (ready(s)) end_case();
}

static const step_entry own_steps[] = {{"hello", hello}, {"case.end", case_end}, {NULL, NULL}};
static const step_entry *const all_steps[] = {own_steps,   client_steps, atom_steps,    change_steps,
                                              watch_steps, swap_steps,   promise_steps, delay_steps,
                                              lease_steps, body_steps,   future_steps};

static void play(step *s, const char *op) {
    for (size_t i = 0; i < sizeof all_steps / sizeof all_steps[0]; ++i) {
        for (const step_entry *at = all_steps[i]; at->op != NULL; ++at) {
            if (strcmp(at->op, op) == 0) {
                at->play(s);
                return;
            }
        }
    }
    step_fault(s, "unknown step '%s'", op);
}

static void answer(step *s) {
    cJSON *out = cJSON_CreateObject();
    if (s->fault[0] != '\0') {
        cJSON_AddStringToObject(out, "fault", s->fault);
    } else if (s->error != NULL) {
        cJSON_AddItemToObject(out, "error", cJSON_Duplicate(s->error, true));
    } else {
        cJSON_AddItemToObject(out, "ok", cJSON_Duplicate(s->results, true));
    }
    char *text = cJSON_PrintUnformatted(out);
    puts(text);
    fflush(stdout);
    cJSON_free(text);
    cJSON_Delete(out);
}

static void play_line(const char *line) {
    step s = {.fields = cJSON_Parse(line), .results = cJSON_CreateObject(), .taken = cJSON_CreateArray()};
    const char *op = cJSON_IsObject(s.fields) ? take_text(&s, "op", true) : NULL;
    if (op == NULL)
        step_fault(&s, "this is no step: %s", line);
    else
        play(&s, op);
    answer(&s);
    while (s.decoded_count > 0) free(s.decoded[--s.decoded_count]);
    cJSON_Delete(s.fields);
    cJSON_Delete(s.results);
    cJSON_Delete(s.taken);
    cJSON_Delete(s.error);
}

int main(void) {
    char *line = NULL;
    size_t room = 0;
    while (getline(&line, &room, stdin) > 0) play_line(line);
    free(line);
    end_case();
    return 0;
}
