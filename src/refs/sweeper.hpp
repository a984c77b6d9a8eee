// The net under the notifications (G4): looks at references now and then, spread evenly and within a budget. What somebody
// waits for is looked at once in a sweep interval, up to ten thousand of them; the rest as often as the option
// sweep_budget allows. On the loop.
#pragma once

#include <list>
#include <memory>

#include "loop/timers.hpp"

namespace exo::refs {

class Cell;
class Client;

class Sweeper {
public:
    enum class Round { waited, watched };

private:
    struct Entry {
        std::weak_ptr<Cell> cell;
        base::TimePoint due;
    };

public:
    /// Where a cell stands, kept in the cell.
    struct Place {
        std::list<Entry>::iterator at;
        Round round = Round::waited;
        bool taken = false;
    };

    explicit Sweeper(Client &client);

    void add(Cell &cell, Round round);
    void remove(Cell &cell);
    void stop();

private:
    /// A row of cells, those whose look is the longest ago first. In a steady state the looks are spread over the interval; a cell
    /// whose time has come is not made to wait for that.
    struct Row {
        std::list<Entry> entries;
        double per_second = 0;  ///< looks at most
        base::TimePoint last;   ///< when it was looked after
        base::TimePoint next = base::kNever;
        loop::Timers::Id timer = 0;
    };

    Row &row(Round round) noexcept { return round == Round::waited ? waited_ : watched_; }
    base::Clock::duration interval(const Row &row) const;
    void plan_next(Row &row);
    void tick(Row &row);
    void show_interval() const;

    Client &client_;
    Row waited_;
    Row watched_;
    bool stopped_ = false;
};

}  // namespace exo::refs
