/* Bytes of values, copied in one crossing. */
#include "low.h"

static VALUE bytes_of(const exoref_value *value) {
    return value == NULL ? Qnil : rb_str_new(exoref_value_data(value), (long)exoref_value_size(value));
}

static VALUE bytes_and_release(exoref_value *value) {
    const VALUE bytes = bytes_of(value);
    exoref_value_release(value);
    return bytes;
}

VALUE exoref_ruby_value_bytes(exoref_value *value) { return bytes_of(value); }
VALUE exoref_ruby_future_bytes(exoref_future *future) { return bytes_and_release(exoref_future_value(future)); }
VALUE exoref_ruby_future_old_bytes(exoref_future *future) { return bytes_and_release(exoref_future_old_value(future)); }

exoref_value *exoref_ruby_promise_known_value(exoref_promise *promise) {
    exoref_value *known = NULL;
    exoref_promise_deref(promise, 0, &known, NULL);
    return known;
}

exoref_value *exoref_ruby_delay_known_value(exoref_delay *delay) {
    exoref_value *known = NULL;
    exoref_delay_deref(delay, 0, &known, NULL);
    return known;
}

VALUE exoref_ruby_promise_known(exoref_promise *promise) {
    return bytes_and_release(exoref_ruby_promise_known_value(promise));
}
VALUE exoref_ruby_delay_known(exoref_delay *delay) { return bytes_and_release(exoref_ruby_delay_known_value(delay)); }
