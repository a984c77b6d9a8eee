// The exoref command: a user of the public C API like any other, so it sees <exoref/exoref.h> and nothing of the library.
#include <exception>

#include "cli/arguments.hpp"
#include "cli/signals.hpp"

int main(int argc, char **argv) {
    try {
        exo::cli::handle_signals();
        exo::cli::Arguments arguments;
        if (const std::optional<int> code = exo::cli::read_arguments(argc, argv, arguments)) return *code;
        return arguments.word->run(arguments);
    } catch (const std::exception &error) {
        return exo::cli::report(exo::cli::kError, error.what());
    }
}
