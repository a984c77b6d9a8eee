// Operations in their asynchronous form: their results.
#include "names.hpp"
#include "players.hpp"

namespace agent {

static void get(Step &step) {
    const auto &pending = the_case().futures.take(step);
    const auto t = step.timeout(EXOREF_TIMEOUT_NONE);
    step.ready();
    pending.get(step, t);
}

static void done(Step &step) {
    const auto &pending = the_case().futures.take(step);
    step.ready();
    step.give("done", pending.done());
}

static void cancel(Step &step) {
    const auto &pending = the_case().futures.take(step);
    step.ready();
    pending.cancel();
}

Players future_players() { return {{"future.get", get}, {"future.done", done}, {"future.cancel", cancel}}; }

}  // namespace agent
