// Two rows, the oldest look first.
#include "refs/sweeper.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "refs/cell.hpp"
#include "refs/client.hpp"

namespace exo::refs {

namespace {

constexpr double kMostWaited = 10000;  ///< of these every one is looked at in each interval
constexpr base::Millis kFinest{20};    ///< several looks leave together rather than one timer each

double seconds(base::Clock::duration time) { return std::chrono::duration<double>(time).count(); }

base::Clock::duration from_seconds(double time) {
    return std::chrono::duration_cast<base::Clock::duration>(std::chrono::duration<double>(time));
}

}  // namespace

Sweeper::Sweeper(Client &client) : client_(client) {
    waited_.per_second = kMostWaited / seconds(client.settings().sweep_interval);
    watched_.per_second = static_cast<double>(client.settings().sweep_budget);
}

void Sweeper::Row::append(Cell &cell) {
    Place &place = cell.sweep_place();
    place.before = std::exchange(last, &cell);
    place.after = nullptr;
    (place.before != nullptr ? place.before->sweep_place().after : first) = &cell;
    ++count;
}

void Sweeper::Row::take_out(Cell &cell) {
    const Place &place = cell.sweep_place();
    (place.before != nullptr ? place.before->sweep_place().after : first) = place.after;
    (place.after != nullptr ? place.after->sweep_place().before : last) = place.before;
    --count;
}

void Sweeper::add(Cell &cell, Round round) {
    Place &place = cell.sweep_place();
    if (stopped_ || place.taken) return;
    const auto now = base::Clock::now();
    Row &line = row(round);
    if (line.count == 0) line.looked_after = now;
    line.append(cell);
    place.round = round;
    place.due = now + interval(line);
    place.taken = true;
    show_interval();
    plan_next(line);
}

void Sweeper::remove(Cell &cell) {
    Place &place = cell.sweep_place();
    if (!std::exchange(place.taken, false)) return;
    row(place.round).take_out(cell);
    show_interval();
}

void Sweeper::stop() {
    stopped_ = true;
    for (Row *line : {&waited_, &watched_}) {
        client_.loop().timers().cancel(std::exchange(line->timer, 0));
        while (line->count > 0) remove(*line->first);
    }
}

base::Clock::duration Sweeper::interval(const Row &line) const {
    const base::Clock::duration by_budget = from_seconds(static_cast<double>(line.count) / line.per_second);
    return std::max<base::Clock::duration>(client_.settings().sweep_interval, by_budget);
}

void Sweeper::show_interval() const {
    const auto longest = std::max(interval(waited_), interval(watched_));
    client_.stats().set(base::Stat::sweep_interval_ms, std::chrono::duration_cast<base::Millis>(longest).count());
}

void Sweeper::plan_next(Row &line) {
    if (stopped_ || line.count == 0) return;
    const auto share = interval(line) / static_cast<std::int64_t>(line.count);
    const auto evenly = line.looked_after + std::max<base::Clock::duration>(share, kFinest);
    const auto next = std::min(evenly, std::max(line.first->sweep_place().due, line.looked_after + kFinest));
    if (line.timer != 0 && line.next <= next) return;
    client_.loop().timers().cancel(line.timer);
    line.next = next;
    line.timer = client_.loop().timers().at(next, [this, &line] { tick(line); });
}

void Sweeper::tick(Row &line) {
    line.timer = 0;
    if (stopped_) return;
    const auto now = base::Clock::now();
    const double passed = seconds(now - std::exchange(line.looked_after, now));
    const auto count = static_cast<double>(line.count);
    const auto whole = [](double looks) { return static_cast<std::int64_t>(std::ceil(looks)); };
    const std::int64_t share = whole(count * passed / seconds(interval(line)));
    const std::int64_t most = whole(std::min(count, std::max(1.0, line.per_second * passed)));
    for (std::int64_t looks = 0; looks < most && line.count > 0; ++looks) {
        const auto cell = line.first->shared_from_this();
        Place &place = cell->sweep_place();
        if (looks >= share && place.due > now) break;
        line.take_out(*cell);
        line.append(*cell);
        place.due = now + interval(line);
#ifndef EXOREF_BREAK_SWEEP
        cell->sweep();
#endif
    }
    plan_next(line);
}

}  // namespace exo::refs
