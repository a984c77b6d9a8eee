// The shared knowledge of one atom.
#include "refs/atom_cell.hpp"

#include <algorithm>
#include <new>

#include "refs/commit.hpp"
#include "refs/sightings.hpp"
#include "refs/watches.hpp"

namespace exo::refs {

using base::Status;

AtomCell::AtomCell(std::shared_ptr<Client> client, std::string key)
    : Cell(std::move(client), std::move(key)), watches_(std::make_unique<Watches>(*this)) {}

AtomCell::~AtomCell() = default;

std::shared_ptr<AtomCell> AtomCell::of(const std::shared_ptr<Client> &client, const std::string &key) {
    auto cell = client->cells().find_or_make<AtomCell>(
        key, [](const AtomCell &) { return true; }, [&] { return std::make_shared<AtomCell>(client, key); });
    client->count_references();
    return cell;
}

HeadPtr AtomCell::head() const {
    const std::lock_guard lock(mutex_);
    return head_;
}

store::StatePtr AtomCell::newest() const {
    const std::lock_guard lock(mutex_);
    return newest_;
}

store::StatePtr AtomCell::value_of(const HeadPtr &head) const {
    const std::lock_guard lock(mutex_);
    return head->value();
}

void AtomCell::set_head() { head_ = newest_ ? std::make_shared<Head>(Head{newest_, newest_}) : nullptr; }

HeadPtr AtomCell::enqueue(const std::shared_ptr<CommitOperation> &commit, const HeadPtr &basis, const HeadPtr &result) {
    // Posted under the lock: the loop must see the commits in the order in which they rest on each other.
    const std::lock_guard lock(mutex_);
    if (basis && basis != head_) {
        const bool same =
            head_ && basis->committed && head_->committed && basis->committed->identity == head_->committed->identity;
        if (!same && head_) return head_;
    }
    line_.push_back(commit);
    try {
        commit->start();
    } catch (...) {
        line_.pop_back();  // one that never begins would hold up all behind it
        throw;
    }
    if (commit->future()->done()) {
        line_.pop_back();  // it could not even begin
    } else if (result) {
        head_ = result;
    }
    return nullptr;
}

void AtomCell::learn(const store::StatePtr &state, std::uint64_t connection) {
    newest_connection_ = connection;
    const std::lock_guard lock(mutex_);
    const bool same = newest_ && newest_->identity == state->identity;
    newest_ = state;
    if (line_.empty() && !(same && head_)) set_head();
}

void AtomCell::forget() {
    const std::lock_guard lock(mutex_);
    newest_ = nullptr;
    if (line_.empty()) head_ = nullptr;
}

void AtomCell::advance(const store::Identity &before, const store::StatePtr &state) {
    if (!newest_ || newest_->identity != before || !state->value) return;
    learn(state, 0);
}

base::ErrorPtr AtomCell::take_sighting(const store::Sighting &sighting, std::uint64_t connection) {
    base::ErrorPtr error = sighting_error(sighting, "atom");
    if (!error) {
        learn(sighting.state, connection);
    } else if (error->status == Status::ENOTFOUND || sighting.kind == store::Sighting::Kind::other_type) {
        forget();
    }
    return error;
}

void AtomCell::pump() {
    while (!under_way_) {
        std::shared_ptr<CommitOperation> first;
        {
            const std::lock_guard lock(mutex_);
            if (line_.empty() || !line_.front()->ready()) return;
            first = line_.front();
        }
        under_way_ = true;
        first->proceed();
    }
}

void AtomCell::leave(CommitOperation &commit) {
    bool was_first = false;
    {
        const std::lock_guard lock(mutex_);
        const auto found =
            std::find_if(line_.begin(), line_.end(), [&](const auto &one) { return one.get() == &commit; });
        if (found == line_.end()) return;
        was_first = found == line_.begin();
        line_.erase(found);
        const bool failed = !commit.result() || !commit.result()->committed;
        // What rests on a result that will never stand is computed anew, from what is known now.
        if (line_.empty() || (failed && commit.result())) {
            if (!(head_ && head_->committed && head_->committed == newest_)) set_head();
        }
    }
    if (!was_first) return;
    const bool was_under_way = under_way_;
    under_way_ = false;
    if (was_under_way) {
        // Later, not here: whoever ends this commit has not finished with it.
        client().loop().post(
            [weak = weak_from_this()] {
                if (const auto cell = weak.lock()) static_cast<AtomCell &>(*cell).pump();
            },
            loop::Loop::Where::anywhere);
    }
}

void AtomCell::committed(const HeadPtr &result, const store::StatePtr &state) {
    if (!result) return;
    const std::lock_guard lock(mutex_);
    // A new object: others may be reading the old one.
    if (head_ == result) head_ = std::make_shared<Head>(Head{state, state});
    result->committed = state;
}

void AtomCell::add_handle() {
    const std::lock_guard lock(mutex_);
    ++handles_;
}

void AtomCell::drop_handle() {
    {
        const std::lock_guard lock(mutex_);
        if (--handles_ > 0) return;
    }
    try {
        watches_->remove_all();
    } catch (const std::bad_alloc &) {
        // Letting go can't fail: they are removed, and their contexts freed here; the sweep ends the subscription.
    }
}

void AtomCell::sweep() { watches_->sweep(); }

void AtomCell::close() { watches_->close(); }

}  // namespace exo::refs
