// A configuration in JSON that all processes share: a service follows it, an administrator edits it without undoing what another
// has changed meanwhile, and nobody can leave nonsense behind.
//
//     shared_config [URL]
//
// Prints: the service starts with {"mode":"normal","workers":4}
// Prints: an edit of what was read: done
// Prints: the service goes on with {"mode":"normal","workers":8}
// Prints: an edit of what has been passed: no, it is {"mode":"normal","workers":8}
// Prints: the same edit, anew: done
// Prints: the service goes on with {"mode":"readonly","workers":8}
// Prints: nonsense is refused: a configuration is a JSON object
#include <condition_variable>
#include <cstdlib>
#include <exoref/exoref.hpp>
#include <iostream>
#include <mutex>
#include <stdexcept>
#include <string>

namespace {

constexpr char kKey[] = "shop:config";

// Belongs to a handle, so every program that writes sets it.
bool is_config(std::string_view text) {
    const auto json = exoref::json_canonical(std::nothrow, text);
    if (!json || json->view() != text || text.front() != '{') {
        throw std::invalid_argument("a configuration is a JSON object");
    }
    return true;
}

// All processes open it alike: whoever is the first gives it its first value.
exoref::atom open_config(const exoref::client &client) {
    const exoref::value first = exoref::json_canonical(R"({"workers": 4, "mode": "normal"})");
    return exoref::atom::create(client, kKey, first, exoref::options{{"codec", "json"}}.validator(is_config));
}

// Follows the configuration. What it holds is never older than the last change that this process was told.
class Service {
public:
    explicit Service(const exoref::client &client) : config_(open_config(client)) {
        std::unique_lock lock(mutex_);
        current_ = config_.add_watch("service", [this](const exoref::change &change) { take(change); });
        std::cout << "the service starts with " << current_.view() << std::endl;
    }

    // Waits until it has been told of what stands there now, so that the lines come in this order.
    void show() {
        const auto newest = config_.deref().version();
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return current_.version() >= newest; });
        std::cout << "the service goes on with " << current_.view() << std::endl;
    }

private:
    void take(const exoref::change &change) {
        if (change.deleted()) return;  // goes on with what it has until somebody creates it anew
        std::unique_lock lock(mutex_);
        current_ = change.new_value();
        changed_.notify_all();
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    exoref::value current_;
    exoref::atom config_;
};

// Puts `next` in the place of `seen`, if that is still what stands there.
bool edit(exoref::atom &config, const exoref::value &seen, std::string_view next) {
    const auto answer = config.compare_and_set(seen, exoref::json_canonical(next));
    std::cout << (answer ? "done" : "no, it is " + answer.standing.str()) << std::endl;
    return answer.swapped;
}

}  // namespace

int main(int argc, char **argv) try {
    const char *from_environment = std::getenv("EXOREF_URL");
    const std::string url = argc > 1 ? argv[1] : from_environment ? from_environment : "local:exoref-data";

    auto office = exoref::client::open(url);  // the administrator's, in another process
    office.remove(kKey);
    auto client = exoref::client::open(url);
    Service service(client);

    auto config = open_config(office);
    const exoref::value seen = config.deref();
    std::cout << "an edit of what was read: ";
    bool well = edit(config, seen, R"({"workers": 8, "mode": "normal"})");
    service.show();
    std::cout << "an edit of what has been passed: ";
    well &= !edit(config, seen, R"({"workers": 4, "mode": "readonly"})");
    std::cout << "the same edit, anew: ";
    well &= edit(config, config.deref(), R"({"workers": 8, "mode": "readonly"})");
    service.show();
    try {
        config.reset("workers=9");
        well = false;
    } catch (const std::invalid_argument &refused) {
        std::cout << "nonsense is refused: " << refused.what() << std::endl;
    }
    client.close(exoref::forever);  // after this no function of the service runs any more
    return well ? 0 : 1;
} catch (const std::exception &e) {
    std::cerr << "shared_config: " << e.what() << '\n';
    return 1;
}
