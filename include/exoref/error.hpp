// What can go wrong in exoref, for C++: the exceptions, and result<T> for those who want none. Part of exoref.hpp.
#ifndef EXOREF_ERROR_HPP
#define EXOREF_ERROR_HPP

#include <cstdint>
#include <exception>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "exoref/exoref.h"

namespace exoref {

// What went wrong. Thrown as one of the classes below.
class error : public std::exception {
public:
    error(exoref_status status, exoref_error *adopted, std::exception_ptr cause = nullptr)
        : status_(status), error_(adopted, exoref_error_release), cause_(std::move(cause)) {}

    const char *what() const noexcept override { return error_ ? message() : exoref_status_text(status_); }
    exoref_status status() const noexcept { return status_; }                            // EXOREF_E...
    std::int32_t status_class() const noexcept { return exoref_status_class(status_); }  // EXOREF_CLASS_...
    std::int32_t reason() const noexcept { return exoref_error_reason(error_.get()); }   // EXOREF_REASON_...
    const char *message() const noexcept { return exoref_error_message(error_.get()); }
    const char *server_text() const noexcept { return exoref_error_server_text(error_.get()); }
    bool sent() const noexcept { return exoref_error_sent(error_.get()); }
    std::string_view key() const noexcept {
        std::size_t size = 0;
        const char *data = exoref_error_key(error_.get(), &size);
        return {data, size};
    }
    // Of a body_error: what the body said beside its message.
    const char *kind() const noexcept { return exoref_error_kind(error_.get()); }
    std::string_view payload() const noexcept {
        std::size_t size = 0;
        const char *data = exoref_error_payload(error_.get(), &size);
        return {data, size};
    }
    // What the caller's own function threw, if that is why.
    const std::exception_ptr &cause() const noexcept { return cause_; }
    // Throws the cause if there is one, else this as the class that fits best.
    [[noreturn]] void raise() const;

private:
    exoref_status status_;
    std::shared_ptr<exoref_error> error_;
    std::exception_ptr cause_;
};

// By what it means for the state on the server ...
template <std::int32_t Class>
struct class_error : error {
    explicit class_error(const error &e) : error(e) {}
};
using retry_error = class_error<EXOREF_CLASS_NOT_APPLIED_RETRY>;  // nothing was changed: try again
using final_error = class_error<EXOREF_CLASS_NOT_APPLIED_FINAL>;  // nothing was changed: give up
using unknown_error = class_error<EXOREF_CLASS_UNKNOWN>;          // it may have happened: look at the value

// ... and by kind, for those that programs care about.
template <exoref_status Status, class Class>
struct status_error : Class {
    using Class::Class;
    static constexpr exoref_status kStatus = Status;
};
using timeout_error = status_error<EXOREF_ETIMEOUT, retry_error>;
using connection_error = status_error<EXOREF_ECONNECTION, retry_error>;
using invalid_error = status_error<EXOREF_EINVAL, final_error>;
using not_found_error = status_error<EXOREF_ENOTFOUND, final_error>;
using type_error = status_error<EXOREF_ETYPE, final_error>;
using codec_error = status_error<EXOREF_ECODEC, final_error>;
using validation_error = status_error<EXOREF_EVALIDATION, final_error>;
using function_error = status_error<EXOREF_EFUNCTION, final_error>;
using cancelled_error = status_error<EXOREF_ECANCELLED, final_error>;
using closed_error = status_error<EXOREF_ECLOSED, final_error>;
using deleted_error = status_error<EXOREF_EDELETED, final_error>;
using body_error = status_error<EXOREF_EBODY, final_error>;
using lease_error = status_error<EXOREF_ELEASE, final_error>;

namespace detail {
template <class... Kinds>
void raise_kind(const error &e) {
    ((e.status() == Kinds::kStatus ? throw Kinds(e) : void()), ...);
}
}  // namespace detail

inline void error::raise() const {
    if (cause_) std::rethrow_exception(cause_);
    detail::raise_kind<timeout_error, connection_error, invalid_error, not_found_error, type_error, codec_error,
                       validation_error, function_error, cancelled_error, closed_error, deleted_error, body_error,
                       lease_error>(*this);
    if (status_class() == EXOREF_CLASS_NOT_APPLIED_RETRY) throw retry_error(*this);
    if (status_class() == EXOREF_CLASS_NOT_APPLIED_FINAL) throw final_error(*this);
    throw unknown_error(*this);
}

// A T, or the error that came instead.
template <class T>
class [[nodiscard]] result {
    using stored = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

public:
    result(stored value) : content_(std::in_place_index<0>, std::move(value)) {}
    result(exoref::error e) : content_(std::in_place_index<1>, std::move(e)) {}

    explicit operator bool() const noexcept { return content_.index() == 0; }
    exoref_status status() const noexcept { return *this ? EXOREF_OK : error().status(); }
    const exoref::error &error() const { return std::get<1>(content_); }  // only if there is one
    // The T, moved out of here; or the error, thrown.
    T value() {
        if (!*this) error().raise();
        if constexpr (!std::is_void_v<T>) return std::get<0>(std::move(content_));
    }
    stored &operator*() { return std::get<0>(content_); }
    stored *operator->() { return &std::get<0>(content_); }
    const stored &operator*() const { return std::get<0>(content_); }
    const stored *operator->() const { return &std::get<0>(content_); }

private:
    std::variant<stored, exoref::error> content_;
};

}  // namespace exoref

#endif
