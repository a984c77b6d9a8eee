// The case that is played.
#include "names.hpp"

namespace agent {

Case &the_case() {
    static Case it;
    return it;
}

void Case::give_state(Step &step, const std::optional<std::string> &save, exoref::value value) {
    step.give(value);
    if (save && value) states.keep(*save, std::move(value));
}

void Case::end() {
    for (auto &[name, body] : bodies) body->end();
    for (auto &[name, client] : clients) client.close(std::chrono::minutes(1));
    futures.clear();
    states.clear();
    swaps.clear();
    leases.clear();
    bodies.clear();
    atoms.clear();
    promises.clear();
    delays.clear();
    logs.clear();
    clients.clear();
    lines.clear();
}

}  // namespace agent
