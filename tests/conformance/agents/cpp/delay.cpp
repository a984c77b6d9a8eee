// Delays and their bodies.
#include "functions.hpp"
#include "names.hpp"
#include "players.hpp"

namespace agent {

static void open(Step &step) {
    const auto name = step.text("delay");
    auto &client = the_case().client_of(step);
    const auto key = step.bytes("key");
    const auto t = step.timeout();
    const auto body = Body::take(step);
    const auto options = take_options(step);
    step.ready();
    if (body) the_case().bodies.keep(name, body);
    auto made = body ? exoref::delay::open(
                           client, key, [body](exoref::lease &lease) { return body->run(lease); }, options, t)
                     : exoref::delay::open(client, key, options, t);
    step.give("created", made.created());
    the_case().delays.keep(name, std::move(made));
}

static void deref(Step &step) {
    auto &delay = the_case().delays.take(step);
    const auto t = step.timeout();
    const auto future = step.maybe_text("future");
    step.ready();
    if (future)
        begun(*future, delay.deref_async(t), [](Step &then, auto got) { then.give(got.value()); });
    else
        step.give(delay.deref(t));
}

static void realized(Step &step) {
    auto &delay = the_case().delays.take(step);
    const auto t = step.timeout();
    step.ready();
    step.give("realized", delay.realized(t));
}

static void claim(Step &step) {
    auto &delay = the_case().delays.take(step);
    const auto name = step.text("lease");
    const auto t = step.timeout();
    step.ready();
    auto got = delay.claim(t);
    step.give("leased", bool(got));
    step.give(got.standing);
    if (!got) return;
    step.give("token", got.held.token());
    the_case().leases.keep(name, std::move(got.held));
}

static void release(Step &step) {
    const auto name = step.text("delay");
    the_case().delays.find(name);
    step.ready();
    the_case().delays.forget(name);
}

static void body_calls(Step &step) {
    const auto body = the_case().bodies.take(step);
    step.ready();
    step.give("calls", body->calls(0, {}));
}

// Waits until it was called so many times.
static void body_began(Step &step) {
    const auto body = the_case().bodies.take(step);
    const auto calls = step.number("calls", 1), time = step.number("timeout", 0);
    step.ready();
    step.give("calls", body->calls(calls, std::chrono::milliseconds(time)));
}

static void body_end(Step &step) {
    const auto body = the_case().bodies.take(step);
    step.ready();
    body->end();
}

// Waits until the lease under which it runs is lost or has ended.
static void body_lost(Step &step) {
    auto lease = the_case().bodies.take(step)->running();
    const auto t = step.timeout(0);
    step.ready();
    step.give("lost", lease.lost_async().get(t));
}

Players delay_players() {
    return {{"delay.open", open},       {"delay.deref", deref},     {"delay.realized", realized},
            {"delay.claim", claim},     {"delay.release", release}, {"body.calls", body_calls},
            {"body.began", body_began}, {"body.end", body_end},     {"body.lost", body_lost}};
}

}  // namespace agent
