// Values and changes, for C++: what comes out of references. Part of exoref.hpp.
#ifndef EXOREF_VALUE_HPP
#define EXOREF_VALUE_HPP

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "exoref/exoref.h"

namespace exoref {

using bytes = std::string_view;

namespace detail {
template <class C, void (*Release)(C *)>
class handle {
public:
    handle() noexcept = default;
    explicit handle(C *adopted) noexcept : raw_(adopted) {}
    handle(handle &&other) noexcept : raw_(std::exchange(other.raw_, nullptr)) {}
    handle &operator=(handle &&other) noexcept {
        if (this != &other) Release(std::exchange(raw_, std::exchange(other.raw_, nullptr)));
        return *this;
    }
    ~handle() { Release(raw_); }

    explicit operator bool() const noexcept { return raw_ != nullptr; }
    C *get() const noexcept { return raw_; }  // for the C API; it stays ours
    // For an out-parameter of the C API.
    C **put() noexcept {
        Release(std::exchange(raw_, nullptr));
        return &raw_;
    }

private:
    C *raw_ = nullptr;
};
}  // namespace detail

// What a reference held at one state. May be empty: `if (value)` tells whether there is one.
class value : public detail::handle<exoref_value, exoref_value_release> {
public:
    using handle::handle;
    static value from(const exoref_future *f) { return value(exoref_future_value(f)); }
    static value kept(const exoref_value *v) { return value(exoref_value_retain(v)); }

    std::string_view view() const noexcept {
        return {static_cast<const char *>(exoref_value_data(get())), exoref_value_size(get())};
    }
    operator std::string_view() const noexcept { return view(); }
    std::string str() const { return std::string(view()); }
    std::uint64_t version() const noexcept { return exoref_value_version(get()); }
    std::string_view codec() const noexcept { return exoref_value_codec(get()); }
    bool same_state(const value &other) const noexcept { return exoref_value_same_state(get(), other.get()); }
    value share() const noexcept { return kept(get()); }
};
inline bool operator==(const value &a, bytes b) noexcept { return a.view() == b; }
inline bool operator!=(const value &a, bytes b) noexcept { return a.view() != b; }

// What one change made of what.
struct values {
    value old_value, new_value;
};

// What compare_and_set answers: whether it was set, and what stands now.
struct compared {
    bool swapped = false;
    value standing;
    explicit operator bool() const noexcept { return swapped; }
};

struct pong {
    std::int64_t round_trip_us = 0;
    value server_version;
};

// What is known about a reference: texts by name (see exoref_info), its value, metadata and last changes.
class info : public detail::handle<exoref_info, exoref_info_release> {
public:
    using handle::handle;
    static info from(const exoref_future *f) { return info(exoref_future_info(f)); }

    std::string_view text(const char *name) const noexcept {
        const char *found = exoref_info_text(get(), name);
        return found ? found : "";
    }
    std::string_view key() const noexcept {
        std::size_t size = 0;
        const char *data = exoref_info_key(get(), &size);
        return {data, size};
    }
    exoref::value value() const { return exoref::value(exoref_info_value(get())); }
    exoref::value meta() const { return exoref::value(exoref_info_meta(get())); }
    // The newest first, as many as the history holds.
    std::size_t change_count() const noexcept { return exoref_info_change_count(get()); }
    std::uint64_t change_version(std::size_t n) const noexcept { return exoref_info_change_version(get(), n); }
    exoref::value change_value(std::size_t n) const { return exoref::value(exoref_info_change_value(get(), n)); }
};

// One change, as a watch is told of it. Lives during the call; its values may be kept.
class change {
public:
    explicit change(const exoref_change *raw) noexcept : raw_(raw) {}
    change(const change &) = delete;
    change &operator=(const change &) = delete;

    std::string_view watch_key() const noexcept { return text(exoref_change_watch_key); }
    std::string_view key() const noexcept { return text(exoref_change_key); }
    value old_value() const noexcept { return value::kept(exoref_change_old_value(raw_)); }
    value new_value() const noexcept { return value::kept(exoref_change_new_value(raw_)); }
    std::uint64_t version() const noexcept { return exoref_change_version(raw_); }
    std::uint64_t missed() const noexcept { return exoref_change_missed(raw_); }
    bool rewound() const noexcept { return (exoref_change_flags(raw_) & EXOREF_CHANGE_REWOUND) != 0; }
    bool deleted() const noexcept { return (exoref_change_flags(raw_) & EXOREF_CHANGE_DELETED) != 0; }
    bool recreated() const noexcept { return (exoref_change_flags(raw_) & EXOREF_CHANGE_RECREATED) != 0; }
    bool uncertain() const noexcept { return (exoref_change_flags(raw_) & EXOREF_CHANGE_UNCERTAIN) != 0; }

private:
    std::string_view text(const char *(*read)(const exoref_change *, std::size_t *)) const noexcept {
        std::size_t size = 0;
        const char *data = read(raw_, &size);
        return {data, size};
    }
    const exoref_change *raw_;
};

}  // namespace exoref

#endif
