// Atoms: opening, reading, setting, validators, metadata. Changes that depend on the old value are in change.cpp.
#include "functions.hpp"
#include "names.hpp"
#include "players.hpp"

namespace agent {

static void create(Step &step) {
    const auto name = step.text("atom");
    auto &client = the_case().client_of(step);
    const auto key = step.bytes("key"), initial = step.bytes("value");
    const auto t = step.timeout();
    const auto options = take_options(step);
    step.ready();
    auto made = exoref::atom::create(std::nothrow, client, key, initial, options, t);
    if (!made) throw exoref::error(made.error());
    step.give("created", made->created());
    the_case().atoms.keep(name, std::move(*made));
}

static void open(Step &step) {
    const auto name = step.text("atom");
    auto &client = the_case().client_of(step);
    const auto key = step.bytes("key");
    const auto t = step.timeout();
    const auto options = take_options(step);
    step.ready();
    the_case().atoms.keep(name, exoref::atom::open(client, key, options, t));
}

static void give_value(Step &step, const std::optional<std::string> &save, exoref::result<exoref::value> got) {
    if (!got) throw exoref::error(got.error());
    the_case().give_state(step, save, std::move(*got));
}

static void give_values(Step &step, const std::optional<std::string> &save, exoref::result<exoref::values> got) {
    if (!got) throw exoref::error(got.error());
    step.give_old(got->old_value);
    the_case().give_state(step, save, std::move(got->new_value));
}

static void deref(Step &step) {
    auto &atom = the_case().atoms.take(step);
    const auto t = step.timeout();
    const auto future = step.maybe_text("future"), save = step.maybe_text("save");
    step.ready();
    if (future)
        begun(*future, atom.deref_async(t), [](Step &then, auto got) { give_value(then, {}, std::move(got)); });
    else
        the_case().give_state(step, save, atom.deref(t));
}

static void reset(Step &step) {
    auto &atom = the_case().atoms.take(step);
    const auto next = step.bytes("value");
    const auto t = step.timeout();
    const auto future = step.maybe_text("future"), save = step.maybe_text("save");
    step.ready();
    if (future)
        begun(*future, atom.reset_async(next, t), [](Step &then, auto got) { give_value(then, {}, std::move(got)); });
    else
        give_value(step, save, atom.reset(std::nothrow, next, t));
}

static void reset_vals(Step &step) {
    auto &atom = the_case().atoms.take(step);
    const auto next = step.bytes("value");
    const auto t = step.timeout();
    const auto future = step.maybe_text("future"), save = step.maybe_text("save");
    step.ready();
    if (future)
        begun(*future, atom.reset_vals_async(next, t),
              [](Step &then, auto got) { give_values(then, {}, std::move(got)); });
    else
        give_values(step, save, atom.reset_vals(std::nothrow, next, t));
}

static void set_validator(Step &step) {
    auto &atom = the_case().atoms.take(step);
    const auto t = step.timeout();
    const auto validator = take_function(step, "validator");
    step.ready();
    if (!validator) return atom.clear_validator();
    const auto set = atom.set_validator(
        std::nothrow, [validator](std::string_view proposed) { return validator->accepts(proposed); }, t);
    if (!set) throw exoref::error(set.error());
}

static void meta(Step &step) {
    auto &atom = the_case().atoms.take(step);
    const auto t = step.timeout();
    step.ready();
    step.give("value", to_wire(atom.meta(t)));
}

static void reset_meta(Step &step) {
    auto &atom = the_case().atoms.take(step);
    const auto next = step.bytes("value");
    const auto t = step.timeout();
    step.ready();
    atom.reset_meta(next, t);
}

static void alter_meta(Step &step) {
    auto &atom = the_case().atoms.take(step);
    const auto t = step.timeout();
    const auto function = take_function(step, "function", true);
    step.ready();
    const auto got = atom.alter_meta(std::nothrow, *function, t);
    if (!got) throw exoref::error(got.error());
    step.give("value", to_wire(*got));
    step.give("calls", function->calls.load());
}

static void release(Step &step) {
    const auto name = step.text("atom");
    the_case().atoms.find(name);
    step.ready();
    the_case().atoms.forget(name);
}

Players atom_players() {
    return {{"atom.create", create},
            {"atom.open", open},
            {"atom.deref", deref},
            {"atom.reset", reset},
            {"atom.reset_vals", reset_vals},
            {"atom.set_validator", set_validator},
            {"atom.meta", meta},
            {"atom.reset_meta", reset_meta},
            {"atom.alter_meta", alter_meta},
            {"atom.release", release}};
}

}  // namespace agent
