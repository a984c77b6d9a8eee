/* Clients, what they do to any reference by its key, and the end of a case. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "agent.h"

exoref_client *take_client(step *s) {
    const char *name = take_text(s, "client", false);
    return find(s, CLIENT, name != NULL ? name : "main");
}

static void write_line(void *ctx, int32_t level, const char *category, const char *line) {
    (void)level;
    (void)category;
    log_add(ctx, cJSON_CreateString(line));
}

static event_log *lines_of(step *s, const char *client) {
    char name[100];
    snprintf(name, sizeof name, LINES_OF "%s", client);
    return log_named(s, name);
}

static void client_open(step *s) {
    const char *name = take_text(s, "client", true), *url = take_text(s, "url", true);
    exoref_options *options = take_options(s);
    if (ready(s)) {
        exoref_client *client = NULL;
        ended(s, exoref_options_set_log(options, EXOREF_LOG_WARNING, write_line, lines_of(s, name), NULL, &s->failure));
        const exoref_status status = exoref_client_open(url, options, EXOREF_TIMEOUT_DEFAULT, &client, &s->failure);
        if (ended(s, status)) keep(s, CLIENT, name, client);
    }
    exoref_options_release(options);
}

static void client_close(step *s) {
    exoref_client *client = take_named(s, CLIENT, "client");
    if (!ready(s)) return;
    ended(s, exoref_client_close(client, EXOREF_TIMEOUT_DEFAULT, &s->failure));
}

static bool has_line(const event_log *log, const char *part) {
    const cJSON *line = NULL;
    cJSON_ArrayForEach(line, log->events) {
        if (strstr(line->valuestring, part) != NULL) return true;
    }
    return false;
}

/* Waits until a line of the client's log has the text. */
static void client_logged(step *s) {
    const char *name = take_text(s, "client", false), *text = take_text(s, "text", true);
    const int64_t timeout = take_number(s, "timeout", 0);
    if (name == NULL) name = "main";
    find(s, CLIENT, name);
    if (!ready(s)) return;
    event_log *log = lines_of(s, name);
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += timeout / 1000;
    pthread_mutex_lock(&log->lock);
    while (!has_line(log, text) && pthread_cond_timedwait(&log->changed, &log->lock, &until) == 0) {
    }
    give_flag(s, "logged", has_line(log, text));
    pthread_mutex_unlock(&log->lock);
}

static void client_delete(step *s) {
    exoref_client *client = take_client(s);
    const bytes key = take_bytes(s, "key", true);
    const int64_t timeout = take_timeout(s);
    if (!ready(s)) return;
    bool deleted = false;
    if (ended(s, exoref_delete(client, key.data, key.size, timeout, &deleted, &s->failure)))
        give_flag(s, "deleted", deleted);
}

static void client_expire(step *s) {
    exoref_client *client = take_client(s);
    const bytes key = take_bytes(s, "key", true);
    const int64_t timeout = take_timeout(s), ttl = take_number(s, "ttl", EXOREF_TTL_NONE);
    if (!ready(s)) return;
    ended(s, exoref_expire(client, key.data, key.size, ttl, timeout, &s->failure));
}

static void client_realized(step *s) {
    exoref_client *client = take_client(s);
    const bytes key = take_bytes(s, "key", true);
    const char *type = take_text(s, "type", false);
    const int64_t timeout = take_timeout(s);
    if (!ready(s)) return;
    bool realized = false;
    if (ended(s, exoref_realized(client, key.data, key.size, type, timeout, &realized, &s->failure)))
        give_flag(s, "realized", realized);
}

static void client_inspect(step *s) {
    static const char *const texts[] = {"type", "ttl", "state", "attempt", "failure"};
    exoref_client *client = take_client(s);
    const bytes key = take_bytes(s, "key", true);
    const int64_t timeout = take_timeout(s);
    if (!ready(s)) return;
    exoref_info *info = NULL;
    if (!ended(s, exoref_inspect(client, key.data, key.size, timeout, &info, &s->failure))) return;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; ++i) {
        const char *text = exoref_info_text(info, texts[i]);
        if (text != NULL) give_text(s, texts[i], text);
    }
    exoref_value *value = exoref_info_value(info), *meta = exoref_info_meta(info);
    if (value != NULL) {
        give_value(s, value);
    } else {
        give_text(s, "codec", exoref_info_text(info, "codec"));
        give_number(s, "version", strtod(exoref_info_text(info, "version"), NULL));
    }
    if (meta != NULL) give_bytes(s->results, "meta", exoref_value_data(meta), exoref_value_size(meta));
    exoref_value_release(value);
    exoref_value_release(meta);
    exoref_info_release(info);
}

static void close_client(void *client) {
    if (exoref_client_close(client, 60000, NULL) != EXOREF_OK) abort();
}

/* Bodies that wait end, then clients are closed, so that nothing is called any more; then all is let go. */
void end_case(void) {
    void *what;
    each(BODY, body_end_now);
    each(CLIENT, close_client);
    while ((what = take_any(FUTURE)) != NULL) pending_free(what);
    while ((what = take_any(STATE)) != NULL) exoref_value_release(what);
    while ((what = take_any(SWAP)) != NULL) exoref_swap_release(what);
    while ((what = take_any(LEASE)) != NULL) exoref_lease_release(what);
    while ((what = take_any(ATOM)) != NULL) exoref_atom_release(what);
    while ((what = take_any(PROMISE)) != NULL) exoref_promise_release(what);
    while ((what = take_any(DELAY)) != NULL) exoref_delay_release(what);
    while ((what = take_any(CLIENT)) != NULL) exoref_client_release(what);
    while ((what = take_any(BODY)) != NULL) body_release(what);
    while ((what = take_any(LOG)) != NULL) log_free(what);
    while ((what = take_any(FUNCTION)) != NULL) function_free(what);
}

const step_entry client_steps[] = {{"client.open", client_open},       {"client.close", client_close},
                                   {"client.logged", client_logged},   {"client.delete", client_delete},
                                   {"client.expire", client_expire},   {"client.realized", client_realized},
                                   {"client.inspect", client_inspect}, {NULL, NULL}};
