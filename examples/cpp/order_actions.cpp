// A state machine with rules: which step may follow which is checked where the step is made, a watch starts what a state asks for, and
// that is done once though two processes watch.
//
//     order_actions [URL]
//
// Prints: new -> shipped is no step
// Prints: there is no state 'lost'
// Prints: paid
// Prints: shipped, 1 parcel was sent, 1 of 2 warehouses took the step
// Prints: shipped -> cancelled is no step
#include <atomic>
#include <cstdlib>
#include <exoref/exoref.hpp>
#include <future>
#include <iostream>
#include <map>
#include <set>
#include <stdexcept>
#include <string>

namespace {

constexpr char kKey[] = "order:18";
const std::map<std::string, std::set<std::string>, std::less<>> kSteps = {
    {"new", {"paid", "cancelled"}},
    {"paid", {"shipped", "refunded"}},
    {"shipped", {}},
    {"cancelled", {}},
    {"refunded", {}},
};

// Refuses what is no state at all, however it is written.
bool is_state(std::string_view text) {
    if (kSteps.count(text) == 0) throw std::invalid_argument("there is no state '" + std::string(text) + "'");
    return true;
}

exoref::atom open_order(const exoref::client &client) {
    return exoref::atom::create(client, kKey, "new", exoref::options().validator(is_state));
}

// Takes a step, whatever the state is now, if the rules allow it from there.
void step(exoref::atom &order, const std::string &to) {
    order.swap([&](const exoref::value &from) {
        const auto &allowed = kSteps.at(from.str());
        if (allowed.count(to) == 0) throw std::logic_error(from.str() + " -> " + to + " is no step");
        return to;
    });
}

template <class F>
void refused(F &&attempt) {
    try {
        attempt();
        throw std::runtime_error("it was not refused");
    } catch (const std::logic_error &why) {  // what the function or the validator threw
        std::cout << why.what() << '\n';
    }
}

// One of several processes that do what a state asks for. The action is a delay of its own: of all that try, one does it.
class Warehouse {
public:
    Warehouse(const std::string &url, std::atomic<int> &parcels, std::atomic<int> &steps)
        : parcels_(parcels), steps_(steps), client_(exoref::client::open(url)), order_(open_order(client_)) {
        const auto start = order_.add_watch("ship", [this](const exoref::change &change) { act(change.new_value()); });
        act(start);  // what was asked for before this process began to watch
    }
    // An action that runs is waited for; closing the client alone would end its calls.
    void close() {
        order_.remove_watch("ship");
        client_.close(exoref::forever);
    }

private:
    // Looks at the state, not at the step that led there: steps may have been missed, states never are.
    void act(const exoref::value &state) {
        if (state != "paid") return;
        auto parcel = exoref::delay::open(client_, std::string(kKey) + ":parcel", [this](exoref::lease &) {
            return "parcel " + std::to_string(++parcels_);  // here it is sent
        });
        parcel.deref(exoref::forever);
        if (order_.compare_and_set("paid", "shipped")) steps_++;  // who comes second finds it done
    }

    std::atomic<int> &parcels_;
    std::atomic<int> &steps_;
    exoref::client client_;
    exoref::atom order_;
};

}  // namespace

int main(int argc, char **argv) try {
    const char *from_environment = std::getenv("EXOREF_URL");
    const std::string url = argc > 1 ? argv[1] : from_environment ? from_environment : "local:exoref-data";

    auto shop = exoref::client::open(url);
    shop.remove(kKey);
    shop.remove(std::string(kKey) + ":parcel");
    std::atomic<int> parcels = 0;
    std::atomic<int> steps = 0;
    Warehouse north(url, parcels, steps);
    Warehouse south(url, parcels, steps);

    auto order = open_order(shop);
    std::promise<void> shipped;
    order.add_watch("shop", [&](const exoref::change &change) {
        if (change.new_value() == "shipped") shipped.set_value();
    });
    refused([&] { step(order, "shipped"); });
    refused([&] { order.reset("lost"); });
    step(order, "paid");
    std::cout << "paid" << std::endl;
    shipped.get_future().wait();
    north.close();
    south.close();
    std::cout << order.deref().view() << ", " << parcels << " parcel was sent, " << steps
              << " of 2 warehouses took the step\n";
    refused([&] { step(order, "cancelled"); });
    return 0;
} catch (const std::exception &e) {
    std::cerr << "order_actions: " << e.what() << '\n';
    return 1;
}
