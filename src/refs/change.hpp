// One change as a watch is told of it.
#pragma once

#include <cstdint>
#include <memory>

#include "store/schema.hpp"

namespace exo::refs {

struct Change {
    static constexpr std::int32_t kRewound = 1;
    static constexpr std::int32_t kDeleted = 2;
    static constexpr std::int32_t kRecreated = 4;
    static constexpr std::int32_t kUncertain = 8;

    store::StatePtr old_state;  ///< null: there is none, or it can't be known any more
    store::StatePtr new_state;  ///< null: deleted
    std::uint64_t version = 0;
    std::uint64_t missed = 0;
    std::int32_t flags = 0;
    std::uint64_t sequence = 0;  ///< the changes of one cell in the order in which they were found
};
using ChangePtr = std::shared_ptr<const Change>;

}  // namespace exo::refs
