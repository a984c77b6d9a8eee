/* Changes that depend on the value before: compare-and-set, swap, and swap in its pull form. */
#include "agent.h"

static void give_compared(step *s, const char *save, bool swapped, exoref_value *standing) {
    give_flag(s, "swapped", swapped);
    give_state(s, save, standing);
}

static void compare_and_set(step *s) {
    exoref_atom *atom = take_named(s, ATOM, "atom");
    const bytes expected = take_bytes(s, "expected", true), next = take_bytes(s, "value", true);
    const int64_t timeout = take_timeout(s);
    const char *future_name = take_text(s, "future", false), *save = take_text(s, "save", false);
    if (!ready(s)) return;
    if (future_name != NULL) {
        exoref_future *future = NULL;
        const exoref_status status = exoref_atom_compare_and_set_async(atom, expected.data, expected.size, next.data,
                                                                       next.size, timeout, &future, &s->failure);
        begun(s, future_name, GIVES_COMPARED, status, future, NULL);
        return;
    }
    bool swapped = false;
    exoref_value *standing = NULL;
    const exoref_status status = exoref_atom_compare_and_set(atom, expected.data, expected.size, next.data, next.size,
                                                             timeout, &swapped, &standing, &s->failure);
    if (ended(s, status)) give_compared(s, save, swapped, standing);
}

static void compare_and_set_at(step *s) {
    exoref_atom *atom = take_named(s, ATOM, "atom");
    const exoref_value *state = take_named(s, STATE, "state");
    const bytes next = take_bytes(s, "value", true);
    const int64_t timeout = take_timeout(s);
    const char *save = take_text(s, "save", false);
    if (!ready(s)) return;
    bool swapped = false;
    exoref_value *standing = NULL;
    const exoref_status status =
        exoref_atom_compare_and_set_at(atom, state, next.data, next.size, timeout, &swapped, &standing, &s->failure);
    if (ended(s, status)) give_compared(s, save, swapped, standing);
}

static void state_same(step *s) {
    const exoref_value *state = take_named(s, STATE, "state"), *other = take_named(s, STATE, "other");
    if (ready(s)) give_flag(s, "same", exoref_value_same_state(state, other));
}

static void swap_now(step *s, exoref_atom *atom, function *fn, int64_t timeout, const char *save) {
    exoref_value *value = NULL;
    if (ended(s, exoref_atom_swap(atom, function_swap, fn, timeout, &value, &s->failure))) {
        give_state(s, save, value);
        give_number(s, "calls", fn->calls);
    }
    function_free(fn);
}

static void atom_swap(step *s) {
    exoref_atom *atom = take_named(s, ATOM, "atom");
    const int64_t timeout = take_timeout(s);
    const char *future_name = take_text(s, "future", false), *save = take_text(s, "save", false);
    function *fn = take_function(s, "function");
    if (!ready(s)) {
        function_free(fn);
    } else if (future_name == NULL) {
        swap_now(s, atom, fn, timeout, save);
    } else {
        exoref_future *future = NULL;
        keep(s, FUNCTION, future_name, fn);
        const exoref_status status =
            exoref_atom_swap_async(atom, function_swap, fn, NULL, timeout, &future, &s->failure);
        begun(s, future_name, GIVES_VALUES, status, future, fn);
    }
}

static void atom_swap_vals(step *s) {
    exoref_atom *atom = take_named(s, ATOM, "atom");
    const int64_t timeout = take_timeout(s);
    const char *save = take_text(s, "save", false);
    function *fn = take_function(s, "function");
    if (ready(s)) {
        exoref_value *old = NULL, *value = NULL;
        if (ended(s, exoref_atom_swap_vals(atom, function_swap, fn, timeout, &old, &value, &s->failure))) {
            give_old_value(s, old);
            give_state(s, save, value);
            give_number(s, "calls", fn->calls);
        }
        exoref_value_release(old);
    }
    function_free(fn);
}

const step_entry change_steps[] = {{"atom.compare_and_set", compare_and_set},
                                   {"atom.compare_and_set_at", compare_and_set_at},
                                   {"state.same", state_same},
                                   {"atom.swap", atom_swap},
                                   {"atom.swap_vals", atom_swap_vals},
                                   {NULL, NULL}};

static void swap_begin(step *s) {
    const char *name = take_text(s, "swap", true), *save = take_text(s, "save", false);
    exoref_atom *atom = take_named(s, ATOM, "atom");
    const int64_t timeout = take_timeout(s);
    if (!ready(s)) return;
    exoref_swap *swap = NULL;
    exoref_value *old = NULL;
    if (!ended(s, exoref_atom_swap_begin(atom, timeout, &swap, &old, &s->failure))) return;
    keep(s, SWAP, name, swap);
    give_state(s, save, old);
}

static void swap_offer(step *s) {
    exoref_swap *swap = take_named(s, SWAP, "swap");
    const bytes next = take_bytes(s, "value", true);
    const int64_t timeout = take_timeout(s);
    const char *save = take_text(s, "save", false);
    if (!ready(s)) return;
    bool done = false;
    exoref_value *value = NULL;
    if (!ended(s, exoref_swap_offer(swap, next.data, next.size, timeout, &done, &value, &s->failure))) return;
    give_flag(s, "done", done);
    give_state(s, save, value);
}

static void swap_confirm(step *s) {
    exoref_swap *swap = take_named(s, SWAP, "swap");
    const int64_t timeout = take_timeout(s);
    const char *save = take_text(s, "save", false);
    if (!ready(s)) return;
    bool done = false;
    exoref_value *value = NULL;
    if (!ended(s, exoref_swap_confirm(swap, timeout, &done, &value, &s->failure))) return;
    give_flag(s, "done", done);
    give_state(s, save, value);
}

const step_entry swap_steps[] = {
    {"swap.begin", swap_begin}, {"swap.offer", swap_offer}, {"swap.confirm", swap_confirm}, {NULL, NULL}};
