/*
 * Ruby: handles are objects that the garbage collector lets go of, bytes are Strings, a status that is not OK is raised. What waits, takes
 * events or copies bytes is C by hand, beside it: ruby/ext/exoref/low.h and low.i. Callbacks of the library are never Ruby's: functions
 * that take one are given none, and those that make no sense without one are left out.
 */
%{
#include "low.h"
%}

%rename("%(regex:/^exoref_(ruby_)?(.*)$/\\2/)s", %$isfunction) "";
%rename("%(strip:[EXOREF_])s", %$isenumitem) "";

/* What may block has an asynchronous form, or a form in low.h that lets other threads run. */
%rename("$ignore", regextarget=1) "^exoref_(client_(open|ping|close|next_event|poll))$";
%rename("$ignore", regextarget=1) "^exoref_atom_(open|create|deref|reset|reset_vals|compare_and_set(_at)?|swap_begin|add_watch)$";
%rename("$ignore", regextarget=1) "^exoref_atom_(meta|reset_meta|set_validator)$";
%rename("$ignore", regextarget=1) "^exoref_(swap_(offer|confirm)|promise_(open|deliver|deref|realized))$";
%rename("$ignore", regextarget=1) "^exoref_(delay_(open|open_with_body|deref|realized|claim)|lease_(deliver|fail|renew|give_back))$";
%rename("$ignore", regextarget=1) "^exoref_(delete|expire|realized|inspect|scan_next|local_(start|stop|status))$";
/* What calls a function: in Ruby they stand on the pull forms. */
%rename("$ignore", regextarget=1) "^exoref_atom_(swap|swap_vals|alter_meta)(_async)?$";
%rename("$ignore", regextarget=1) "^exoref_(sink_.*|options_set_(log|validator)|future_set_callback|event_run)$";
/* What is counted, compared with NULL, or read by low.h. */
%rename("$ignore", regextarget=1) "^exoref_.*_(retain|release)$";
%rename("$ignore", regextarget=1) "^exoref_(error_.*|change_.*|event_(kind|token|future|change|run))$";
%rename("$ignore", regextarget=1) "^exoref_(value_size|future_wait|future_status|future_error)$";

%define %exoref_handle(TYPE, NAME, RELEASE)
%rename(NAME) TYPE;
%nodefaultctor TYPE;
struct TYPE {
    %extend {
        ~TYPE() { RELEASE($self); }
    }
};
%typemap(in, numinputs=0) TYPE **out (TYPE *made = NULL) "$1 = &made;"
%typemap(argout) TYPE **out { $result = made$argnum ? SWIG_NewPointerObj(made$argnum, $*1_descriptor, SWIG_POINTER_OWN) : Qnil; }
%typemap(out) TYPE *, struct TYPE * { $result = $1 ? SWIG_NewPointerObj($1, $1_descriptor, SWIG_POINTER_OWN) : Qnil; }
%enddef

%define %exoref_borrowed(TYPE, NAME)
%ignore TYPE;
%enddef

%define %exoref_bytes(DATA, SIZE)
%typemap(in) (const void *DATA, size_t SIZE) (VALUE bytes) {
    bytes = SYMBOL_P($input) ? rb_sym2str($input) : $input;
    if (!NIL_P(bytes)) StringValue(bytes);
    $1 = NIL_P(bytes) ? NULL : RSTRING_PTR(bytes);
    $2 = NIL_P(bytes) ? 0 : (size_t)RSTRING_LEN(bytes);
}
%typemap(freearg) (const void *DATA, size_t SIZE) { RB_GC_GUARD(bytes$argnum); }
%enddef

%define %exoref_callback(FN_TYPE, KIND)
%typemap(in, numinputs=0) (FN_TYPE fn, void *ctx, exoref_free_fn free_ctx) "$1 = NULL; $2 = NULL; $3 = NULL;"
%enddef
%define %exoref_function(FN_TYPE, KIND)
%enddef

%define %exoref_gives(FUNCTION, TYPE)
%enddef
%define %exoref_gives_flag(FUNCTION)
%enddef
%define %exoref_gives_number(FUNCTION)
%enddef
%define %exoref_gives_several(FUNCTION)
%enddef
%define %exoref_text(FUNCTION)
%enddef
%define %exoref_key_text(FUNCTION)
%enddef

%typemap(out) exoref_status "$result = Qnil;"
%typemap(in, numinputs=0) exoref_error **error (exoref_error *failure = NULL) "$1 = &failure;"
/* The last thing that a wrapper does: it may leave by a longjmp. */
%typemap(argout) exoref_error **error { if (result != EXOREF_OK) exoref_ruby_raise(result, failure$argnum); }

%typemap(out) const char * "$result = $1 ? rb_utf8_str_new_cstr($1) : Qnil;"
%typemap(in, numinputs=0) size_t *size (size_t length = 0) "$1 = &length;"
%typemap(argout) size_t *size { $result = rb_utf8_str_new(result, (long)length$argnum); }
%typemap(in) const char * (VALUE text) {
    text = $input;
    $1 = NIL_P(text) ? NULL : StringValueCStr(text);
}
%typemap(freearg) const char * { RB_GC_GUARD(text$argnum); }

%typemap(out) VALUE "$result = $1;"
