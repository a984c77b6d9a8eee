#include "support/fault_rulebook.hpp"

#include <algorithm>

namespace exo::support {

ArmedRule &RuleBook::arm(Rule rule) {
    ArmedRule armed;
    armed.id = next_id_++;
    armed.rule = std::move(rule);
    rules_.push_back(std::move(armed));
    return rules_.back();
}

void RuleBook::disarm(RuleId id) {
    std::erase_if(rules_, [id](const ArmedRule &armed) { return armed.id == id; });
}

ArmedRule *RuleBook::find(RuleId id) {
    const auto found =
        std::find_if(rules_.begin(), rules_.end(), [id](const ArmedRule &armed) { return armed.id == id; });
    return found == rules_.end() ? nullptr : &*found;
}

bool RuleBook::chance(double probability) {
    return probability >= 1.0 || std::uniform_real_distribution<double>(0.0, 1.0)(random_) < probability;
}

ArmedRule *RuleBook::choose(const Frame &frame) {
    ArmedRule *chosen = nullptr;
    for (ArmedRule &armed : rules_) {
        const bool observer = armed.rule.action == Action::kObserve;
        if (armed.rule.at_byte || (chosen != nullptr && !observer) || armed.spent() ||
            !armed.concerns(frame.direction, frame.link) || !armed.rule.match || !armed.rule.match(frame)) {
            continue;
        }
        ++armed.matched;
        if (armed.matched < armed.rule.nth || !chance(armed.rule.probability)) {
            continue;
        }
        ++armed.fired;
        if (armed.rule.record) {
            armed.recorded.emplace_back(frame.bytes);
        }
        if (!observer) {
            chosen = &armed;
        }
    }
    return chosen;
}

ArmedRule *RuleBook::choose_by_bytes(Direction direction, std::uint64_t link, std::uint64_t passed, std::size_t size,
                                     std::size_t &at) {
    ArmedRule *chosen = nullptr;
    for (ArmedRule &armed : rules_) {
        if (!armed.rule.at_byte || armed.spent() || !armed.concerns(direction, link) ||
            armed.links_done.contains(link)) {
            continue;
        }
        std::uint64_t place = *armed.rule.at_byte;
        if (armed.rule.since_armed) {
            const auto before = armed.bytes_before.find(link);
            place += before == armed.bytes_before.end() ? 0 : before->second;
        }
        const bool needs_the_byte = armed.rule.action == Action::kCorrupt;
        if (needs_the_byte && (place < passed || place >= passed + size)) {
            continue;
        }
        if (place > passed + size) {
            continue;
        }
        const std::size_t here = place <= passed ? 0 : static_cast<std::size_t>(place - passed);
        if (chosen == nullptr || here < at) {
            chosen = &armed;
            at = here;
        }
    }
    if (chosen != nullptr) {
        ++chosen->matched;
        ++chosen->fired;
        chosen->links_done.insert(link);
    }
    return chosen;
}

}  // namespace exo::support
