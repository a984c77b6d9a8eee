/* Atoms: opening, reading, setting, validators, metadata. Changes that depend on the old value are in change.c. */
#include <string.h>

#include "agent.h"

/* Opens with the options of the step, its validator among them. */
static void open_atom(step *s, bool create) {
    const char *name = take_text(s, "atom", true);
    exoref_client *client = take_client(s);
    const bytes key = take_bytes(s, "key", true), initial = create ? take_bytes(s, "value", true) : (bytes){NULL, 0};
    const int64_t timeout = take_timeout(s);
    exoref_options *options = take_options(s);
    function *validator = take_function(s, "validator");
    if (ready(s)) {
        set_validator(s, options, validator);
        exoref_atom *atom = NULL;
        bool created = false;
        const exoref_status status =
            create ? exoref_atom_create(client, key.data, key.size, initial.data, initial.size, options, timeout, &atom,
                                        &created, &s->failure)
                   : exoref_atom_open(client, key.data, key.size, options, timeout, &atom, &s->failure);
        if (ended(s, status)) {
            keep(s, ATOM, name, atom);
            if (create) give_flag(s, "created", created);
        }
    } else {
        function_free(validator);
    }
    exoref_options_release(options);
}

static void atom_create(step *s) { open_atom(s, true); }

static void atom_open(step *s) { open_atom(s, false); }

static void atom_deref(step *s) {
    exoref_atom *atom = take_named(s, ATOM, "atom");
    const int64_t timeout = take_timeout(s);
    const char *future_name = take_text(s, "future", false), *save = take_text(s, "save", false);
    if (!ready(s)) return;
    if (future_name != NULL) {
        exoref_future *future = NULL;
        const exoref_status status = exoref_atom_deref_async(atom, timeout, &future, &s->failure);
        begun(s, future_name, GIVES_VALUE, status, future, NULL);
        return;
    }
    exoref_value *value = NULL;
    if (ended(s, exoref_atom_deref(atom, timeout, &value, &s->failure))) give_state(s, save, value);
}

static void atom_reset(step *s) {
    exoref_atom *atom = take_named(s, ATOM, "atom");
    const bytes next = take_bytes(s, "value", true);
    const int64_t timeout = take_timeout(s);
    const char *future_name = take_text(s, "future", false), *save = take_text(s, "save", false);
    if (!ready(s)) return;
    if (future_name != NULL) {
        exoref_future *future = NULL;
        const exoref_status status =
            exoref_atom_reset_async(atom, next.data, next.size, false, timeout, &future, &s->failure);
        begun(s, future_name, GIVES_VALUE, status, future, NULL);
        return;
    }
    exoref_value *value = NULL;
    if (ended(s, exoref_atom_reset(atom, next.data, next.size, timeout, &value, &s->failure)))
        give_state(s, save, value);
}

static void atom_reset_vals(step *s) {
    exoref_atom *atom = take_named(s, ATOM, "atom");
    const bytes next = take_bytes(s, "value", true);
    const int64_t timeout = take_timeout(s);
    const char *future_name = take_text(s, "future", false), *save = take_text(s, "save", false);
    if (!ready(s)) return;
    if (future_name != NULL) {
        exoref_future *future = NULL;
        const exoref_status status =
            exoref_atom_reset_async(atom, next.data, next.size, true, timeout, &future, &s->failure);
        begun(s, future_name, GIVES_VALUES, status, future, NULL);
        return;
    }
    exoref_value *old = NULL, *value = NULL;
    if (!ended(s, exoref_atom_reset_vals(atom, next.data, next.size, timeout, &old, &value, &s->failure))) return;
    give_old_value(s, old);
    exoref_value_release(old);
    give_state(s, save, value);
}

static void atom_set_validator(step *s) {
    exoref_atom *atom = take_named(s, ATOM, "atom");
    const int64_t timeout = take_timeout(s);
    function *validator = take_function(s, "validator");
    if (!ready(s)) {
        function_free(validator);
        return;
    }
    const exoref_status status =
        validator == NULL
            ? exoref_atom_set_validator(atom, NULL, NULL, NULL, timeout, &s->failure)
            : exoref_atom_set_validator(atom, function_validate, validator, function_free, timeout, &s->failure);
    ended(s, status);
}

static void atom_meta(step *s) {
    exoref_atom *atom = take_named(s, ATOM, "atom");
    const int64_t timeout = take_timeout(s);
    if (!ready(s)) return;
    exoref_value *meta = NULL;
    if (!ended(s, exoref_atom_meta(atom, timeout, &meta, &s->failure))) return;
    give_bytes(s->results, "value", exoref_value_data(meta), exoref_value_size(meta));
    exoref_value_release(meta);
}

static void atom_reset_meta(step *s) {
    exoref_atom *atom = take_named(s, ATOM, "atom");
    const bytes next = take_bytes(s, "value", true);
    const int64_t timeout = take_timeout(s);
    if (!ready(s)) return;
    ended(s, exoref_atom_reset_meta(atom, next.data, next.size, timeout, &s->failure));
}

static void atom_alter_meta(step *s) {
    exoref_atom *atom = take_named(s, ATOM, "atom");
    const int64_t timeout = take_timeout(s);
    function *fn = take_function(s, "function");
    if (ready(s)) {
        fn->of_meta = true;
        exoref_value *meta = NULL;
        if (ended(s, exoref_atom_alter_meta(atom, function_swap, fn, timeout, &meta, &s->failure))) {
            give_bytes(s->results, "value", exoref_value_data(meta), exoref_value_size(meta));
            give_number(s, "calls", fn->calls);
        }
        exoref_value_release(meta);
    }
    function_free(fn);
}

static void atom_release(step *s) {
    const char *name = take_text(s, "atom", true);
    exoref_atom *atom = find(s, ATOM, name);
    if (!ready(s)) return;
    exoref_atom_release(atom);
    forget(ATOM, name);
}

const step_entry atom_steps[] = {{"atom.create", atom_create},
                                 {"atom.open", atom_open},
                                 {"atom.deref", atom_deref},
                                 {"atom.reset", atom_reset},
                                 {"atom.reset_vals", atom_reset_vals},
                                 {"atom.set_validator", atom_set_validator},
                                 {"atom.meta", atom_meta},
                                 {"atom.reset_meta", atom_reset_meta},
                                 {"atom.alter_meta", atom_alter_meta},
                                 {"atom.release", atom_release},
                                 {NULL, NULL}};
