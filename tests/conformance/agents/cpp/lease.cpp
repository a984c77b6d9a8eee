// Leases that a case holds itself.
#include "names.hpp"
#include "players.hpp"

namespace agent {

static void deliver(Step &step) {
    auto &lease = the_case().leases.take(step);
    const auto value = step.bytes("value");
    const auto t = step.timeout();
    step.ready();
    auto got = lease.deliver(std::nothrow, value, t);
    if (!got) throw exoref::error(got.error());
    step.give(*got);
}

static void fail(Step &step) {
    auto &lease = the_case().leases.take(step);
    const auto kind = step.text("kind"), message = step.text("message");
    const auto payload = step.maybe_bytes("payload").value_or("");
    const auto t = step.timeout();
    step.ready();
    lease.fail(kind, message, payload, t);
}

static void renew(Step &step) {
    auto &lease = the_case().leases.take(step);
    const auto t = step.timeout();
    step.ready();
    step.give("left_ms", lease.renew(t).count());
}

// Waits until the lease is lost or has ended otherwise.
static void lost(Step &step) {
    auto &lease = the_case().leases.take(step);
    const auto t = step.timeout(0);
    step.ready();
    step.give("lost", lease.lost_async().get(t));
}

static void give_back(Step &step) {
    auto &lease = the_case().leases.take(step);
    const auto t = step.timeout();
    step.ready();
    lease.give_back(t);
}

Players lease_players() {
    return {{"lease.deliver", deliver},
            {"lease.fail", fail},
            {"lease.renew", renew},
            {"lease.lost", lost},
            {"lease.give_back", give_back}};
}

}  // namespace agent
