// An order that goes through states, each step taken by exactly one of the processes that try: compare_and_set.
//
//     state_machine [URL]
//
// Prints: new -> paid: done
// Prints: new -> paid: no, it is paid
// Prints: paid -> shipped: done
// Prints: paid -> cancelled: no, it is shipped
// Prints: 1 of 8 clerks delivered it
#include <atomic>
#include <cstdlib>
#include <exoref/exoref.hpp>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

namespace {

bool step(exoref::atom &order, std::string_view from, std::string_view to) {
    const auto answer = order.compare_and_set(from, to);
    std::cout << from << " -> " << to << ": ";
    if (answer) {
        std::cout << "done\n";
    } else {
        std::cout << "no, it is " << answer.standing.view() << '\n';
    }
    return answer.swapped;
}

// The form without exceptions.
bool deliver(exoref::atom &order) {
    auto answer = order.compare_and_set(std::nothrow, "shipped", "delivered");
    if (!answer) {
        std::cerr << answer.error().message() << '\n';
        return false;
    }
    return answer->swapped;
}

}  // namespace

int main(int argc, char **argv) try {
    const char *from_environment = std::getenv("EXOREF_URL");
    const std::string url = argc > 1 ? argv[1] : from_environment ? from_environment : "local:exoref-data";

    auto client = exoref::client::open(url);
    client.remove("order:17");
    auto order = exoref::atom::create(client, "order:17", "new");
    step(order, "new", "paid");
    step(order, "new", "paid");
    step(order, "paid", "shipped");
    step(order, "paid", "cancelled");

    std::atomic<int> delivered = 0;
    std::vector<std::thread> clerks;
    for (int i = 0; i < 8; i++) {
        clerks.emplace_back([&delivered, mine = order.share()]() mutable { delivered += deliver(mine) ? 1 : 0; });
    }
    for (auto &clerk : clerks) clerk.join();
    std::cout << delivered << " of " << clerks.size() << " clerks delivered it\n";
} catch (const std::exception &e) {
    std::cerr << "state_machine: " << e.what() << '\n';
    return 1;
}
