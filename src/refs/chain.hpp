// The chain of one atom's states up to which its changes are known without a gap (G3), and whether the server's history still
// agrees with it (G8). Pure: fed with messages, replies and own commits, it gives changes, and says when the history must be read.
//
//   unknown --first sight--> at a state | absent
//   at a state --message whose predecessor it is, own commit upon it--> at the next state
//   at a state --anything else--> read the history: entries follow | missed | rewound | deleted, recreated
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "refs/change.hpp"
#include "store/answers.hpp"
#include "store/lineage.hpp"
#include "store/message.hpp"

namespace exo::refs {

class Chain {
public:
    enum class Verdict {
        taken,  ///< or it was known already
        stale,  ///< ends within what is known
        gap     ///< only the history on the server can tell
    };

    explicit Chain(std::uint64_t database) : database_(database) {}

    bool known() const noexcept { return known_; }
    bool present() const noexcept { return known_ && present_; }
    /// What to ask the history from: the epoch (empty if there is none) and the version that is known.
    const store::Identity &end() const noexcept { return end_; }
    const store::StatePtr &end_state() const noexcept { return end_state_; }

    /// Forgets everything: nobody watches any more.
    void reset();

    /// The first state seen (null: absent): no change.
    void begin(const store::StatePtr &state);

    Verdict take_message(const store::Message &message, std::vector<Change> &changes);
    Verdict take_commit(const store::Identity &before, const store::StatePtr &state, std::vector<Change> &changes);

    /// What the server's history says since end(). True if it has to be asked again (another incarnation was found).
    bool take_history(const store::Changes &history, std::vector<Change> &changes);
    /// The key is gone.
    void take_absence(std::vector<Change> &changes);

    /// A read of the identity, as the sweep does it: does it agree?
    bool agrees(const store::Sighting &sighting) const;

private:
    void move_to(const store::StatePtr &state);
    void follow(const store::Changes &history, std::vector<Change> &changes);
    void enter_epoch(const std::string &epoch);
    bool is_recent(std::uint64_t version, std::string_view op) const;

    static constexpr std::size_t kRecent = 64;

    const std::uint64_t database_;
    bool known_ = false;
    bool present_ = false;
    bool existed_ = false;         ///< there has been an incarnation before: the next one is a recreation
    bool owes_recreated_ = false;  ///< the next change told is the first of a new incarnation
    store::Identity end_;
    std::string end_term_;
    store::StatePtr end_state_;  ///< the state at the end, with its value if that is known; null at version 0
    std::deque<std::pair<std::uint64_t, std::string>> recent_;
};

}  // namespace exo::refs
