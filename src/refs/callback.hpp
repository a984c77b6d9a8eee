// A function of the application with its context: the context is freed exactly once, when the last copy of the callback
// goes.
#pragma once

#include <functional>
#include <memory>
#include <utility>

namespace exo::refs {

/// Frees an application's context with the application's function.
using ContextPtr = std::shared_ptr<void>;

template <typename... Arguments>
class Callback {
public:
    Callback() = default;
    Callback(std::function<int(Arguments...)> function, ContextPtr context)
        : function_(std::move(function)), context_(std::move(context)) {}

    explicit operator bool() const noexcept { return static_cast<bool>(function_); }
    int operator()(Arguments... arguments) const { return function_(std::forward<Arguments>(arguments)...); }

    /// Lets go of the function, then of its context.
    void reset() {
        function_ = nullptr;
        context_.reset();
    }
    const ContextPtr &context() const noexcept { return context_; }

private:
    std::function<int(Arguments...)> function_;
    ContextPtr context_;
};

}  // namespace exo::refs
