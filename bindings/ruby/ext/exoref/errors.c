/* Failures of the library become exceptions of Ruby. */
#include "low.h"

static VALUE utf8(const char *text) { return rb_utf8_str_new_cstr(text); }

/* Exoref::Error.of(status, message, reason, key, server_text, sent, kind, payload); releases `error`. */
static VALUE exception_of(exoref_status status, exoref_error *error) {
    const VALUE errors = rb_path2class("Exoref::Error");
    size_t key_size = 0, payload_size = 0;
    const char *key = exoref_error_key(error, &key_size);
    const char *payload = exoref_error_payload(error, &payload_size);
    const char *message = error == NULL ? exoref_status_text(status) : exoref_error_message(error);
    VALUE arguments[] = {
        INT2NUM(status),
        utf8(message),
        INT2NUM(exoref_error_reason(error)),
        rb_utf8_str_new(key, (long)key_size),
        utf8(exoref_error_server_text(error)),
        exoref_error_sent(error) ? Qtrue : Qfalse,
        utf8(exoref_error_kind(error)),
        rb_str_new(payload, (long)payload_size),
    };
    exoref_error_release(error);
    return rb_funcallv(errors, rb_intern("of"), (int)(sizeof arguments / sizeof *arguments), arguments);
}

void exoref_ruby_raise(exoref_status status, exoref_error *error) { rb_exc_raise(exception_of(status, error)); }

VALUE exoref_ruby_future_error(exoref_future *future) {
    exoref_error *error = exoref_future_error(future);
    return error == NULL ? Qnil : exception_of(exoref_error_status(error), error);
}
