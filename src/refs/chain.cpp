// Links, gaps, forks and incarnations.
#include "refs/chain.hpp"

#include <algorithm>

namespace exo::refs {

void Chain::reset() {
    known_ = present_ = existed_ = owes_recreated_ = false;
    end_ = {};
    end_term_.clear();
    end_state_ = nullptr;
    recent_.clear();
}

void Chain::begin(const store::StatePtr &state) {
    reset();
    known_ = true;
    if (!state) return;
    present_ = existed_ = true;
    move_to(state);
}

void Chain::move_to(const store::StatePtr &state) {
    end_ = state->identity;
    end_term_ = state->term;
    end_state_ = state;
    recent_.emplace_back(end_.version, end_.op);
    if (recent_.size() > kRecent) recent_.pop_front();
}

bool Chain::is_recent(std::uint64_t version, std::string_view op) const {
    return std::any_of(recent_.begin(), recent_.end(),
                       [&](const auto &link) { return link.first == version && link.second == op; });
}

Chain::Verdict Chain::take_message(const store::Message &message, std::vector<Change> &changes) {
    // Channels ignore SELECT: another database's reference of the same name speaks here too.
    if (message.db != database_) return Verdict::stale;
    // Anybody may publish. A creation or removal rests on nothing that only a reader of the reference knows: look.
    if (!present() || message.kind != store::Message::Kind::change || message.epoch != end_.epoch) {
        const bool told = present() && message.kind == store::Message::Kind::create && message.epoch == end_.epoch;
        return told ? Verdict::stale : Verdict::gap;
    }
    if (is_recent(message.version, message.op)) return Verdict::stale;
#ifndef EXOREF_BREAK_PREDECESSOR
    const bool follows = message.version_before == end_.version && message.op_before == end_.op;
    if (!follows || message.version != end_.version + 1 || !message.value) return Verdict::gap;
#endif
    auto state = std::make_shared<store::State>();
    state->type = "atom";
    if (end_state_) {
        state->codec = end_state_->codec;
        state->ring_n = end_state_->ring_n;
    }
    state->identity = {end_.epoch, message.version, std::string(message.op)};
    state->term = message.term;
    state->value = message.value;
    return take_commit(end_, state, changes);
}

Chain::Verdict Chain::take_commit(const store::Identity &before, const store::StatePtr &state,
                                  std::vector<Change> &changes) {
    if (!present() || owes_recreated_ || before != end_) return Verdict::gap;
    Change change;
    change.old_state = end_state_ && end_state_->value ? end_state_ : nullptr;
    change.new_state = state;
    change.version = state->identity.version;
    changes.push_back(std::move(change));
    move_to(state);
    return Verdict::taken;
}

void Chain::take_absence(std::vector<Change> &changes) {
    if (present() && end_.version > 0) {
        Change change;
        change.flags = Change::kDeleted;
        change.old_state = end_state_ && end_state_->value ? end_state_ : nullptr;
        change.version = end_.version;
        changes.push_back(std::move(change));
    }
    const bool existed = existed_;
    reset();
    known_ = true;
    existed_ = existed;
}

void Chain::enter_epoch(const std::string &epoch) {
    owes_recreated_ = existed_;
    present_ = existed_ = true;
    end_ = {epoch, 0, ""};
    end_term_.clear();
    end_state_ = nullptr;
    recent_.clear();
}

bool Chain::take_history(const store::Changes &history, std::vector<Change> &changes) {
    if (history.head.kind != store::Sighting::Kind::present) {
        take_absence(changes);
        return false;
    }
    const store::State &head = *history.head.state;
    if (!present() || head.identity.epoch != end_.epoch) {
        // Another incarnation: the end of the one that we knew, then the other from its beginning.
        if (present()) take_absence(changes);
        known_ = true;
        enter_epoch(head.identity.epoch);
        return true;
    }
    follow(history, changes);
    return false;
}

void Chain::follow(const store::Changes &history, std::vector<Change> &changes) {
    const store::StatePtr &head = history.head.state;
    if (head->identity == end_) return;
    const store::Lineage lineage = store::lies_on(end_, end_term_, *head, history.ring());
    std::int32_t flags = owes_recreated_ ? Change::kRecreated : 0;
    if (lineage == store::Lineage::no) {
        Change change;
        change.flags = Change::kRewound;
        change.new_state = head;
        change.version = head->identity.version;
        change.old_state = end_state_ && end_state_->value ? end_state_ : nullptr;
        changes.push_back(std::move(change));
        recent_.clear();
        return move_to(head);
    }
    if (lineage == store::Lineage::unknown) flags |= Change::kUncertain;

    std::uint64_t told = end_.version;
    store::StatePtr before = end_state_;
    for (const store::Changes::Entry &entry : history.entries) {
        const bool is_head = entry.version == head->identity.version;
        if (entry.version <= told || (!is_head && !entry.value)) continue;
        store::StatePtr state = head;
        if (!is_head) {
            auto past = std::make_shared<store::State>();
            past->type = head->type;
            past->codec = head->codec;
            past->ring_n = head->ring_n;
            past->identity = {head->identity.epoch, entry.version, entry.op};
            past->term = store::term_of(head->terms, entry.version);
            past->value = entry.value;
            state = std::move(past);
        }
        Change change;
        change.flags = flags;
        change.missed = entry.version - told - 1;
        if (change.missed == 0 && before && before->value) change.old_state = before;
        change.new_state = state;
        change.version = entry.version;
        changes.push_back(std::move(change));
        flags = 0;
        told = entry.version;
        before = state;
        recent_.emplace_back(entry.version, entry.op);
    }
    if (told < head->identity.version) {
        // The ring gave nothing of it (its length is 0, or somebody removed fields): the state itself is always there.
        Change change;
        change.flags = flags | Change::kUncertain;
        change.missed = head->identity.version - told - 1;
        change.new_state = head;
        change.version = head->identity.version;
        changes.push_back(std::move(change));
    }
    owes_recreated_ = false;
    while (recent_.size() > kRecent) recent_.pop_front();
    move_to(head);
}

bool Chain::agrees(const store::Sighting &sighting) const {
    if (sighting.kind != store::Sighting::Kind::present) return !present();
    return present() && sighting.state->identity == end_;
}

}  // namespace exo::refs
