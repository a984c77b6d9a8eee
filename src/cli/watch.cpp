// atom watch: one line, or one run of CMD, for each change.
#include "cli/json.hpp"
#include "cli/output.hpp"
#include "cli/process.hpp"
#include "cli/session.hpp"
#include "cli/words.hpp"

namespace exo::cli {

namespace {

/// What is told: a change, or the state at the beginning.
struct Told {
    const char *event;
    std::uint64_t version;
    std::uint64_t missed;
    const exoref_value *old_value;
    const exoref_value *new_value;
};

class Teller {
public:
    explicit Teller(const Arguments &arguments) : arguments_(arguments) {}

    ExitCode tell(const Told &told) {
        if (!arguments_.command.empty()) return run(told);
        return arguments_.json ? write_line(json(told)) : print(told);
    }

private:
    ExitCode run(const Told &told) {
        const Command command{
            arguments_.command,
            {"EXOREF_KEY=" + arguments_.values[0], std::string("EXOREF_EVENT=") + told.event,
             "EXOREF_VERSION=" + std::to_string(told.version), "EXOREF_MISSED=" + std::to_string(told.missed)}};
        const CommandResult result = run_command(command, bytes_of(told.new_value), false);
        return result.failure.empty() ? kDone : report(kError, result.failure + "; no longer watching");
    }

    static std::string json(const Told &told) {
        return JsonObject()
            .add("event", json_text(told.event))
            .add("version", told.version)
            .add("missed", told.missed)
            .add("old", json_value(told.old_value))
            .add("new", json_value(told.new_value))
            .text();
    }

    /// The values on stdout, a line each; what else is to be said on stderr.
    static ExitCode print(const Told &told) {
        if (told.missed > 0) write_message(std::to_string(told.missed) + " changes before this one were not seen");
        const std::string event = told.event;
        if (event != "change" && event != "current")
            write_message(event + " at version " + std::to_string(told.version));
        return told.new_value == nullptr ? kDone : write_line(std::string(bytes_of(told.new_value)));
    }

    const Arguments &arguments_;
};

/// `existed`: whether the atom was ever seen. One that was not yet there when the watch began is created, not recreated.
const char *event_name(const exoref_change *change, bool existed) {
    const std::int32_t flags = exoref_change_flags(change);
    if ((flags & EXOREF_CHANGE_DELETED) != 0) return "deleted";
    if ((flags & EXOREF_CHANGE_REWOUND) != 0) return "rewound";
    if ((flags & EXOREF_CHANGE_RECREATED) != 0 && existed) return "recreated";
    return "change";
}

ExitCode begin(Session &session, const Arguments &arguments, Atom &atom, Value &since) {
    Options options;
    if (const ExitCode code = session.reference_options(options, {{"absent", "allow"}}); code != kDone) return code;
    const std::string &key = arguments.values[0];
    Error error;
    exoref_status status = exoref_atom_open(session.client(), key.data(), key.size(), options.get(),
                                            EXOREF_TIMEOUT_NONE, into(atom), into(error));
    if (status == EXOREF_OK) {
        status = exoref_atom_add_watch(atom.get(), "exoref", 6, nullptr, nullptr, nullptr, 1, EXOREF_TIMEOUT_NONE,
                                       into(since), into(error));
    }
    return status == EXOREF_OK ? kDone : report(status, error);
}

ExitCode follow(Session &session, const Arguments &arguments, Teller &teller, bool existed) {
    std::uint64_t changes = 0;
    while (!arguments.count || changes < *arguments.count) {
        Event event;
        Error error;
        const exoref_status status =
            exoref_client_next_event(session.client(), EXOREF_TIMEOUT_NONE, into(event), into(error));
        if (status != EXOREF_OK) return report(status, error);
        const exoref_change *change = exoref_event_change(event.get());
        if (change == nullptr) {
            exoref_event_run(event.get());
            continue;
        }
        const Told told{event_name(change, existed), exoref_change_version(change), exoref_change_missed(change),
                        exoref_change_old_value(change), exoref_change_new_value(change)};
        existed = true;
        if (std::string(told.event) == "change") ++changes;
        if (const ExitCode code = teller.tell(told); code != kDone) return code;
    }
    return kDone;
}

}  // namespace

int atom_watch(const Arguments &arguments) {
    Session session(arguments);
    if (const ExitCode code = session.open("take"); code != kDone) return code;
    Atom atom;
    Value since;
    if (const ExitCode code = begin(session, arguments, atom, since); code != kDone) return code;
    Teller teller(arguments);
    if (arguments.current && since) {
        const Told told{"current", exoref_value_version(since.get()), 0, nullptr, since.get()};
        if (const ExitCode code = teller.tell(told); code != kDone) return code;
    }
    return follow(session, arguments, teller, since != nullptr);
}

}  // namespace exo::cli
