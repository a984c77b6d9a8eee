// What must hold of a value before it is proposed.
#include "refs/validator.hpp"

namespace exo::refs {

using base::Status;

base::ErrorPtr judged(const Validator &validator, const std::string &value) {
    const auto refusal = validator.judge(value);
    if (!refusal) return nullptr;
    return base::make_error(Status::EVALIDATION,
                            "the validator refused the value" + (refusal->empty() ? std::string() : ": " + *refusal));
}

base::ErrorPtr check_value(const std::string &value, std::size_t most_bytes, const Validator *validator) {
    if (value.size() > most_bytes) {
        return base::make_error(Status::ETOOBIG, "the value has " + std::to_string(value.size()) +
                                                     " bytes, and the option max_value_size allows " +
                                                     std::to_string(most_bytes));
    }
    return validator != nullptr ? judged(*validator, value) : nullptr;
}

}  // namespace exo::refs
