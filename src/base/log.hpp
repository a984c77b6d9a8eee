// The log: silent without a hook. Lines are built only if somebody listens.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

namespace exo::base {

enum class LogLevel : int { error = 1, warning = 2, info = 3, debug = 4 };

/// Called from any of the client's threads; must be thread-safe. `category` is a static word: connection, subscription, commit, watch, local.
using LogHook = std::function<void(LogLevel, const char *category, const std::string &line)>;

class Log {
public:
    void set_hook(LogHook hook) {
        auto next = hook ? std::make_shared<const LogHook>(std::move(hook)) : nullptr;
        const std::lock_guard lock(mutex_);
        hook_ = std::move(next);
        listening_.store(hook_ != nullptr, std::memory_order_release);
    }

    bool listening() const noexcept { return listening_.load(std::memory_order_acquire); }

    void write(LogLevel level, const char *category, const std::string &line) const {
        std::shared_ptr<const LogHook> hook;
        {
            const std::lock_guard lock(mutex_);
            hook = hook_;
        }
        if (hook) (*hook)(level, category, line);
    }

private:
    mutable std::mutex mutex_;
    std::shared_ptr<const LogHook> hook_;
    std::atomic<bool> listening_{false};
};

}  // namespace exo::base
