/* Bodies are Ruby's, and are called with the lease of an event. Only declining needs a function of C: so the handle offers no more. */
#include "low.h"

int32_t exoref_ruby_declining_body(void *ctx, exoref_lease *lease, exoref_sink *result) {
    (void)ctx;
    (void)lease;
    (void)result;
    return EXOREF_CALL_DECLINED;
}

void exoref_ruby_decline(exoref_event *event) { exoref_event_run(event); }
