// Validators: functions of this process that judge proposed values.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "refs/callback.hpp"

namespace exo::refs {

/// Nothing if accepted, else the words of the refusal.
struct Validator {
    std::function<std::optional<std::string>(const std::string &value)> judge;
    ContextPtr context;
};
using ValidatorPtr = std::shared_ptr<const Validator>;

}  // namespace exo::refs
