#include "shims.h"

#include "_cgo_export.h"

uintptr_t exoref_go_failure(exoref_status status, exoref_error *error) {
    if (status == EXOREF_OK) return 0;
    return error ? (uintptr_t)error : (uintptr_t)status;
}

exoref_go_error exoref_go_read_error(uintptr_t error) {
    const exoref_error *e = (const exoref_error *)error;
    exoref_go_error out;
    out.status = exoref_error_status(e);
    out.reason = exoref_error_reason(e);
    out.sent = exoref_error_sent(e);
    out.message = exoref_error_message(e);
    out.server_text = exoref_error_server_text(e);
    out.key = exoref_error_key(e, &out.key_size);
    out.kind = exoref_error_kind(e);
    out.payload = exoref_error_payload(e, &out.payload_size);
    return out;
}

static exoref_go_value read_value(exoref_value *value) {
    exoref_go_value out = {(uintptr_t)value, 0, 0, 0};
    if (value) {
        out.data = exoref_value_data(value);
        out.size = exoref_value_size(value);
        out.version = exoref_value_version(value);
    }
    return out;
}

exoref_go_value exoref_go_read_value(uintptr_t value) { return read_value((exoref_value *)value); }

exoref_go_outcome exoref_go_read_outcome(uintptr_t future) {
    const exoref_future *f = (const exoref_future *)future;
    exoref_go_outcome out;
    memset(&out, 0, sizeof out);
    const exoref_status status = exoref_future_status(f);
    if (status != EXOREF_OK) {
        out.failure = exoref_go_failure(status, exoref_future_error(f));
        return out;
    }
    out.value = read_value(exoref_future_value(f));
    out.old_value = read_value(exoref_future_old_value(f));
    out.flag = exoref_future_flag(f);
    out.number = exoref_future_number(f);
    return out;
}

exoref_go_outcome exoref_go_wait_outcome(uintptr_t future, int64_t timeout_ms, bool *done) {
    exoref_future *f = (exoref_future *)future;
    exoref_future_wait(f, timeout_ms, NULL);
    *done = exoref_future_done(f);
    if (*done) return exoref_go_read_outcome(future);
    exoref_go_outcome none;
    memset(&none, 0, sizeof none);
    return none;
}

static exoref_go_known known(exoref_status status, exoref_value *value, size_t most) {
    exoref_go_known out;
    out.known = status == EXOREF_OK && value != NULL;
    out.value.handle = 0;
    if (!out.known) return out;
    out.value = read_value(value);
    if (most > 0 && out.value.size <= most) {
        memcpy(out.inlined, out.value.data, out.value.size);
        out.value.handle = 0;
        exoref_value_release(value);
    }
    return out;
}

exoref_go_known exoref_go_promise_known(uintptr_t promise, size_t most) {
    exoref_value *value = NULL;
    const exoref_status status = exoref_promise_deref((exoref_promise *)promise, 0, &value, NULL);
    return known(status, value, most);
}

exoref_go_known exoref_go_delay_known(uintptr_t delay, size_t most) {
    exoref_value *value = NULL;
    const exoref_status status = exoref_delay_deref((exoref_delay *)delay, 0, &value, NULL);
    return known(status, value, most);
}

int32_t exoref_go_take_events(uintptr_t client, exoref_go_event *out, int32_t most, int32_t *status) {
    int32_t count = 0;
    *status = EXOREF_OK;
    while (count < most) {
        exoref_event *event = NULL;
        *status = exoref_client_next_event((exoref_client *)client, 0, &event, NULL);
        if (*status != EXOREF_OK) break;
        const int32_t kind = exoref_event_kind(event);
        if (kind == EXOREF_EVENT_RELEASE) {
            exoref_event_run(event);
            exoref_event_release(event);
            continue;
        }
        out[count].kind = kind;
        out[count].token = exoref_event_token(event);
        out[count].event = 0;
        if (kind == EXOREF_EVENT_COMPLETION) {
            exoref_event_release(event);
        } else {
            out[count].event = (uintptr_t)event;
        }
        count++;
    }
    return count;
}

static exoref_go_value retained(const exoref_value *value) { return read_value(value ? exoref_value_retain(value) : NULL); }

exoref_go_change exoref_go_read_change(uintptr_t event) {
    const exoref_change *change = exoref_event_change((const exoref_event *)event);
    exoref_go_change out;
    out.old_value = retained(exoref_change_old_value(change));
    out.new_value = retained(exoref_change_new_value(change));
    out.watch_key = exoref_change_watch_key(change, &out.watch_key_size);
    out.version = exoref_change_version(change);
    out.missed = exoref_change_missed(change);
    out.flags = exoref_change_flags(change);
    return out;
}

const char *exoref_go_codec(uintptr_t value) { return exoref_value_codec((const exoref_value *)value); }
const char *exoref_go_info_text(uintptr_t info, const char *name) {
    return exoref_info_text((const exoref_info *)info, name);
}
const char *exoref_go_info_key(uintptr_t info, size_t *size) { return exoref_info_key((const exoref_info *)info, size); }
const char *exoref_go_server(uintptr_t client) { return exoref_client_server((const exoref_client *)client); }

int32_t exoref_go_swap(void *ctx, const exoref_value *old_value, exoref_sink *result) {
    return exorefGoSwap((uintptr_t)ctx, (void *)exoref_value_data(old_value), exoref_value_size(old_value), result);
}
void exoref_go_log(void *ctx, int32_t level, const char *category, const char *line) {
    exorefGoLog((uintptr_t)ctx, level, (char *)category, (char *)line);
}
void exoref_go_free(void *ctx) { exorefGoFree((uintptr_t)ctx); }
