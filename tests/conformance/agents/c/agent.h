/*
 * The C agent of the conformance suite: plays one step a line upon exoref.h (docs/conformance.md). A step's function takes
 * its fields, then asks ready() - which refuses what nobody took - and only then does something.
 */
#ifndef EXOREF_CONFORMANCE_AGENT_H
#define EXOREF_CONFORMANCE_AGENT_H

#include <cjson/cJSON.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "exoref/exoref.h"

/* ---- steps (step.c) */

typedef struct {
    char *data;
    size_t size;
} bytes;

typedef struct {
    cJSON *fields;         /* what is not taken yet */
    cJSON *results;        /* what it gives */
    cJSON *error;          /* how it failed, or NULL */
    exoref_error *failure; /* for the last parameter of calls */
    char fault[300];
    cJSON *taken; /* keeps the texts that were taken */
    char *decoded[16];
    int decoded_count;
} step;

void step_fault(step *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The text of a field; NULL if it is absent, which is a fault if it is needed. */
const char *take_text(step *s, const char *name, bool needed);
/* Bytes of a field; data NULL if it is absent. */
bytes take_bytes(step *s, const char *name, bool needed);
/* A copy that outlives the step, for free(); a NUL that does not count follows. */
bytes bytes_kept(bytes from);
int64_t take_number(step *s, const char *name, int64_t otherwise);
int64_t take_timeout(step *s);
exoref_options *take_options(step *s);
/* Whether the step may go on: all was there and nothing is left. */
bool ready(step *s);

/* Notes how a call ended that was given &s->failure; true if well. */
bool ended(step *s, exoref_status status);
void give_text(step *s, const char *name, const char *text);
void give_bytes(cJSON *to, const char *name, const void *data, size_t size);
void give_flag(step *s, const char *name, bool flag);
void give_number(step *s, const char *name, double number);
/* value, version and codec; or old and old_version. Nothing for NULL. */
void give_value(step *s, exoref_value *value);
void give_old_value(step *s, exoref_value *value);
/* The value is given, then kept under the name `save` unless that is NULL, or released. */
void give_state(step *s, const char *save, exoref_value *value);

/* ---- names (names.c) */

typedef enum { CLIENT, ATOM, PROMISE, DELAY, SWAP, LEASE, FUTURE, STATE, LOG, BODY, FUNCTION, KINDS } kind;

/* What goes under the name; NULL and a fault if there is none. */
void *find(step *s, kind of, const char *name);
void *take_named(step *s, kind of, const char *field);
/* The client of the field `client`, "main" without one. */
exoref_client *take_client(step *s);
/* Takes what is released at the end of the case; a fault if the name is taken. */
void keep(step *s, kind of, const char *name, void *what);
void forget(kind of, const char *name);
/* All of a kind, for the end of a case: takes one out, or gives NULL. */
void *take_any(kind of);
void each(kind of, void (*visit)(void *what));

/* ---- functions of the caller (functions.c) */

typedef struct {
    char *does;
    bytes argument;
    char *message;
    exoref_atom *meanwhile; /* set by the function's first call, or NULL */
    bytes meanwhile_value;
    bool of_meta;
    atomic_int calls;
} function;

function *take_function(step *s, const char *field);
void function_free(void *ctx);
int32_t function_swap(void *ctx, const exoref_value *old_value, exoref_sink *result);
int32_t function_validate(void *ctx, const void *data, size_t size, exoref_sink *sink);
/* The validator of a step into its options, if it has one. */
void set_validator(step *s, exoref_options *options, function *validator);

/* ---- logs of watches (watch.c) and bodies (body.c) */

typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    cJSON *events;
} event_log;
/* The log of that name, made if it is not there. */
event_log *log_named(step *s, const char *name);
void log_free(event_log *log);
/* Adds what happened; takes it. */
void log_add(event_log *log, cJSON *event);
/* What the log of a client tells, under this name among the logs. */
#define LINES_OF "lines of "

typedef struct body body;
body *take_body(step *s);
int32_t body_run(void *ctx, exoref_lease *lease, exoref_sink *result);
void body_release(void *ctx);
void body_end_now(void *ctx);

/* ---- futures (future.c) */

typedef enum { GIVES_VALUE, GIVES_VALUES, GIVES_COMPARED, GIVES_DELIVERED } shape;
/* A future that was just begun is kept under the name; `calls_of` is a function whose calls are told with the result, or NULL. */
void begun(step *s, const char *name, shape gives, exoref_status status, exoref_future *future,
           const function *calls_of);
typedef struct pending pending;
void pending_free(pending *entry);

/* ---- the steps, by name */

typedef struct {
    const char *op;
    void (*play)(step *s);
} step_entry;

extern const step_entry client_steps[], atom_steps[], change_steps[], watch_steps[], swap_steps[], promise_steps[],
    delay_steps[], lease_steps[], body_steps[], future_steps[];
void end_case(void);

#endif
