/*
 * Metadata is altered by a function that C calls. Ruby's must not run beneath a native frame: so Ruby reads and computes, and what C calls
 * writes the result if the metadata is still what it was computed from, byte for byte, and changes nothing otherwise.
 */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "low.h"

struct exoref_ruby_meta_change {
    atomic_int holders;
    atomic_bool matched;
    size_t expected_size, next_size;
    char bytes[]; /* expected, then next */
};

exoref_ruby_meta_change *exoref_ruby_meta_change_new(const void *expected, size_t expected_size, const void *next,
                                                     size_t next_size) {
    exoref_ruby_meta_change *change = malloc(sizeof *change + expected_size + next_size);
    if (change == NULL) rb_memerror();
    atomic_init(&change->holders, 1);
    atomic_init(&change->matched, false);
    change->expected_size = expected_size;
    change->next_size = next_size;
    if (expected_size > 0) memcpy(change->bytes, expected, expected_size);
    if (next_size > 0) memcpy(change->bytes + expected_size, next, next_size);
    return change;
}

void exoref_ruby_meta_change_release(exoref_ruby_meta_change *change) {
    if (atomic_fetch_sub(&change->holders, 1) == 1) free(change);
}

static void release_context(void *ctx) { exoref_ruby_meta_change_release(ctx); }

static int32_t alter(void *ctx, const exoref_value *old_value, exoref_sink *result) {
    exoref_ruby_meta_change *change = ctx;
    const bool same = exoref_value_size(old_value) == change->expected_size &&
                      memcmp(exoref_value_data(old_value), change->bytes, change->expected_size) == 0;
    atomic_store(&change->matched, same);
    if (!same) return EXOREF_CALL_DECLINED;
    return exoref_sink_write(result, change->bytes + change->expected_size, change->next_size) == EXOREF_OK
               ? EXOREF_CALL_OK
               : EXOREF_CALL_FAILED;
}

exoref_future *exoref_ruby_meta_change_async(exoref_atom *atom, exoref_ruby_meta_change *change, int64_t timeout_ms) {
    exoref_future *future = NULL;
    exoref_error *error = NULL;
    exoref_status status;
    atomic_fetch_add(&change->holders, 1);
    status = exoref_atom_alter_meta_async(atom, alter, change, release_context, timeout_ms, &future, &error);
    if (status != EXOREF_OK) exoref_ruby_raise(status, error);
    return future;
}

bool exoref_ruby_meta_change_matched(exoref_ruby_meta_change *change) { return atomic_load(&change->matched); }
