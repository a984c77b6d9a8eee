// Run once among many machines: each of them offers to build the report, the first that needs it has it built, by one of them, and all
// get the same. Two clients stand for two machines here.
//
//     run_once [URL]
//
// Prints: built by run 1
// Prints: the other reads: built by run 1
// Prints: nothing to claim: it is built by run 1
// Prints: everybody is told: no paper (printer)
#include <chrono>
#include <cstdlib>
#include <exoref/exoref.hpp>
#include <iostream>
#include <string>

namespace {

constexpr char kKey[] = "reports:today";

// What each machine says. The body runs where it is needed first, and nowhere else.
exoref::delay offer(const exoref::client &client) {
    return exoref::delay::open(client, kKey, [](exoref::lease &lease) {
        // A long body looks now and then whether lease.lost(); its result would be refused then.
        return "built by run " + std::to_string(lease.token());
    });
}

// A failure is a result, too.
void fail_for_all(const exoref::client &client, const exoref::client &other) {
    auto print = exoref::delay::open(client, "print:today", [](exoref::lease &) -> std::string {
        throw exoref::body_failure("printer", "no paper");
    });
    try {
        exoref::delay::open(other, "print:today").deref(exoref::forever);
    } catch (const exoref::body_error &error) {
        std::cout << "everybody is told: " << error.what() << " (" << error.kind() << ")\n";
    }
}

}  // namespace

int main(int argc, char **argv) try {
    const char *from_environment = std::getenv("EXOREF_URL");
    const std::string url = argc > 1 ? argv[1] : from_environment ? from_environment : "local:exoref-data";

    auto first = exoref::client::open(url);
    auto second = exoref::client::open(url);
    auto report = offer(first);
    auto same_report = offer(second);

    std::cout << report.deref(exoref::forever).view() << '\n';
    std::cout << "the other reads: " << same_report.deref(std::chrono::seconds(10)).view() << '\n';

    // The pull form: the lease, if there is something to compute; else the value.
    if (auto mine = same_report.claim()) {
        mine.held.deliver("built by hand");
    } else {
        std::cout << "nothing to claim: it is " << mine.standing.view() << '\n';
    }

    fail_for_all(first, second);
    return 0;
} catch (const exoref::error &error) {
    std::cerr << error.what() << '\n';
    return 1;
}
