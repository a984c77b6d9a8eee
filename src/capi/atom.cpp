// Atoms: opening, reading, changing. One function starts each operation; the blocking and the asynchronous form share it.
#include <exoref/exoref.h>

#include "capi/border.hpp"
#include "capi/callbacks.hpp"

using exo::base::ErrorPtr;
using exo::base::Result;
using exo::capi::border;
using exo::capi::bytes_in;
using exo::capi::give;
using exo::capi::null_argument;
using exo::capi::reference_options;
using exo::capi::run_async;
using exo::capi::run_blocking;
using exo::capi::Slot;
using exo::capi::Start;
namespace refs = exo::refs;

namespace {

/// An opening: everything but the timeout.
Result<Start> start_of_open(exoref_client *client, const void *key, size_t key_size, const exoref_options *options) {
    if (auto unusable = exo::capi::usable(client, "client")) return unusable;
    auto name = exo::capi::key_in(key, key_size);
    if (!name) return name.error();
    return Start([life = client->life, name = *name, read = reference_options(options)](std::int64_t timeout) {
        return refs::Atom::open(life, name, read, timeout);
    });
}

Result<Start> start_of_create(exoref_client *client, const void *key, size_t key_size, const void *initial,
                              size_t initial_size, const exoref_options *options) {
    if (auto unusable = exo::capi::usable(client, "client")) return unusable;
    auto name = exo::capi::key_in(key, key_size);
    if (!name) return name.error();
    auto value = bytes_in(initial, initial_size, "initial");
    if (!value) return value.error();
    return Start([life = client->life, name = *name, value = *value, read = reference_options(options)](
                     std::int64_t timeout) { return refs::Atom::create(life, name, value, read, timeout); });
}

Result<Start> start_of_reset(exoref_atom *atom, const void *data, size_t size, bool want_old) {
    if (auto unusable = exo::capi::usable(atom, "atom")) return unusable;
    auto value = bytes_in(data, size, "data");
    if (!value) return value.error();
    return Start([atom, value = std::move(*value), want_old](std::int64_t timeout) mutable {
        return atom->atom->reset(std::move(value), want_old, timeout);
    });
}

Result<Start> start_of_compare(exoref_atom *atom, const void *expected, size_t expected_size, const void *next,
                               size_t next_size) {
    if (auto unusable = exo::capi::usable(atom, "atom")) return unusable;
    auto from = bytes_in(expected, expected_size, "expected");
    if (!from) return from.error();
    auto to = bytes_in(next, next_size, "next");
    if (!to) return to.error();
    return Start([atom, from = std::move(*from), to = std::move(*to)](std::int64_t timeout) mutable {
        return atom->atom->compare_and_set(std::move(from), std::move(to), timeout);
    });
}

Result<Start> start_of_compare_at(exoref_atom *atom, const exoref_value *state, const void *next, size_t next_size) {
    if (auto unusable = exo::capi::usable(atom, "atom")) return unusable;
    if (state == nullptr) return null_argument("state");
    if (state->state->identity.op.empty())
        return exo::capi::invalid("the argument 'state' is not a value that an atom held");
    auto to = bytes_in(next, next_size, "next");
    if (!to) return to.error();
    return Start([atom, at = state->state, to = std::move(*to)](std::int64_t timeout) mutable {
        return atom->atom->compare_and_set_at(at, std::move(to), timeout);
    });
}

const refs::Client &client_of(const exoref_atom *atom) { return atom->atom->client(); }

/// The blocking form of what gives a value and perhaps the one before it.
ErrorPtr block_for_values(exoref_atom *atom, const Result<Start> &start, int64_t timeout_ms, exoref_value **old_value,
                          exoref_value **value) {
    if (!start) return start.error();
    Slot<exoref_value> before(old_value);
    Slot<exoref_value> after(value);
    return run_blocking(client_of(atom), timeout_ms, *start, [&](const refs::Results &results) {
        before.fill(&exoref_value::state, results.old_value);
        after.fill(&exoref_value::state, results.value);
    });
}

ErrorPtr block_for_standing(exoref_atom *atom, const Result<Start> &start, int64_t timeout_ms, bool *swapped,
                            exoref_value **standing) {
    if (!start) return start.error();
    Slot<exoref_value> stands(standing);
    return run_blocking(client_of(atom), timeout_ms, *start, [&](const refs::Results &results) {
        give(swapped, results.flag);
        stands.fill(&exoref_value::state, results.value);
    });
}

ErrorPtr go_async(const exoref_atom *atom, const Result<Start> &start, int64_t timeout_ms, exoref_future **out) {
    if (!start) return start.error();
    return run_async(client_of(atom), timeout_ms, *start, out);
}

Result<Start> start_of_deref(exoref_atom *atom) {
    if (auto unusable = exo::capi::usable(atom, "atom")) return unusable;
    return Start([atom](std::int64_t timeout) { return atom->atom->deref(timeout); });
}

}  // namespace

extern "C" {

exoref_status exoref_atom_open(exoref_client *client, const void *key, size_t key_size, const exoref_options *options,
                               int64_t timeout_ms, exoref_atom **out, exoref_error **error) {
    exo::capi::clear(out);
    return border(error, [&]() -> ErrorPtr {
        if (out == nullptr) return null_argument("out");
        const auto start = start_of_open(client, key, key_size, options);
        if (!start) return start.error();
        Slot<exoref_atom> atom(out);
        return run_blocking(*client->life->client(), timeout_ms, *start,
                            [&](const refs::Results &results) { atom.fill(&exoref_atom::atom, results.atom); });
    });
}

exoref_status exoref_atom_open_async(exoref_client *client, const void *key, size_t key_size,
                                     const exoref_options *options, int64_t timeout_ms, exoref_future **out,
                                     exoref_error **error) {
    exo::capi::clear(out);
    return border(error, [&]() -> ErrorPtr {
        const auto start = start_of_open(client, key, key_size, options);
        if (!start) return start.error();
        return run_async(*client->life->client(), timeout_ms, *start, out);
    });
}

exoref_status exoref_atom_create(exoref_client *client, const void *key, size_t key_size, const void *initial,
                                 size_t initial_size, const exoref_options *options, int64_t timeout_ms,
                                 exoref_atom **out, bool *created, exoref_error **error) {
    exo::capi::clear(out);
    exo::capi::clear(created);
    return border(error, [&]() -> ErrorPtr {
        if (out == nullptr) return null_argument("out");
        const auto start = start_of_create(client, key, key_size, initial, initial_size, options);
        if (!start) return start.error();
        Slot<exoref_atom> atom(out);
        return run_blocking(*client->life->client(), timeout_ms, *start, [&](const refs::Results &results) {
            atom.fill(&exoref_atom::atom, results.atom);
            give(created, results.flag);
        });
    });
}

exoref_status exoref_atom_create_async(exoref_client *client, const void *key, size_t key_size, const void *initial,
                                       size_t initial_size, const exoref_options *options, int64_t timeout_ms,
                                       exoref_future **out, exoref_error **error) {
    exo::capi::clear(out);
    return border(error, [&]() -> ErrorPtr {
        const auto start = start_of_create(client, key, key_size, initial, initial_size, options);
        if (!start) return start.error();
        return run_async(*client->life->client(), timeout_ms, *start, out);
    });
}

const char *exoref_atom_key(const exoref_atom *atom, size_t *size) {
    if (size != nullptr) *size = atom != nullptr ? atom->atom->key().size() : 0;
    return atom != nullptr ? atom->atom->key().c_str() : "";
}

exoref_status exoref_atom_deref(exoref_atom *atom, int64_t timeout_ms, exoref_value **out, exoref_error **error) {
    exo::capi::clear(out);
    return border(error, [&] { return block_for_values(atom, start_of_deref(atom), timeout_ms, nullptr, out); });
}

exoref_status exoref_atom_deref_async(exoref_atom *atom, int64_t timeout_ms, exoref_future **out,
                                      exoref_error **error) {
    exo::capi::clear(out);
    return border(error, [&] { return go_async(atom, start_of_deref(atom), timeout_ms, out); });
}

exoref_status exoref_atom_reset(exoref_atom *atom, const void *data, size_t size, int64_t timeout_ms,
                                exoref_value **out, exoref_error **error) {
    exo::capi::clear(out);
    return border(error, [&] {
        return block_for_values(atom, start_of_reset(atom, data, size, false), timeout_ms, nullptr, out);
    });
}

exoref_status exoref_atom_reset_vals(exoref_atom *atom, const void *data, size_t size, int64_t timeout_ms,
                                     exoref_value **old_value, exoref_value **new_value, exoref_error **error) {
    exo::capi::clear(old_value);
    exo::capi::clear(new_value);
    return border(error, [&] {
        return block_for_values(atom, start_of_reset(atom, data, size, true), timeout_ms, old_value, new_value);
    });
}

exoref_status exoref_atom_reset_async(exoref_atom *atom, const void *data, size_t size, bool want_old,
                                      int64_t timeout_ms, exoref_future **out, exoref_error **error) {
    exo::capi::clear(out);
    return border(error, [&] { return go_async(atom, start_of_reset(atom, data, size, want_old), timeout_ms, out); });
}

exoref_status exoref_atom_compare_and_set(exoref_atom *atom, const void *expected, size_t expected_size,
                                          const void *next, size_t next_size, int64_t timeout_ms, bool *swapped,
                                          exoref_value **standing, exoref_error **error) {
    exo::capi::clear(swapped);
    exo::capi::clear(standing);
    return border(error, [&] {
        return block_for_standing(atom, start_of_compare(atom, expected, expected_size, next, next_size), timeout_ms,
                                  swapped, standing);
    });
}

exoref_status exoref_atom_compare_and_set_async(exoref_atom *atom, const void *expected, size_t expected_size,
                                                const void *next, size_t next_size, int64_t timeout_ms,
                                                exoref_future **out, exoref_error **error) {
    exo::capi::clear(out);
    return border(error, [&] {
        return go_async(atom, start_of_compare(atom, expected, expected_size, next, next_size), timeout_ms, out);
    });
}

exoref_status exoref_atom_compare_and_set_at(exoref_atom *atom, const exoref_value *state, const void *next,
                                             size_t next_size, int64_t timeout_ms, bool *swapped,
                                             exoref_value **standing, exoref_error **error) {
    exo::capi::clear(swapped);
    exo::capi::clear(standing);
    return border(error, [&] {
        return block_for_standing(atom, start_of_compare_at(atom, state, next, next_size), timeout_ms, swapped,
                                  standing);
    });
}

exoref_status exoref_atom_compare_and_set_at_async(exoref_atom *atom, const exoref_value *state, const void *next,
                                                   size_t next_size, int64_t timeout_ms, exoref_future **out,
                                                   exoref_error **error) {
    exo::capi::clear(out);
    return border(error,
                  [&] { return go_async(atom, start_of_compare_at(atom, state, next, next_size), timeout_ms, out); });
}

exoref_status exoref_atom_set_validator(exoref_atom *atom, exoref_validator_fn fn, void *ctx, exoref_free_fn free_ctx,
                                        int64_t timeout_ms, exoref_error **error) {
    return border(error, [&]() -> ErrorPtr {
        auto context = exo::capi::context_in(ctx, free_ctx);
        if (auto unusable = exo::capi::usable(atom, "atom")) return unusable;
        const auto timeout = exo::capi::timeout_in(timeout_ms, client_of(atom));
        if (!timeout) return timeout.error();
        if (auto error_here = exo::capi::may_block(client_of(atom), *timeout)) return error_here;
        return atom->atom->set_validator(exo::capi::validator_in(fn, context), *timeout);
    });
}

exoref_atom *exoref_atom_retain(exoref_atom *atom) { return exo::capi::retain(atom); }
void exoref_atom_release(exoref_atom *atom) { exo::capi::release(atom); }

}  // extern "C"
