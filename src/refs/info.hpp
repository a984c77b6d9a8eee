// What is known about one reference, as inspect and the listing give it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "store/schema.hpp"

namespace exo::refs {

struct Info {
    std::string key;  ///< without the client's prefix
    std::map<std::string, std::string, std::less<>> texts;
    store::StatePtr value;  ///< inspect only
    store::StatePtr meta;
    std::vector<std::pair<std::uint64_t, store::StatePtr>> changes;  ///< newest first; inspect only
};

}  // namespace exo::refs
