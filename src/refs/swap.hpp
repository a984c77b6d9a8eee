// The pull form of swap, and the loops over it that call a function.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "refs/atom.hpp"

namespace exo::refs {

class Swap : public std::enable_shared_from_this<Swap> {
public:
    Swap(AtomPtr atom, HeadPtr basis) : atom_(std::move(atom)), basis_(std::move(basis)) {}

    /// The flag tells "done"; else the value is what to compute from now.
    FuturePtr offer(std::string value, std::int64_t timeout_ms);
    /// The same for a value that Atom::check() has accepted: calls nothing of the application.
    FuturePtr offer_checked(std::string value, std::int64_t timeout_ms);
    /// Is the value that the swap gave last current? By an answer of the server.
    FuturePtr confirm(std::int64_t timeout_ms);

    void rebase(HeadPtr basis);
    Client &client() const noexcept { return atom_->client(); }

private:
    HeadPtr take_basis();

    const AtomPtr atom_;
    mutable std::mutex mutex_;
    HeadPtr basis_;  ///< null while an offer is under way, and once the swap is over
};
using SwapPtr = std::shared_ptr<Swap>;

/// What a function of the application made of an old value.
struct Computed {
    enum class Kind { value, failed, declined };
    Kind kind = Kind::value;
    std::string text;        ///< the value, or why it failed
    base::ErrorPtr refused;  ///< a value that could not be taken whole
};
using SwapFunction = std::function<Computed(const store::StatePtr &old_value)>;

/// A step of an asynchronous swap: the event in which its function is called.
class SwapStep : public loop::Event {};

/// Swaps, calling the function on this thread. Blocks.
FuturePtr run_swap(const AtomPtr &atom, const SwapFunction &function, std::int64_t timeout_ms);
/// Swaps, calling the function where completions are told. Function and context are let go of there.
FuturePtr run_swap_async(const AtomPtr &atom, SwapFunction function, ContextPtr context, std::int64_t timeout_ms);

/// The same for metadata.
FuturePtr run_alter_meta(const AtomPtr &atom, const SwapFunction &function, std::int64_t timeout_ms);
FuturePtr run_alter_meta_async(const AtomPtr &atom, SwapFunction function, ContextPtr context, std::int64_t timeout_ms);

}  // namespace exo::refs
