// Validators: functions of this process that judge proposed values.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/error.hpp"
#include "refs/callback.hpp"

namespace exo::refs {

/// Nothing if accepted, else the words of the refusal.
struct Validator {
    std::function<std::optional<std::string>(const std::string &value)> judge;
    ContextPtr context;
};
using ValidatorPtr = std::shared_ptr<const Validator>;

/// Null, or EVALIDATION with the validator's words.
base::ErrorPtr judged(const Validator &validator, const std::string &value);
/// Null, or why this value can't be proposed: ETOOBIG, EVALIDATION. `validator` may be null.
base::ErrorPtr check_value(const std::string &value, std::size_t most_bytes, const Validator *validator);

}  // namespace exo::refs
