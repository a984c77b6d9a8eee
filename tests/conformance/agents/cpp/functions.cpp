// What a function does, by the word for it.
#include "functions.hpp"

#include "names.hpp"

namespace agent {

std::optional<std::string> Function::operator()(const exoref::value &old) {
    if (++calls == 1 && meanwhile) meanwhile();
    if (does == "inc") return std::to_string(std::stoll(old.str()) + 1);
    if (does == "append") return old.str() + argument;
    if (does == "keep") return old.str();
    if (does == "set") return argument;
    if (does == "decline") return std::nullopt;
    throw std::runtime_error(message);
}

bool Function::accepts(std::string_view proposed) const {
    if (does == "accept") return true;
    if (does == "refuse_value") return proposed != argument;
    if (does == "at_most") return proposed.size() <= std::stoul(argument);
    if (does == "fail") throw std::runtime_error(message);
    return false;
}

std::shared_ptr<Function> take_function(Step &step, const char *field, bool of_meta) {
    static const std::set<std::string> known = {"inc",     "append", "set",    "keep",         "fail",
                                                "decline", "accept", "refuse", "refuse_value", "at_most"};
    const auto does = step.maybe_text(field);
    if (!does) return nullptr;
    if (!known.count(*does)) throw Fault("no function '" + *does + "'");
    auto made = std::make_shared<Function>();
    made->does = *does;
    made->argument = step.maybe_bytes("argument").value_or("");
    made->message = step.maybe_text("message").value_or("");
    if (const auto name = step.maybe_text("meanwhile_atom")) {
        exoref::atom &other = the_case().atoms.find(*name);
        made->meanwhile = [&other, of_meta, next = step.bytes("meanwhile_value")] {
            if (of_meta)
                other.reset_meta(next);
            else
                other.reset(next);
        };
    }
    return made;
}

exoref::options take_options(Step &step) {
    exoref::options options = step.options();
    if (const auto validator = take_function(step, "validator"))
        options.validator([validator](std::string_view proposed) { return validator->accepts(proposed); });
    return options;
}

}  // namespace agent
