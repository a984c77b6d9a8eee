// A result handed over: whoever computes it delivers it once, and any number of others wait for it, each with a client of its own, as
// in processes of their own. The order in which they come does not matter.
//
//     hand_over [URL]
//
// Prints: two wait: report 17, report 17
// Prints: delivered once more: no, it is report 17
// Prints: who comes late reads report 17
#include <chrono>
#include <cstdlib>
#include <exoref/exoref.hpp>
#include <iostream>
#include <string>

namespace {

constexpr char kKey[] = "jobs:17:result";

// All open it alike: whoever comes first makes it, and it lives for an hour after the delivery.
exoref::promise open_result(const exoref::client &client) {
    return exoref::promise::open(client, kKey, {{"ttl", "1h"}});
}

// What the one who computes does. To deliver again is no error: the answer is what stands.
void compute_and_deliver(const std::string &url) {
    auto client = exoref::client::open(url);
    auto result = open_result(client);
    result.deliver("report 17");
}

}  // namespace

int main(int argc, char **argv) try {
    const char *from_environment = std::getenv("EXOREF_URL");
    const std::string url = argc > 1 ? argv[1] : from_environment ? from_environment : "local:exoref-data";

    auto first = exoref::client::open(url);
    auto second = exoref::client::open(url);
    auto wanted = open_result(first);
    auto also_wanted = open_result(second);
    auto later = also_wanted.deref_async();  // a future; any number of them wait on one connection

    compute_and_deliver(url);
    const exoref::value result = wanted.deref(std::chrono::seconds(10));
    std::cout << "two wait: " << result.view() << ", " << later.get().view() << '\n';

    if (const auto again = wanted.deliver("report 18"); !again) {
        std::cout << "delivered once more: no, it is " << again.standing.view() << '\n';
    }

    auto latecomer = exoref::client::open(url);
    std::cout << "who comes late reads " << open_result(latecomer).deref().view() << '\n';
    return 0;
} catch (const exoref::error &error) {
    std::cerr << error.what() << '\n';
    return 1;
}
