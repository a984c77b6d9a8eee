// Owners of what the C API gives out, and how its out-parameters fill them.
#pragma once

#include <exoref/exoref.h>

#include <memory>
#include <string>
#include <string_view>

namespace exo::cli {

template <auto kRelease>
struct Releaser {
    template <typename T>
    void operator()(T *handle) const {
        kRelease(handle);
    }
};

template <typename T, auto kRelease>
using Handle = std::unique_ptr<T, Releaser<kRelease>>;

using Error = Handle<exoref_error, exoref_error_release>;
using Value = Handle<exoref_value, exoref_value_release>;
using Options = Handle<exoref_options, exoref_options_release>;
using Client = Handle<exoref_client, exoref_client_release>;
using Future = Handle<exoref_future, exoref_future_release>;
using Event = Handle<exoref_event, exoref_event_release>;
using Atom = Handle<exoref_atom, exoref_atom_release>;
using Promise = Handle<exoref_promise, exoref_promise_release>;
using Delay = Handle<exoref_delay, exoref_delay_release>;
using Lease = Handle<exoref_lease, exoref_lease_release>;
using Swap = Handle<exoref_swap, exoref_swap_release>;
using Info = Handle<exoref_info, exoref_info_release>;
using Scan = Handle<exoref_scan, exoref_scan_release>;

/// Lends a pointer to a function of the C API for the length of one call, and puts what it left there into the owner.
template <typename Owner>
class Into {
public:
    explicit Into(Owner &owner) : owner_(owner) {}
    ~Into() { owner_.reset(pointer_); }
    Into(const Into &) = delete;
    Into &operator=(const Into &) = delete;
    operator typename Owner::pointer *() { return &pointer_; }  // NOLINT: implicit, it stands for an out-parameter

private:
    Owner &owner_;
    typename Owner::pointer pointer_ = nullptr;
};

template <typename Owner>
Into<Owner> into(Owner &owner) {
    return Into<Owner>(owner);
}

inline std::string_view bytes_of(const exoref_value *value) {
    return {static_cast<const char *>(exoref_value_data(value)), exoref_value_size(value)};
}
inline std::string_view bytes_of(const Value &value) { return bytes_of(value.get()); }

}  // namespace exo::cli
