// Waits for a promise in script/demo, and prints what comes; or delivers to it a line that comes on stdin, and prints whether
// that counted.
//
//     promise_cpp wait|deliver URL KEY
#include <chrono>
#include <exoref/exoref.hpp>
#include <iostream>
#include <string>

using namespace std::chrono_literals;

namespace {

void deliver(exoref::promise &promise) {
    std::string what;
    std::cout << "ready" << std::endl;
    std::getline(std::cin, what);
    std::cout << "delivering" << std::endl;
    const auto answer = promise.deliver(what, 30s);
    std::cout << (answer ? "delivered" : "there was one already") << std::endl;
}

}  // namespace

int main(int argc, char **argv) try {
    if (argc != 4) {
        std::cerr << "usage: promise_cpp wait|deliver URL KEY\n";
        return 2;
    }
    auto client = exoref::client::open(argv[2]);
    auto promise = exoref::promise::open(client, argv[3]);
    if (std::string(argv[1]) == "deliver") {
        deliver(promise);
    } else {
        std::cout << promise.deref(30s).view() << std::endl;
    }
    return 0;
} catch (const std::exception &e) {
    std::cerr << "promise_cpp: " << e.what() << '\n';
    return 1;
}
