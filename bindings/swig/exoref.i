/*
 * The one SWIG interface of exoref: what all languages share. It names the functions of the public header by their kind, and an overlay
 * per language (java.swg.i, go.swg.i, ruby.swg.i) says what each kind becomes there. An overlay defines all the macros used
 * below; an empty body is fine. Nothing that users see is generated: on the generated layer stands a hand-written one.
 *
 *   %exoref_handle(TYPE, NAME, RELEASE)      an opaque handle, and what lets go of it
 *   %exoref_borrowed(TYPE, NAME)             an opaque handle that nobody lets go of: it lives during a callback, or with another
 *   %exoref_bytes(DATA, SIZE)                the names of a pair of parameters that is bytes
 *   %exoref_callback(FN_TYPE, KIND)          a callback with ctx and a function that frees it: (FN_TYPE fn, void *ctx, exoref_free_fn free_ctx)
 *   %exoref_function(FN_TYPE, KIND)          a callback that is called within the call alone: (FN_TYPE fn, void *ctx)
 *   %exoref_gives(FUNCTION, TYPE)            a status; on success one handle of TYPE, in the last parameter but `error`
 *   %exoref_gives_flag(FUNCTION)             a status; on success one bool
 *   %exoref_gives_number(FUNCTION)           a status; on success one int64_t
 *   %exoref_gives_several(FUNCTION)          a status; on success more than one thing
 *   %exoref_text(FUNCTION)                   returns a text that the library or the handle owns, NUL-terminated
 *   %exoref_key_text(FUNCTION)               returns bytes with their size in `size_t *size`
 *
 * A function that is not named by kind gives a plain result, or a status and nothing else.
 */
%module exoref_low

%{
#include <exoref/exoref.h>
%}

%include <stdint.i>

#if defined(SWIGJAVA)
%include "java.swg.i"
#elif defined(SWIGGO)
%include "go.swg.i"
#elif defined(SWIGRUBY)
%include "ruby.swg.i"
#else
#error "no overlay for this language"
#endif

%include "kinds.i"

%ignore EXOREF_API;
#define EXOREF_API
%include <exoref/exoref.h>
