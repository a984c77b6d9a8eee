// Counts on an atom that any number of processes share.
//
//     counter [URL [KEY [TIMES]]]
//
// Prints: counter is 3
#include <cstdlib>
#include <exoref/exoref.hpp>
#include <iostream>
#include <string>

namespace {

// Called again for each time that somebody else was faster.
std::string add_one(const exoref::value &old) { return std::to_string(std::stoll(old.str()) + 1); }

// What certainly did not happen, and may succeed later, is tried again.
void count(exoref::atom &atom) {
    for (int tries = 1;; tries++) {
        try {
            atom.swap(add_one);
            return;
        } catch (const exoref::retry_error &) {
            if (tries == 10) throw;
        }
    }
}

}  // namespace

int main(int argc, char **argv) try {
    const char *from_environment = std::getenv("EXOREF_URL");
    const std::string url = argc > 1 ? argv[1] : from_environment ? from_environment : "local:exoref-data";
    const std::string key = argc > 2 ? argv[2] : "counter";
    const long times = argc > 3 ? std::stol(argv[3]) : 3;

    auto client = exoref::client::open(url);
    auto counter = exoref::atom::create(client, key, "0");
    for (long i = 0; i < times; i++) count(counter);
    std::cout << key << " is " << counter.deref().view() << '\n';
} catch (const exoref::unknown_error &e) {
    std::cerr << "counter: it may have been counted or not: " << e.what() << '\n';
    return 6;
} catch (const std::exception &e) {
    std::cerr << "counter: " << e.what() << '\n';
    return 1;
}
