// Swapping: by a function, and in the pull form; and metadata, which is altered the same way.
#include <exoref/exoref.h>

#include "capi/border.hpp"
#include "capi/callbacks.hpp"

using exo::base::ErrorPtr;
using exo::base::Result;
using exo::capi::border;
using exo::capi::bytes_in;
using exo::capi::null_argument;
using exo::capi::run_async;
using exo::capi::run_blocking;
using exo::capi::Slot;
using exo::capi::Start;
namespace refs = exo::refs;

namespace {

const refs::Client &client_of(const exoref_atom *atom) { return atom->atom->client(); }

ErrorPtr check_function(const exoref_atom *atom, exoref_swap_fn fn) {
    if (auto unusable = exo::capi::usable(atom, "atom")) return unusable;
    return fn == nullptr ? null_argument("fn") : nullptr;
}

using Runner = refs::FuturePtr (*)(const refs::AtomPtr &, const refs::SwapFunction &, std::int64_t);

/// Runs the function on this thread.
ErrorPtr run_function(Runner runner, exoref_atom *atom, exoref_swap_fn fn, void *ctx, int64_t timeout_ms,
                      exoref_value **old_value, exoref_value **value) {
    if (auto refused = check_function(atom, fn)) return refused;
    const auto function = exo::capi::swap_in(fn, ctx, client_of(atom).settings().max_value_size);
    Slot<exoref_value> before(old_value);
    Slot<exoref_value> after(value);
    return run_blocking(
        client_of(atom), timeout_ms, [&](std::int64_t timeout) { return runner(atom->atom, function, timeout); },
        [&](const refs::Results &results) {
            before.fill(&exoref_value::state, results.old_value);
            after.fill(&exoref_value::state, results.value);
        });
}

using AsyncRunner = refs::FuturePtr (*)(const refs::AtomPtr &, refs::SwapFunction, refs::ContextPtr, std::int64_t);

ErrorPtr run_function_async(AsyncRunner runner, exoref_atom *atom, exoref_swap_fn fn, void *ctx,
                            exoref_free_fn free_ctx, int64_t timeout_ms, exoref_future **out) {
    const auto context = exo::capi::context_in(ctx, free_ctx);
    if (auto refused = check_function(atom, fn)) return refused;
    return run_async(
        client_of(atom), timeout_ms,
        [&](std::int64_t timeout) {
            const std::size_t limit = client_of(atom).settings().max_value_size;
            return runner(atom->atom, exo::capi::swap_in(fn, ctx, limit), context, timeout);
        },
        out);
}

/// The swap and its client.
Result<Start> start_of_offer(exoref_swap *swap, const void *data, size_t size) {
    if (auto unusable = exo::capi::usable(swap, "swap")) return unusable;
    auto value = bytes_in(data, size, "data");
    if (!value) return value.error();
    return Start([swap, value = std::move(*value)](std::int64_t timeout) mutable {
        return swap->swap->offer(std::move(value), timeout);
    });
}

Result<Start> start_of_confirm(exoref_swap *swap) {
    if (auto unusable = exo::capi::usable(swap, "swap")) return unusable;
    return Start([swap](std::int64_t timeout) { return swap->swap->confirm(timeout); });
}

ErrorPtr block_for_answer(exoref_swap *swap, const Result<Start> &start, int64_t timeout_ms, bool *done,
                          exoref_value **value) {
    if (!start) return start.error();
    Slot<exoref_value> next(value);
    return run_blocking(swap->swap->client(), timeout_ms, *start, [&](const refs::Results &results) {
        exo::capi::give(done, results.flag);
        next.fill(&exoref_value::state, results.value);
    });
}

ErrorPtr answer_async(exoref_swap *swap, const Result<Start> &start, int64_t timeout_ms, exoref_future **out) {
    if (!start) return start.error();
    return run_async(swap->swap->client(), timeout_ms, *start, out);
}

Result<Start> start_of_begin(exoref_atom *atom) {
    if (auto unusable = exo::capi::usable(atom, "atom")) return unusable;
    return Start([atom](std::int64_t timeout) { return atom->atom->swap_begin(timeout); });
}

Result<Start> start_of_meta(exoref_atom *atom) {
    if (auto unusable = exo::capi::usable(atom, "atom")) return unusable;
    return Start([atom](std::int64_t timeout) { return atom->atom->meta(timeout); });
}

Result<Start> start_of_reset_meta(exoref_atom *atom, const void *data, size_t size) {
    if (auto unusable = exo::capi::usable(atom, "atom")) return unusable;
    auto meta = bytes_in(data, size, "data");
    if (!meta) return meta.error();
    return Start([atom, meta = std::move(*meta)](std::int64_t timeout) mutable {
        return atom->atom->reset_meta(std::move(meta), timeout);
    });
}

}  // namespace

extern "C" {

exoref_status exoref_atom_swap(exoref_atom *atom, exoref_swap_fn fn, void *ctx, int64_t timeout_ms, exoref_value **out,
                               exoref_error **error) {
    exo::capi::clear(out);
    return border(error, [&] { return run_function(refs::run_swap, atom, fn, ctx, timeout_ms, nullptr, out); });
}

exoref_status exoref_atom_swap_vals(exoref_atom *atom, exoref_swap_fn fn, void *ctx, int64_t timeout_ms,
                                    exoref_value **old_value, exoref_value **new_value, exoref_error **error) {
    exo::capi::clear(old_value);
    exo::capi::clear(new_value);
    return border(error, [&] { return run_function(refs::run_swap, atom, fn, ctx, timeout_ms, old_value, new_value); });
}

exoref_status exoref_atom_swap_async(exoref_atom *atom, exoref_swap_fn fn, void *ctx, exoref_free_fn free_ctx,
                                     int64_t timeout_ms, exoref_future **out, exoref_error **error) {
    exo::capi::clear(out);
    return border(error,
                  [&] { return run_function_async(refs::run_swap_async, atom, fn, ctx, free_ctx, timeout_ms, out); });
}

exoref_status exoref_atom_swap_begin(exoref_atom *atom, int64_t timeout_ms, exoref_swap **out, exoref_value **old_value,
                                     exoref_error **error) {
    exo::capi::clear(out);
    exo::capi::clear(old_value);
    return border(error, [&]() -> ErrorPtr {
        if (out == nullptr) return null_argument("out");
        const auto start = start_of_begin(atom);
        if (!start) return start.error();
        Slot<exoref_swap> swap(out);
        Slot<exoref_value> value(old_value);
        return run_blocking(client_of(atom), timeout_ms, *start, [&](const refs::Results &results) {
            swap.fill(&exoref_swap::swap, results.swap);
            value.fill(&exoref_value::state, results.value);
        });
    });
}

exoref_status exoref_atom_swap_begin_async(exoref_atom *atom, int64_t timeout_ms, exoref_future **out,
                                           exoref_error **error) {
    exo::capi::clear(out);
    return border(error, [&]() -> ErrorPtr {
        const auto start = start_of_begin(atom);
        return start ? run_async(client_of(atom), timeout_ms, *start, out) : start.error();
    });
}

exoref_status exoref_swap_offer(exoref_swap *swap, const void *data, size_t size, int64_t timeout_ms, bool *done,
                                exoref_value **value, exoref_error **error) {
    exo::capi::clear(done);
    exo::capi::clear(value);
    return border(error,
                  [&] { return block_for_answer(swap, start_of_offer(swap, data, size), timeout_ms, done, value); });
}

exoref_status exoref_swap_offer_async(exoref_swap *swap, const void *data, size_t size, int64_t timeout_ms,
                                      exoref_future **out, exoref_error **error) {
    exo::capi::clear(out);
    return border(error, [&] { return answer_async(swap, start_of_offer(swap, data, size), timeout_ms, out); });
}

exoref_status exoref_swap_confirm(exoref_swap *swap, int64_t timeout_ms, bool *done, exoref_value **value,
                                  exoref_error **error) {
    exo::capi::clear(done);
    exo::capi::clear(value);
    return border(error, [&] { return block_for_answer(swap, start_of_confirm(swap), timeout_ms, done, value); });
}

exoref_status exoref_swap_confirm_async(exoref_swap *swap, int64_t timeout_ms, exoref_future **out,
                                        exoref_error **error) {
    exo::capi::clear(out);
    return border(error, [&] { return answer_async(swap, start_of_confirm(swap), timeout_ms, out); });
}

void exoref_swap_release(exoref_swap *swap) { exo::capi::release(swap); }

exoref_status exoref_atom_meta(exoref_atom *atom, int64_t timeout_ms, exoref_value **out, exoref_error **error) {
    exo::capi::clear(out);
    return border(error, [&]() -> ErrorPtr {
        const auto start = start_of_meta(atom);
        if (!start) return start.error();
        Slot<exoref_value> meta(out);
        return run_blocking(client_of(atom), timeout_ms, *start,
                            [&](const refs::Results &results) { meta.fill(&exoref_value::state, results.value); });
    });
}

exoref_status exoref_atom_meta_async(exoref_atom *atom, int64_t timeout_ms, exoref_future **out, exoref_error **error) {
    exo::capi::clear(out);
    return border(error, [&]() -> ErrorPtr {
        const auto start = start_of_meta(atom);
        return start ? run_async(client_of(atom), timeout_ms, *start, out) : start.error();
    });
}

exoref_status exoref_atom_reset_meta(exoref_atom *atom, const void *data, size_t size, int64_t timeout_ms,
                                     exoref_error **error) {
    return border(error, [&]() -> ErrorPtr {
        const auto start = start_of_reset_meta(atom, data, size);
        if (!start) return start.error();
        return run_blocking(client_of(atom), timeout_ms, *start, [](const refs::Results &) {});
    });
}

exoref_status exoref_atom_reset_meta_async(exoref_atom *atom, const void *data, size_t size, int64_t timeout_ms,
                                           exoref_future **out, exoref_error **error) {
    exo::capi::clear(out);
    return border(error, [&]() -> ErrorPtr {
        const auto start = start_of_reset_meta(atom, data, size);
        return start ? run_async(client_of(atom), timeout_ms, *start, out) : start.error();
    });
}

exoref_status exoref_atom_alter_meta(exoref_atom *atom, exoref_swap_fn fn, void *ctx, int64_t timeout_ms,
                                     exoref_value **out, exoref_error **error) {
    exo::capi::clear(out);
    return border(error, [&] { return run_function(refs::run_alter_meta, atom, fn, ctx, timeout_ms, nullptr, out); });
}

exoref_status exoref_atom_alter_meta_async(exoref_atom *atom, exoref_swap_fn fn, void *ctx, exoref_free_fn free_ctx,
                                           int64_t timeout_ms, exoref_future **out, exoref_error **error) {
    exo::capi::clear(out);
    return border(error, [&] {
        return run_function_async(refs::run_alter_meta_async, atom, fn, ctx, free_ctx, timeout_ms, out);
    });
}

}  // extern "C"
