// Watches: each writes the changes that it is told of into a log, which a step reads.
#include "names.hpp"
#include "players.hpp"

namespace agent {

static json event_of(const exoref::change &change) {
    json event = {{"watch", to_wire(change.watch_key())},
                  {"version", change.version()},
                  {"missed", change.missed()},
                  {"flags", json::array()}};
    if (const auto old = change.old_value()) event["old"] = to_wire(old);
    if (const auto next = change.new_value()) event["new"] = to_wire(next);
    if (change.rewound()) event["flags"].push_back("rewound");
    if (change.deleted()) event["flags"].push_back("deleted");
    if (change.recreated()) event["flags"].push_back("recreated");
    if (change.uncertain()) event["flags"].push_back("uncertain");
    return event;
}

static void add_watch(Step &step) {
    auto &atom = the_case().atoms.take(step);
    const auto key = step.bytes("watch"), log_name = step.text("log");
    const auto does = step.maybe_text("does").value_or("record");
    const auto save = step.maybe_text("save");
    const auto t = step.timeout();
    if (does != "record" && does != "fail" && does != "remove") throw Fault("no watch does '" + does + "'");
    step.ready();
    auto &logs = the_case().logs;
    const auto log = logs.has(log_name) ? logs.find(log_name) : logs.keep(log_name, std::make_shared<Log>());
    auto own = std::make_shared<exoref::atom>(does == "remove" ? atom.share() : exoref::atom());
    auto watcher = [log, does, own](const exoref::change &change) {
        log->add(event_of(change));
        if (*own) own->remove_watch(change.watch_key());
        if (does == "fail") throw std::runtime_error("this watch fails");
    };
    the_case().give_state(step, save, atom.add_watch(key, std::move(watcher), t));
}

static void remove_watch(Step &step) {
    auto &atom = the_case().atoms.take(step);
    const auto key = step.bytes("watch");
    step.ready();
    atom.remove_watch(key);
}

static void read(Step &step) {
    const auto log = the_case().logs.take(step);
    const auto count = step.number("count", 0), time = step.number("timeout", 0);
    step.ready();
    step.give("events", log->read(static_cast<std::size_t>(count), std::chrono::milliseconds(time)));
}

Players watch_players() {
    return {{"atom.add_watch", add_watch}, {"atom.remove_watch", remove_watch}, {"log.read", read}};
}

}  // namespace agent
