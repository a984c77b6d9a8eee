// Errors as values: a Result is a value or an ErrorPtr.
#pragma once

#include <utility>
#include <variant>

#include "base/error.hpp"

namespace exo::base {

template <typename T>
class [[nodiscard]] Result {
public:
    Result(T value) : content_(std::in_place_index<0>, std::move(value)) {}         // NOLINT: implicit by design
    Result(ErrorPtr error) : content_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit by design

    bool ok() const noexcept { return content_.index() == 0; }
    explicit operator bool() const noexcept { return ok(); }

    T &value() & { return std::get<0>(content_); }
    const T &value() const & { return std::get<0>(content_); }
    T &&value() && { return std::get<0>(std::move(content_)); }
    T &operator*() & { return value(); }
    const T &operator*() const & { return value(); }
    T *operator->() { return &value(); }
    const T *operator->() const { return &value(); }

    const ErrorPtr &error() const { return std::get<1>(content_); }

private:
    std::variant<T, ErrorPtr> content_;
};

struct Nothing {};
using Outcome = Result<Nothing>;  ///< of something that has no value when it goes well

}  // namespace exo::base
