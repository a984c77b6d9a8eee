#include "support/fault_rule.hpp"

#include "support/resp.hpp"

namespace exo::support {

bool Frame::is(std::string_view name) const {
    return command != nullptr && !command->empty() && upper(command->front()) == upper(name);
}

bool Frame::is_script(std::string_view sha) const {
    if (!is("EVALSHA") && !is("EVALSHA_RO")) {
        return false;
    }
    return sha.empty() || (command->size() > 1 && (*command)[1] == sha);
}

FrameMatch any_frame() {
    return [](const Frame &) { return true; };
}

FrameMatch command_is(std::string name) {
    return [name = std::move(name)](const Frame &frame) { return frame.is(name); };
}

FrameMatch any_script() {
    return [](const Frame &frame) { return frame.is_script(); };
}

FrameMatch script_with(std::string text) {
    return [text = std::move(text)](const Frame &frame) {
        if (!frame.is_script()) {
            return false;
        }
        for (const std::string &arg : *frame.command) {
            if (arg.find(text) != std::string::npos) {
                return true;
            }
        }
        return false;
    };
}

FrameMatch any_push() {
    return [](const Frame &frame) { return frame.is_push; };
}

Rule Rule::cut_at(Direction direction, std::uint64_t byte, CutKind kind) {
    Rule rule;
    rule.direction = direction;
    rule.action = Action::kCut;
    rule.at_byte = byte;
    rule.since_armed = true;
    rule.cut = kind;
    return rule;
}

Rule Rule::cut_frame(Direction direction, FrameMatch match, std::size_t offset, CutKind kind) {
    Rule rule;
    rule.direction = direction;
    rule.action = Action::kCut;
    rule.match = std::move(match);
    rule.offset = offset;
    rule.cut = kind;
    return rule;
}

Rule Rule::lose_reply(FrameMatch match, double probability, std::uint64_t times, CutKind kind) {
    Rule rule = cut_frame(Direction::kToClient, std::move(match), 0, kind);
    rule.probability = probability;
    rule.times = times;
    return rule;
}

Rule Rule::swallow_reply(FrameMatch match) {
    Rule rule = cut_frame(Direction::kToClient, std::move(match), 0, CutKind::kFin);
    rule.action = Action::kSwallow;
    return rule;
}

Rule Rule::hold_command(FrameMatch match) {
    Rule rule = cut_frame(Direction::kToServer, std::move(match), 0, CutKind::kReset);
    rule.action = Action::kHold;
    rule.cut_client = true;
    return rule;
}

Rule Rule::observe(Direction direction, FrameMatch match) {
    Rule rule;
    rule.direction = direction;
    rule.match = std::move(match);
    rule.times = kAlways;
    rule.record = true;
    return rule;
}

}  // namespace exo::support
