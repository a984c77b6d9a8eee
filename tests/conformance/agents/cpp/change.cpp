// Changes that depend on the value before: compare-and-set, swap, and swap in its pull form, which C++ takes from the C API.
#include "functions.hpp"
#include "names.hpp"
#include "players.hpp"

namespace agent {

using Save = std::optional<std::string>;

static void give_compared(Step &step, const Save &save, exoref::result<exoref::compared> got) {
    if (!got) throw exoref::error(got.error());
    step.give("swapped", got->swapped);
    the_case().give_state(step, save, std::move(got->standing));
}

static void compare_and_set(Step &step) {
    auto &atom = the_case().atoms.take(step);
    const auto expected = step.bytes("expected"), next = step.bytes("value");
    const auto t = step.timeout();
    const auto future = step.maybe_text("future"), save = step.maybe_text("save");
    step.ready();
    if (future)
        begun(*future, atom.compare_and_set_async(expected, next, t),
              [](Step &then, auto got) { give_compared(then, {}, std::move(got)); });
    else
        give_compared(step, save, atom.compare_and_set(std::nothrow, expected, next, t));
}

static void compare_and_set_at(Step &step) {
    auto &atom = the_case().atoms.take(step);
    auto &state = the_case().states.take(step);
    const auto next = step.bytes("value");
    const auto t = step.timeout();
    const auto save = step.maybe_text("save");
    step.ready();
    give_compared(step, save, atom.compare_and_set_at(std::nothrow, state, next, t));
}

static void same(Step &step) {
    auto &state = the_case().states.take(step);
    auto &other = the_case().states.find(step.text("other"));
    step.ready();
    step.give("same", state.same_state(other));
}

static void swap(Step &step) {
    auto &atom = the_case().atoms.take(step);
    const auto t = step.timeout();
    const auto future = step.maybe_text("future"), save = step.maybe_text("save");
    const auto function = take_function(step, "function");
    step.ready();
    if (future) {
        begun(*future, atom.swap_async([function](const exoref::value &old) { return (*function)(old); }, t),
              [function](Step &then, auto got) {
                  if (!got) throw exoref::error(got.error());
                  then.give_old(got->old_value);
                  then.give(got->new_value);
                  then.give("calls", function->calls.load());
              });
        return;
    }
    auto got = atom.swap(std::nothrow, *function, t);
    if (!got) throw exoref::error(got.error());
    the_case().give_state(step, save, std::move(*got));
    step.give("calls", function->calls.load());
}

static void swap_vals(Step &step) {
    auto &atom = the_case().atoms.take(step);
    const auto t = step.timeout();
    const auto save = step.maybe_text("save");
    const auto function = take_function(step, "function");
    step.ready();
    auto got = atom.swap_vals(std::nothrow, *function, t);
    if (!got) throw exoref::error(got.error());
    step.give_old(got->old_value);
    the_case().give_state(step, save, std::move(got->new_value));
    step.give("calls", function->calls.load());
}

static void check(exoref_status status, exoref_error *failure) {
    if (status != EXOREF_OK) throw exoref::error(status, failure);
}

static void swap_begin(Step &step) {
    const auto name = step.text("swap");
    const auto save = step.maybe_text("save");
    auto &atom = the_case().atoms.take(step);
    const auto t = step.timeout();
    step.ready();
    exoref_swap *begun_swap = nullptr;
    exoref::value old;
    exoref_error *failure = nullptr;
    const auto status = exoref_atom_swap_begin(atom.get(), t.ms(), &begun_swap, old.put(), &failure);
    check(status, failure);
    the_case().swaps.keep(name, {begun_swap, exoref_swap_release});
    the_case().give_state(step, save, std::move(old));
}

static void swap_offer(Step &step) {
    auto &begun_swap = the_case().swaps.take(step);
    const auto next = step.bytes("value");
    const auto t = step.timeout();
    const auto save = step.maybe_text("save");
    step.ready();
    bool done = false;
    exoref::value value;
    exoref_error *failure = nullptr;
    const auto status =
        exoref_swap_offer(begun_swap.get(), next.data(), next.size(), t.ms(), &done, value.put(), &failure);
    check(status, failure);
    step.give("done", done);
    the_case().give_state(step, save, std::move(value));
}

static void swap_confirm(Step &step) {
    auto &begun_swap = the_case().swaps.take(step);
    const auto t = step.timeout();
    const auto save = step.maybe_text("save");
    step.ready();
    bool done = false;
    exoref::value value;
    exoref_error *failure = nullptr;
    const auto status = exoref_swap_confirm(begun_swap.get(), t.ms(), &done, value.put(), &failure);
    check(status, failure);
    step.give("done", done);
    the_case().give_state(step, save, std::move(value));
}

Players change_players() {
    return {{"atom.compare_and_set", compare_and_set},
            {"atom.compare_and_set_at", compare_and_set_at},
            {"state.same", same},
            {"atom.swap", swap},
            {"atom.swap_vals", swap_vals},
            {"swap.begin", swap_begin},
            {"swap.offer", swap_offer},
            {"swap.confirm", swap_confirm}};
}

}  // namespace agent
