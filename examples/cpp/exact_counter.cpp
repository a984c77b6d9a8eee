// A counter that knows who counted what, so that a count whose outcome is unknown can be tried again without counting twice. The
// timeouts are so short here that many a try fails.
//
//     exact_counter [URL]
//
// Prints: 4 workers counted 50 times each: 200
#include <chrono>
#include <cstdlib>
#include <exoref/exoref.hpp>
#include <iostream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr char kKey[] = "exact_counter";
constexpr int kWorkers = 4;
constexpr long kTimes = 50;

// The value: the total, and the number of the last count of each worker.
struct Tally {
    long total = 0;
    std::map<std::string, long> last;

    explicit Tally(std::string_view text) {
        std::istringstream in{std::string(text)};
        in >> total;
        std::string who;
        for (long number = 0; in >> who >> number;) last[who] = number;
    }
    std::string text() const {
        std::ostringstream out;
        out << total << '\n';
        for (const auto &[who, number] : last) out << who << ' ' << number << '\n';
        return out.str();
    }
};

// Counts the worker's count of this number, unless it has been counted. It is called again for each time that somebody else was
// faster, and for each try.
std::optional<std::string> counted(const exoref::value &old, const std::string &who, long number) {
    Tally tally(old);
    if (tally.last[who] >= number) return std::nullopt;  // an earlier try did; nothing is changed
    tally.last[who] = number;
    tally.total++;
    return tally.text();
}

void count(exoref::atom &counter, const std::string &who, long number) {
    for (std::chrono::milliseconds timeout{1};; timeout *= 2) {
        try {
            counter.swap([&](const exoref::value &old) { return counted(old, who, number); }, timeout);
            return;
        } catch (const exoref::unknown_error &) {  // the next try sees whether it was counted
        } catch (const exoref::retry_error &) {    // certainly not
        }
    }
}

}  // namespace

int main(int argc, char **argv) try {
    const char *from_environment = std::getenv("EXOREF_URL");
    const std::string url = argc > 1 ? argv[1] : from_environment ? from_environment : "local:exoref-data";

    auto client = exoref::client::open(url);
    client.remove(kKey);
    auto counter = exoref::atom::create(client, kKey, "0\n");
    std::vector<std::thread> workers;
    for (int i = 0; i < kWorkers; i++) {  // each with a client of its own, as in processes of their own
        workers.emplace_back([url, who = "worker-" + std::to_string(i)] {
            auto mine = exoref::client::open(url);
            auto same_counter = exoref::atom::open(mine, kKey);
            for (long number = 1; number <= kTimes; number++) count(same_counter, who, number);
        });
    }
    for (auto &worker : workers) worker.join();
    const long total = Tally(counter.deref()).total;
    std::cout << kWorkers << " workers counted " << kTimes << " times each: " << total << '\n';
    return total == kWorkers * kTimes ? 0 : 1;
} catch (const std::exception &e) {
    std::cerr << "exact_counter: " << e.what() << '\n';
    return 1;
}
