// Random bits from the kernel (ids) and cheap ones (jitter).
#pragma once

#include <cstdint>
#include <string>

namespace exo::base {

std::string random_hex_128();   ///< 32 lower-case hex digits from getrandom()
std::uint64_t random_jitter();  ///< not for ids: spreads back-off and sweeps

}  // namespace exo::base
