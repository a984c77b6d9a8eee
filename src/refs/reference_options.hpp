// What the options say of a reference.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/options.hpp"
#include "refs/validator.hpp"
#include "store/schema.hpp"

namespace exo::refs {

struct ReferenceOptions {
    enum class Absent { refuse, allow, wait };
    std::string codec;
    std::int64_t ttl_ms = base::OptionSet::kNone;
    std::uint64_t history = store::kRingLength;
    std::uint64_t writers = store::kMostRecords;
    Absent absent = Absent::refuse;
    std::optional<std::uint64_t> lease_ms;  ///< of a delay; none: not set
    std::optional<bool> retry;              ///< likewise
    ValidatorPtr validator;

    static ReferenceOptions from(const base::OptionSet &options, ValidatorPtr validator);
};

}  // namespace exo::refs
