/* Promises. */
#include "agent.h"

static void promise_open(step *s) {
    const char *name = take_text(s, "promise", true);
    exoref_client *client = take_client(s);
    const bytes key = take_bytes(s, "key", true);
    const int64_t timeout = take_timeout(s);
    exoref_options *options = take_options(s);
    function *validator = take_function(s, "validator");
    if (ready(s)) {
        set_validator(s, options, validator);
        exoref_promise *promise = NULL;
        bool created = false;
        if (ended(s,
                  exoref_promise_open(client, key.data, key.size, options, timeout, &promise, &created, &s->failure))) {
            keep(s, PROMISE, name, promise);
            give_flag(s, "created", created);
        }
    } else {
        function_free(validator);
    }
    exoref_options_release(options);
}

static void promise_deliver(step *s) {
    exoref_promise *promise = take_named(s, PROMISE, "promise");
    const bytes value = take_bytes(s, "value", true);
    const int64_t timeout = take_timeout(s);
    const char *future_name = take_text(s, "future", false);
    if (!ready(s)) return;
    if (future_name != NULL) {
        exoref_future *future = NULL;
        const exoref_status status =
            exoref_promise_deliver_async(promise, value.data, value.size, timeout, &future, &s->failure);
        begun(s, future_name, GIVES_DELIVERED, status, future, NULL);
        return;
    }
    bool delivered = false;
    exoref_value *standing = NULL;
    if (!ended(s, exoref_promise_deliver(promise, value.data, value.size, timeout, &delivered, &standing, &s->failure)))
        return;
    give_flag(s, "delivered", delivered);
    give_state(s, NULL, standing);
}

static void promise_deref(step *s) {
    exoref_promise *promise = take_named(s, PROMISE, "promise");
    const int64_t timeout = take_timeout(s);
    const char *future_name = take_text(s, "future", false);
    if (!ready(s)) return;
    if (future_name != NULL) {
        exoref_future *future = NULL;
        const exoref_status status = exoref_promise_deref_async(promise, timeout, &future, &s->failure);
        begun(s, future_name, GIVES_VALUE, status, future, NULL);
        return;
    }
    exoref_value *value = NULL;
    if (ended(s, exoref_promise_deref(promise, timeout, &value, &s->failure))) give_state(s, NULL, value);
}

static void promise_realized(step *s) {
    exoref_promise *promise = take_named(s, PROMISE, "promise");
    const int64_t timeout = take_timeout(s);
    if (!ready(s)) return;
    bool realized = false;
    if (ended(s, exoref_promise_realized(promise, timeout, &realized, &s->failure))) give_flag(s, "realized", realized);
}

static void promise_release(step *s) {
    const char *name = take_text(s, "promise", true);
    exoref_promise *promise = find(s, PROMISE, name);
    if (!ready(s)) return;
    exoref_promise_release(promise);
    forget(PROMISE, name);
}

const step_entry promise_steps[] = {{"promise.open", promise_open},       {"promise.deliver", promise_deliver},
                                    {"promise.deref", promise_deref},     {"promise.realized", promise_realized},
                                    {"promise.release", promise_release}, {NULL, NULL}};
