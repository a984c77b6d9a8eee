// One reference at a time, the oldest look first.
#include "refs/sweeper.hpp"

#include <algorithm>

#include "refs/atom_cell.hpp"
#include "refs/watches.hpp"

namespace exo::refs {

void Sweeper::add(std::weak_ptr<AtomCell> cell) {
    round_.push_back(std::move(cell));
    plan_next();
}

void Sweeper::remove(const AtomCell *cell) {
    std::erase_if(round_, [cell](const std::weak_ptr<AtomCell> &one) {
        const auto there = one.lock();
        return !there || there.get() == cell;
    });
}

void Sweeper::stop() {
    stopped_ = true;
    client_.loop().timers().cancel(timer_);
    timer_ = 0;
    round_.clear();
}

void Sweeper::plan_next() {
    if (stopped_ || timer_ != 0 || round_.empty()) return;
    const auto count = static_cast<std::int64_t>(round_.size());
    const auto by_budget = base::Millis(count * 1000 / client_.settings().sweep_budget);
    const base::Millis interval = std::max(client_.settings().sweep_interval, by_budget);
    client_.stats().set(base::Stat::sweep_interval_ms, interval.count());
    const auto wait = std::chrono::duration_cast<base::Clock::duration>(interval) / count;
    timer_ = client_.loop().timers().at(base::Clock::now() + wait, [this] { tick(); });
}

void Sweeper::tick() {
    timer_ = 0;
    if (stopped_ || round_.empty()) return;
    const std::weak_ptr<AtomCell> weak = std::move(round_.front());
    round_.pop_front();
    if (const auto cell = weak.lock()) {
        round_.push_back(weak);
#ifndef EXOREF_BREAK_SWEEP
        cell->watches().sweep();
#endif
    }
    plan_next();
}

}  // namespace exo::refs
