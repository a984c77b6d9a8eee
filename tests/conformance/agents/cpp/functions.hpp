// The functions that cases name: for swaps and metadata, and for validators.
#pragma once

#include <atomic>
#include <memory>

#include "step.hpp"

namespace agent {

struct Function {
    std::string does, argument, message;
    std::function<void()> meanwhile;  // what another does while the function runs for the first time
    std::atomic<int> calls{0};

    std::optional<std::string> operator()(const exoref::value &old);
    bool accepts(std::string_view proposed) const;
};

// The function of a step; none if the field is absent.
std::shared_ptr<Function> take_function(Step &step, const char *field, bool of_meta = false);
// The options of a step, its validator among them.
exoref::options take_options(Step &step);

}  // namespace agent
