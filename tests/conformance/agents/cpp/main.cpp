// The C++ agent of the conformance suite: plays one step a line upon exoref.hpp (docs/conformance.md).
#include <iostream>

#include "names.hpp"
#include "players.hpp"

namespace agent {

static json error_of(const exoref::error &e) {
    json out = {{"status", exoref_status_name(e.status())}, {"message", e.message()}};
    if (e.status() == EXOREF_EBODY) {
        out["kind"] = e.kind();
        out["payload"] = to_wire(e.payload());
    }
    return out;
}

static Players all_players() {
    Players all = {{"hello",
                    [](Step &step) {
                        step.ready();
                        step.give("language", "cpp");
                    }},
                   {"case.end", [](Step &step) {
                        step.ready();
                        the_case().end();
                    }}};
    for (auto &&some : {client_players(), atom_players(), change_players(), watch_players(), promise_players(),
                        delay_players(), lease_players(), future_players()})
        all.insert(some.begin(), some.end());
    return all;
}

static json answer(const Players &players, const std::string &line) {
    try {
        Step step(json::parse(line));
        const auto op = step.text("op");
        const auto player = players.find(op);
        if (player == players.end()) throw Fault("unknown step '" + op + "'");
        player->second(step);
        return {{"ok", step.results()}};
    } catch (const exoref::error &e) {
        return {{"error", error_of(e)}};
    } catch (const std::exception &e) {
        return {{"fault", e.what()}};
    }
}

}  // namespace agent

int main() {
    const auto players = agent::all_players();
    std::string line;
    while (std::getline(std::cin, line)) std::cout << agent::answer(players, line).dump() << std::endl;
    agent::the_case().end();
    return 0;
}
