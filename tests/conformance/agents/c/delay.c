/* Delays and their leases; the bodies are in body.c. */
#include "agent.h"

static void delay_open(step *s) {
    const char *name = take_text(s, "delay", true);
    exoref_client *client = take_client(s);
    const bytes key = take_bytes(s, "key", true);
    const int64_t timeout = take_timeout(s);
    exoref_options *options = take_options(s);
    body *with = take_body(s);
    function *validator = take_function(s, "validator");
    if (ready(s)) {
        set_validator(s, options, validator);
        exoref_delay *delay = NULL;
        bool created = false;
        if (with != NULL) keep(s, BODY, name, with);
        const exoref_status status =
            with != NULL
                ? exoref_delay_open_with_body(client, key.data, key.size, body_run, with, NULL, 0, options, timeout,
                                              &delay, &created, &s->failure)
                : exoref_delay_open(client, key.data, key.size, options, timeout, &delay, &created, &s->failure);
        if (ended(s, status)) {
            keep(s, DELAY, name, delay);
            give_flag(s, "created", created);
        }
    } else {
        function_free(validator);
        if (with != NULL) body_release(with);
    }
    exoref_options_release(options);
}

static void delay_deref(step *s) {
    exoref_delay *delay = take_named(s, DELAY, "delay");
    const int64_t timeout = take_timeout(s);
    const char *future_name = take_text(s, "future", false);
    if (!ready(s)) return;
    if (future_name != NULL) {
        exoref_future *future = NULL;
        const exoref_status status = exoref_delay_deref_async(delay, timeout, &future, &s->failure);
        begun(s, future_name, GIVES_VALUE, status, future, NULL);
        return;
    }
    exoref_value *value = NULL;
    if (ended(s, exoref_delay_deref(delay, timeout, &value, &s->failure))) give_state(s, NULL, value);
}

static void delay_realized(step *s) {
    exoref_delay *delay = take_named(s, DELAY, "delay");
    const int64_t timeout = take_timeout(s);
    if (!ready(s)) return;
    bool realized = false;
    if (ended(s, exoref_delay_realized(delay, timeout, &realized, &s->failure))) give_flag(s, "realized", realized);
}

static void delay_claim(step *s) {
    exoref_delay *delay = take_named(s, DELAY, "delay");
    const char *name = take_text(s, "lease", true);
    const int64_t timeout = take_timeout(s);
    if (!ready(s)) return;
    exoref_lease *lease = NULL;
    exoref_value *value = NULL;
    if (!ended(s, exoref_delay_claim(delay, timeout, &lease, &value, &s->failure))) return;
    give_flag(s, "leased", lease != NULL);
    if (lease != NULL) {
        give_number(s, "token", (double)exoref_lease_token(lease));
        keep(s, LEASE, name, lease);
    }
    give_state(s, NULL, value);
}

static void delay_release(step *s) {
    const char *name = take_text(s, "delay", true);
    exoref_delay *delay = find(s, DELAY, name);
    if (!ready(s)) return;
    exoref_delay_release(delay);
    forget(DELAY, name);
}

const step_entry delay_steps[] = {{"delay.open", delay_open},         {"delay.deref", delay_deref},
                                  {"delay.realized", delay_realized}, {"delay.claim", delay_claim},
                                  {"delay.release", delay_release},   {NULL, NULL}};

static void lease_deliver(step *s) {
    exoref_lease *lease = take_named(s, LEASE, "lease");
    const bytes result = take_bytes(s, "value", true);
    const int64_t timeout = take_timeout(s);
    if (!ready(s)) return;
    exoref_value *value = NULL;
    if (ended(s, exoref_lease_deliver(lease, result.data, result.size, timeout, &value, &s->failure)))
        give_state(s, NULL, value);
}

static void lease_fail(step *s) {
    exoref_lease *lease = take_named(s, LEASE, "lease");
    const char *kind_text = take_text(s, "kind", true), *message = take_text(s, "message", true);
    const bytes payload = take_bytes(s, "payload", false);
    const int64_t timeout = take_timeout(s);
    if (!ready(s)) return;
    ended(s, exoref_lease_fail(lease, kind_text, message, payload.data, payload.size, timeout, &s->failure));
}

static void lease_renew(step *s) {
    exoref_lease *lease = take_named(s, LEASE, "lease");
    const int64_t timeout = take_timeout(s);
    if (!ready(s)) return;
    int64_t left_ms = 0;
    if (ended(s, exoref_lease_renew(lease, timeout, &left_ms, &s->failure))) give_number(s, "left_ms", (double)left_ms);
}

/* Waits until the lease is lost or has ended otherwise. */
static void lease_lost(step *s) {
    exoref_lease *lease = take_named(s, LEASE, "lease");
    const int64_t timeout = take_number(s, "timeout", 0);
    if (!ready(s)) return;
    exoref_future *future = NULL;
    if (!ended(s, exoref_lease_lost_async(lease, &future, &s->failure))) return;
    if (ended(s, exoref_future_wait(future, timeout, &s->failure))) give_flag(s, "lost", exoref_lease_lost(lease));
    exoref_future_release(future);
}

static void lease_give_back(step *s) {
    exoref_lease *lease = take_named(s, LEASE, "lease");
    const int64_t timeout = take_timeout(s);
    if (!ready(s)) return;
    ended(s, exoref_lease_give_back(lease, timeout, &s->failure));
}

const step_entry lease_steps[] = {{"lease.deliver", lease_deliver},     {"lease.fail", lease_fail},
                                  {"lease.renew", lease_renew},         {"lease.lost", lease_lost},
                                  {"lease.give_back", lease_give_back}, {NULL, NULL}};
