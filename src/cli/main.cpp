// The exoref command: a user of the public C API like any other, so it sees <exoref/exoref.h> and nothing of the library.
#include <fcntl.h>
#include <unistd.h>

#include <exception>

#include "cli/arguments.hpp"
#include "cli/guard.hpp"
#include "cli/signals.hpp"

/// A descriptor 0, 1 or 2 that is closed would be given to a socket, and a value for stdout be written into it. Taken the wrong
/// way round, it answers as a closed one does.
static void occupy_standard_descriptors() {
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (fcntl(fd, F_GETFD) < 0) open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    }
}

int main(int argc, char **argv) {
    try {
        occupy_standard_descriptors();
        exo::cli::remember_arguments(argc, argv);
        exo::cli::handle_signals();
        exo::cli::Arguments arguments;
        if (const std::optional<int> code = exo::cli::read_arguments(argc, argv, arguments)) return *code;
        return arguments.word->run(arguments);
    } catch (const std::exception &error) {
        return exo::cli::report(exo::cli::kError, error.what());
    }
}
