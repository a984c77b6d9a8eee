// Canonical JSON.
#include "base/json_canonical.hpp"

#include <exoref/exoref.h>

#include "capi/border.hpp"

extern "C" {

exoref_status exoref_json_canonical(const void *data, size_t size, exoref_value **out, exoref_error **error) {
    exo::capi::clear(out);
    return exo::capi::border(error, [&]() -> exo::base::ErrorPtr {
        const auto text = exo::capi::bytes_lent(data, size, "data");
        if (!text) return text.error();
        auto canonical = exo::base::canonical_json(*text);
        if (!canonical) return canonical.error();
        if (out != nullptr) *out = exo::capi::new_text(std::move(*canonical));
        return nullptr;
    });
}

}  // extern "C"
