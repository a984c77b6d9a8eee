// One of those that force a delay in script/demo, in C++. Its body works for some seconds.
//
//     force_cpp URL KEY NAME
//
// Prints a line, at once, whenever something happens: "asks", "runs N" (this process is the owner, of run N), "lost N" (it was told
// that it is the owner no more), and at the end "has VALUE".
#include <chrono>
#include <exoref/exoref.hpp>
#include <iostream>
#include <stdexcept>
#include <string>
#include <thread>

using namespace std::chrono_literals;

namespace {

std::string work(const std::string &name, const exoref::lease &lease) {
    const std::string run = std::to_string(lease.token());
    std::cout << "runs " << run << std::endl;
    for (int step = 0; step < 150; step++) {
        std::this_thread::sleep_for(20ms);
        if (lease.lost()) {
            std::cout << "lost " << run << std::endl;
            throw std::runtime_error("refused, whatever it is");
        }
    }
    return "made by " + name + " in run " + run;
}

}  // namespace

int main(int argc, char **argv) try {
    if (argc != 4) {
        std::cerr << "usage: force_cpp URL KEY NAME\n";
        return 2;
    }
    const std::string name = argv[3];
    auto client = exoref::client::open(argv[1]);
    auto delay = exoref::delay::open(client, argv[2], [name](exoref::lease &lease) { return work(name, lease); },
                                     {{"lease", "1s"}});
    std::cout << "asks" << std::endl;
    const exoref::value made = delay.deref(30s);
    std::cout << "has " << made.view() << std::endl;
    return 0;
} catch (const std::exception &e) {
    std::cerr << "force_cpp: " << e.what() << '\n';
    return 1;
}
