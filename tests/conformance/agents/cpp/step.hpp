// One step of a case: its fields, and what it gives. Who plays it takes the fields, then calls ready(), which refuses what nobody took,
// and only then does something.
#pragma once

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>

#include "exoref/exoref.hpp"

namespace agent {

using nlohmann::json;

// The step can't be played: a mistake of the case or of this agent, not a result.
struct Fault : std::runtime_error {
    using runtime_error::runtime_error;
};

std::string to_wire(std::string_view bytes);

class Step {
public:
    explicit Step(json fields) : fields_(std::move(fields)) {}

    std::string text(const char *name);
    std::optional<std::string> maybe_text(const char *name);
    std::string bytes(const char *name);
    std::optional<std::string> maybe_bytes(const char *name);
    std::int64_t number(const char *name, std::int64_t otherwise);
    exoref::timeout timeout(std::int64_t otherwise = EXOREF_TIMEOUT_DEFAULT);
    exoref::options options();
    void ready();

    void give(const char *name, json what) { results_[name] = std::move(what); }
    void give(const exoref::value &value);
    void give_old(const exoref::value &value);
    const json &results() const { return results_; }

private:
    const json *take(const char *name);

    json fields_;
    std::set<std::string> taken_;
    json results_ = json::object();
};

using Player = void (*)(Step &);
using Players = std::map<std::string, Player>;

}  // namespace agent
