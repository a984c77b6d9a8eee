// Who is told, in which order, and on which thread: the lane's half of the watches.
#include <pthread.h>

#include <algorithm>

#include "refs/atom_cell.hpp"
#include "refs/watches.hpp"

namespace exo::refs {

using base::Stat;

namespace {

/// A watch that is slow is told from memory as far back as the longest history on the server would reach: but no further.
constexpr std::size_t kMostLogged = 4096;
constexpr std::size_t kMostLoggedBytes = std::size_t{64} << 20;

std::size_t bytes_of(const Change &change) {
    return change.new_state && change.new_state->value ? change.new_state->value->size() : 0;
}

/// Stands in the lane's queue for all changes that a cell has to tell.
class DeliveryEvent : public loop::Event {
public:
    explicit DeliveryEvent(std::shared_ptr<AtomCell> cell) : cell_(std::move(cell)) {}
    loop::EventPtr resolve(loop::EventPtr) override { return cell_->watches().next_call(); }
    void run() override {}

private:
    std::shared_ptr<AtomCell> cell_;
};

}  // namespace

void WatchEvent::run() { cell_->watches().run(*watch_, *change_); }

void Watches::add(const WatchPtr &watch) {
    remove(watch->watch_key);
    const std::lock_guard lock(mutex_);
    watch->serial = next_serial_++;
    watch->since = sequence_;
    list_.push_back(watch);
}

void Watches::tell(std::vector<Change> changes) {
    if (changes.empty()) return;
    const std::lock_guard lock(mutex_);
    for (Change &change : changes) {
        change.sequence = ++sequence_;
        if (list_.empty()) continue;
        cell_.client().stats().add(Stat::changes_missed, static_cast<std::int64_t>(change.missed));
        log_bytes_ += bytes_of(change);
        log_.push_back(std::make_shared<const Change>(std::move(change)));
    }
    trim();
    schedule();
}

void Watches::trim() {
    // The first one may be half told: it stays.
    while (log_.size() > 2 && (log_.size() > kMostLogged || log_bytes_ > kMostLoggedBytes)) {
        const ChangePtr dropped = log_[1];
        auto next = std::make_shared<Change>(*log_[2]);
        next->missed += dropped->missed + 1;
        next->flags |= dropped->flags;
        cell_.client().stats().add(Stat::changes_missed);
        log_bytes_ -= bytes_of(*dropped);
        log_.erase(log_.begin() + 1);
        log_[1] = std::move(next);
    }
}

void Watches::schedule() {
    if (scheduled_ || log_.empty()) return;
    scheduled_ = true;
    cell_.client().dispatcher().push(loop::Dispatcher::Lane::watches, std::make_shared<DeliveryEvent>(cell_.self()));
}

loop::EventPtr Watches::next_call() {
    const std::lock_guard lock(mutex_);
    scheduled_ = false;
    while (!log_.empty()) {
        const ChangePtr change = log_.front();
        for (const WatchPtr &watch : list_) {
            if (watch->serial <= served_ || watch->since >= change->sequence) continue;
            served_ = watch->serial;
            schedule();
            cell_.client().stats().add(Stat::changes_told);
            return std::make_shared<WatchEvent>(cell_.self(), watch, change);
        }
        log_bytes_ -= bytes_of(*change);
        log_.pop_front();
        served_ = 0;
    }
    return nullptr;
}

void Watches::run(Watch &watch, const Change &change) {
    {
        std::unique_lock lock(mutex_);
        // Two takers of events must not run one watch at once.
        stopped_running_.wait(lock, [&] { return !watch.running || pthread_equal(watch.runner, pthread_self()); });
        if (watch.running || !watch.callback) return;
#ifndef EXOREF_BREAK_C5
        if (watch.removed) return;
#endif
        watch.running = true;
        watch.runner = pthread_self();
    }
    const int answer = watch.callback(watch, change);
    if (answer != 0) {
        log(base::LogLevel::error, "watch " + base::quoted(watch.watch_key) + " of " +
                                       base::quoted(watch.reference_key) + " failed at version " +
                                       std::to_string(change.version) +
                                       "; the change stands and the other watches are told");
    }
    const std::lock_guard lock(mutex_);
    watch.running = false;
    stopped_running_.notify_all();
}

void Watches::remove(const std::string &watch_key) {
    std::unique_lock lock(mutex_);
    const auto found =
        std::find_if(list_.begin(), list_.end(), [&](const WatchPtr &watch) { return watch->watch_key == watch_key; });
    if (found == list_.end()) return;
    const WatchPtr watch = *found;
    list_.erase(found);
    watch->removed = true;
    // The loop must not wait for a callback that may be waiting for the loop; nor may a callback for itself.
    if (!cell_.client().loop().on_loop()) {
        stopped_running_.wait(lock, [&] { return !watch->running || pthread_equal(watch->runner, pthread_self()); });
    }
    lock.unlock();
    send_away(watch);
}

void Watches::remove_all() {
    std::vector<WatchPtr> list;
    {
        const std::lock_guard lock(mutex_);
        list.swap(list_);
        for (const WatchPtr &watch : list) watch->removed = true;
    }
    for (const WatchPtr &watch : list) send_away(watch);
}

void Watches::send_away(const WatchPtr &watch) {
    const auto cell = cell_.self();
    cell_.client().dispatcher().push(loop::Dispatcher::Lane::watches, std::make_shared<ReleaseEvent>([cell, watch] {
                                         cell->watches().release(*watch);
                                     }));
    cell_.client().loop().post([cell] { cell->watches().settle(); });
}

void Watches::release(Watch &watch) {
    Callback<const Watch &, const Change &> callback;
    {
        std::unique_lock lock(mutex_);
        stopped_running_.wait(lock, [&] { return !watch.running || pthread_equal(watch.runner, pthread_self()); });
        callback = std::move(watch.callback);
    }
    callback.reset();
}

void Watches::close() {
    remove_all();
    std::vector<Waiting> waiting;
    waiting.swap(waiting_);
    settle();
}

}  // namespace exo::refs
