/* The bodies that cases name: what they do, how often they were called, and when one that waits may end. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "agent.h"

struct body {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    char *does, *kind, *message;
    bytes value, payload;
    int64_t times; /* how often it fails before it gives */
    int64_t calls;
    bool end;              /* one that waits may end */
    exoref_lease *running; /* the lease that it runs under now or ran under last */
};

static char *text_or_empty(const char *text) {
    char *out = strdup(text != NULL ? text : "");
    if (out == NULL) abort();
    return out;
}

body *take_body(step *s) {
    static const char *const known[] = {"give", "fail", "decline", "wait", "fail_first"};
    const char *does = take_text(s, "body", false);
    if (does == NULL) return NULL;
    bool is_known = false;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; ++i) is_known = is_known || strcmp(known[i], does) == 0;
    if (!is_known) step_fault(s, "no body '%s'", does);
    body *made = calloc(1, sizeof *made);
    if (made == NULL) abort();
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&made->lock, NULL);
    pthread_cond_init(&made->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    made->does = text_or_empty(does);
    made->kind = text_or_empty(take_text(s, "kind", false));
    made->message = text_or_empty(take_text(s, "message", false));
    made->value = bytes_kept(take_bytes(s, "value", false));
    made->payload = bytes_kept(take_bytes(s, "payload", false));
    made->times = take_number(s, "times", 0);
    return made;
}

void body_release(void *ctx) {
    body *self = ctx;
    exoref_lease_release(self->running);
    pthread_cond_destroy(&self->changed);
    pthread_mutex_destroy(&self->lock);
    free(self->does);
    free(self->kind);
    free(self->message);
    free(self->value.data);
    free(self->payload.data);
    free(self);
}

void body_end_now(void *ctx) {
    body *self = ctx;
    pthread_mutex_lock(&self->lock);
    self->end = true;
    pthread_cond_broadcast(&self->changed);
    pthread_mutex_unlock(&self->lock);
}

static int32_t fail(const body *self, exoref_sink *result) {
    exoref_sink_set_kind(result, self->kind);
    exoref_sink_set_message(result, self->message);
    exoref_sink_write(result, self->payload.data, self->payload.size);
    return EXOREF_CALL_FAILED;
}

int32_t body_run(void *ctx, exoref_lease *lease, exoref_sink *result) {
    body *self = ctx;
    pthread_mutex_lock(&self->lock);
    const int64_t call = ++self->calls;
    exoref_lease_release(self->running);
    self->running = exoref_lease_retain(lease);
    pthread_cond_broadcast(&self->changed);
    while (strcmp(self->does, "wait") == 0 && !self->end) pthread_cond_wait(&self->changed, &self->lock);
    pthread_mutex_unlock(&self->lock);
    if (strcmp(self->does, "decline") == 0) return EXOREF_CALL_DECLINED;
    if (strcmp(self->does, "fail") == 0) return fail(self, result);
    if (strcmp(self->does, "fail_first") == 0 && call <= self->times) return fail(self, result);
    exoref_sink_write(result, self->value.data, self->value.size);
    return EXOREF_CALL_OK;
}

static void give_calls(step *s, body *of, int64_t at_least, int64_t timeout) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += timeout / 1000;
    pthread_mutex_lock(&of->lock);
    while (of->calls < at_least && pthread_cond_timedwait(&of->changed, &of->lock, &until) == 0) {
    }
    give_number(s, "calls", (double)of->calls);
    pthread_mutex_unlock(&of->lock);
}

static void body_calls(step *s) {
    body *of = take_named(s, BODY, "delay");
    if (ready(s)) give_calls(s, of, 0, 0);
}

/* Waits until it was called so many times. */
static void body_began(step *s) {
    body *of = take_named(s, BODY, "delay");
    const int64_t calls = take_number(s, "calls", 1), timeout = take_number(s, "timeout", 0);
    if (ready(s)) give_calls(s, of, calls, timeout);
}

static void body_end(step *s) {
    body *of = take_named(s, BODY, "delay");
    if (ready(s)) body_end_now(of);
}

/* Waits until the lease under which it runs is lost or has ended. */
static void body_lost(step *s) {
    body *of = take_named(s, BODY, "delay");
    const int64_t timeout = take_number(s, "timeout", 0);
    if (!ready(s)) return;
    pthread_mutex_lock(&of->lock);
    exoref_lease *lease = exoref_lease_retain(of->running);
    pthread_mutex_unlock(&of->lock);
    exoref_future *future = NULL;
    if (ended(s, exoref_lease_lost_async(lease, &future, &s->failure)) &&
        ended(s, exoref_future_wait(future, timeout, &s->failure)))
        give_flag(s, "lost", exoref_lease_lost(lease));
    exoref_future_release(future);
    exoref_lease_release(lease);
}

const step_entry body_steps[] = {{"body.calls", body_calls},
                                 {"body.began", body_began},
                                 {"body.end", body_end},
                                 {"body.lost", body_lost},
                                 {NULL, NULL}};
