// The armed rules of a FaultProxy and how often each took effect. Knows frames and byte counts, no sockets.
// Not locked: the proxy does that.
#pragma once

#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "support/fault_rule.hpp"

namespace exo::support {

struct ArmedRule {
    RuleId id = 0;
    Rule rule;
    std::uint64_t matched = 0;
    std::uint64_t fired = 0;
    std::vector<std::string> recorded;
    std::map<std::uint64_t, std::uint64_t> bytes_before;  // link -> what had passed when the rule was armed
    std::set<std::uint64_t> links_done;                   // a byte rule takes effect once on each connection

    bool spent() const { return fired >= rule.times; }
    bool concerns(Direction direction, std::uint64_t link) const {
        return rule.direction == direction && (rule.link == 0 || rule.link == link);
    }
};

class RuleBook {
public:
    explicit RuleBook(std::uint64_t seed) : random_(seed) {}

    ArmedRule &arm(Rule rule);
    void disarm(RuleId id);
    void disarm_all() { rules_.clear(); }
    // Disarmed rules keep no counts: zero.
    ArmedRule *find(RuleId id);

    // The rule that takes effect on this frame, counted as fired; nullptr if none does. Observers are served,
    // too.
    ArmedRule *choose(const Frame &frame);
    // The rule that takes effect within the next `size` bytes of a link's direction, of which `passed` have
    // gone; the nearest one, counted as fired. `at` becomes how many of the bytes come before the place.
    ArmedRule *choose_by_bytes(Direction direction, std::uint64_t link, std::uint64_t passed, std::size_t size,
                               std::size_t &at);

private:
    bool chance(double probability);

    std::vector<ArmedRule> rules_;
    RuleId next_id_ = 1;
    std::mt19937_64 random_;
};

}  // namespace exo::support
