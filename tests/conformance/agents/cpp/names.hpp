// What the steps of a case call by name, until the case ends.
#pragma once

#include <memory>

#include "body.hpp"
#include "log.hpp"
#include "step.hpp"

namespace agent {

template <class T>
class Names {
public:
    explicit Names(const char *what) : what_(what) {}

    T &find(const std::string &name) {
        const auto found = all_.find(name);
        if (found == all_.end()) throw Fault(std::string("no ") + what_ + " '" + name + "'");
        return found->second;
    }
    T &take(Step &step) { return find(step.text(what_)); }
    bool has(const std::string &name) const { return all_.count(name) != 0; }
    T &keep(const std::string &name, T thing) {
        const auto [place, fresh] = all_.emplace(name, std::move(thing));
        if (!fresh) throw Fault(std::string("the ") + what_ + " '" + name + "' is there already");
        return place->second;
    }
    void forget(const std::string &name) { all_.erase(name); }
    void clear() { all_.clear(); }
    auto begin() { return all_.begin(); }
    auto end() { return all_.end(); }

private:
    const char *what_;
    std::map<std::string, T> all_;
};

// An operation that was begun: waits for it and gives what it came to.
struct Pending {
    std::function<void(Step &, exoref::timeout)> get;
    std::function<bool()> done;
    std::function<void()> cancel;
};

struct Case {
    Names<exoref::client> clients{"client"};
    Names<exoref::atom> atoms{"atom"};
    Names<exoref::promise> promises{"promise"};
    Names<exoref::delay> delays{"delay"};
    Names<exoref::lease> leases{"lease"};
    Names<exoref::value> states{"state"};
    Names<std::shared_ptr<exoref_swap>> swaps{"swap"};
    Names<std::shared_ptr<Log>> logs{"log"};
    Names<std::shared_ptr<Log>> lines{"client"};  // of the clients' own logs
    Names<std::shared_ptr<Body>> bodies{"delay"};
    Names<Pending> futures{"future"};

    exoref::client &client_of(Step &step) { return clients.find(step.maybe_text("client").value_or("main")); }
    // Gives the value, and keeps it under the name of the field `save`, if that is there.
    void give_state(Step &step, const std::optional<std::string> &save, exoref::value value);
    // Ends it: nothing of it goes on or is called after this.
    void end();
};

Case &the_case();

// Keeps what an asynchronous form began; `give` says what its result is.
template <class T, class Give>
void begun(const std::string &name, exoref::future<T> future, Give give) {
    auto shared = std::make_shared<exoref::future<T>>(std::move(future));
    the_case().futures.keep(
        name, {[shared, give](Step &step, exoref::timeout t) { give(step, shared->get(std::nothrow, t)); },
               [shared] { return shared->done(); }, [shared] { shared->cancel(); }});
}

}  // namespace agent
