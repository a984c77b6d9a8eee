// The net under the notifications (G4): looks at references now and then, spread evenly and within a budget. What somebody
// waits for is looked at once in a sweep interval, up to ten thousand of them; the rest as often as the option
// sweep_budget allows. On the loop.
#pragma once

#include <cstddef>
#include <memory>

#include "loop/timers.hpp"

namespace exo::refs {

class Cell;
class Client;

class Sweeper {
public:
    enum class Round : unsigned char { waited, watched };

    /// Where a cell stands, kept in the cell: there may be very many of them.
    struct Place {
        Cell *before = nullptr;
        Cell *after = nullptr;
        base::TimePoint due;
        Round round = Round::waited;
        bool taken = false;
    };

    explicit Sweeper(Client &client);

    /// A cell must be removed before it goes.
    void add(Cell &cell, Round round);
    void remove(Cell &cell);
    void stop();

private:
    /// A row of cells, those whose look is the longest ago first. In a steady state the looks are spread over the interval; a cell
    /// whose time has come is not made to wait for that.
    struct Row {
        Cell *first = nullptr;
        Cell *last = nullptr;
        std::size_t count = 0;
        double per_second = 0;         ///< looks at most
        base::TimePoint looked_after;  ///< when last
        base::TimePoint next = base::kNever;
        loop::Timers::Id timer = 0;

        void append(Cell &cell);
        void take_out(Cell &cell);
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
