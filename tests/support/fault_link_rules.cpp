// How a FaultLink judges the frames it has read: which rule takes effect on a frame or a byte, and what it then does.
#include <algorithm>

#include "support/fault_link.hpp"
#include "support/resp.hpp"

namespace exo::support {

namespace {

std::size_t replies_of(const std::vector<std::string> &command) {
    const std::string name = command.empty() ? "" : upper(command.front());
    return name.find("SUBSCRIBE") == std::string::npos ? 1 : std::max<std::size_t>(command.size() - 1, 1);
}

}  // namespace

void FaultLink::lost(const Frame &frame) {
    if (frame.direction == Direction::kToClient && !frame.is_push) {
        ++stats_.lost_replies;
        stats_.lost_script_replies += frame.is_script() ? 1 : 0;
    }
}

void FaultLink::judge(Half &through, const Frame &frame) {
    if (through.swallowing) {
        ++stats_.swallowed;
        lost(frame);
        return;
    }
    ArmedRule *const armed = rules_.choose(frame);
    const Action action = armed == nullptr ? Action::kObserve : armed->rule.action;
    const bool vanishes = action == Action::kCut || action == Action::kSwallow || action == Action::kDrop;
    if (vanishes) {
        lost(frame);
    }
    if (frame.direction == Direction::kToServer && action != Action::kDrop) {
        const std::size_t times = action == Action::kDuplicate ? 2 : 1;
        for (std::size_t i = 0; i < times; ++i) {
            pending_.push_back(Pending{*frame.command, replies_of(*frame.command)});
        }
    }
    if (armed == nullptr) {
        pass(through, frame.bytes);
    } else {
        const Rule rule = armed->rule;
        apply(through, rule, frame.bytes);
    }
}

void FaultLink::apply(Half &through, const Rule &rule, std::string_view bytes) {
    const std::size_t offset = std::min(rule.offset, bytes.size());
    switch (rule.action) {
        case Action::kObserve: pass(through, bytes); break;
        case Action::kCut:
            push_out(through, bytes.substr(0, offset));
            push_mark(through, Mark::kCut, rule);
            break;
        case Action::kSwallow:
            push_out(through, bytes.substr(0, offset));
            through.swallowing = true;
            ++stats_.swallowed;
            break;
        case Action::kHold:
            push_out(through, bytes.substr(0, offset));
            through.holding = true;
            pass(through, bytes.substr(offset));
            if (rule.cut_client) {
                cut(rule.cut, CutSide::kClient);
            }
            break;
        case Action::kFreeze:
            push_out(through, bytes.substr(0, offset));
            push_mark(through, Mark::kFreeze, rule);
            pass(through, bytes.substr(offset));
            break;
        case Action::kDrop: ++stats_.changed; break;
        case Action::kDelay: {
            ++stats_.changed;
            through.last_due = std::max(through.last_due, Clock::now() + rule.delay);
            pass(through, bytes);
            break;
        }
        case Action::kCorrupt: {
            std::string changed(bytes);
            if (offset < changed.size()) {
                changed[offset] = static_cast<char>(static_cast<unsigned char>(changed[offset]) ^ 0x55U);
                ++stats_.corrupted;
            }
            pass(through, changed);
            break;
        }
        case Action::kReplace:
            ++stats_.changed;
            pass(through, rule.bytes);
            break;
        case Action::kDuplicate:
            ++stats_.changed;
            pass(through, bytes);
            pass(through, bytes);
            break;
    }
}

// Byte rules look at what really goes on; what is behind the place where one took effect comes round again.
void FaultLink::pass(Half &through, std::string_view bytes) {
    while (!through.swallowing) {
        std::size_t at = 0;
        ArmedRule *const armed = rules_.choose_by_bytes(through.direction, id_, through.passed, bytes.size(), at);
        if (armed == nullptr) {
            push_out(through, bytes);
            return;
        }
        Rule rule = armed->rule;
        push_out(through, bytes.substr(0, at));
        bytes.remove_prefix(at);
        rule.offset = 0;
        if (rule.action == Action::kCorrupt) {
            const char flipped = static_cast<char>(static_cast<unsigned char>(bytes[0]) ^ 0x55U);
            push_out(through, std::string_view(&flipped, 1));
            bytes.remove_prefix(1);
            ++stats_.corrupted;
        } else {
            apply(through, rule, std::string_view());
        }
    }
}

void FaultLink::push_out(Half &through, std::string_view bytes) {
    if (bytes.empty() || through.swallowing) {
        return;
    }
    through.passed += bytes.size();
    if (through.holding) {
        through.held.emplace_back(bytes);
        ++stats_.held;
        return;
    }
    through.last_due = std::max(through.last_due, Clock::now() + through.delay);
    through.backlog += bytes.size();
    Item item;
    item.bytes = std::string(bytes);
    item.due = through.last_due;
    through.out.push_back(std::move(item));
}

void FaultLink::push_mark(Half &through, Mark mark, const Rule &rule) {
    Item item;
    item.due = through.last_due;
    item.mark = mark;
    item.cut = rule.cut;
    item.side = rule.side;
    through.out.push_back(std::move(item));
    if (mark == Mark::kCut) {
        through.swallowing = true;  // nothing passes behind the place of the cut
    }
}

}  // namespace exo::support
