/*
 * exoref - Clojure's reference types, shared between processes, machines and languages; the values are kept on Redis.
 *
 * A reference is an identity that holds a succession of immutable values. Readers never block writers; a change is a
 * function from the old value to the new one; whoever watches is told of each change. This header is the whole C API.
 *
 * CONVENTIONS
 *
 *  Status     A fallible function returns an exoref_status. Its results come through out-parameters, which are set to
 *             NULL, 0 or false on failure; an out-parameter may be NULL if its result is not wanted, unless it says
 *             otherwise. The last parameter, `exoref_error **error`, may be NULL too; on failure it gets an error that
 *             the caller releases, on success NULL. There is no "last error" of a thread.
 *  Retrying   exoref_status_class() tells what a status means for the state on the server:
 *
 *                 for (;;) {
 *                     exoref_status s = exoref_atom_reset(atom, data, size, EXOREF_TIMEOUT_DEFAULT, NULL, NULL);
 *                     switch (exoref_status_class(s)) {
 *                     case EXOREF_CLASS_OK: return done();
 *                     case EXOREF_CLASS_NOT_APPLIED_RETRY: continue;      // certainly nothing was changed: try again
 *                     case EXOREF_CLASS_NOT_APPLIED_FINAL: return failed();  // certainly nothing was changed: give up
 *                     default: return look_at_the_value();                // unknown: it may have happened
 *                     }
 *                 }
 *
 *  Bytes      Keys and values are (pointer, size) of any bytes, NUL included, and are copied before the call returns.
 *             (NULL, 0) is the empty value; (NULL, n) is EXOREF_EINVAL. An empty key is EXOREF_EINVAL. Bytes that come out
 *             are an exoref_value. No function returns memory that the caller must free().
 *  Handles    Every handle is counted: what a function gives is released once by its *_release, by any thread, in any
 *             order, from callbacks and finalisers too. A release never blocks; of NULL it does nothing. A NULL handle
 *             given to any other function is EXOREF_EINVAL (or the empty answer), never a crash. Handles may be used from
 *             any number of threads at once. Handles of a closed client answer EXOREF_ECLOSED.
 *  Time       Timeouts are int64_t milliseconds of a monotonic clock. EXOREF_TIMEOUT_DEFAULT takes the client's option
 *             `timeout`; EXOREF_TIMEOUT_NONE waits for ever; 0 does not wait: the call answers from memory, or with
 *             EXOREF_ETIMEOUT and has sent nothing. Other negative numbers are EXOREF_EINVAL.
 *  Blocking   Every operation has a form that returns a future (`..._async`), which never blocks, and a blocking form, which
 *             is the same and a wait. A blocking form called on the thread that drives the client's loop (possible only if
 *             the application lent its own, exoref_options_set_loop) is EXOREF_EDEADLOCK.
 *  Outcomes   Every operation ends as applied, as not applied, or as EXOREF_EUNKNOWN. ETIMEOUT, ECANCELLED and ECLOSED mean:
 *             certainly nothing was changed. A write that was sent, and whose answer did not come in time, before the
 *             cancel or before the close, is EXOREF_EUNKNOWN; exoref_error_reason() says why.
 *  Any call   May give EXOREF_EINVAL (argument), EXOREF_ECLOSED (client closed), EXOREF_EFORK (handle of the parent in a
 *             forked child; releases are silent there), EXOREF_ENOMEM, EXOREF_EINTERNAL. Calls that ask the server may also
 *             give EXOREF_ETIMEOUT, EXOREF_ECONNECTION (there never was a usable connection in the time), EXOREF_EBUSY (the
 *             server refused for now until the time ran out: loading, out of memory, read-only ...), EXOREF_EAGAIN (a queue
 *             of the client is full), EXOREF_EAUTH, EXOREF_EPERMISSION, EXOREF_EPROTOCOL, EXOREF_EVERSION, EXOREF_ESERVER. They are not
 *             repeated at each function; what is special to it is.
 *  Callbacks  A callback is a function, a `void *ctx` for it, and a function (or NULL) that frees ctx: called exactly once,
 *             after the last call, on the callback's kind of thread - also when the registering call itself fails. Each type
 *             says which thread calls it. Callbacks may call any function of this header, but EXOREF_EDEADLOCK answers what
 *             could never end. The functions of a validator and of a blocking swap run on the calling thread.
 *  Border     No exception, no signal, no output to stdout or stderr leaves the library. Without a log hook it is silent.
 *
 * WHAT IT DOES NOT DO
 *
 *  Values are bytes: encoding is the caller's (the codec label only names it; exoref_json_canonical helps with JSON).
 *  Transactions over several references, clusters, TLS and sentinels are not in this version. A value is at most 64 MiB
 *  (option `max_value_size`).
 *
 * Copyright the exoref authors. Licensed under the Apache License, version 2.0.
 */
#ifndef EXOREF_EXOREF_H
#define EXOREF_EXOREF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define EXOREF_API __attribute__((visibility("default")))
#else
#define EXOREF_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------------------------------------------------- version -- */

/* The version of the header that a program was compiled with; exoref_version() is that of the library it runs with. */
#define EXOREF_VERSION_MAJOR 1
#define EXOREF_VERSION_MINOR 0
#define EXOREF_VERSION_PATCH 0

/* "1.0.0", static. */
EXOREF_API const char *exoref_version(void);

/* major * 10000 + minor * 100 + patch. */
EXOREF_API int32_t exoref_version_number(void);

/* Timeouts that are no number of milliseconds. */
#define EXOREF_TIMEOUT_NONE INT64_C(-1)    /* for ever */
#define EXOREF_TIMEOUT_DEFAULT INT64_C(-2) /* the client's option `timeout` */

/* -------------------------------------------------------------------------------------------------------- status -- */

/* A status is a number of the enum below; numbers are never changed or used again, new ones may come. */
typedef int32_t exoref_status;

enum {
    EXOREF_OK = 0,

    EXOREF_ETIMEOUT = 1,     /* the time ran out and certainly nothing was changed */
    EXOREF_EAGAIN = 2,       /* a queue of the client is full */
    EXOREF_ECONNECTION = 3,  /* no usable connection to the server */
    EXOREF_EBUSY = 4,        /* the server can not take the command now */
    EXOREF_EINTERRUPTED = 5, /* the wait was interrupted; the operation goes on */

    EXOREF_EINVAL = 20,      /* an argument is not valid */
    EXOREF_ENOTFOUND = 21,   /* there is no reference under this key */
    EXOREF_ETYPE = 22,       /* the key holds something of another type */
    EXOREF_ECODEC = 23,      /* the reference carries another codec label */
    EXOREF_EFORMAT = 24,     /* the reference is of a newer format than this library knows */
    EXOREF_EVALIDATION = 25, /* the validator refused the value */
    EXOREF_EFUNCTION = 26,   /* the function of the caller failed */
    EXOREF_ECANCELLED = 27,  /* the operation was cancelled before it was sent */
    EXOREF_ECLOSED = 28,     /* the client is closed */
    EXOREF_EDELETED = 29,    /* the reference was deleted or has expired */
    EXOREF_EFORK = 30,       /* the handle belongs to the parent of this forked process */
    EXOREF_ETOOBIG = 31,     /* a key or value is larger than the limit */
    EXOREF_EAUTH = 32,       /* the server refused the user or password */
    EXOREF_EPERMISSION = 33, /* the server does not permit this command or key to this user */
    EXOREF_EPROTOCOL = 34,   /* the peer did not answer as a Redis server does */
    EXOREF_EVERSION = 35,    /* the server is too old */
    EXOREF_ESERVER = 36,     /* the server refused the command */
    EXOREF_EDEADLOCK = 37,   /* a wait on this thread could never end */
    EXOREF_ENOMEM = 38,      /* memory ran out */
    EXOREF_ELOCAL = 39,      /* the private server of a local: directory can not be used */
    EXOREF_EINTERNAL = 40,   /* exoref itself failed; please report it */
    EXOREF_EBODY = 41,       /* the body of the delay failed */
    EXOREF_ELEASE = 42,      /* the lease was lost or has ended; the result was refused */

    EXOREF_EUNKNOWN = 60 /* the operation may or may not have taken effect */
};

/* What a status means for the state on the server. */
enum {
    EXOREF_CLASS_OK = 0,
    EXOREF_CLASS_NOT_APPLIED_RETRY = 1, /* certainly nothing was changed; the same call may succeed later */
    EXOREF_CLASS_NOT_APPLIED_FINAL = 2, /* certainly nothing was changed; the same call will fail again */
    EXOREF_CLASS_UNKNOWN = 3            /* it may have been applied: look before doing it again */
};

/* Why an outcome is unknown. */
enum {
    EXOREF_REASON_NONE = 0,
    EXOREF_REASON_TIMEOUT = 1,         /* sent, and no answer in time */
    EXOREF_REASON_CANCELLED = 2,       /* sent, then cancelled by the caller */
    EXOREF_REASON_CLOSED = 3,          /* sent, then the client was closed */
    EXOREF_REASON_HISTORY_DROPPED = 4, /* sent again after a lost connection, and the record that would tell is gone */
    EXOREF_REASON_DATA_LOST = 5        /* sent again, and the server has lost data meanwhile */
};

/* The constant's name, "EXOREF_ETIMEOUT". Static; "EXOREF_E?" for a number it does not know. Never fails. */
EXOREF_API const char *exoref_status_name(exoref_status status);

/* One sentence in English. Static; a general sentence for a number it does not know. Never fails. */
EXOREF_API const char *exoref_status_text(exoref_status status);

/* One of EXOREF_CLASS_*: a pure function of the number. EXOREF_CLASS_UNKNOWN for a number it does not know. */
EXOREF_API int32_t exoref_status_class(exoref_status status);

/* "timeout", "history dropped" ... for one of EXOREF_REASON_*; "" for others. Static. */
EXOREF_API const char *exoref_reason_name(int32_t reason);

/* --------------------------------------------------------------------------------------------------------- error -- */

/*
 * An error tells everything about one failure. It is immutable and counted; what its functions return lives as long
 * as it does. It never contains a password.
 */
typedef struct exoref_error exoref_error;

EXOREF_API exoref_status exoref_error_status(const exoref_error *error); /* EXOREF_OK for NULL */
/* One line: what was attempted on which key and server, what went wrong, what to do. "" for NULL. */
EXOREF_API const char *exoref_error_message(const exoref_error *error);
/* One of EXOREF_REASON_*; not NONE only with EXOREF_EUNKNOWN. */
EXOREF_API int32_t exoref_error_reason(const exoref_error *error);
/* The server's own words, or "". */
EXOREF_API const char *exoref_error_server_text(const exoref_error *error);
/* The key it was about (any bytes, a NUL follows them), or "" with size 0. `size` may be NULL. */
EXOREF_API const char *exoref_error_key(const exoref_error *error, size_t *size);
/* Whether a request may have reached the server. */
EXOREF_API bool exoref_error_sent(const exoref_error *error);
/* With EXOREF_EBODY, what the failed body said: its kind, a word for programs, or ""; and its payload (any bytes, a NUL follows
   them), or "" with size 0. Its message is exoref_error_message(), word for word. */
EXOREF_API const char *exoref_error_kind(const exoref_error *error);
EXOREF_API const char *exoref_error_payload(const exoref_error *error, size_t *size);

EXOREF_API exoref_error *exoref_error_retain(exoref_error *error); /* gives `error` back */
EXOREF_API void exoref_error_release(exoref_error *error);

/* ------------------------------------------------------------------------------------------------ bytes and values -- */

/*
 * A value is what a reference held at one state: its bytes, the codec label, the version, and - opaque - the identity of
 * that state, which exoref_atom_compare_and_set_at() takes. It is immutable and counted; its bytes live as long as it does.
 * The same type carries metadata and texts; those have version 0.
 */
typedef struct exoref_value exoref_value;

/* The bytes; a NUL that does not count follows them. "" for NULL. */
EXOREF_API const void *exoref_value_data(const exoref_value *value);
EXOREF_API size_t exoref_value_size(const exoref_value *value);
/* How many values the reference had had when it got this one: 1 for the initial one of an atom. */
EXOREF_API uint64_t exoref_value_version(const exoref_value *value);
/* The codec label of the reference, "" if it has none. */
EXOREF_API const char *exoref_value_codec(const exoref_value *value);
/* True if both are the very same state of the same reference (equal bytes of another state are not). */
EXOREF_API bool exoref_value_same_state(const exoref_value *a, const exoref_value *b);

EXOREF_API exoref_value *exoref_value_retain(const exoref_value *value); /* gives `value` back */
EXOREF_API void exoref_value_release(exoref_value *value);

/*
 * A sink takes what a callback produces. It lives only during the callback.
 */
typedef struct exoref_sink exoref_sink;

/* Appends bytes. EXOREF_ETOOBIG beyond `max_value_size`, EXOREF_ENOMEM. A callback that goes on and answers EXOREF_CALL_OK has not
   made what it meant to: a swap ends with that status then and changes nothing, a body has failed (kind "size"). */
EXOREF_API exoref_status exoref_sink_write(exoref_sink *sink, const void *data, size_t size);
/* Sets the message of a callback that returns EXOREF_CALL_FAILED (a NUL-terminated text, copied). */
EXOREF_API exoref_status exoref_sink_set_message(exoref_sink *sink, const char *message);

/* What a callback of the application answers. */
enum {
    EXOREF_CALL_OK = 0,       /* went well; for a validator: accepted */
    EXOREF_CALL_FAILED = -1,  /* failed or refused, with the message set on the sink */
    EXOREF_CALL_DECLINED = -2 /* go on as if I were not there: a validator accepts, a swap changes nothing */
};

/* Frees a callback's ctx; exactly once, after its last call. */
typedef void (*exoref_free_fn)(void *ctx);

/* ---------------------------------------------------------------------------------------------------------- json -- */

/*
 * References that carry the codec label "json" hold canonical JSON: one text for each value, so that equal values are equal
 * bytes in every language, and compare_and_set finds what is equal. In short: no white space; the keys of an object sorted by
 * their UTF-8 bytes; in strings only `"`, `\` and U+0000 to U+001F escaped; integers (no point, no exponent) of any size kept
 * exactly; all other numbers doubles, by the fewest digits that read back, always with a point or an exponent: 1 and 1.0
 * are two values. docs/canonical-json.md says it exactly. The library itself looks at no value: who writes makes it canonical.
 *
 *     status = exoref_json_canonical(data, size, &json, &error);
 *     if (status == EXOREF_OK) {
 *         status = exoref_atom_reset(atom, exoref_value_data(json), exoref_value_size(json), timeout, NULL, &error);
 *         exoref_value_release(json);
 *     }
 */

/*
 * Gives the canonical form of a JSON text (RFC 8259, in UTF-8, with nothing but white space around the value). `data` is not
 * kept. `out` is released by the caller; with NULL the text is only checked. Asks no server and blocks no longer than it takes to
 * read the text; from any thread.
 *
 * EXOREF_EINVAL: it is no such text. Its message says what is wrong and where, by line and column (in characters, from 1) and by
 * offset (in bytes, from 0). So are what JSON leaves open: a key that an object has twice, an escaped surrogate that has no other half,
 * a number with point or exponent beyond the largest double, a byte order mark, and arrays and objects nested more than
 * 512 deep. EXOREF_ETOOBIG: more than 512 MiB.
 */
EXOREF_API exoref_status exoref_json_canonical(const void *data, size_t size, exoref_value **out, exoref_error **error);

/* ------------------------------------------------------------------------------------------------------- options -- */

/*
 * Options are set by name and text. The same names stand in a URL's query (redis://host/0?timeout=2s). All of them are in
 * one table, which exoref_option_* reads, which `exoref options` prints and docs/options.md is made from. Durations are
 * "500ms", "5s", "2m", "1h", or "none" where that has a meaning; sizes "4096", "64KiB", "1MiB"; truth "true", "false".
 * An options object may be used for any number of calls and changed between them; the calls copy what they need.
 */
typedef struct exoref_options exoref_options;

/* A new object with nothing set. */
EXOREF_API exoref_status exoref_options_new(exoref_options **out, exoref_error **error);

/*
 * Sets one option. EXOREF_EINVAL names the option, the accepted form and, for an unknown name, the nearest one; nothing
 * has changed then. Both texts are NUL-terminated.
 */
EXOREF_API exoref_status exoref_options_set(exoref_options *options, const char *name, const char *value,
                                            exoref_error **error);

/*
 * The text of an option as set here, or else its default. Secrets are masked. EXOREF_EINVAL for an unknown name. The caller
 * releases `out`.
 */
EXOREF_API exoref_status exoref_options_get(const exoref_options *options, const char *name, exoref_value **out,
                                            exoref_error **error);

/* All options that are set, one `name=value` a line, secrets masked. The caller releases `out`. */
EXOREF_API exoref_status exoref_options_dump(const exoref_options *options, exoref_value **out, exoref_error **error);

/*
 * The client is to live on the application's uv_loop_t (`loop`, of the libuv that this library is linked with) instead of a
 * thread of its own. The application drives it (uv_run), keeps it until the client is closed, and opens the client on
 * the loop's thread or before the loop runs. Blocking forms are then for other threads. NULL takes it back.
 */
EXOREF_API exoref_status exoref_options_set_loop(exoref_options *options, void *loop, exoref_error **error);

enum { EXOREF_LOG_ERROR = 1, EXOREF_LOG_WARNING = 2, EXOREF_LOG_INFO = 3, EXOREF_LOG_DEBUG = 4 };

/*
 * A line for the log. `category` is one word: connection, subscription, commit, watch, wait, body, local. Called from any thread,
 * also within a call, several at once perhaps; it must not call exoref functions of that client. Never contains a secret.
 */
typedef void (*exoref_log_fn)(void *ctx, int32_t level, const char *category, const char *line);

/* Clients opened with these options log to `fn` what is at most `level`. fn NULL: silence, which is the default. */
EXOREF_API exoref_status exoref_options_set_log(exoref_options *options, int32_t level, exoref_log_fn fn, void *ctx,
                                                exoref_free_fn free_ctx, exoref_error **error);

/*
 * Judges a proposed value: EXOREF_CALL_OK or EXOREF_CALL_DECLINED accept it, anything else refuses it, with the message set
 * on `sink`. Runs on the thread that makes the change (for asynchronous forms: on the thread that calls them; for
 * exoref_atom_swap_async on the completion lane), before anything is sent, outside all locks, several at once perhaps.
 */
typedef int32_t (*exoref_validator_fn)(void *ctx, const void *data, size_t size, exoref_sink *sink);

/*
 * References opened with these options begin with this validator, so that it judges the initial value too (C3).
 */
EXOREF_API exoref_status exoref_options_set_validator(exoref_options *options, exoref_validator_fn fn, void *ctx,
                                                      exoref_free_fn free_ctx, exoref_error **error);

EXOREF_API exoref_options *exoref_options_retain(exoref_options *options);
EXOREF_API void exoref_options_release(exoref_options *options);

/* What the table says of an option. */
enum {
    EXOREF_OPTION_NAME = 0,
    EXOREF_OPTION_SCOPE = 1,       /* "client" or "reference" */
    EXOREF_OPTION_TYPE = 2,        /* "text", "duration", "size", "count", "truth", "choice" */
    EXOREF_OPTION_DEFAULT = 3,     /* as text; "" if there is none */
    EXOREF_OPTION_RANGE = 4,       /* "1s..1h", "lanes|take", "" */
    EXOREF_OPTION_MEANING = 5,     /* a sentence or two */
    EXOREF_OPTION_ALIAS = 6,       /* another name that is accepted, "" if none */
    EXOREF_OPTION_SINCE = 7,       /* the version it came in */
    EXOREF_OPTION_DEPRECATED = 8,  /* "" or what to use instead */
    EXOREF_OPTION_SECRET = 9,      /* "true" if its value is never shown */
    EXOREF_OPTION_UNSUPPORTED = 10 /* "" or why this build does not have it */
};

/* How many options there are. */
EXOREF_API size_t exoref_option_count(void);
/* What the table says of the n-th option (from 0): `property` is one of EXOREF_OPTION_*. Static; NULL beyond the table. */
EXOREF_API const char *exoref_option_text(size_t n, int32_t property);

/* -------------------------------------------------------------------------------------------------------- client -- */

/*
 * A client is a connection to one server, for any number of references and threads: one connection for commands, one
 * for subscriptions, a thread that drives them, two lanes (a thread each) for callbacks, and threads for the bodies of
 * delays that others ask for. It reconnects by itself.
 */
typedef struct exoref_client exoref_client;
typedef struct exoref_future exoref_future;

/*
 * Opens a client and waits until the server has answered.
 *
 * url        redis://[[user]:password@]host[:port][/database][?option=value&...], redis+unix://[[user]:password@]/path/to/socket
 *            [?database=n&...], or local:DIR - a private redis-server in DIR, started if none runs there, shared by all
 *            processes that name it, ended 5 s after the last one left. NULL: the environment's EXOREF_URL, then REDIS_URL,
 *            then redis://127.0.0.1:6379.
 * options    NULL for the defaults; options in the URL win.
 * timeout_ms the time for connecting, tried again with growing waits meanwhile. 0 returns at once and goes on connecting
 *            in the background. What trying again can't mend ends it at once: EXOREF_EAUTH, EXOREF_EPROTOCOL (not a Redis
 *            server), EXOREF_EVERSION (older than 6.2), EXOREF_ELOCAL.
 * out        must not be NULL; the client, released by the caller after exoref_client_close().
 *
 * Blocks up to timeout_ms. EXOREF_EINVAL (malformed URL or option), EXOREF_ECONNECTION (not connected within the time).
 */
EXOREF_API exoref_status exoref_client_open(const char *url, const exoref_options *options, int64_t timeout_ms,
                                            exoref_client **out, exoref_error **error);

/* The future's client is at exoref_future_client(). */
EXOREF_API exoref_status exoref_client_open_async(const char *url, const exoref_options *options, int64_t timeout_ms,
                                                  exoref_future **out, exoref_error **error);

/*
 * Closes the client: every pending call ends at once with EXOREF_ECLOSED (EXOREF_EUNKNOWN for a write that was sent), watches
 * are called no more, connections and threads end. Waits up to timeout_ms for callbacks that run just now; 0 only starts
 * it. From any thread of the application, several at once too; idempotent. EXOREF_ETIMEOUT: a callback still runs; the
 * closing goes on without this call. EXOREF_EDEADLOCK with a timeout other than 0 on the client's own threads or on the
 * thread of a lent loop.
 */
EXOREF_API exoref_status exoref_client_close(exoref_client *client, int64_t timeout_ms, exoref_error **error);

/*
 * Asks the server for a sign of life. `round_trip_us` gets the time in microseconds, `version` the server's version as
 * text ("7.0.15"; empty where the server hides it), released by the caller.
 */
EXOREF_API exoref_status exoref_client_ping(exoref_client *client, int64_t timeout_ms, int64_t *round_trip_us,
                                            exoref_value **version, exoref_error **error);
/* The future's value is the version; the round trip is at exoref_future_number(). */
EXOREF_API exoref_status exoref_client_ping_async(exoref_client *client, int64_t timeout_ms, exoref_future **out,
                                                  exoref_error **error);

/* The server as messages name it: the URL without secrets. Lives as long as the client. "" for NULL. */
EXOREF_API const char *exoref_client_server(const exoref_client *client);

/* Statistics: counters by number from 0; name and meaning are static, NULL beyond the last. */
EXOREF_API size_t exoref_stat_count(void);
EXOREF_API const char *exoref_stat_name(size_t n);
EXOREF_API const char *exoref_stat_meaning(size_t n);
/* The n-th counter of this client; 0 for NULL or beyond the last. */
EXOREF_API int64_t exoref_client_stat(const exoref_client *client, size_t n);

EXOREF_API exoref_client *exoref_client_retain(exoref_client *client);
/*
 * The client is closed, in the background, when the last handle of it and of its references, swaps and scans is released. What
 * callbacks use must live until then: exoref_client_close() tells when it may go.
 */
EXOREF_API void exoref_client_release(exoref_client *client);

/* --------------------------------------------------------------------------------------------- futures and events -- */

/*
 * A future is the outcome of one operation, now or later. Its operation goes on whether or not anybody holds the future;
 * to stop it, cancel it. Results are there once it is done and went well; which ones, each operation says.
 */

/*
 * Waits until the future is done, whatever its outcome: EXOREF_OK. EXOREF_ETIMEOUT: not yet, and the operation goes on (0
 * only looks). EXOREF_EINTERRUPTED: exoref_future_interrupt() was called. EXOREF_EDEADLOCK: on the thread whose work it waits
 * for, or of a delay by its own body.
 */
EXOREF_API exoref_status exoref_future_wait(exoref_future *future, int64_t timeout_ms, exoref_error **error);

/*
 * Ends one wait of this future with EXOREF_EINTERRUPTED: one that waits now, or else the next. The operation goes on.
 * Safe in places where little is (Ruby's unblock function); not in signal handlers.
 */
EXOREF_API void exoref_future_interrupt(exoref_future *future);

/*
 * Gives the operation up: if it was not sent yet it ends with EXOREF_ECANCELLED; a write that was sent ends with
 * EXOREF_EUNKNOWN (reason cancelled). No effect on a future that is done. Does not wait.
 */
EXOREF_API void exoref_future_cancel(exoref_future *future);

/* Whether it is done. */
EXOREF_API bool exoref_future_done(const exoref_future *future);
/* The outcome; EXOREF_EAGAIN while it is not done. */
EXOREF_API exoref_status exoref_future_status(const exoref_future *future);
/* The error of the outcome, released by the caller; NULL if it went well or is not done. */
EXOREF_API exoref_error *exoref_future_error(const exoref_future *future);
/* Results: NULL, false or 0 if there is none. Handles and values are released by the caller. */
EXOREF_API exoref_value *exoref_future_value(const exoref_future *future);
EXOREF_API exoref_value *exoref_future_old_value(const exoref_future *future);
EXOREF_API bool exoref_future_flag(const exoref_future *future);
EXOREF_API int64_t exoref_future_number(const exoref_future *future);
EXOREF_API exoref_client *exoref_future_client(const exoref_future *future);
EXOREF_API struct exoref_atom *exoref_future_atom(const exoref_future *future);
EXOREF_API struct exoref_swap *exoref_future_swap(const exoref_future *future);
EXOREF_API struct exoref_info *exoref_future_info(const exoref_future *future);
EXOREF_API struct exoref_promise *exoref_future_promise(const exoref_future *future);
EXOREF_API struct exoref_delay *exoref_future_delay(const exoref_future *future);
EXOREF_API struct exoref_lease *exoref_future_lease(const exoref_future *future);

/* Called when a future is done, on the completion lane (or in exoref_client_poll). The future lives during the call. */
typedef void (*exoref_future_fn)(void *ctx, exoref_future *future);

/*
 * Has `fn` called exactly once, when the future is done - at once if it is, but never inside this call. EXOREF_EINVAL if a
 * callback was set before.
 */
EXOREF_API exoref_status exoref_future_set_callback(exoref_future *future, exoref_future_fn fn, void *ctx,
                                                    exoref_free_fn free_ctx, exoref_error **error);

/*
 * For applications that take events themselves (option `events=take`): the completion comes as an event with this token
 * out of exoref_client_next_event(), instead of a callback. Like a callback it can be set once.
 */
EXOREF_API exoref_status exoref_future_set_token(exoref_future *future, uint64_t token, exoref_error **error);

EXOREF_API exoref_future *exoref_future_retain(exoref_future *future);
/* Lets the future go; the operation goes on. */
EXOREF_API void exoref_future_release(exoref_future *future);

/*
 * Events: with the option `events=lanes` (the default) two threads of the client call callbacks, one for completions, one
 * for watches. With `events=take` nothing is called until the application takes events: by exoref_client_poll(), which
 * calls the callbacks on the calling thread, or by exoref_client_next_event(), one at a time.
 */
typedef struct exoref_event exoref_event;
typedef struct exoref_change exoref_change;

enum {
    EXOREF_EVENT_COMPLETION = 1, /* a future is done */
    EXOREF_EVENT_WATCH = 2,      /* a change under watch */
    EXOREF_EVENT_RELEASE = 3,    /* a ctx is to be freed */
    EXOREF_EVENT_STEP = 4,       /* the function of an exoref_atom_swap_async() is to be called */
    EXOREF_EVENT_BODY = 5        /* the body of a delay is to be called, or its lease to be used */
};

/*
 * Takes the next event, waiting for it up to timeout_ms (0 only looks). EXOREF_ETIMEOUT: none came. EXOREF_EINVAL without
 * `events=take`; EXOREF_ECLOSED once the client is closed and all were taken. The event is released by the caller. Nothing
 * is called by this: exoref_event_run() does that, and is to be called for each event whose token is 0. What is released without
 * having been run is not called, only freed; the swap of a step ends with EXOREF_ECANCELLED then.
 */
EXOREF_API exoref_status exoref_client_next_event(exoref_client *client, int64_t timeout_ms, exoref_event **out,
                                                  exoref_error **error);

/*
 * Waits up to timeout_ms for an event, then runs what is there (at most `max` events; 0: no bound). `ran` gets how many.
 * EXOREF_ETIMEOUT: none came. EXOREF_EINVAL, EXOREF_ECLOSED: as above.
 */
EXOREF_API exoref_status exoref_client_poll(exoref_client *client, size_t max, int64_t timeout_ms, size_t *ran,
                                            exoref_error **error);

/*
 * A descriptor of the application (an eventfd, or the writing end of a non-blocking pipe) into which eight bytes (the
 * number 1) are written each time the queue of events turns from empty to not empty. -1 takes it back. Not closed by exoref.
 */
EXOREF_API exoref_status exoref_client_set_event_fd(exoref_client *client, int32_t fd, exoref_error **error);

EXOREF_API int32_t exoref_event_kind(const exoref_event *event); /* one of EXOREF_EVENT_* */
EXOREF_API uint64_t
exoref_event_token(const exoref_event *event); /* as set on the future, watch or body; 0 if none was */
/* The future of a completion, or NULL; released by the caller. */
EXOREF_API exoref_future *exoref_event_future(const exoref_event *event);
/* The change of a watch, or NULL; lives as long as the event. */
EXOREF_API const exoref_change *exoref_event_change(const exoref_event *event);
/* The lease of a body that another process asked for, or NULL; released by the caller. It is given back if nobody uses it. */
EXOREF_API struct exoref_lease *exoref_event_lease(const exoref_event *event);
/* Calls the callback that belongs to the event, if there is one, on this thread. A second time does nothing. */
EXOREF_API void exoref_event_run(exoref_event *event);
EXOREF_API void exoref_event_release(exoref_event *event);

/* ---------------------------------------------------------------------------------------------------------- atom -- */

/*
 * An atom is one value that changes by functions from old to new: Clojure's atom. All handles of a key in a client
 * share what the client knows; validators and options belong to the handle.
 */
typedef struct exoref_atom exoref_atom;

/*
 * Opens the atom under `key`, which must exist unless the option `absent` says otherwise (allow: the handle is good, and
 * answers EXOREF_ENOTFOUND until somebody creates the atom; wait: waits for that up to the timeout). Opening changes nothing.
 *
 * options  of scope "reference", NULL for the defaults. With `codec`, a reference that carries another label is refused.
 * out      must not be NULL; released by the caller.
 *
 * Blocks. EXOREF_ENOTFOUND; EXOREF_ETYPE (the key holds something else; the message says what); EXOREF_ECODEC; EXOREF_EFORMAT.
 */
EXOREF_API exoref_status exoref_atom_open(exoref_client *client, const void *key, size_t key_size,
                                          const exoref_options *options, int64_t timeout_ms, exoref_atom **out,
                                          exoref_error **error);
/* The future's atom is the handle, its value the state that was found (none if absent and allowed). */
EXOREF_API exoref_status exoref_atom_open_async(exoref_client *client, const void *key, size_t key_size,
                                                const exoref_options *options, int64_t timeout_ms, exoref_future **out,
                                                exoref_error **error);

/*
 * Opens the atom under `key`, and creates it with the initial value if it does not exist. An atom that exists is not
 * changed, whatever it holds. `created` tells which. The options `codec`, `ttl`, `history` and `writers` are used if it is created.
 *
 * Blocks. As exoref_atom_open(), and EXOREF_EVALIDATION (the validator of the options refused the initial value).
 * Creating is idempotent: if the connection is lost meanwhile it is sent again.
 */
EXOREF_API exoref_status exoref_atom_create(exoref_client *client, const void *key, size_t key_size,
                                            const void *initial, size_t initial_size, const exoref_options *options,
                                            int64_t timeout_ms, exoref_atom **out, bool *created, exoref_error **error);
/* As for exoref_atom_open_async(); the future's flag is `created`. */
EXOREF_API exoref_status exoref_atom_create_async(exoref_client *client, const void *key, size_t key_size,
                                                  const void *initial, size_t initial_size,
                                                  const exoref_options *options, int64_t timeout_ms,
                                                  exoref_future **out, exoref_error **error);

/* The key as given at opening (without the client's prefix); any bytes, a NUL follows them. `size` may be NULL. */
EXOREF_API const char *exoref_atom_key(const exoref_atom *atom, size_t *size);

/*
 * The atom's value, asked from the server (linearizable, one round trip). `out` is released by the caller.
 * Blocks. EXOREF_ENOTFOUND: it was deleted or has expired.
 */
EXOREF_API exoref_status exoref_atom_deref(exoref_atom *atom, int64_t timeout_ms, exoref_value **out,
                                           exoref_error **error);
EXOREF_API exoref_status exoref_atom_deref_async(exoref_atom *atom, int64_t timeout_ms, exoref_future **out,
                                                 exoref_error **error);

/*
 * Sets the atom's value, whatever it was: Clojure's reset!. Never waits for other writers. `out` gets the new value.
 * Blocks. EXOREF_ENOTFOUND, EXOREF_EVALIDATION, EXOREF_ETOOBIG, EXOREF_ECODEC (see C9: no codec was named, but the reference has one).
 */
EXOREF_API exoref_status exoref_atom_reset(exoref_atom *atom, const void *data, size_t size, int64_t timeout_ms,
                                           exoref_value **out, exoref_error **error);
/* The same, and gives the exact value before it: Clojure's reset-vals!. */
EXOREF_API exoref_status exoref_atom_reset_vals(exoref_atom *atom, const void *data, size_t size, int64_t timeout_ms,
                                                exoref_value **old_value, exoref_value **new_value,
                                                exoref_error **error);
/* The future's value is the new one, its old value the one before (only if `want_old`). */
EXOREF_API exoref_status exoref_atom_reset_async(exoref_atom *atom, const void *data, size_t size, bool want_old,
                                                 int64_t timeout_ms, exoref_future **out, exoref_error **error);

/*
 * Sets the value to `next` if it is `expected`, byte for byte, at the instant it takes effect: Clojure's compare-and-set!.
 * `swapped` tells; `standing` gets the value that stands then (the new one, or the one that did not match), released by
 * the caller. Not to match is no error.
 * Blocks. As exoref_atom_reset(); `next` is validated first, so EXOREF_EVALIDATION may come where it would not have matched (A3).
 */
EXOREF_API exoref_status exoref_atom_compare_and_set(exoref_atom *atom, const void *expected, size_t expected_size,
                                                     const void *next, size_t next_size, int64_t timeout_ms,
                                                     bool *swapped, exoref_value **standing, exoref_error **error);
/* The future's flag is `swapped`, its value `standing`. */
EXOREF_API exoref_status exoref_atom_compare_and_set_async(exoref_atom *atom, const void *expected,
                                                           size_t expected_size, const void *next, size_t next_size,
                                                           int64_t timeout_ms, exoref_future **out,
                                                           exoref_error **error);

/*
 * Sets the value to `next` if the atom is still at the very state that `state` (a value of this atom) came from: free of
 * ABA, and of confusion after a loss of data on the server. Else as exoref_atom_compare_and_set().
 */
EXOREF_API exoref_status exoref_atom_compare_and_set_at(exoref_atom *atom, const exoref_value *state, const void *next,
                                                        size_t next_size, int64_t timeout_ms, bool *swapped,
                                                        exoref_value **standing, exoref_error **error);
EXOREF_API exoref_status exoref_atom_compare_and_set_at_async(exoref_atom *atom, const exoref_value *state,
                                                              const void *next, size_t next_size, int64_t timeout_ms,
                                                              exoref_future **out, exoref_error **error);

/*
 * Computes the new value from the old one: writes it into `result` and returns EXOREF_CALL_OK; EXOREF_CALL_FAILED (message on the
 * sink) or any other answer ends the swap with EXOREF_EFUNCTION; EXOREF_CALL_DECLINED ends it well, with nothing changed. May be called many times for one
 * swap and must be free of side effects. `old_value` lives during the call (retain it to keep it).
 */
typedef int32_t (*exoref_swap_fn)(void *ctx, const exoref_value *old_value, exoref_sink *result);

/*
 * Changes the value by a function: Clojure's swap!. The function is called on this thread, outside all locks, until the
 * value that it was computed from is still the atom's when the new one is written. One round trip if this process knows the
 * newest value, one more per real conflict. `out` gets the new value.
 * Blocks. EXOREF_EFUNCTION, EXOREF_EVALIDATION, EXOREF_ENOTFOUND, EXOREF_ETOOBIG, EXOREF_ECODEC.
 */
EXOREF_API exoref_status exoref_atom_swap(exoref_atom *atom, exoref_swap_fn fn, void *ctx, int64_t timeout_ms,
                                          exoref_value **out, exoref_error **error);
/* The same, and gives the exact value before it: Clojure's swap-vals!. */
EXOREF_API exoref_status exoref_atom_swap_vals(exoref_atom *atom, exoref_swap_fn fn, void *ctx, int64_t timeout_ms,
                                               exoref_value **old_value, exoref_value **new_value,
                                               exoref_error **error);
/* The function is called on the completion lane. The future's value is the new one, its old value the one before. */
EXOREF_API exoref_status exoref_atom_swap_async(exoref_atom *atom, exoref_swap_fn fn, void *ctx,
                                                exoref_free_fn free_ctx, int64_t timeout_ms, exoref_future **out,
                                                exoref_error **error);

/*
 * The pull form of swap, for callers that want to compute in their own way (another language, another thread): begin
 * gives the newest known value; offer proposes what was computed from it, and answers either "done" or "again", with a newer
 * value to compute from. A swap that is begun holds nothing: others go on, and its offer is answered "again" then.
 *
 *     exoref_swap *swap; exoref_value *old; bool done = false;
 *     status = exoref_atom_swap_begin(atom, timeout, &swap, &old, &error);
 *     while (status == EXOREF_OK && !done) {
 *         compute(old, &data, &size);
 *         exoref_value_release(old);
 *         status = exoref_swap_offer(swap, data, size, timeout, &done, &old, &error);
 *     }
 *     if (done) use(old);             // it is the new value now
 *     exoref_value_release(old);
 *     exoref_swap_release(swap);
 */
typedef struct exoref_swap exoref_swap;

/* `out` and `old_value` are released by the caller. Blocks only if nothing is known of the atom yet. */
EXOREF_API exoref_status exoref_atom_swap_begin(exoref_atom *atom, int64_t timeout_ms, exoref_swap **out,
                                                exoref_value **old_value, exoref_error **error);
/* The future has the swap and, as value, the old value. */
EXOREF_API exoref_status exoref_atom_swap_begin_async(exoref_atom *atom, int64_t timeout_ms, exoref_future **out,
                                                      exoref_error **error);

/*
 * Proposes the value computed from the one that begin, or the last "again", gave. `done` true: it is the atom's value now,
 * and `value` is it. `done` false: `value` is a newer one to compute from. On failure the swap is over.
 * Blocks until that is known. EXOREF_EVALIDATION, EXOREF_ENOTFOUND, EXOREF_ETOOBIG, EXOREF_ECODEC; EXOREF_EINVAL for a second offer on one value.
 */
EXOREF_API exoref_status exoref_swap_offer(exoref_swap *swap, const void *data, size_t size, int64_t timeout_ms,
                                           bool *done, exoref_value **value, exoref_error **error);
/* The future's flag is `done`, its value `value`; if done, its old value is the exact one before. */
EXOREF_API exoref_status exoref_swap_offer_async(exoref_swap *swap, const void *data, size_t size, int64_t timeout_ms,
                                                 exoref_future **out, exoref_error **error);

/*
 * Asks whether the value that the swap gave last is current, for a caller that wants to end without a change ("the function
 * failed") by an answer that the server stands for. `done` true: it is, and the swap is over;
 * false: compute again from `value`.
 */
EXOREF_API exoref_status exoref_swap_confirm(exoref_swap *swap, int64_t timeout_ms, bool *done, exoref_value **value,
                                             exoref_error **error);
EXOREF_API exoref_status exoref_swap_confirm_async(exoref_swap *swap, int64_t timeout_ms, exoref_future **out,
                                                   exoref_error **error);
EXOREF_API void exoref_swap_release(exoref_swap *swap);

/*
 * Sets the validator of this handle (fn NULL removes it). The current value is judged first: if it is refused the old
 * validator stays and the answer is EXOREF_EVALIDATION. Other handles and processes are not concerned. Blocks.
 */
EXOREF_API exoref_status exoref_atom_set_validator(exoref_atom *atom, exoref_validator_fn fn, void *ctx,
                                                   exoref_free_fn free_ctx, int64_t timeout_ms, exoref_error **error);

/* What a change was. */
enum {
    EXOREF_CHANGE_REWOUND = 1,   /* the server lost data: what this watch saw last is not in the atom's past any more */
    EXOREF_CHANGE_DELETED = 2,   /* deleted or expired: there is no new value */
    EXOREF_CHANGE_RECREATED = 4, /* created anew after it was deleted: there is no old value */
    EXOREF_CHANGE_UNCERTAIN =
        8 /* whether the changes missed were one line of history can't be known (history too short) */
};

EXOREF_API const char *exoref_change_watch_key(const exoref_change *change, size_t *size);
EXOREF_API const char *exoref_change_key(const exoref_change *change,
                                         size_t *size); /* of the reference, without prefix */
/* The values before and after: they live as long as the change; NULL where there is none or it can't be known any more. */
EXOREF_API const exoref_value *exoref_change_old_value(const exoref_change *change);
EXOREF_API const exoref_value *exoref_change_new_value(const exoref_change *change);
EXOREF_API uint64_t
exoref_change_version(const exoref_change *change); /* of the new value; of the last one if deleted */
EXOREF_API uint64_t exoref_change_missed(const exoref_change *change); /* how many changes before it were not told */
EXOREF_API int32_t exoref_change_flags(const exoref_change *change);   /* EXOREF_CHANGE_*, ored */

/*
 * Is told of one change, on the watch lane (or in exoref_client_poll); watches of one reference in the order of their
 * registration, changes in the order of versions, each once (C5, C6). `change` lives during the call. Another answer than
 * EXOREF_CALL_OK is reported to the log; the change stands and the other watches are called (C7).
 */
typedef int32_t (*exoref_watch_fn)(void *ctx, const exoref_change *change);

/*
 * Has `fn` called for every change after the version of `since` (the state at this moment, released by the caller; NULL
 * where the atom does not exist), until the watch is removed, replaced by another under the same watch key, the client is
 * closed, or the last handle of this key in the client is released. `token` comes with its events (events=take). fn may be NULL with `events=take`.
 * Blocks until the subscription stands and the state is read.
 */
EXOREF_API exoref_status exoref_atom_add_watch(exoref_atom *atom, const void *watch_key, size_t watch_key_size,
                                               exoref_watch_fn fn, void *ctx, exoref_free_fn free_ctx, uint64_t token,
                                               int64_t timeout_ms, exoref_value **since, exoref_error **error);
/* The future's value is `since`. */
EXOREF_API exoref_status exoref_atom_add_watch_async(exoref_atom *atom, const void *watch_key, size_t watch_key_size,
                                                     exoref_watch_fn fn, void *ctx, exoref_free_fn free_ctx,
                                                     uint64_t token, int64_t timeout_ms, exoref_future **out,
                                                     exoref_error **error);

/*
 * Removes the watch. After it returns the function is not called again (called from within the function: not after the
 * current call); so it waits for a call that runs just now on another thread. To remove an absent one is no error.
 */
EXOREF_API exoref_status exoref_atom_remove_watch(exoref_atom *atom, const void *watch_key, size_t watch_key_size,
                                                  exoref_error **error);

/*
 * Metadata: bytes beside the value, shared by all processes, empty at first. Changing it neither validates nor notifies,
 * nor changes the value's version (C8). `out` is released by the caller. All block. EXOREF_ENOTFOUND.
 */
EXOREF_API exoref_status exoref_atom_meta(exoref_atom *atom, int64_t timeout_ms, exoref_value **out,
                                          exoref_error **error);
EXOREF_API exoref_status exoref_atom_meta_async(exoref_atom *atom, int64_t timeout_ms, exoref_future **out,
                                                exoref_error **error);
/* Sets it. A write that had to be sent again and is then refused ends EXOREF_EUNKNOWN: metadata has no completion record. */
EXOREF_API exoref_status exoref_atom_reset_meta(exoref_atom *atom, const void *data, size_t size, int64_t timeout_ms,
                                                exoref_error **error);
EXOREF_API exoref_status exoref_atom_reset_meta_async(exoref_atom *atom, const void *data, size_t size,
                                                      int64_t timeout_ms, exoref_future **out, exoref_error **error);
/* Changes it by a function, which is called on this thread and perhaps again; `out` gets the new metadata. EXOREF_EFUNCTION. */
EXOREF_API exoref_status exoref_atom_alter_meta(exoref_atom *atom, exoref_swap_fn fn, void *ctx, int64_t timeout_ms,
                                                exoref_value **out, exoref_error **error);
/* The function is called on the completion lane; the future's value is the new metadata. */
EXOREF_API exoref_status exoref_atom_alter_meta_async(exoref_atom *atom, exoref_swap_fn fn, void *ctx,
                                                      exoref_free_fn free_ctx, int64_t timeout_ms, exoref_future **out,
                                                      exoref_error **error);

EXOREF_API exoref_atom *exoref_atom_retain(exoref_atom *atom);
EXOREF_API void exoref_atom_release(exoref_atom *atom);

/* ------------------------------------------------------------------------------------------------------- promise -- */

/*
 * A promise is a value that comes once, from whoever delivers it first, and is waited for anywhere: Clojure's promise. The
 * order of opening, delivering and waiting does not matter, nor whether the one who delivered is still there. Once this
 * process has read the value it is answered from memory, with no server needed. A handle stays with the promise that it was
 * opened on: if that is deleted or expires unread, and another is made under the key, who wants that one opens it anew (C10).
 */
typedef struct exoref_promise exoref_promise;

/*
 * Opens the promise under `key`, and creates it, undelivered, if it does not exist. One that exists is not changed. `created`
 * tells which. The options `codec` and `ttl` are used if it is created. A ttl below two of the client's `sweep_interval` is
 * warned of in the log: where messages are lost, a delivered value could expire before a waiter has looked for it.
 *
 * options  of scope "reference", NULL for the defaults. With `codec`, a reference that carries another label is refused.
 *          A validator of the options judges what this handle delivers.
 * out      must not be NULL; released by the caller.
 *
 * Blocks. EXOREF_ETYPE (the key holds something else; the message says what); EXOREF_ECODEC; EXOREF_EFORMAT.
 * Creating is idempotent: if the connection is lost meanwhile it is sent again.
 */
EXOREF_API exoref_status exoref_promise_open(exoref_client *client, const void *key, size_t key_size,
                                             const exoref_options *options, int64_t timeout_ms, exoref_promise **out,
                                             bool *created, exoref_error **error);
/* The future's promise is the handle, its flag `created`; its value what was delivered, if it was delivered already. */
EXOREF_API exoref_status exoref_promise_open_async(exoref_client *client, const void *key, size_t key_size,
                                                   const exoref_options *options, int64_t timeout_ms,
                                                   exoref_future **out, exoref_error **error);

/* The key as given at opening (without the client's prefix); any bytes, a NUL follows them. `size` may be NULL. */
EXOREF_API const char *exoref_promise_key(const exoref_promise *promise, size_t *size);

/*
 * Delivers the value, unless one was delivered before: then nothing is changed, `delivered` is false, and that is no error.
 * `standing` gets the value that stands (this one, or the earlier one), released by the caller. Does not wait for anybody
 * to take notice. Blocks until the server has it.
 * EXOREF_EDELETED: the promise of this handle is gone. EXOREF_EVALIDATION, EXOREF_ETOOBIG, EXOREF_ECODEC (see C9).
 */
EXOREF_API exoref_status exoref_promise_deliver(exoref_promise *promise, const void *data, size_t size,
                                                int64_t timeout_ms, bool *delivered, exoref_value **standing,
                                                exoref_error **error);
/* The future's flag is `delivered`, its value `standing`. */
EXOREF_API exoref_status exoref_promise_deliver_async(exoref_promise *promise, const void *data, size_t size,
                                                      int64_t timeout_ms, exoref_future **out, exoref_error **error);

/*
 * The promise's value; waits for it (EXOREF_TIMEOUT_NONE: for ever). `out` is released by the caller. Timeout 0 answers
 * from memory alone.
 * Blocks. EXOREF_ETIMEOUT: not delivered in the time; the promise is as before. EXOREF_EDELETED: it was deleted or has
 * expired.
 */
EXOREF_API exoref_status exoref_promise_deref(exoref_promise *promise, int64_t timeout_ms, exoref_value **out,
                                              exoref_error **error);
/* The future's value is the value. Ten thousand such waits cost one client two connections, and below 1 KiB each. */
EXOREF_API exoref_status exoref_promise_deref_async(exoref_promise *promise, int64_t timeout_ms, exoref_future **out,
                                                    exoref_error **error);

/*
 * Whether it was delivered, by anybody, anywhere; asked from the server unless this process knows that it is. False where it
 * was deleted or has expired before this process saw it delivered. exoref_realized() asks without a handle. Blocks.
 */
EXOREF_API exoref_status exoref_promise_realized(exoref_promise *promise, int64_t timeout_ms, bool *realized,
                                                 exoref_error **error);
/* The future's flag is `realized`. */
EXOREF_API exoref_status exoref_promise_realized_async(exoref_promise *promise, int64_t timeout_ms, exoref_future **out,
                                                       exoref_error **error);

EXOREF_API exoref_promise *exoref_promise_retain(exoref_promise *promise);
/* Waits that run go on. */
EXOREF_API void exoref_promise_release(exoref_promise *promise);

/* --------------------------------------------------------------------------------------------------------- delay -- */

/*
 * A delay is a value that is computed when somebody first asks for it, once among all processes: Clojure's delay. Who opens it
 * with a body offers to compute it; who opens it with the key alone asks others to. One holder of a body at a time gets a
 * lease, which the library renews while the body runs; if its process dies, another takes over within one lease time. Never
 * two leases are valid at once, but a process that was stopped for longer than its lease may still be running the body
 * while the next one does: it is told (exoref_lease_lost()), and its result is refused. So one value is ever published, but
 * what a body does to the world beside it may happen twice: exoref_lease_token() is for that. A body that fails is a result too:
 * everybody gets the same failure, EXOREF_EBODY, with kind, message and payload in the error; unless the option `retry` is
 * set. Handles stay with the delay that they were opened on (C10).
 */
typedef struct exoref_delay exoref_delay;

/* The right to run a delay's body now. Renewed by the library until it is used, lost, or its last handle is released. */
typedef struct exoref_lease exoref_lease;

/*
 * Opens the delay under `key` without a body, and creates it, unrealized, if it does not exist. One that exists is not
 * changed. `created` tells which. The options `codec` and `ttl` are used if it is created. Options, `out` and statuses are as
 * for exoref_promise_open(). Blocks.
 */
EXOREF_API exoref_status exoref_delay_open(exoref_client *client, const void *key, size_t key_size,
                                           const exoref_options *options, int64_t timeout_ms, exoref_delay **out,
                                           bool *created, exoref_error **error);
/* The future's delay is the handle, its flag `created`; its value the result, if it is realized. */
EXOREF_API exoref_status exoref_delay_open_async(exoref_client *client, const void *key, size_t key_size,
                                                 const exoref_options *options, int64_t timeout_ms, exoref_future **out,
                                                 exoref_error **error);

/*
 * A body: computes the delay's value, writes it into `result`, and returns EXOREF_CALL_OK. EXOREF_CALL_FAILED is a failed body: what was
 * written into `result` is the failure's payload, its message and kind are set on the sink. EXOREF_CALL_DECLINED gives the
 * lease back, for another process to take: this handle has no body any more. It runs without locks, for as long as it likes, on the thread of
 * the exoref_delay_deref() that came first in this process, or else on a thread for bodies (option `bodies`: how many at
 * most); with `events=take`, where the application runs the event. `lease` lives during the call: a long body looks at exoref_lease_lost().
 */
typedef int32_t (*exoref_body_fn)(void *ctx, exoref_lease *lease, exoref_sink *result);

/* Sets the kind of the failure of a body that returns EXOREF_CALL_FAILED: a short word for programs (NUL-terminated, copied). */
EXOREF_API exoref_status exoref_sink_set_kind(exoref_sink *sink, const char *kind);

/*
 * The same, with a body. It runs when somebody asks for the value, in this process or another, also if that was before this call;
 * never else. While the handle (or a deref through it) lives, this process serves such requests. The body is called at most once at
 * a time here; again only if a lease was lost, or after a failure with `retry`.
 *
 * fn       may be NULL with `events=take`: the event (EXOREF_EVENT_BODY) then carries the lease alone, and the
 *          application uses it.
 * token    comes with that event.
 * options  also: `lease` (how long a lease lasts that is not renewed: the time until another takes over when this
 *          process dies), `retry` (a failure is told to all who wait now, and the delay is unrealized again: a deref begun later
 *          starts the next attempt). Given at creation they hold for all; where this handle sets them, for what this handle runs.
 */
EXOREF_API exoref_status exoref_delay_open_with_body(exoref_client *client, const void *key, size_t key_size,
                                                     exoref_body_fn fn, void *ctx, exoref_free_fn free_ctx,
                                                     uint64_t token, const exoref_options *options, int64_t timeout_ms,
                                                     exoref_delay **out, bool *created, exoref_error **error);
/* As for exoref_delay_open_async(). */
EXOREF_API exoref_status exoref_delay_open_with_body_async(exoref_client *client, const void *key, size_t key_size,
                                                           exoref_body_fn fn, void *ctx, exoref_free_fn free_ctx,
                                                           uint64_t token, const exoref_options *options,
                                                           int64_t timeout_ms, exoref_future **out,
                                                           exoref_error **error);

/* The key as given at opening (without the client's prefix); any bytes, a NUL follows them. `size` may be NULL. */
EXOREF_API const char *exoref_delay_key(const exoref_delay *delay, size_t *size);

/*
 * The delay's value; has it computed if it is not (Clojure's deref and force): by this handle's body on this thread if nobody
 * runs one, else by whoever has one; where nobody has, it waits until somebody comes. `out` is released by the caller. The
 * timeout bounds the waiting; it does not stop a body, nor the body on this thread, whose time does not count.
 * Blocks. EXOREF_EBODY: the body failed, here or elsewhere, now or earlier. EXOREF_ETIMEOUT. EXOREF_EDELETED: it was
 * deleted or has expired. EXOREF_EDEADLOCK: called by its own body.
 */
EXOREF_API exoref_status exoref_delay_deref(exoref_delay *delay, int64_t timeout_ms, exoref_value **out,
                                            exoref_error **error);
/* The future's value is the value. A body of this process runs on a thread for bodies then. */
EXOREF_API exoref_status exoref_delay_deref_async(exoref_delay *delay, int64_t timeout_ms, exoref_future **out,
                                                  exoref_error **error);

/*
 * Whether there is a result, a value or a kept failure; asked from the server unless this process knows that there is. Starts
 * nothing. False where the delay was deleted or has expired. exoref_realized() asks without a handle. Blocks.
 */
EXOREF_API exoref_status exoref_delay_realized(exoref_delay *delay, int64_t timeout_ms, bool *realized,
                                               exoref_error **error);
/* The future's flag is `realized`. */
EXOREF_API exoref_status exoref_delay_realized_async(exoref_delay *delay, int64_t timeout_ms, exoref_future **out,
                                                     exoref_error **error);

/*
 * The pull form of deref, for callers that run the body in their own way (another language, another process): ends either
 * with the value, or - when nobody holds the lease - with the lease, and then it is the caller who computes. A body of the
 * handle is not called by it.
 *
 *     exoref_lease *lease; exoref_value *value;
 *     status = exoref_delay_claim(delay, timeout, &lease, &value, &error);
 *     if (status == EXOREF_OK && lease != NULL) {
 *         if (compute(lease, &data, &size)) status = exoref_lease_deliver(lease, data, size, timeout, &value, &error);
 *         else status = exoref_lease_fail(lease, "io", "no such file", NULL, 0, timeout, &error);
 *         exoref_lease_release(lease);
 *     }
 *
 * `lease` and `value`: exactly one of them is set; released by the caller. `lease` must not be NULL. Blocks. Statuses as for exoref_delay_deref().
 */
EXOREF_API exoref_status exoref_delay_claim(exoref_delay *delay, int64_t timeout_ms, exoref_lease **lease,
                                            exoref_value **value, exoref_error **error);
/* The future's lease or value. The future holds the lease too: let go of unused, it gives it back. */
EXOREF_API exoref_status exoref_delay_claim_async(exoref_delay *delay, int64_t timeout_ms, exoref_future **out,
                                                  exoref_error **error);

EXOREF_API exoref_delay *exoref_delay_retain(exoref_delay *delay);
/* Waits and bodies that run go on; the handle's body is called no more, and its ctx freed when no call runs. */
EXOREF_API void exoref_delay_release(exoref_delay *delay);

/*
 * Publishes the value, and ends the lease. `value` gets it, released by the caller. Blocks.
 * EXOREF_ELEASE: the lease was lost, or used before; nothing was changed, another publishes or has published.
 * EXOREF_EDELETED; EXOREF_EVALIDATION, EXOREF_ETOOBIG, EXOREF_ECODEC (the lease is still held then).
 */
EXOREF_API exoref_status exoref_lease_deliver(exoref_lease *lease, const void *data, size_t size, int64_t timeout_ms,
                                              exoref_value **value, exoref_error **error);
/* The future's value. */
EXOREF_API exoref_status exoref_lease_deliver_async(exoref_lease *lease, const void *data, size_t size,
                                                    int64_t timeout_ms, exoref_future **out, exoref_error **error);

/*
 * Publishes a failure: kind and message (NUL-terminated; NULL is ""), and a payload of any bytes; ends the lease. With the
 * handle's option `retry` it is told to all who wait now, and the delay is unrealized again. Blocks. EXOREF_ELEASE,
 * EXOREF_EDELETED, EXOREF_ETOOBIG.
 */
EXOREF_API exoref_status exoref_lease_fail(exoref_lease *lease, const char *kind, const char *message,
                                           const void *payload, size_t payload_size, int64_t timeout_ms,
                                           exoref_error **error);
EXOREF_API exoref_status exoref_lease_fail_async(exoref_lease *lease, const char *kind, const char *message,
                                                 const void *payload, size_t payload_size, int64_t timeout_ms,
                                                 exoref_future **out, exoref_error **error);

/*
 * Renews the lease now: for who wants to be sure that it is still held before doing what can't be undone. The library renews
 * by itself three times in a lease time. `left_ms` gets how long it lasts from now. Blocks. EXOREF_ELEASE, EXOREF_EDELETED.
 */
EXOREF_API exoref_status exoref_lease_renew(exoref_lease *lease, int64_t timeout_ms, int64_t *left_ms,
                                            exoref_error **error);
/* The future's number is `left_ms`. */
EXOREF_API exoref_status exoref_lease_renew_async(exoref_lease *lease, int64_t timeout_ms, exoref_future **out,
                                                  exoref_error **error);

/*
 * The cancel token: true once the lease is lost (not renewed in time, taken over, the delay deleted, the client closed), so
 * that a result would be refused. From memory, cheap, for loops.
 */
EXOREF_API bool exoref_lease_lost(const exoref_lease *lease);
/* A future that is done when the lease is lost (flag true) or has ended otherwise (flag false): wait for it, or set a callback. */
EXOREF_API exoref_status exoref_lease_lost_async(exoref_lease *lease, exoref_future **out, exoref_error **error);

/*
 * Gives the lease back, so that another may run the body at once: what the last release does in the background, for who wants to know that
 * it is done (a program that ends). EXOREF_OK also if it was lost or had ended. Blocks.
 */
EXOREF_API exoref_status exoref_lease_give_back(exoref_lease *lease, int64_t timeout_ms, exoref_error **error);
EXOREF_API exoref_status exoref_lease_give_back_async(exoref_lease *lease, int64_t timeout_ms, exoref_future **out,
                                                      exoref_error **error);

/* The fencing token: raised by every claim of this delay. A system that the body writes to can refuse lower ones. */
EXOREF_API int64_t exoref_lease_token(const exoref_lease *lease);

EXOREF_API exoref_lease *exoref_lease_retain(exoref_lease *lease);
/* The last release of a lease that was neither delivered nor failed gives it back at once, in the background. */
EXOREF_API void exoref_lease_release(exoref_lease *lease);

/* ------------------------------------------------------------------------------------------------ administration -- */

/* Functions for any reference, by its key. */

/*
 * Deletes the reference; whoever watches is told. `deleted` is false if there was none. Idempotent: if the connection is
 * lost meanwhile it is sent again. What is not a reference of exoref is left alone: EXOREF_ETYPE. Blocks.
 */
EXOREF_API exoref_status exoref_delete(exoref_client *client, const void *key, size_t key_size, int64_t timeout_ms,
                                       bool *deleted, exoref_error **error);
/* The future's flag is `deleted`. */
EXOREF_API exoref_status exoref_delete_async(exoref_client *client, const void *key, size_t key_size,
                                             int64_t timeout_ms, exoref_future **out, exoref_error **error);

/*
 * Sets the reference's time to live in milliseconds, counted from now and anew from each change (C11); EXOREF_TTL_NONE takes
 * it away. Blocks. EXOREF_ENOTFOUND; EXOREF_EINVAL (0 or another negative number).
 */
#define EXOREF_TTL_NONE INT64_C(-1)
EXOREF_API exoref_status exoref_expire(exoref_client *client, const void *key, size_t key_size, int64_t ttl_ms,
                                       int64_t timeout_ms, exoref_error **error);
EXOREF_API exoref_status exoref_expire_async(exoref_client *client, const void *key, size_t key_size, int64_t ttl_ms,
                                             int64_t timeout_ms, exoref_future **out, exoref_error **error);

/*
 * Whether the promise or delay under the key is realized. False where there is none, and nothing is created (P6). `type`: "promise" or
 * "delay" (EXOREF_ETYPE for the other), NULL for either. Blocks. EXOREF_ETYPE, EXOREF_EFORMAT.
 */
EXOREF_API exoref_status exoref_realized(exoref_client *client, const void *key, size_t key_size, const char *type,
                                         int64_t timeout_ms, bool *realized, exoref_error **error);
/* The future's flag is `realized`. */
EXOREF_API exoref_status exoref_realized_async(exoref_client *client, const void *key, size_t key_size,
                                               const char *type, int64_t timeout_ms, exoref_future **out,
                                               exoref_error **error);

/*
 * What is known about a reference, as texts by name:
 *
 *   type      atom, promise, delay              version   how many values it has had
 *   epoch     128 bits in hex: this incarnation size      bytes of the value
 *   codec     the label, "" for none            ttl       milliseconds from each change, "" for none
 *   expires   milliseconds from now, "" never   history   changes that the ring can hold
 *   terms     how often the history changed its server
 *
 * and of a delay: state (open, wanted, realized, failed), attempt (how often a body was begun), owner (who holds the lease, "" nobody),
 * lease (milliseconds that are left of it), lease_ms (how long one lasts), failure (message of the last one).
 */
typedef struct exoref_info exoref_info;

/*
 * Reads all about a reference. `out` is released by the caller. Also the way to learn whether a key exists and of what type it is.
 * Blocks. EXOREF_ENOTFOUND; EXOREF_ETYPE (what is there is no reference of exoref); EXOREF_EFORMAT.
 */
EXOREF_API exoref_status exoref_inspect(exoref_client *client, const void *key, size_t key_size, int64_t timeout_ms,
                                        exoref_info **out, exoref_error **error);
/* The future's info. */
EXOREF_API exoref_status exoref_inspect_async(exoref_client *client, const void *key, size_t key_size,
                                              int64_t timeout_ms, exoref_future **out, exoref_error **error);

/* One of the texts above; NULL for another name. */
EXOREF_API const char *exoref_info_text(const exoref_info *info, const char *name);
/* The key, without the client's prefix; any bytes, a NUL follows them. */
EXOREF_API const char *exoref_info_key(const exoref_info *info, size_t *size);
/* Value (of exoref_inspect only, NULL if there is none yet) and metadata; released by the caller. */
EXOREF_API exoref_value *exoref_info_value(const exoref_info *info);
EXOREF_API exoref_value *exoref_info_meta(const exoref_info *info);
/* The last changes, newest first, as many as the history holds (of exoref_inspect only). `value` may stay NULL: too large to be kept. */
EXOREF_API size_t exoref_info_change_count(const exoref_info *info);
EXOREF_API uint64_t exoref_info_change_version(const exoref_info *info, size_t n);
EXOREF_API exoref_value *exoref_info_change_value(const exoref_info *info, size_t n);
EXOREF_API void exoref_info_release(exoref_info *info);

/*
 * Lists references, in no order, by a pattern of Redis (`*`, `user:?`, `[ab]*`; NULL: all) within the client's prefix, and a
 * type ("atom"; NULL: any). Keys that are no references of exoref are passed over. One that is changed while the listing runs may come twice or be missed, as
 * with SCAN; one that stands all the time comes.
 */
typedef struct exoref_scan exoref_scan;

EXOREF_API exoref_status exoref_scan_new(exoref_client *client, const void *pattern, size_t pattern_size,
                                         const char *type, exoref_scan **out, exoref_error **error);
/* The next one, released by the caller; NULL with EXOREF_OK at the end. Blocks. */
EXOREF_API exoref_status exoref_scan_next(exoref_scan *scan, int64_t timeout_ms, exoref_info **out,
                                          exoref_error **error);
/* The future's info; none at the end. One call at a time. */
EXOREF_API exoref_status exoref_scan_next_async(exoref_scan *scan, int64_t timeout_ms, exoref_future **out,
                                                exoref_error **error);
EXOREF_API void exoref_scan_release(exoref_scan *scan);

/*
 * The private server of local:DIR by hand. start: starts it if none runs, and keeps it up without clients until stop. stop: ends it,
 * whoever uses it; `stopped` is false if none ran. status: gives a line of text, NULL if none runs. All block. EXOREF_ELOCAL.
 */
EXOREF_API exoref_status exoref_local_start(const char *directory, int64_t timeout_ms, exoref_error **error);
EXOREF_API exoref_status exoref_local_stop(const char *directory, int64_t timeout_ms, bool *stopped,
                                           exoref_error **error);
EXOREF_API exoref_status exoref_local_status(const char *directory, int64_t timeout_ms, exoref_value **out,
                                             exoref_error **error);

#ifdef __cplusplus
}
#endif

#endif
