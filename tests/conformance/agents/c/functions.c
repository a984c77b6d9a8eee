/* The functions that cases name: for swaps and metadata, and for validators. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent.h"

function *take_function(step *s, const char *field) {
    static const char *const known[] = {"inc",     "append", "set",    "keep",         "fail",
                                        "decline", "accept", "refuse", "refuse_value", "at_most"};
    const char *does = take_text(s, field, false);
    if (does == NULL) return NULL;
    bool is_known = false;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; ++i) is_known = is_known || strcmp(known[i], does) == 0;
    if (!is_known) step_fault(s, "no function '%s'", does);
    function *made = calloc(1, sizeof *made);
    if (made == NULL) abort();
    const char *message = take_text(s, "message", false), *meanwhile = take_text(s, "meanwhile_atom", false);
    made->does = strdup(does);
    made->argument = bytes_kept(take_bytes(s, "argument", false));
    made->message = strdup(message != NULL ? message : "");
    made->meanwhile = find(s, ATOM, meanwhile);
    made->meanwhile_value = bytes_kept(take_bytes(s, "meanwhile_value", meanwhile != NULL));
    return made;
}

void function_free(void *ctx) {
    function *self = ctx;
    if (self == NULL) return;
    free(self->does);
    free(self->argument.data);
    free(self->message);
    free(self->meanwhile_value.data);
    free(self);
}

static bool is(const function *self, const char *does) { return strcmp(self->does, does) == 0; }

/* Another's change while the function runs for the first time. */
static void change_meanwhile(function *self) {
    if (atomic_fetch_add(&self->calls, 1) > 0 || self->meanwhile == NULL) return;
    const bytes to = self->meanwhile_value;
    const exoref_status status =
        self->of_meta ? exoref_atom_reset_meta(self->meanwhile, to.data, to.size, EXOREF_TIMEOUT_DEFAULT, NULL)
                      : exoref_atom_reset(self->meanwhile, to.data, to.size, EXOREF_TIMEOUT_DEFAULT, NULL, NULL);
    if (status != EXOREF_OK) abort();
}

int32_t function_swap(void *ctx, const exoref_value *old_value, exoref_sink *result) {
    function *self = ctx;
    const char *old = exoref_value_data(old_value);
    change_meanwhile(self);
    if (is(self, "inc")) {
        char text[32];
        const int size = snprintf(text, sizeof text, "%lld", strtoll(old, NULL, 10) + 1);
        exoref_sink_write(result, text, (size_t)size);
    } else if (is(self, "append") || is(self, "keep")) {
        exoref_sink_write(result, old, exoref_value_size(old_value));
        exoref_sink_write(result, self->argument.data, self->argument.size);
    } else if (is(self, "set")) {
        exoref_sink_write(result, self->argument.data, self->argument.size);
    } else if (is(self, "decline")) {
        return EXOREF_CALL_DECLINED;
    } else {
        exoref_sink_set_message(result, self->message);
        return EXOREF_CALL_FAILED;
    }
    return EXOREF_CALL_OK;
}

int32_t function_validate(void *ctx, const void *data, size_t size, exoref_sink *sink) {
    function *self = ctx;
    bool good = is(self, "accept");
    if (is(self, "refuse_value")) good = size != self->argument.size || memcmp(data, self->argument.data, size) != 0;
    if (is(self, "at_most")) good = size <= (size_t)strtoul(self->argument.data, NULL, 10);
    if (good) return EXOREF_CALL_OK;
    exoref_sink_set_message(sink, self->message);
    return EXOREF_CALL_FAILED;
}

void set_validator(step *s, exoref_options *options, function *validator) {
    if (validator == NULL) return;
    const exoref_status status =
        exoref_options_set_validator(options, function_validate, validator, function_free, &s->failure);
    ended(s, status);
}
