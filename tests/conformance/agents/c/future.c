/* Operations in their asynchronous form: begun by one step, their result given by another. */
#include <stdlib.h>

#include "agent.h"

struct pending {
    exoref_future *future;
    shape gives;
    const function *calls_of;
};

void begun(step *s, const char *name, shape gives, exoref_status status, exoref_future *future,
           const function *calls_of) {
    if (!ended(s, status)) return;
    pending *made = calloc(1, sizeof *made);
    if (made == NULL) abort();
    *made = (pending){future, gives, calls_of};
    keep(s, FUTURE, name, made);
}

void pending_free(pending *entry) {
    exoref_future_release(entry->future);
    free(entry);
}

static void give_result(step *s, const pending *of) {
    exoref_value *old = exoref_future_old_value(of->future);
    if (of->gives == GIVES_VALUES) give_old_value(s, old);
    exoref_value_release(old);
    if (of->gives == GIVES_COMPARED) give_flag(s, "swapped", exoref_future_flag(of->future));
    if (of->gives == GIVES_DELIVERED) give_flag(s, "delivered", exoref_future_flag(of->future));
    if (of->calls_of != NULL) give_number(s, "calls", of->calls_of->calls);
    give_state(s, NULL, exoref_future_value(of->future));
}

static bool outcome(step *s, const pending *of) {
    s->failure = exoref_future_error(of->future);
    return ended(s, exoref_future_status(of->future));
}

static void future_get(step *s) {
    const pending *of = take_named(s, FUTURE, "future");
    const int64_t timeout = take_number(s, "timeout", EXOREF_TIMEOUT_NONE);
    if (!ready(s)) return;
    if (!ended(s, exoref_future_wait(of->future, timeout, &s->failure))) return;
    if (outcome(s, of)) give_result(s, of);
}

static void future_done(step *s) {
    const pending *of = take_named(s, FUTURE, "future");
    if (ready(s)) give_flag(s, "done", exoref_future_done(of->future));
}

static void future_cancel(step *s) {
    const pending *of = take_named(s, FUTURE, "future");
    if (ready(s)) exoref_future_cancel(of->future);
}

const step_entry future_steps[] = {
    {"future.get", future_get}, {"future.done", future_done}, {"future.cancel", future_cancel}, {NULL, NULL}};
