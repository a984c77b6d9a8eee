// The net under the notifications (G4): looks at every watched reference now and then, spread evenly and within a budget.
// On the loop.
#pragma once

#include <deque>
#include <memory>

#include "loop/timers.hpp"

namespace exo::refs {

class AtomCell;
class Client;

class Sweeper {
public:
    explicit Sweeper(Client &client) : client_(client) {}

    void add(std::weak_ptr<AtomCell> cell);
    void remove(const AtomCell *cell);
    void stop();

private:
    void plan_next();
    void tick();

    Client &client_;
    std::deque<std::weak_ptr<AtomCell>> round_;
    loop::Timers::Id timer_ = 0;
    bool stopped_ = false;
};

}  // namespace exo::refs
