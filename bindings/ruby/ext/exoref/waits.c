/*
 * Waiting without Ruby's lock. A wait of a future is ended by exoref_future_interrupt() when Ruby wants something of the thread
 * (Thread#raise, Timeout, a signal); if that turns out to be no reason to stop, it waits on. The operation never notices.
 */
#include <ruby/thread.h>
#include <time.h>

#include "low.h"

typedef struct {
    exoref_future *future;
    int64_t timeout_ms;
    exoref_status status;
    exoref_error *error;
} waiting;

static void *wait_here(void *given) {
    waiting *w = given;
    w->status = exoref_future_wait(w->future, w->timeout_ms, &w->error);
    return NULL;
}

static void wake(void *given) { exoref_future_interrupt(((waiting *)given)->future); }

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* EXOREF_OK or EXOREF_ETIMEOUT; raises anything else. Only one thread waits for the future in this way: an interrupt ends one wait. */
static exoref_status wait_for(exoref_future *future, int64_t timeout_ms) {
    const int64_t deadline = timeout_ms > 0 ? now_ms() + timeout_ms : 0;
    waiting w = {future, timeout_ms, EXOREF_OK, NULL};
    if (exoref_future_done(future)) return EXOREF_OK;
    for (;;) {
        w.status = EXOREF_EINTERRUPTED; /* with an interrupt pending it comes back without having called */
        w.error = NULL;
        rb_thread_call_without_gvl2(wait_here, &w, wake, &w);
        if (w.status != EXOREF_EINTERRUPTED) break;
        exoref_error_release(w.error);
        rb_thread_check_ints();
        if (timeout_ms > 0) w.timeout_ms = deadline > now_ms() ? deadline - now_ms() : 0;
    }
    if (w.status != EXOREF_OK && w.status != EXOREF_ETIMEOUT) exoref_ruby_raise(w.status, w.error);
    exoref_error_release(w.error);
    return w.status;
}

VALUE exoref_ruby_wait(exoref_future *future, int64_t timeout_ms) {
    return wait_for(future, timeout_ms) == EXOREF_OK ? Qtrue : Qfalse;
}

void exoref_ruby_finish(exoref_future *future) {
    exoref_status status;
    wait_for(future, EXOREF_TIMEOUT_NONE);
    status = exoref_future_status(future);
    if (status != EXOREF_OK) exoref_ruby_raise(status, exoref_future_error(future));
}

/* The calls that have no future. */
typedef struct {
    exoref_client *client;
    const char *directory;
    int64_t timeout_ms;
    bool flag;
    exoref_value *text;
    exoref_error *error;
    exoref_status (*call)(void *blocked);
    bool called;
    exoref_status status;
} blocked;

static void *call_here(void *given) {
    blocked *b = given;
    b->called = true;
    b->status = b->call(b);
    return NULL;
}

static void run(blocked *b) {
    while (rb_thread_call_without_gvl2(call_here, b, NULL, NULL), !b->called) rb_thread_check_ints();
    if (b->status != EXOREF_OK) exoref_ruby_raise(b->status, b->error);
}

static exoref_status close_client(void *given) {
    blocked *b = given;
    return exoref_client_close(b->client, b->timeout_ms, &b->error);
}
static exoref_status start_local(void *given) {
    blocked *b = given;
    return exoref_local_start(b->directory, b->timeout_ms, &b->error);
}
static exoref_status stop_local(void *given) {
    blocked *b = given;
    return exoref_local_stop(b->directory, b->timeout_ms, &b->flag, &b->error);
}
static exoref_status status_of_local(void *given) {
    blocked *b = given;
    return exoref_local_status(b->directory, b->timeout_ms, &b->text, &b->error);
}

void exoref_ruby_close(exoref_client *client, int64_t timeout_ms) {
    blocked b = {.client = client, .timeout_ms = timeout_ms, .call = close_client};
    if (timeout_ms != 0) {
        run(&b);
    } else if (close_client(&b) != EXOREF_OK) { /* does not wait; from finalisers, too */
        exoref_ruby_raise(exoref_error_status(b.error), b.error);
    }
}

void exoref_ruby_local_start(const char *directory, int64_t timeout_ms) {
    blocked b = {.directory = directory, .timeout_ms = timeout_ms, .call = start_local};
    run(&b);
}

VALUE exoref_ruby_local_stop(const char *directory, int64_t timeout_ms) {
    blocked b = {.directory = directory, .timeout_ms = timeout_ms, .call = stop_local};
    run(&b);
    return b.flag ? Qtrue : Qfalse;
}

VALUE exoref_ruby_local_status(const char *directory, int64_t timeout_ms) {
    blocked b = {.directory = directory, .timeout_ms = timeout_ms, .call = status_of_local};
    VALUE line;
    run(&b);
    line = exoref_ruby_value_bytes(b.text);
    exoref_value_release(b.text);
    return line;
}
