#include "refs/reference_options.hpp"

namespace exo::refs {

using base::Option;

ReferenceOptions ReferenceOptions::from(const base::OptionSet &options, ValidatorPtr validator) {
    ReferenceOptions read;
    read.codec = options.text(Option::codec);
    read.ttl_ms = options.duration_ms(Option::ttl);
    read.history = static_cast<std::uint64_t>(options.count(Option::history));
    read.writers = static_cast<std::uint64_t>(options.count(Option::writers));
    const std::string absent = options.text(Option::absent);
    read.absent = absent == "allow" ? Absent::allow : absent == "wait" ? Absent::wait : Absent::refuse;
    if (options.is_set(Option::lease)) read.lease_ms = static_cast<std::uint64_t>(options.duration_ms(Option::lease));
    if (options.is_set(Option::retry)) read.retry = options.truth(Option::retry);
    read.validator = std::move(validator);
    return read;
}

}  // namespace exo::refs
