/* The low layer as Ruby has it: the interface that all languages share, and what is C by hand beside it. */
%module exoref_low

%include "exoref.i"

%exoref_handle(exoref_ruby_log, Log, exoref_ruby_log_release)
%exoref_handle(exoref_ruby_meta_change, MetaChange, exoref_ruby_meta_change_release)
%include "low.h"

%inline %{
/*
 * The next event: nil if none is there now; false once the client is closed and all were taken; else [kind, token], and of a watch the
 * old and new value, the version, how many changes were missed and the flags, of a body the event, which has the lease.
 */
static VALUE exoref_ruby_take_event(exoref_client *client) {
    exoref_event *event = NULL;
    exoref_status status;
    VALUE taken;
    for (;;) {
        status = exoref_client_next_event(client, 0, &event, NULL);
        if (status != EXOREF_OK) break;
        if (exoref_event_kind(event) != EXOREF_EVENT_RELEASE && exoref_event_kind(event) != EXOREF_EVENT_STEP) break;
        exoref_event_run(event); /* nothing of Ruby's hangs on these */
        exoref_event_release(event);
    }
    if (status != EXOREF_OK) return status == EXOREF_ETIMEOUT ? Qnil : Qfalse;
    taken = rb_ary_new_capa(7);
    rb_ary_push(taken, INT2FIX(exoref_event_kind(event)));
    rb_ary_push(taken, ULL2NUM(exoref_event_token(event)));
    if (exoref_event_kind(event) == EXOREF_EVENT_BODY) {
        rb_ary_push(taken, SWIG_NewPointerObj(event, SWIGTYPE_p_exoref_event, SWIG_POINTER_OWN));
        return taken;
    }
    if (exoref_event_kind(event) == EXOREF_EVENT_WATCH) {
        const exoref_change *change = exoref_event_change(event);
        const exoref_value *values[2] = {exoref_change_old_value(change), exoref_change_new_value(change)};
        for (int i = 0; i < 2; i++) {
            rb_ary_push(taken, values[i] == NULL ? Qnil
                                                 : SWIG_NewPointerObj(exoref_value_retain(values[i]), SWIGTYPE_p_exoref_value,
                                                                      SWIG_POINTER_OWN));
        }
        rb_ary_push(taken, ULL2NUM(exoref_change_version(change)));
        rb_ary_push(taken, ULL2NUM(exoref_change_missed(change)));
        rb_ary_push(taken, INT2FIX(exoref_change_flags(change)));
    }
    exoref_event_release(event);
    return taken;
}

/* The next token for an event, of all clients: no two are alike. Only one thread at a time holds Ruby's lock. */
static uint64_t exoref_ruby_next_token(void) {
    static uint64_t last = 0;
    return ++last;
}

/* Lets go of a handle now instead of when it is collected. Later versions of SWIG make handles that Ruby knows the type of. */
static void exoref_ruby_let_go(VALUE handle) {
    void *held;
    RUBY_DATA_FUNC release;
    Check_Type(handle, T_DATA);
    if (RTYPEDDATA_P(handle)) {
        held = RTYPEDDATA_DATA(handle);
        release = RTYPEDDATA_TYPE(handle)->function.dfree;
        RTYPEDDATA_DATA(handle) = NULL;
    } else {
        held = RDATA(handle)->data;
        release = RDATA(handle)->dfree;
        RDATA(handle)->data = NULL;
    }
    if (held != NULL && release != NULL) release(held);
}
%}
