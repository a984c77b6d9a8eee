// A worker of script/demo in C++: counts on a shared atom for some seconds, and writes down how each count ended.
//
//     tally_cpp URL KEY SECONDS FILE
//
// FILE gets a byte per count: '+' it was counted, '-' it certainly was not, '?' nobody can tell.
#include <chrono>
#include <exoref/exoref.hpp>
#include <fstream>
#include <iostream>
#include <string>
#include <thread>

using namespace std::chrono_literals;

namespace {

std::string add_one(const exoref::value &old) { return std::to_string(std::stoll(old.str()) + 1); }

char count(exoref::atom &counter) try {
    counter.swap(add_one, 10s);
    return '+';
} catch (const exoref::unknown_error &e) {
    std::cerr << "tally_cpp: " << e.what() << '\n';
    return '?';
} catch (const exoref::retry_error &e) {
    std::cerr << "tally_cpp: " << e.what() << '\n';
    return '-';
}

}  // namespace

int main(int argc, char **argv) try {
    if (argc != 5) {
        std::cerr << "usage: tally_cpp URL KEY SECONDS FILE\n";
        return 2;
    }
    std::ofstream file(argv[4], std::ios::app);
    auto client = exoref::client::open(argv[1]);
    auto counter = exoref::atom::create(client, argv[2], "0");
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(std::stol(argv[3]));
    while (std::chrono::steady_clock::now() < end) {
        file << count(counter) << std::flush;
        std::this_thread::sleep_for(40ms);  // leaves the others a turn
    }
    return file ? 0 : 1;
} catch (const std::exception &e) {
    std::cerr << "tally_cpp: " << e.what() << '\n';
    return 1;
}
