// Each kind of callback: its arguments become handles that live during the call.
#include "capi/callbacks.hpp"

#include <memory>

#include "capi/border.hpp"

namespace exo::capi {

namespace {

struct Releaser {
    template <typename Handle>
    void operator()(Handle *handle) const noexcept {
        release(handle);
    }
};
using OwnedValue = std::unique_ptr<exoref_value, Releaser>;
using OwnedLease = std::unique_ptr<exoref_lease, Releaser>;
using OwnedFuture = std::unique_ptr<exoref_future, Releaser>;

}  // namespace

refs::ValidatorPtr validator_in(exoref_validator_fn fn, const refs::ContextPtr &context) {
    if (fn == nullptr) return nullptr;
    auto validator = std::make_shared<refs::Validator>();
    validator->context = context;
    validator->judge = [fn, ctx = context.get()](const std::string &value) -> std::optional<std::string> {
        const loop::Loop::Pause pause;
        exoref_sink sink;
        const int32_t answer = fn(ctx, value.data(), value.size(), &sink);
        if (answer == EXOREF_CALL_OK || answer == EXOREF_CALL_DECLINED) return std::nullopt;
        return sink.message;
    };
    return validator;
}

refs::SwapFunction swap_in(exoref_swap_fn fn, void *ctx, std::size_t limit) {
    return [fn, ctx, limit](const store::StatePtr &old_value) {
        const loop::Loop::Pause pause;
        const OwnedValue value(new_value(old_value));
        exoref_sink sink;
        sink.limit = limit;
        refs::Computed computed;
        switch (fn(ctx, value.get(), &sink)) {
            case EXOREF_CALL_OK:
                computed.text = std::move(sink.bytes);
                computed.refused = std::move(sink.refused);
                break;
            case EXOREF_CALL_DECLINED: computed.kind = refs::Computed::Kind::declined; break;
            default: computed.kind = refs::Computed::Kind::failed; computed.text = std::move(sink.message);
        }
        return computed;
    };
}

refs::Body::Function body_in(exoref_body_fn fn, void *ctx, std::size_t limit) {
    if (fn == nullptr) return nullptr;
    return [fn, ctx, limit](const refs::HeldLeasePtr &lease) {
        const OwnedLease handle(new_lease(lease));
        exoref_sink sink;
        sink.limit = limit;
        refs::BodyResult result;
        switch (fn(ctx, handle.get(), &sink)) {
            case EXOREF_CALL_OK: break;
            case EXOREF_CALL_DECLINED: result.kind = refs::BodyResult::Kind::declined; break;
            default: result.kind = refs::BodyResult::Kind::failed;
        }
        result.refused = std::move(sink.refused);
        result.bytes = std::move(sink.bytes);
        result.word = std::move(sink.kind);
        result.message = std::move(sink.message);
        return result;
    };
}

refs::Callback<const refs::Watch &, const refs::Change &> watch_in(exoref_watch_fn fn, refs::ContextPtr context) {
    if (fn == nullptr) return {nullptr, std::move(context)};
    const auto call = [fn, ctx = context.get()](const refs::Watch &watch, const refs::Change &change) -> int {
        const OwnedValue old_value(new_value(change.old_state));
        const OwnedValue next(new_value(change.new_state));
        const exoref_change told{&watch, &change, old_value.get(), next.get()};
        return fn(ctx, &told);
    };
    return {call, std::move(context)};
}

refs::Callback<refs::Future &> future_in(exoref_future_fn fn, refs::ContextPtr context) {
    const auto call = [fn, ctx = context.get()](refs::Future &future) -> int {
        const OwnedFuture handle(new_future(future.shared_from_this()));
        fn(ctx, handle.get());
        return 0;
    };
    return {call, std::move(context)};
}

}  // namespace exo::capi
