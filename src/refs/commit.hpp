// One change of an atom's value, on its way through the cell's line: at most one commit of a key is in flight (which is what lets one
// completion record be enough), and each begins with what the one before it left.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "refs/atom_cell.hpp"
#include "refs/operation.hpp"
#include "store/answers.hpp"

namespace exo::refs {

class CommitOperation : public Operation {
public:
    struct Change {
        enum class Kind {
            reset,      ///< unconditional
            offer,      ///< of a swap: upon the value that it was computed from
            confirm,    ///< of a swap that wants no change: is that value current?
            compare,    ///< upon whatever state holds the expected bytes
            compare_at  ///< upon one very state
        };
        Kind kind = Kind::reset;
        std::string value;
        std::string expected;   ///< compare
        HeadPtr basis;          ///< offer, confirm
        store::StatePtr at;     ///< compare_at
        HeadPtr result;         ///< what a swap behind it may be computed from; null if nobody can tell
        bool want_old = false;  ///< of a reset: the predecessor's value too
        std::string codec;      ///< that the handle was opened with
        std::function<void(const HeadPtr &)> rebase;  ///< offer, confirm: told what to compute from instead
    };

    CommitOperation(std::shared_ptr<AtomCell> cell, Subject subject, std::int64_t timeout_ms, Change change);

    const HeadPtr &result() const noexcept { return change_.result; }

    // On the loop, called by the line.
    bool ready() const noexcept { return ready_; }
    void proceed();

private:
    void run() override;
    void ended() override;

    void read();
    void commit(const store::StatePtr &base, bool conditional);
    void answered(redis::ReplyView reply, const store::Sending &sending, const store::StatePtr &base, bool conditional);
    void applied(const store::Committed &done, const store::Sending &sending, const store::StatePtr &base,
                 bool conditional);
    void refused(const store::Refusal &refusal, const store::Sending &sending);
    void again();
    void confirmed();
    void mismatch();  ///< a plain "no"
    Results results_of(const store::StatePtr &made) const;

    const std::shared_ptr<AtomCell> cell_;
    Change change_;
    std::uint64_t counter_ = 0;
    bool ready_ = false;
    /// The newest known state was shown by the server in answer to a request of this very operation: final answers that change nothing
    /// may rest on it.
    bool confirmed_ = false;
};

}  // namespace exo::refs
