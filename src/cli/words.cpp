// The table of words.
#include "cli/words.hpp"

#include <limits>

namespace exo::cli {

const std::vector<Word> &words() {
    constexpr std::size_t kNever = std::numeric_limits<std::size_t>::max();
    using Cmd = Word::Cmd;
    static const std::vector<Word> table = {
        {"atom", "get", "KEY", "Print the value", 1, 1, kNever, Cmd::none, Word::kNothing, atom_get},
        {"atom", "set", "[--ttl D] KEY VALUE", "Set it, or create it", 2, 2, 1, Cmd::none, Word::kTtl, atom_set},
        {"atom", "cas", "KEY OLD NEW", "Set it to NEW if it is OLD", 3, 3, 1, Cmd::none, Word::kNothing, atom_cas},
        {"atom", "swap", "KEY -- CMD...", "Change it by CMD: stdin is the old value, stdout the new one", 1, 1, kNever,
         Cmd::must, Word::kNothing, atom_swap},
        {"atom", "watch", "KEY [--count N] [--current] [-- CMD...]", "Print each change, or run CMD for it", 1, 1,
         kNever, Cmd::may, Word::kCount | Word::kCurrent, atom_watch},
        {"atom", "meta", "KEY [VALUE]", "Print or set the metadata", 1, 2, 1, Cmd::none, Word::kNothing, atom_meta},
        {"promise", "deliver", "KEY VALUE [--ttl D]", "Deliver it, if nobody has", 2, 2, 1, Cmd::none, Word::kTtl,
         promise_deliver},
        {"promise", "get", "KEY", "Print the value, and wait for it", 1, 1, kNever, Cmd::none, Word::kNothing,
         promise_get},
        {"promise", "realized", "KEY", "Print whether it was delivered", 1, 1, kNever, Cmd::none, Word::kNothing,
         promise_realized},
        {"delay", "get", "KEY [--lease D] [--retry] [--ttl D] [-- CMD...]",
         "Print the value, and wait for it, or compute it by CMD", 1, 1, kNever, Cmd::may,
         Word::kTtl | Word::kLease | Word::kRetry, delay_get},
        {"", "ls", "[PATTERN] [--type T]", "List keys of references", 0, 1, kNever, Cmd::none, Word::kType, list},
        {"", "inspect", "KEY", "Print all about a reference", 1, 1, kNever, Cmd::none, Word::kNothing, inspect},
        {"", "ttl", "KEY [D|none]", "Print or set the time to live", 1, 2, kNever, Cmd::none, Word::kNothing,
         time_to_live},
        {"", "rm", "KEY", "Delete a reference", 1, 1, kNever, Cmd::none, Word::kNothing, remove},
        {"", "ping", "", "Print server, version and round trip", 0, 0, kNever, Cmd::none, Word::kNothing, ping},
        {"", "options", "[--markdown]", "Print the table of all options", 0, 0, kNever, Cmd::none, Word::kMarkdown,
         options},
        {"server", "start", "DIR", "Keep the private server of local:DIR up", 1, 1, kNever, Cmd::none, Word::kNothing,
         server_start},
        {"server", "stop", "DIR", "End it", 1, 1, kNever, Cmd::none, Word::kNothing, server_stop},
        {"server", "status", "DIR", "Print whether it runs", 1, 1, kNever, Cmd::none, Word::kNothing, server_status},
    };
    return table;
}

}  // namespace exo::cli
