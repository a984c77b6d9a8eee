/*
 * What Ruby's low layer has beside the public header: waits that let other threads run and that Thread#raise ends, bytes copied in one
 * crossing, errors as exceptions, and the log, whose lines come from threads that Ruby does not know. SWIG reads this file too.
 */
#ifndef EXOREF_RUBY_LOW_H
#define EXOREF_RUBY_LOW_H

#include <exoref/exoref.h>
#include <ruby.h>

/* ---- errors.c ---- */
#ifndef SWIG
/* Raises the Exoref::Error that fits; takes over `error`, which may be NULL. */
NORETURN(void exoref_ruby_raise(exoref_status status, exoref_error *error));
#endif
/* The failure of a future as an exception; nil if it went well or is not done. */
VALUE exoref_ruby_future_error(exoref_future *future);

/* ---- waits.c: all let other threads run ---- */
/* Whether it is done, at the latest after so many milliseconds. */
VALUE exoref_ruby_wait(exoref_future *future, int64_t timeout_ms);
/* Waits until it is done, and raises what it failed with. */
void exoref_ruby_finish(exoref_future *future);
/* These can't be interrupted: they are called on a thread of their own. */
void exoref_ruby_close(exoref_client *client, int64_t timeout_ms);
void exoref_ruby_local_start(const char *directory, int64_t timeout_ms);
VALUE exoref_ruby_local_stop(const char *directory, int64_t timeout_ms);
VALUE exoref_ruby_local_status(const char *directory, int64_t timeout_ms);

/* ---- values.c ---- */
/* The bytes as a String; nil for none. */
VALUE exoref_ruby_value_bytes(exoref_value *value);
VALUE exoref_ruby_future_bytes(exoref_future *future);
VALUE exoref_ruby_future_old_bytes(exoref_future *future);
/* What this process knows already, without asking anybody; nil if it does not know it. */
VALUE exoref_ruby_promise_known(exoref_promise *promise);
VALUE exoref_ruby_delay_known(exoref_delay *delay);
exoref_value *exoref_ruby_promise_known_value(exoref_promise *promise);
exoref_value *exoref_ruby_delay_known_value(exoref_delay *delay);

/* ---- meta.c: a compare-and-set of metadata, made of the C API's alter_meta ---- */
typedef struct exoref_ruby_meta_change exoref_ruby_meta_change;
/* From these bytes to those. */
exoref_ruby_meta_change *exoref_ruby_meta_change_new(const void *expected, size_t expected_size, const void *next,
                                                     size_t next_size);
/* The future's value is what stands then: the new bytes if it matched. */
exoref_future *exoref_ruby_meta_change_async(exoref_atom *atom, exoref_ruby_meta_change *change, int64_t timeout_ms);
bool exoref_ruby_meta_change_matched(exoref_ruby_meta_change *change);
#ifndef SWIG
void exoref_ruby_meta_change_release(exoref_ruby_meta_change *change);
#endif

/* ---- log.c ---- */
typedef struct exoref_ruby_log exoref_ruby_log;
/* Has clients that are opened with the options keep their lines here, until they are taken. */
exoref_ruby_log *exoref_ruby_log_new(exoref_options *options, int32_t level);
/* Where eight bytes are written when there are lines to be taken; -1: nowhere. */
void exoref_ruby_log_set_fd(exoref_ruby_log *log, int32_t fd);
/* All lines that there are, as [[level, category, line], ...]. */
VALUE exoref_ruby_log_take(exoref_ruby_log *log);
#ifndef SWIG
void exoref_ruby_log_release(exoref_ruby_log *log);
#endif

#endif
