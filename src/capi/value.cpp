// Errors, values, sinks.
#include "capi/border.hpp"

using exo::capi::border;

extern "C" {

exoref_status exoref_error_status(const exoref_error *error) {
    return error != nullptr ? static_cast<exoref_status>(error->error->status) : EXOREF_OK;
}

const char *exoref_error_message(const exoref_error *error) {
    return error != nullptr ? error->error->message.c_str() : "";
}

int32_t exoref_error_reason(const exoref_error *error) {
    return error != nullptr ? static_cast<int32_t>(error->error->reason) : EXOREF_REASON_NONE;
}

const char *exoref_error_server_text(const exoref_error *error) {
    return error != nullptr ? error->error->server_text.c_str() : "";
}

const char *exoref_error_key(const exoref_error *error, size_t *size) {
    if (size != nullptr) *size = error != nullptr ? error->error->key.size() : 0;
    return error != nullptr ? error->error->key.c_str() : "";
}

const char *exoref_error_kind(const exoref_error *error) { return error != nullptr ? error->error->kind.c_str() : ""; }

const char *exoref_error_payload(const exoref_error *error, size_t *size) {
    if (size != nullptr) *size = error != nullptr ? error->error->payload.size() : 0;
    return error != nullptr ? error->error->payload.c_str() : "";
}

bool exoref_error_sent(const exoref_error *error) { return error != nullptr && error->error->sent; }

exoref_error *exoref_error_retain(exoref_error *error) { return exo::capi::retain(error); }
void exoref_error_release(exoref_error *error) { exo::capi::release(error); }

const void *exoref_value_data(const exoref_value *value) {
    return value != nullptr && value->state->value ? value->state->value->c_str() : "";
}

size_t exoref_value_size(const exoref_value *value) {
    return value != nullptr && value->state->value ? value->state->value->size() : 0;
}

uint64_t exoref_value_version(const exoref_value *value) {
    return value != nullptr ? value->state->identity.version : 0;
}

const char *exoref_value_codec(const exoref_value *value) {
    return value != nullptr ? value->state->codec.c_str() : "";
}

bool exoref_value_same_state(const exoref_value *a, const exoref_value *b) {
    if (a == nullptr || b == nullptr) return false;
    const auto &left = a->state->identity;
    return !left.op.empty() && left == b->state->identity;
}

exoref_value *exoref_value_retain(const exoref_value *value) {
    // The count is all that changes: to whoever reads it, a value is constant.
    return exo::capi::retain(const_cast<exoref_value *>(value));
}

void exoref_value_release(exoref_value *value) { exo::capi::release(value); }

exoref_status exoref_sink_write(exoref_sink *sink, const void *data, size_t size) {
    return border(nullptr, [&]() -> exo::base::ErrorPtr {
        if (sink == nullptr) return exo::capi::null_argument("sink");
        const auto bytes = exo::capi::bytes_in(data, size, "data");
        if (!bytes) return bytes.error();
        if (size > sink->limit - sink->bytes.size()) {
            sink->refused =
                exo::base::make_error(exo::base::Status::ETOOBIG, "the value is larger than max_value_size");
            return sink->refused;
        }
        sink->bytes += *bytes;
        return nullptr;
    });
}

exoref_status exoref_sink_set_message(exoref_sink *sink, const char *message) {
    return border(nullptr, [&]() -> exo::base::ErrorPtr {
        if (sink == nullptr) return exo::capi::null_argument("sink");
        if (message == nullptr) return exo::capi::null_argument("message");
        sink->message = message;
        return nullptr;
    });
}

exoref_status exoref_sink_set_kind(exoref_sink *sink, const char *kind) {
    return border(nullptr, [&]() -> exo::base::ErrorPtr {
        if (sink == nullptr) return exo::capi::null_argument("sink");
        if (kind == nullptr) return exo::capi::null_argument("kind");
        sink->kind = kind;
        return nullptr;
    });
}

}  // extern "C"
