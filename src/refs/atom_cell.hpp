// What a client knows of one atom, shared by all handles of its key: the newest state that was seen, the line of commits, and
// the watches. States are learned on the loop alone; other threads read them under the lock.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <string>

#include "refs/cell.hpp"
#include "refs/client.hpp"
#include "refs/operation.hpp"
#include "store/answers.hpp"
#include "store/schema.hpp"

namespace exo::refs {

class CommitOperation;
class Watches;

/// A value that a swap may be computed from: a committed state, or the result of a commit that still waits in the line (then
/// `state` has a foretold version and no identity).
struct Head {
    const store::StatePtr state;
    store::StatePtr committed;  ///< set on the loop, under the cell's lock, once it stands on the server

    /// The best that is known of it. On the loop, or under the cell's lock.
    const store::StatePtr &value() const { return committed ? committed : state; }
};
using HeadPtr = std::shared_ptr<Head>;

class AtomCell : public Cell {
public:
    AtomCell(std::shared_ptr<Client> client, std::string key);
    ~AtomCell() override;

    /// The one of this key (with prefix) that all its handles share.
    static std::shared_ptr<AtomCell> of(const std::shared_ptr<Client> &client, const std::string &key);

    std::shared_ptr<AtomCell> self() { return std::static_pointer_cast<AtomCell>(shared_from_this()); }
    Watches &watches() noexcept { return *watches_; }

    // From any thread.

    /// What a swap is to be computed from now; null if nothing is known.
    HeadPtr head() const;
    /// Puts a commit into the line. If it rests on a value (`basis`) that is not the head any more it is not taken: the head that
    /// is comes back.
    HeadPtr enqueue(const std::shared_ptr<CommitOperation> &commit, const HeadPtr &basis, const HeadPtr &result);
    store::StatePtr newest() const;
    store::StatePtr value_of(const HeadPtr &head) const;

    void add_handle();
    void drop_handle();  ///< the last one takes the watches along

    // On the loop.

    /// What the server showed in answer to a request of ours.
    void learn(const store::StatePtr &state, std::uint64_t connection);
    void forget();
    /// A message said so: taken if it follows right upon the newest state.
    void advance(const store::Identity &before, const store::StatePtr &state);
    std::uint64_t newest_connection() const noexcept { return newest_connection_; }

    /// A reply's sighting: a present atom is learned. Null, or the error that it means for an opener or reader.
    base::ErrorPtr take_sighting(const store::Sighting &sighting, std::uint64_t connection);

    void pump();  ///< lets the first of the line begin, if none is under way
    void leave(CommitOperation &commit);
    void committed(const HeadPtr &result, const store::StatePtr &state);
    void sweep() override;
    void close() override;

private:
    void set_head();  ///< under the lock

    std::unique_ptr<Watches> watches_;

    mutable std::mutex mutex_;
    store::StatePtr newest_;
    HeadPtr head_;
    std::deque<std::shared_ptr<CommitOperation>> line_;
    std::uint32_t handles_ = 0;

    std::uint64_t newest_connection_ = 0;  // on the loop
    bool under_way_ = false;               // on the loop
};

}  // namespace exo::refs
