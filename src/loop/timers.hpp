// Many cheap deadlines over one uv_timer. Loop-affine: only on the loop's thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>

#include "base/clock.hpp"

namespace exo::loop {

class Timers {
public:
    using Id = std::uint64_t;  ///< 0 is no timer

    virtual ~Timers() = default;
    /// Calls `task` once at `when` or a little later (within about a millisecond on an idle machine).
    virtual Id at(base::TimePoint when, std::function<void()> task) = 0;
    /// Nothing happens if it has fired or is 0.
    virtual void cancel(Id id) = 0;
};

}  // namespace exo::loop
