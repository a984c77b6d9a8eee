// Is a promise or delay realized? Asked by its key, with or without a handle; creates nothing (P6).
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "refs/client.hpp"
#include "refs/future.hpp"

namespace exo::refs {

/// The future's flag: false also where there is none. `type`: promise, delay, or empty for either. `epoch`: that incarnation alone, or
/// empty for whichever is there.
FuturePtr ask_realized(Client &client, const std::string &key, const std::string &type, const std::string &epoch,
                       std::int64_t timeout_ms);

}  // namespace exo::refs
