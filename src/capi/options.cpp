// Options: by name, with hooks that have no text.
#include "base/options.hpp"

#include "capi/border.hpp"
#include "capi/callbacks.hpp"

using exo::base::ErrorPtr;
using exo::capi::border;
using exo::capi::null_argument;

extern "C" {

exoref_status exoref_options_new(exoref_options **out, exoref_error **error) {
    return border(error, [&]() -> ErrorPtr {
        if (out == nullptr) return null_argument("out");
        *out = new exoref_options;
        return nullptr;
    });
}

exoref_status exoref_options_set(exoref_options *options, const char *name, const char *value, exoref_error **error) {
    return border(error, [&]() -> ErrorPtr {
        if (options == nullptr) return null_argument("options");
        if (name == nullptr) return null_argument("name");
        if (value == nullptr) return null_argument("value");
        const std::lock_guard lock(options->mutex);
        const auto outcome = options->set.set(name, value);
        return outcome ? nullptr : outcome.error();
    });
}

exoref_status exoref_options_get(const exoref_options *options, const char *name, exoref_value **out,
                                 exoref_error **error) {
    exo::capi::clear(out);
    return border(error, [&]() -> ErrorPtr {
        if (options == nullptr) return null_argument("options");
        if (name == nullptr) return null_argument("name");
        if (out == nullptr) return null_argument("out");
        const std::lock_guard lock(options->mutex);
        auto text = options->set.shown(name);
        if (!text) return text.error();
        *out = exo::capi::new_text(std::move(*text));
        return nullptr;
    });
}

exoref_status exoref_options_dump(const exoref_options *options, exoref_value **out, exoref_error **error) {
    exo::capi::clear(out);
    return border(error, [&]() -> ErrorPtr {
        if (options == nullptr) return null_argument("options");
        if (out == nullptr) return null_argument("out");
        const std::lock_guard lock(options->mutex);
        *out = exo::capi::new_text(options->set.dump());
        return nullptr;
    });
}

exoref_status exoref_options_set_loop(exoref_options *options, void *loop, exoref_error **error) {
    return border(error, [&]() -> ErrorPtr {
        if (options == nullptr) return null_argument("options");
        const std::lock_guard lock(options->mutex);
        options->loop = loop;
        return nullptr;
    });
}

exoref_status exoref_options_set_log(exoref_options *options, int32_t level, exoref_log_fn fn, void *ctx,
                                     exoref_free_fn free_ctx, exoref_error **error) {
    return border(error, [&]() -> ErrorPtr {
        const auto context = exo::capi::context_in(ctx, free_ctx);
        if (options == nullptr) return null_argument("options");
        if (level < EXOREF_LOG_ERROR || level > EXOREF_LOG_DEBUG) {
            return exo::capi::invalid("the log level was " + std::to_string(level) + "; give one of EXOREF_LOG_*");
        }
        exo::base::LogHook hook;
        if (fn != nullptr) {
            hook = [level, fn, context](exo::base::LogLevel of_line, const char *category, const std::string &line) {
                if (static_cast<int32_t>(of_line) <= level)
                    fn(context.get(), static_cast<int32_t>(of_line), category, line.c_str());
            };
        }
        const std::lock_guard lock(options->mutex);
        options->log.swap(hook);
        return nullptr;
    });
}

exoref_status exoref_options_set_validator(exoref_options *options, exoref_validator_fn fn, void *ctx,
                                           exoref_free_fn free_ctx, exoref_error **error) {
    return border(error, [&]() -> ErrorPtr {
        const auto context = exo::capi::context_in(ctx, free_ctx);
        if (options == nullptr) return null_argument("options");
        auto validator = exo::capi::validator_in(fn, context);
        const std::lock_guard lock(options->mutex);
        options->validator.swap(validator);
        return nullptr;
    });
}

exoref_options *exoref_options_retain(exoref_options *options) { return exo::capi::retain(options); }
void exoref_options_release(exoref_options *options) { exo::capi::release(options); }

size_t exoref_option_count(void) { return exo::base::kOptionCount; }
const char *exoref_option_text(size_t n, int32_t property) { return exo::base::option_property(n, property); }

}  // extern "C"
