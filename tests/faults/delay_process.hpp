// A process that owns the lease of the delay "d", the test program itself, started again; and how long others may take to follow it.
#pragma once

#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>

#include "faults/delay.hpp"
#include "support/lateness.hpp"
#include "support/process.hpp"
#include "support/resources.hpp"

namespace exo::faults {

constexpr Millis kLease{1000};

// From now on until it is asked: was that within what G5 allows where the server's clock may have jumped, and a second for the rest? A
// loaded machine is given what it does to a thread that only waits, for each of the threads and processes on the way.
class TakeoverTime {
public:
    static constexpr Millis kBound = kLease + kLease / 2 + Millis(1000);
    // Nobody waits longer for it.
    static constexpr Millis kPatience = kBound + kSlack;

    bool in_bound() const { return took() < bound(); }
    std::string show() const {
        return std::to_string(took().count()) + " ms, and " + std::to_string(bound().count()) + " ms were allowed";
    }

private:
    Millis took() const { return std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now() - began_); }
    Millis bound() const {
        constexpr double kOnTheWay = 10;
        const support::Lateness &late = waiting_.lateness();
        const double worst = late.count() == 0 ? 0 : late.quantile(1);
        return support::scaled(kBound) + Millis(static_cast<std::int64_t>(kOnTheWay * worst));
    }

    const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
    support::WaitingThreads waiting_{1};
};

#define EXPECT_TAKEN_OVER_IN_TIME(time) EXPECT_TRUE_SAYING((time).in_bound(), (time).show())

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
