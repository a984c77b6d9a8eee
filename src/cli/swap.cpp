// atom swap: CMD computes the new value from the old one, again for each conflict.
#include "cli/codec.hpp"
#include "cli/output.hpp"
#include "cli/process.hpp"
#include "cli/session.hpp"
#include "cli/words.hpp"

namespace exo::cli {

int atom_swap(const Arguments &arguments) {
    Session session(arguments);
    if (const ExitCode code = session.open(); code != kDone) return code;
    Atom atom;
    if (const ExitCode code = session.open_atom(arguments.values[0], atom); code != kDone) return code;
    // The pull form: while CMD runs no call is under way, so its time counts toward none.
    Swap swap;
    Value value;
    Error error;
    exoref_status status = exoref_atom_swap_begin(atom.get(), session.timeout(), into(swap), into(value), into(error));
    const Command command{arguments.command, {"EXOREF_KEY=" + arguments.values[0]}};
    for (bool done = false; status == EXOREF_OK && !done;) {
        CommandResult result = run_command(command, bytes_of(value), true);
        if (!result.failure.empty()) return report(kError, result.failure + "; the atom is as it was");
        const ExitCode encoded = encode(arguments, "the output of CMD", result.output, "; the atom is as it was");
        if (encoded != kDone) return encoded;
        status = exoref_swap_offer(swap.get(), result.output.data(), result.output.size(), session.timeout(), &done,
                                   into(value), into(error));
    }
    if (status != EXOREF_OK) return report(status, error);
    return write_value(bytes_of(value));
}

}  // namespace exo::cli
