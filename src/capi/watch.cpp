// Adding and removing watches.
#include <exoref/exoref.h>

#include "capi/border.hpp"
#include "capi/callbacks.hpp"

using exo::base::ErrorPtr;
using exo::base::Result;
using exo::capi::border;
using exo::capi::Start;
namespace refs = exo::refs;

namespace {

Result<Start> start_of_add(exoref_atom *atom, const void *watch_key, size_t watch_key_size, exoref_watch_fn fn,
                           refs::ContextPtr context, uint64_t token) {
    if (auto unusable = exo::capi::usable(atom, "atom")) return unusable;
    auto name = exo::capi::bytes_in(watch_key, watch_key_size, "watch_key");
    if (!name) return name.error();
    if (fn == nullptr && atom->atom->client().dispatcher().has_lanes()) {
        return exo::capi::invalid("the watch has no function, which is possible only with events=take");
    }
    auto watch = std::make_shared<refs::Watch>();
    watch->watch_key = std::move(*name);
    watch->reference_key = atom->atom->key();
    watch->token = token;
    watch->callback = exo::capi::watch_in(fn, std::move(context));
    return Start([atom, watch](std::int64_t timeout) { return atom->atom->add_watch(watch, timeout); });
}

}  // namespace

extern "C" {

exoref_status exoref_atom_add_watch(exoref_atom *atom, const void *watch_key, size_t watch_key_size, exoref_watch_fn fn,
                                    void *ctx, exoref_free_fn free_ctx, uint64_t token, int64_t timeout_ms,
                                    exoref_value **since, exoref_error **error) {
    exo::capi::clear(since);
    return border(error, [&]() -> ErrorPtr {
        const auto start =
            start_of_add(atom, watch_key, watch_key_size, fn, exo::capi::context_in(ctx, free_ctx), token);
        if (!start) return start.error();
        exo::capi::Slot<exoref_value> state(since);
        return exo::capi::run_blocking(atom->atom->client(), timeout_ms, *start, [&](const refs::Results &results) {
            state.fill(&exoref_value::state, results.value);
        });
    });
}

exoref_status exoref_atom_add_watch_async(exoref_atom *atom, const void *watch_key, size_t watch_key_size,
                                          exoref_watch_fn fn, void *ctx, exoref_free_fn free_ctx, uint64_t token,
                                          int64_t timeout_ms, exoref_future **out, exoref_error **error) {
    exo::capi::clear(out);
    return border(error, [&]() -> ErrorPtr {
        const auto start =
            start_of_add(atom, watch_key, watch_key_size, fn, exo::capi::context_in(ctx, free_ctx), token);
        if (!start) return start.error();
        return exo::capi::run_async(atom->atom->client(), timeout_ms, *start, out);
    });
}

exoref_status exoref_atom_remove_watch(exoref_atom *atom, const void *watch_key, size_t watch_key_size,
                                       exoref_error **error) {
    return border(error, [&]() -> ErrorPtr {
        if (auto unusable = exo::capi::usable(atom, "atom")) return unusable;
        const auto name = exo::capi::bytes_in(watch_key, watch_key_size, "watch_key");
        if (!name) return name.error();
        if (auto unusable = atom->atom->client().unusable()) return unusable;
        atom->atom->remove_watch(*name);
        return nullptr;
    });
}

}  // extern "C"
