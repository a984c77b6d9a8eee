/* Watches: each writes the changes that it is told of into a log, which a step reads. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "agent.h"

typedef struct {
    event_log *log;
    exoref_atom *atom; /* a handle of its own, for a watch that removes itself; NULL else */
    bool fails;
} watcher;

static void watcher_free(void *ctx) {
    watcher *self = ctx;
    exoref_atom_release(self->atom);
    free(self);
}

void log_free(event_log *log) {
    cJSON_Delete(log->events);
    pthread_cond_destroy(&log->changed);
    pthread_mutex_destroy(&log->lock);
    free(log);
}

event_log *log_named(step *s, const char *name) {
    step quiet = {.fault = ""};
    event_log *log = find(&quiet, LOG, name);
    if (log != NULL) return log;
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    log = calloc(1, sizeof *log);
    if (log == NULL) abort();
    pthread_mutex_init(&log->lock, NULL);
    pthread_cond_init(&log->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    log->events = cJSON_CreateArray();
    keep(s, LOG, name, log);
    return log;
}

void log_add(event_log *log, cJSON *event) {
    pthread_mutex_lock(&log->lock);
    cJSON_AddItemToArray(log->events, event);
    pthread_cond_broadcast(&log->changed);
    pthread_mutex_unlock(&log->lock);
}

static void add_flag(cJSON *flags, int32_t all, int32_t flag, const char *name) {
    if ((all & flag) != 0) cJSON_AddItemToArray(flags, cJSON_CreateString(name));
}

static cJSON *event_of(const exoref_change *change) {
    cJSON *event = cJSON_CreateObject();
    size_t size = 0;
    const char *watch = exoref_change_watch_key(change, &size);
    give_bytes(event, "watch", watch, size);
    const exoref_value *old = exoref_change_old_value(change), *new = exoref_change_new_value(change);
    if (old != NULL) give_bytes(event, "old", exoref_value_data(old), exoref_value_size(old));
    if (new != NULL) give_bytes(event, "new", exoref_value_data(new), exoref_value_size(new));
    cJSON_AddNumberToObject(event, "version", (double)exoref_change_version(change));
    cJSON_AddNumberToObject(event, "missed", (double)exoref_change_missed(change));
    cJSON *flags = cJSON_AddArrayToObject(event, "flags");
    const int32_t all = exoref_change_flags(change);
    add_flag(flags, all, EXOREF_CHANGE_REWOUND, "rewound");
    add_flag(flags, all, EXOREF_CHANGE_DELETED, "deleted");
    add_flag(flags, all, EXOREF_CHANGE_RECREATED, "recreated");
    add_flag(flags, all, EXOREF_CHANGE_UNCERTAIN, "uncertain");
    return event;
}

static int32_t write_down(void *ctx, const exoref_change *change) {
    watcher *self = ctx;
    log_add(self->log, event_of(change));
    if (self->atom != NULL) {
        size_t size = 0;
        const char *key = exoref_change_watch_key(change, &size);
        if (exoref_atom_remove_watch(self->atom, key, size, NULL) != EXOREF_OK) abort();
    }
    return self->fails ? EXOREF_CALL_FAILED : EXOREF_CALL_OK;
}

static void add_watch(step *s) {
    exoref_atom *atom = take_named(s, ATOM, "atom");
    const bytes key = take_bytes(s, "watch", true);
    const char *log = take_text(s, "log", true), *does = take_text(s, "does", false);
    const char *save = take_text(s, "save", false);
    const int64_t timeout = take_timeout(s);
    if (does != NULL && strcmp(does, "record") != 0 && strcmp(does, "fail") != 0 && strcmp(does, "remove") != 0)
        step_fault(s, "no watch does '%s'", does);
    if (!ready(s)) return;
    watcher *made = calloc(1, sizeof *made);
    if (made == NULL) abort();
    made->log = log_named(s, log);
    made->fails = does != NULL && strcmp(does, "fail") == 0;
    made->atom = does != NULL && strcmp(does, "remove") == 0 ? exoref_atom_retain(atom) : NULL;
    exoref_value *since = NULL;
    const exoref_status status = exoref_atom_add_watch(atom, key.data, key.size, write_down, made, watcher_free, 0,
                                                       timeout, &since, &s->failure);
    if (ended(s, status)) give_state(s, save, since);
}

static void remove_watch(step *s) {
    exoref_atom *atom = take_named(s, ATOM, "atom");
    const bytes key = take_bytes(s, "watch", true);
    if (!ready(s)) return;
    ended(s, exoref_atom_remove_watch(atom, key.data, key.size, &s->failure));
}

/* What a log holds, once it holds `count` events; or when the time is over. */
static void log_read(step *s) {
    event_log *log = take_named(s, LOG, "log");
    const int64_t count = take_number(s, "count", 0), timeout = take_number(s, "timeout", 0);
    if (!ready(s)) return;
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += timeout / 1000;
    pthread_mutex_lock(&log->lock);
    while (cJSON_GetArraySize(log->events) < count && pthread_cond_timedwait(&log->changed, &log->lock, &until) == 0) {
    }
    cJSON_AddItemToObject(s->results, "events", cJSON_Duplicate(log->events, true));
    pthread_mutex_unlock(&log->lock);
}

const step_entry watch_steps[] = {
    {"atom.add_watch", add_watch}, {"atom.remove_watch", remove_watch}, {"log.read", log_read}, {NULL, NULL}};
