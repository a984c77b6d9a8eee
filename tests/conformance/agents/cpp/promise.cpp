// Promises.
#include "functions.hpp"
#include "names.hpp"
#include "players.hpp"

namespace agent {

static void open(Step &step) {
    const auto name = step.text("promise");
    auto &client = the_case().client_of(step);
    const auto key = step.bytes("key");
    const auto t = step.timeout();
    const auto options = take_options(step);
    step.ready();
    auto &made = the_case().promises.keep(name, exoref::promise::open(client, key, options, t));
    step.give("created", made.created());
}

static void give_delivery(Step &step, exoref::result<exoref::delivery> got) {
    if (!got) throw exoref::error(got.error());
    step.give("delivered", got->delivered);
    step.give(got->standing);
}

static void deliver(Step &step) {
    auto &promise = the_case().promises.take(step);
    const auto value = step.bytes("value");
    const auto t = step.timeout();
    const auto future = step.maybe_text("future");
    step.ready();
    if (future)
        begun(*future, promise.deliver_async(value, t), give_delivery);
    else
        give_delivery(step, promise.deliver(std::nothrow, value, t));
}

static void deref(Step &step) {
    auto &promise = the_case().promises.take(step);
    const auto t = step.timeout();
    const auto future = step.maybe_text("future");
    step.ready();
    if (future)
        begun(*future, promise.deref_async(t), [](Step &then, auto got) { then.give(got.value()); });
    else
        step.give(promise.deref(t));
}

static void realized(Step &step) {
    auto &promise = the_case().promises.take(step);
    const auto t = step.timeout();
    step.ready();
    step.give("realized", promise.realized(t));
}

static void release(Step &step) {
    const auto name = step.text("promise");
    the_case().promises.find(name);
    step.ready();
    the_case().promises.forget(name);
}

Players promise_players() {
    return {{"promise.open", open},
            {"promise.deliver", deliver},
            {"promise.deref", deref},
            {"promise.realized", realized},
            {"promise.release", release}};
}

}  // namespace agent
