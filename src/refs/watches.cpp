// Subscription, looks at the server, and what they mean for the chain: the loop's half of the watches.
#include "refs/watches.hpp"

#include <algorithm>

#include "refs/atom_cell.hpp"
#include "refs/sweeper.hpp"
#include "store/commands.hpp"
#include "store/scripts.gen.hpp"

namespace exo::refs {

using base::Stat;

namespace {

constexpr std::size_t kMostHeld = 1024;
constexpr std::size_t kMostHeldBytes = std::size_t{4} << 20;
constexpr std::uint64_t kMostHistoryBytes = std::uint64_t{8} << 20;

}  // namespace

/// What the node calls: outlives the cell's interest, so it only knows it weakly.
class Watches::Listener : public redis::Subscriber {
public:
    explicit Listener(std::weak_ptr<AtomCell> cell) : cell_(std::move(cell)) {}

    void subscribed(const redis::Peer &) override {
        if (const auto cell = cell_.lock()) cell->watches().subscribed();
    }
    void message(std::string_view payload) override {
        if (const auto cell = cell_.lock()) cell->watches().message(payload);
    }
    void unsubscribed() override {
        if (const auto cell = cell_.lock()) cell->watches().unsubscribed();
    }
    void refused(const base::ErrorPtr &error) override {
        if (const auto cell = cell_.lock()) cell->watches().subscription_refused(error);
    }

private:
    std::weak_ptr<AtomCell> cell_;
};

Watches::Watches(AtomCell &cell) : cell_(cell), chain_(cell.client().settings().database) {}
Watches::~Watches() = default;

void Watches::visit(std::shared_ptr<Visitor> visitor) {
    waiting_.push_back({std::move(visitor), looks_});
    if (!wanted_) {
        wanted_ = true;
        alive_ = cell_.self();
        listener_ = std::make_shared<Listener>(cell_.self());
        cell_.client().node().subscribe(cell_.key(), listener_);
        cell_.client().sweeper().add(cell_, Sweeper::Round::watched);
    } else if (subscribed_) {
        look();
    }
}

void Watches::subscribed() {
    subscribed_ = true;
    look();
}

void Watches::unsubscribed() { subscribed_ = false; }

/// Deaf to messages, but not blind: the sweep finds the changes.
void Watches::subscription_refused(const base::ErrorPtr &error) {
    log(base::LogLevel::warning, error->message + "; its changes are looked for every sweep_interval instead");
    subscribed();
}

void Watches::message(std::string_view payload) {
    cell_.client().stats().add(Stat::messages);
    if (!look_) return take_message(payload);
    if (held_.size() < kMostHeld && held_bytes_ + payload.size() <= kMostHeldBytes) {
        held_bytes_ += payload.size();
        held_.emplace_back(payload);
    } else {
        look_again_ = true;
    }
}

void Watches::take_message(std::string_view payload) {
    const auto message = store::parse_message(payload);
    std::vector<Change> changes;
    const Chain::Verdict verdict = message ? chain_.take_message(*message, changes) : Chain::Verdict::gap;
    switch (verdict) {
        case Chain::Verdict::stale: return cell_.client().stats().add(Stat::messages_stale);
        case Chain::Verdict::gap: cell_.client().stats().add(Stat::messages_gap); return look();
        case Chain::Verdict::taken: break;
    }
    cell_.advance({std::string(message->epoch), message->version_before, std::string(message->op_before)},
                  chain_.end_state());
    tell(std::move(changes));
}

void Watches::own_commit(const store::StatePtr &before, const store::StatePtr &state) {
    if (look_ || !chain_.known()) return;
    std::vector<Change> changes;
    // What does not follow is not lost: its message is on the way, behind those of the changes between.
    if (chain_.take_commit(before->identity, state, changes) == Chain::Verdict::taken) tell(std::move(changes));
}

void Watches::look() {
    if (!wanted_) return;
    if (look_) {
        look_again_ = true;
        return;
    }
    ++looks_;
    look_again_ = false;
    chain_.known() && !chain_.end().epoch.empty() ? look_since() : look_first();
}

/// Where nothing is known, or nothing was there: a plain read.
void Watches::look_first() {
    store::Attempt::Plan plan;
    plan.what = "look at atom";
    plan.wrong_type_is_answer = true;
    const auto cell = cell_.self();
    plan.compose = [cell](redis::CommandWriter &out, const redis::Peer &, std::uint64_t) {
        store::write_read_state(out, cell->key());
    };
    plan.on_failure = [cell](const base::ErrorPtr &error) { cell->watches().look_failed(error); };
    plan.on_answer = [cell, this](redis::ReplyView reply, const store::Sending &sending) {
        const auto sighting = store::parse_read_state(reply);
        if (!sighting) return look_failed(sighting.error());
        const base::ErrorPtr error = cell->take_sighting(*sighting, sending.peer.connection);
        if (error && error->status != base::Status::ENOTFOUND && error->status != base::Status::ETYPE)
            return look_failed(error);
        if (chain_.known()) {
            std::vector<Change> changes;
            store::Changes history;
            if (!error) history.head = *sighting;
            const bool again = chain_.take_history(history, changes);
            tell(std::move(changes));
            return looked(again);
        }
        chain_.begin(error ? nullptr : sighting->state);
        looked(false);
    };
    look_ = store::Attempt::start(cell_.client().context(), std::move(plan));
}

void Watches::look_since() {
    store::Attempt::Plan plan;
    plan.what = "read the history of atom";
    plan.script = &store::kChangesScript;
    const auto cell = cell_.self();
    const std::uint64_t counter = cell_.client().next_counter();
    const store::Identity from = chain_.end();
    plan.compose = [cell, counter, from](redis::CommandWriter &out, const redis::Peer &, std::uint64_t number) {
        store::ChangesArgs args;
        args.key = cell->key();
        args.session = cell->client().session();
        args.counter = counter;
        args.sending = number;
        args.epoch = from.epoch;
        args.after = from.version;
        args.most_bytes = kMostHistoryBytes;
        store::write_changes(out, args);
    };
    plan.on_failure = [cell](const base::ErrorPtr &error) { cell->watches().look_failed(error); };
    plan.on_answer = [cell, this, counter, from](redis::ReplyView reply, const store::Sending &sending) {
        const std::string op = store::op_text(cell->client().session(), counter, sending.number);
        const auto history = store::parse_changes(reply, op, from.version);
        if (!history) return look_failed(history.error());
        static_cast<void>(cell->take_sighting(history->head, sending.peer.connection));
        std::vector<Change> changes;
        const bool again = chain_.take_history(*history, changes);
        const auto rewound = std::count_if(changes.begin(), changes.end(),
                                           [](const Change &change) { return (change.flags & Change::kRewound) != 0; });
        cell->client().stats().add(Stat::rewinds, rewound);
        tell(std::move(changes));
        looked(again);
    };
    look_ = store::Attempt::start(cell_.client().context(), std::move(plan));
}

void Watches::looked(bool again) {
    look_ = nullptr;
    if (again) return look();
    std::deque<std::string> held;
    held.swap(held_);
    held_bytes_ = 0;
    tell_visitors();
    for (std::size_t i = 0; i < held.size(); ++i) {
        take_message(held[i]);
        if (!look_) continue;
        // A gap again: the rest waits for the look that it has caused.
        for (++i; i < held.size(); ++i) message(held[i]);
    }
    if (look_again_ && !look_) look();
    settle();
}

void Watches::look_failed(const base::ErrorPtr &error) {
    look_ = nullptr;
    held_.clear();
    held_bytes_ = 0;
    log(base::LogLevel::warning, "could not read " + base::quoted(cell_.key()) + " for its watches: " + error->message);
    std::vector<Waiting> waiting;
    waiting.swap(waiting_);
    for (const Waiting &one : waiting) one.visitor->refused(error);
    settle();
}

void Watches::tell_visitors() {
    const store::StatePtr state = chain_.present() ? chain_.end_state() : nullptr;
    std::vector<Waiting> waiting;
    waiting.swap(waiting_);
    for (Waiting &one : waiting) {
        if (one.visitor->gone()) continue;
        const bool early = one.asked >= looks_;
        if (early || !one.visitor->seen(state)) waiting_.push_back(std::move(one));
        if (early) look_again_ = true;
    }
}

void Watches::settle() {
    if (active() || !wanted_) return;
    const auto alive = std::move(alive_);
    wanted_ = subscribed_ = false;
    cell_.client().node().unsubscribe(cell_.key(), *listener_);
    cell_.client().sweeper().remove(cell_);
    if (look_) look_->abandon();
    if (sweep_) sweep_->abandon();
    look_ = sweep_ = nullptr;
    listener_ = nullptr;
    chain_.reset();
    held_.clear();
    held_bytes_ = 0;
}

bool Watches::active() const {
    const bool visited =
        std::any_of(waiting_.begin(), waiting_.end(), [](const Waiting &one) { return !one.visitor->gone(); });
    const std::lock_guard lock(mutex_);
    return visited || !list_.empty();
}

void Watches::sweep() {
    settle();
    if (!wanted_ || look_ || sweep_ || !chain_.known()) return;
    cell_.client().stats().add(Stat::sweeps);
    store::Attempt::Plan plan;
    plan.what = "check atom";
    plan.wrong_type_is_answer = true;
    const auto cell = cell_.self();
    plan.compose = [cell](redis::CommandWriter &out, const redis::Peer &, std::uint64_t) {
        store::write_read_identity(out, cell->key());
    };
    plan.on_failure = [this](const base::ErrorPtr &) { sweep_ = nullptr; };
    plan.on_answer = [cell, this](redis::ReplyView reply, const store::Sending &) {
        sweep_ = nullptr;
        const auto sighting = store::parse_read_state(reply);
        if (!sighting || !chain_.known() || chain_.agrees(*sighting)) return;
        cell->client().stats().add(Stat::sweep_finds);
        look();
    };
    sweep_ = store::Attempt::start(cell_.client().context(), std::move(plan));
}

void Watches::log(base::LogLevel level, const std::string &line) const {
    const base::Log &log = *cell_.client().context().log;
    if (log.listening()) log.write(level, "watch", line);
}

}  // namespace exo::refs
