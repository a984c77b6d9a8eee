/* What SWIG does not do, or does in many crossings where one is enough: reading errors, outcomes, values, changes and events, and the
   callbacks of C, which call the functions that callbacks.go exports. Handles are uintptr_t, as they are in Go. */
#ifndef EXOREF_GO_SHIMS_H
#define EXOREF_GO_SHIMS_H

#include <exoref/exoref.h>
#include <stdlib.h>
#include <string.h>

/* 0 for EXOREF_OK; the error's handle; or, where memory was too short for one, the status. */
uintptr_t exoref_go_failure(exoref_status status, exoref_error *error);

typedef struct {
    int32_t status, reason;
    bool sent;
    const char *message, *server_text, *key, *kind, *payload;
    size_t key_size, payload_size;
} exoref_go_error;
exoref_go_error exoref_go_read_error(uintptr_t error);

typedef struct {
    uintptr_t handle; /* 0: there is none */
    const void *data;
    size_t size;
    uint64_t version;
} exoref_go_value;
exoref_go_value exoref_go_read_value(uintptr_t value);

/* What a future that is done came to. Handles other than these are read by the generated functions. */
typedef struct {
    uintptr_t failure; /* as of exoref_go_failure */
    exoref_go_value value, old_value;
    bool flag;
    int64_t number;
} exoref_go_outcome;
exoref_go_outcome exoref_go_read_outcome(uintptr_t future);

/* Waits for the future, and reads what it came to; `done` false: it took longer. */
exoref_go_outcome exoref_go_wait_outcome(uintptr_t future, int64_t timeout_ms, bool *done);

/* A value that this process knows already. It stands in `inlined` if it has at most `most` bytes, and there is no handle then. */
enum { EXOREF_GO_INLINED = 64 };
typedef struct {
    bool known;
    exoref_go_value value;
    char inlined[EXOREF_GO_INLINED];
} exoref_go_known;
exoref_go_known exoref_go_promise_known(uintptr_t promise, size_t most);
exoref_go_known exoref_go_delay_known(uintptr_t delay, size_t most);

/* Takes the events that are there. Completions are only told of, and what is to be freed is freed; of others there is the event. */
typedef struct {
    uint64_t token;
    uintptr_t event;
    int32_t kind;
} exoref_go_event;
int32_t exoref_go_take_events(uintptr_t client, exoref_go_event *out, int32_t most, int32_t *status);

typedef struct {
    exoref_go_value old_value, new_value; /* released by the caller */
    const char *watch_key;
    size_t watch_key_size;
    uint64_t version, missed;
    int32_t flags;
} exoref_go_change;
exoref_go_change exoref_go_read_change(uintptr_t event);

/* Texts by number or name, and keys. */
const char *exoref_go_codec(uintptr_t value);
const char *exoref_go_info_text(uintptr_t info, const char *name);
const char *exoref_go_info_key(uintptr_t info, size_t *size);
const char *exoref_go_server(uintptr_t client);

/* Callbacks. Watches and bodies come as events, so they have none. */
int32_t exoref_go_swap(void *ctx, const exoref_value *old_value, exoref_sink *result);
void exoref_go_log(void *ctx, int32_t level, const char *category, const char *line);
void exoref_go_free(void *ctx);
#define exoref_go_watch NULL
#define exoref_go_body NULL

#endif
