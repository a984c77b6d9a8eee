/*
 * Go's overlay: what each kind of exoref.i becomes in bindings/go/internal/low. Handles and bytes are uintptr, a status becomes an
 * error (with all that the exoref_error says, in the same crossing), out-parameters stay pointers. Nothing that blocks is wrapped, as
 * Go waits on channels; and no text that C returns, whose copying SWIG 4.1 writes so that `go vet` refuses it: texts are read by
 * bindings/go/internal/low/shims.h. Generate with: swig -go -cgo -intgosize 64 -package low.
 */
%insert(cgo_comment_typedefs) %{
#cgo pkg-config: exoref
%}
%{
#include "shims.h"
%}

/* uint64, as SWIG would make the wrapper return an exoref_status for uintptr; and $result is that of C in an argout typemap. */
%typemap(gotype) exoref_status "error"
%typemap(imtype) exoref_status "uint64"
%typemap(out) exoref_status { $result = (uint64_t)$1; }
%typemap(in, numinputs=0) exoref_error **error (exoref_error *failed = 0) { $1 = &failed; }
%typemap(argout) exoref_error **error { _swig_go_result = (int64_t)exoref_go_failure($result, *$1); }
%typemap(goout) exoref_status { $result = failure(uintptr($1)) }

%define %exoref_handle(TYPE, NAME, RELEASE)
%typemap(gotype) TYPE *, const TYPE *, struct TYPE * "uintptr"
%typemap(imtype) TYPE *, const TYPE *, struct TYPE * "uintptr"
%typemap(in) TYPE *, const TYPE *, struct TYPE * { $1 = ($1_ltype)$input; }
%typemap(out) TYPE *, const TYPE *, struct TYPE * { $result = ($1_ltype)$1; }
%typemap(gotype) TYPE ** "*uintptr"
%typemap(imtype) TYPE ** "*uintptr"
%typemap(in) TYPE ** { $1 = ($1_ltype)$input; }
%enddef
%define %exoref_borrowed(TYPE, NAME)
%exoref_handle(TYPE, NAME, none)
%enddef

%define %exoref_bytes(DATA, SIZE)
%typemap(gotype) const void *DATA, size_t SIZE "uintptr"
%typemap(imtype) const void *DATA, size_t SIZE "uintptr"
%typemap(in) const void *DATA { $1 = (void *)$input; }
%typemap(in) size_t SIZE { $1 = (size_t)$input; }
%enddef

/* A callback is the shim of its kind (shims.h), with a cgo.Handle as its ctx; 0 is none. */
%define %exoref_callback(FN_TYPE, KIND)
%typemap(gotype) (FN_TYPE fn, void *ctx, exoref_free_fn free_ctx) "uintptr"
%typemap(imtype) (FN_TYPE fn, void *ctx, exoref_free_fn free_ctx) "uintptr"
%typemap(in) (FN_TYPE fn, void *ctx, exoref_free_fn free_ctx)
    { $1 = $input ? exoref_go_ ## KIND : 0; $2 = (void *)$input; $3 = $input ? exoref_go_free : 0; }
%enddef
%define %exoref_function(FN_TYPE, KIND)
%enddef

/* The results of all these are pointers of the caller's. */
%define %exoref_gives(FUNCTION, TYPE)
%enddef
%define %exoref_gives_flag(FUNCTION)
%enddef
%define %exoref_gives_number(FUNCTION)
%enddef
%define %exoref_gives_several(FUNCTION)
%enddef

%define %exoref_text(FUNCTION)
%ignore FUNCTION;
%enddef
%define %exoref_key_text(FUNCTION)
%ignore FUNCTION;
%enddef

/* Texts go in as pointers to bytes that end with a NUL. (SWIG passes a Go string by value, which cgo refuses at run time: a Go pointer
   to a Go pointer.) */
%typemap(gotype) const char * "uintptr"
%typemap(imtype) const char * "uintptr"
%typemap(in) const char * { $1 = ($1_ltype)$input; }
%typemap(freearg) const char * "";

/* Constants: each would be a variable that is filled by a call of C when the program starts. low.go has them as constants. */
%rename("$ignore", %$isenumitem) "";
%rename("$ignore", regextarget=1, fullname=1, %$isconstant) "^EXOREF_.*";

/* What blocks; Go uses the asynchronous form, and waits on channels. */
%ignore exoref_client_open;
%ignore exoref_client_ping;
%ignore exoref_client_poll;
%ignore exoref_client_next_event;
%ignore exoref_atom_open;
%ignore exoref_atom_create;
%ignore exoref_atom_deref;
%ignore exoref_atom_reset;
%ignore exoref_atom_reset_vals;
%ignore exoref_atom_compare_and_set;
%ignore exoref_atom_compare_and_set_at;
%ignore exoref_atom_swap;
%ignore exoref_atom_swap_vals;
%ignore exoref_atom_swap_begin;
%ignore exoref_swap_offer;
%ignore exoref_swap_confirm;
%ignore exoref_atom_set_validator;
%ignore exoref_atom_add_watch;
%ignore exoref_atom_meta;
%ignore exoref_atom_reset_meta;
%ignore exoref_atom_alter_meta;
%ignore exoref_promise_open;
%ignore exoref_promise_deliver;
%ignore exoref_promise_deref;
%ignore exoref_promise_realized;
%ignore exoref_delay_open;
%ignore exoref_delay_open_with_body;
%ignore exoref_delay_deref;
%ignore exoref_delay_realized;
%ignore exoref_delay_claim;
%ignore exoref_lease_deliver;
%ignore exoref_lease_fail;
%ignore exoref_lease_renew;
%ignore exoref_lease_give_back;
%ignore exoref_delete;
%ignore exoref_expire;
%ignore exoref_realized;
%ignore exoref_inspect;
%ignore exoref_scan_next;

/* What calls functions of the application beneath a frame of C: validators, swaps and bodies run in Go, by the pull forms. The one
   function that has no pull form is that of exoref_atom_alter_meta_async. */
%ignore exoref_atom_swap_async;
%ignore exoref_options_set_validator;
%ignore exoref_future_set_callback;

/* Read in one crossing by shims.h instead, or of no use in Go. */
%ignore exoref_error_status;
%ignore exoref_status_class;
%ignore exoref_error_reason;
%ignore exoref_error_sent;
%ignore exoref_error_retain;
%ignore exoref_future_status;
%ignore exoref_future_error;
%ignore exoref_future_value;
%ignore exoref_future_old_value;
%ignore exoref_future_flag;
%ignore exoref_future_number;
%ignore exoref_change_old_value;
%ignore exoref_change_new_value;
%ignore exoref_change_version;
%ignore exoref_change_missed;
%ignore exoref_change_flags;
%ignore exoref_event_kind;
%ignore exoref_event_token;
%ignore exoref_event_future;
%ignore exoref_event_change;
%ignore exoref_change_watch_key;
%ignore exoref_change_key;
%ignore exoref_sink_write;
%ignore exoref_sink_set_message;
%ignore exoref_sink_set_kind;
