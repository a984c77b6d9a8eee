// A configuration that all processes share: each follows its changes, and nobody can set nonsense through a handle with
// a validator.
//
//     config_watch [URL]
//
// Prints: starting with 4 workers
// Prints: now 8 workers
// Prints: refused: the number of workers is 1 to 64
// Prints: now 16 workers
#include <cstdlib>
#include <exoref/exoref.hpp>
#include <future>
#include <iostream>
#include <stdexcept>
#include <string>

namespace {

// What it throws comes out of the call that proposed the value, unchanged.
bool is_worker_count(std::string_view text) {
    const int count = std::atoi(std::string(text).c_str());
    if (count < 1 || count > 64) throw std::out_of_range("the number of workers is 1 to 64");
    return true;
}

}  // namespace

int main(int argc, char **argv) try {
    const char *from_environment = std::getenv("EXOREF_URL");
    const std::string url = argc > 1 ? argv[1] : from_environment ? from_environment : "local:exoref-data";

    auto client = exoref::client::open(url);
    auto config = exoref::atom::create(client, "config:workers", "4", exoref::options().validator(is_worker_count));

    std::promise<void> all_seen;
    const auto start = config.add_watch("print", [&](const exoref::change &change) {
        std::cout << "now " << change.new_value().view() << " workers" << std::endl;
        if (change.new_value() == "16") all_seen.set_value();
    });
    std::cout << "starting with " << start.view() << " workers" << std::endl;

    // Some other process, at some other time. It waits here only so that the lines come in this order.
    auto administrator = exoref::client::open(url);
    auto their_config = exoref::atom::open(administrator, "config:workers");
    std::promise<void> eight;
    config.add_watch("order", [&](const exoref::change &change) {
        if (change.new_value() == "8") eight.set_value();
    });
    their_config.reset("8");
    eight.get_future().wait();
    try {
        config.reset("1000");
    } catch (const std::out_of_range &e) {
        std::cout << "refused: " << e.what() << std::endl;
    }
    their_config.swap([](std::string_view) { return "16"; });
    all_seen.get_future().wait();

    client.close(exoref::forever);  // after this no function of ours runs any more
} catch (const std::exception &e) {
    std::cerr << "config_watch: " << e.what() << '\n';
    return 1;
}
