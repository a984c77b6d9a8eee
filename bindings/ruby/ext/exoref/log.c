/* Lines of the log come on any thread, with or without Ruby's lock: they are kept, and Ruby is told by the descriptor of its events. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "low.h"

enum { MOST_LINES = 10000 };

typedef struct line {
    struct line *next;
    int32_t level;
    const char *category;
    const char *text;
    char bytes[];
} line;

struct exoref_ruby_log {
    atomic_int holders;
    pthread_mutex_t mutex;
    int fd;
    line *first, **end;
    int count;
    int lost;
};

static void append(exoref_ruby_log *log, line *one) {
    const uint64_t number = 1;
    *log->end = one;
    log->end = &one->next;
    /* A full pipe is readable already, which is all that is to be told. */
    if (log->count++ == 0 && log->fd >= 0 && write(log->fd, &number, sizeof number) < 0) return;
}

static void keep_line(void *ctx, int32_t level, const char *category, const char *text) {
    exoref_ruby_log *log = ctx;
    const size_t category_size = strlen(category) + 1, size = strlen(text) + 1;
    line *one = malloc(sizeof *one + category_size + size);
    pthread_mutex_lock(&log->mutex);
    if (one == NULL || log->count >= MOST_LINES) {
        log->lost++;
        free(one);
    } else {
        one->next = NULL;
        one->level = level;
        one->category = memcpy(one->bytes, category, category_size);
        one->text = memcpy(one->bytes + category_size, text, size);
        append(log, one);
    }
    pthread_mutex_unlock(&log->mutex);
}

static line *take_all(exoref_ruby_log *log, int *lost) {
    line *all;
    pthread_mutex_lock(&log->mutex);
    all = log->first;
    *lost = log->lost;
    log->first = NULL;
    log->end = &log->first;
    log->count = log->lost = 0;
    pthread_mutex_unlock(&log->mutex);
    return all;
}

/* Takes no lock: in a forked child, whose collector calls this too, a thread that is not there may hold it. */
void exoref_ruby_log_release(exoref_ruby_log *log) {
    if (atomic_fetch_sub(&log->holders, 1) != 1) return;
    for (line *one = log->first, *next; one != NULL; one = next) {
        next = one->next;
        free(one);
    }
    free(log);
}

static void release_context(void *ctx) { exoref_ruby_log_release(ctx); }

exoref_ruby_log *exoref_ruby_log_new(exoref_options *options, int32_t level) {
    exoref_error *error = NULL;
    exoref_status status;
    exoref_ruby_log *log = calloc(1, sizeof *log);
    if (log == NULL) rb_memerror();
    pthread_mutex_init(&log->mutex, NULL);
    atomic_init(&log->holders, 2); /* the options, and who takes the lines */
    log->fd = -1;
    log->end = &log->first;
    status = exoref_options_set_log(options, level, keep_line, log, release_context, &error);
    if (status != EXOREF_OK) {
        exoref_ruby_log_release(log);
        exoref_ruby_raise(status, error);
    }
    return log;
}

void exoref_ruby_log_set_fd(exoref_ruby_log *log, int32_t fd) {
    const uint64_t number = 1;
    pthread_mutex_lock(&log->mutex);
    log->fd = fd;
    if (log->count > 0 && fd >= 0 && write(fd, &number, sizeof number) < 0) log->fd = fd;
    pthread_mutex_unlock(&log->mutex);
}

static VALUE line_of(int32_t level, const char *category, const char *text) {
    return rb_ary_new_from_args(3, INT2FIX(level), rb_utf8_str_new_cstr(category), rb_utf8_str_new_cstr(text));
}

VALUE exoref_ruby_log_take(exoref_ruby_log *log) {
    int lost;
    const VALUE lines = rb_ary_new();
    for (line *one = take_all(log, &lost), *next; one != NULL; one = next) {
        next = one->next;
        rb_ary_push(lines, line_of(one->level, one->category, one->text));
        free(one);
    }
    if (lost > 0)
        rb_ary_push(lines,
                    line_of(EXOREF_LOG_WARNING, "log", "lines came faster than they were taken; some are missing"));
    return lines;
}
