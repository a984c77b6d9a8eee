// A process that owns the lease of the delay "d": the test program itself, started again.
#pragma once

#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string>

#include "faults/delay.hpp"
#include "support/process.hpp"
#include "support/resources.hpp"

namespace exo::faults {

constexpr Millis kLease{1000};
// What G5 allows where the server's clock may have jumped, and a second for the rest.
constexpr Millis kTakeover = kLease + kLease / 2 + Millis(1000);

inline void say(const std::string &word) {
    std::printf("%s\n", word.c_str());
    std::fflush(stdout);
}

inline bool started_as_owner(int argc, char **argv) { return argc == 3 && std::string(argv[1]) == "--own"; }

// What it does. Its body says that it runs, waits for a line or the end of its input, and tells then whether its lease was lost and
// how its result was taken.
inline int own(const std::string &url) {
    const Client client(url);
    const Delay delay(client, "d", {{"lease", "1s"}});
    Lease lease = delay.must_claim();
    say("running");
    char byte = 0;
    (void)!::read(STDIN_FILENO, &byte, 1);
    const Outcome outcome = lease.deliver("from the first", Millis(60000));
    // Told by the result at the latest.
    say(lease.lost() ? "lost" : "not lost");
    say(exoref_status_name(outcome.status));
    return 0;
}

inline std::unique_ptr<support::Process> start_owner(const std::string &url) {
    support::ProcessOptions options;
    options.argv = {support::self_path(), "--own", url};
    options.keep_stdin_open = true;
    auto owner = std::make_unique<support::Process>(options);
    if (!owner->wait_for_output("running", Millis(20000))) {
        support::fatal("the owner did not come to run its body: " + owner->err());
    }
    return owner;
}

inline void kill_it(support::Process &owner) {
    owner.send_signal(SIGKILL);
    owner.wait(Millis(10000));
}

}  // namespace exo::faults
