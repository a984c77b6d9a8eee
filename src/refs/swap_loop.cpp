// Swapping by a function: the loops over the pull form (as sqlite3_exec stands on step), here and on the completion lane.
#include "refs/swap.hpp"

#include "refs/operation.hpp"

namespace exo::refs {

using base::Status;

namespace {

/// The pull form of what is changed by a function, value or metadata.
struct Pulls {
    std::function<FuturePtr(std::int64_t timeout_ms)> begin;
    std::function<FuturePtr(const Results &begun, const store::StatePtr &from, std::string next,
                            std::int64_t timeout_ms)>
        offer;
    std::function<FuturePtr(const Results &begun, std::int64_t timeout_ms)> confirm;
    std::function<base::ErrorPtr(const std::string &next)> check;  ///< null, or why it can't be proposed
    const char *verb = "";
};

Pulls pulls_of_value(const AtomPtr &atom) {
    Pulls pulls;
    pulls.begin = [atom](std::int64_t timeout_ms) { return atom->swap_begin(timeout_ms); };
    pulls.offer = [](const Results &begun, const store::StatePtr &, std::string next, std::int64_t timeout_ms) {
        return begun.swap->offer_checked(std::move(next), timeout_ms);
    };
    pulls.confirm = [](const Results &begun, std::int64_t timeout_ms) { return begun.swap->confirm(timeout_ms); };
    pulls.check = [atom](const std::string &next) { return atom->check(next); };
    pulls.verb = "swap";
    return pulls;
}

Pulls pulls_of_meta(const AtomPtr &atom) {
    Pulls pulls;
    pulls.begin = [atom](std::int64_t timeout_ms) { return atom->meta(timeout_ms); };
    pulls.offer = [atom](const Results &, const store::StatePtr &from, std::string next, std::int64_t timeout_ms) {
        return atom->compare_and_set_meta(from, std::move(next), timeout_ms);
    };
    pulls.check = [](const std::string &) { return nullptr; };  // no validator judges metadata (C8)
    // What meta() read, or a refusal brought, was shown by the server after the call began.
    pulls.verb = "alter the metadata of";
    return pulls;
}

base::ErrorPtr function_error(const Atom &atom, const char *verb, const std::string &words) {
    return with_context(
        base::make_error(Status::EFUNCTION, "the function failed" + (words.empty() ? std::string() : ": " + words)),
        atom.attempted(verb), atom.key());
}

/// What a function, and then the validator, made of a value.
struct Proposal {
    Computed::Kind kind = Computed::Kind::value;
    std::string text;
    base::ErrorPtr verdict;  ///< failed: what is to be said if the value that it rests on is confirmed
};

/// One swap by a function, move by move. Only compute() calls what the application wrote.
class FunctionLoop {
public:
    /// What is to be done now: wait for something and then receive() it, compute() and then propose(), or nothing any more.
    struct Move {
        enum class Kind { wait, compute, succeeded, failed };
        Kind kind = Kind::failed;
        FuturePtr awaited;
        Results results;
        base::ErrorPtr error;
    };

    FunctionLoop(AtomPtr atom, Pulls pulls, std::int64_t timeout_ms)
        : atom_(std::move(atom)),
          pulls_(std::move(pulls)),
          timeout_ms_(timeout_ms),
          deadline_(base::deadline_after(timeout_ms)) {}

    Move begin() const { return wait_for(pulls_.begin(timeout_ms_)); }

    Move receive(const Future &awaited) {
        if (const auto error = awaited.error()) return failed(ended_early(error));
        Results results = awaited.results();
        if (begun_ && results.flag) {
            if (verdict_) return failed(verdict_);
            if (!results.old_value) results.old_value = declined_ ? results.value : value_;
            return succeeded(std::move(results));
        }
        if (!begun_) begun_ = results;
        value_ = results.value;
        verdict_ = nullptr;
        declined_ = false;
        return {Move::Kind::compute, nullptr, {}, nullptr};
    }

    Proposal compute(const SwapFunction &function) const {
        Computed computed = function(value_);
        Proposal proposal{computed.kind, std::move(computed.text), nullptr};
        if (proposal.kind == Computed::Kind::failed) {
            proposal.verdict = function_error(*atom_, pulls_.verb, proposal.text);
        } else if (proposal.kind == Computed::Kind::value) {
            if (const auto refusal = computed.refused ? computed.refused : pulls_.check(proposal.text)) {
                proposal.kind = Computed::Kind::failed;
                proposal.verdict = with_context(refusal, atom_->attempted(pulls_.verb), atom_->key());
            }
        }
        return proposal;
    }

    Move propose(Proposal proposal) {
        if (proposal.kind == Computed::Kind::value) {
            return wait_for(pulls_.offer(*begun_, value_, std::move(proposal.text), time_left()));
        }
        verdict_ = std::move(proposal.verdict);
        declined_ = proposal.kind == Computed::Kind::declined;
        // An answer that changes nothing must rest on a value that the server stands for.
        if (pulls_.confirm) return wait_for(pulls_.confirm(*begun_, time_left()));
        if (verdict_) return failed(verdict_);
        Results unchanged;
        unchanged.flag = true;
        unchanged.value = unchanged.old_value = value_;
        return succeeded(std::move(unchanged));
    }

    const Atom &atom() const noexcept { return *atom_; }
    const char *verb() const noexcept { return pulls_.verb; }

private:
    static Move wait_for(FuturePtr awaited) { return {Move::Kind::wait, std::move(awaited), {}, nullptr}; }
    static Move succeeded(Results results) { return {Move::Kind::succeeded, nullptr, std::move(results), nullptr}; }
    static Move failed(base::ErrorPtr error) { return {Move::Kind::failed, nullptr, {}, std::move(error)}; }

    std::int64_t time_left() const {
        if (deadline_ == base::kNever) return -1;
        const auto left = std::chrono::ceil<base::Millis>(deadline_ - base::Clock::now()).count();
        return left > 0 ? left : 0;
    }

    base::ErrorPtr ended_early(const base::ErrorPtr &error) const {
        // The function took all the time: that is a timeout of the whole, not a call with the timeout 0.
        if (error->status != Status::ETIMEOUT || timeout_ms_ <= 0 || time_left() > 0) return error;
        return with_context(
            base::make_error(Status::ETIMEOUT, "it was not done within " + std::to_string(timeout_ms_) + " ms"),
            atom_->attempted(pulls_.verb), atom_->key());
    }

    const AtomPtr atom_;
    const Pulls pulls_;
    const std::int64_t timeout_ms_;
    const base::TimePoint deadline_;
    std::optional<Results> begun_;
    store::StatePtr value_;
    base::ErrorPtr verdict_;
    bool declined_ = false;
};
using Move = FunctionLoop::Move;

FuturePtr run_here(FunctionLoop loop, const SwapFunction &function) {
    FuturePtr outcome = loop.atom().client().make_future();
    outcome->reserve();  // nothing may fail once it was applied
    for (Move move = loop.begin(); !outcome->done();) {
        switch (move.kind) {
            case Move::Kind::wait:
                move.awaited->wait(base::kNever);
                move = loop.receive(*move.awaited);
                break;
            case Move::Kind::compute: move = loop.propose(loop.compute(function)); break;
            case Move::Kind::succeeded: outcome->complete(std::move(move.results)); break;
            case Move::Kind::failed: outcome->fail(move.error); break;
        }
    }
    return outcome;
}

/// The loop as an operation: its moves are made on the loop's thread, what the application wrote runs as a step on the completion
/// lane. Between two moves it has its own deadline, cancel and close; while something is under way, the answer to these is that of
/// what is under way, which alone knows whether it may have been applied.
class LaneSwap : public Operation {
public:
    /// What the application gave. It is let go of where it is used, so it is handed to the step and back.
    struct Given {
        SwapFunction function;
        ContextPtr context;
    };

    LaneSwap(FunctionLoop loop, Given given, std::int64_t timeout_ms)
        : Operation(loop.atom().life()->client(), Subject{loop.verb(), "atom", loop.atom().key()}, timeout_ms),
          loop_(std::move(loop)),
          given_(std::make_shared<Given>(std::move(given))) {
        future()->mark_needs_lane();
    }

private:
    class Computing;

    void run() override { make(loop_.begin()); }

    void make(Move move) {
        switch (move.kind) {
            case Move::Kind::wait:
                awaited_ = move.awaited;
                move.awaited->then([self = self<LaneSwap>()](Future &done) { self->came(done); });
                return;
            case Move::Kind::compute: return compute();
            case Move::Kind::succeeded: return succeed(std::move(move.results));
            case Move::Kind::failed: return pass_on(move.error);
        }
    }

    void came(const Future &done) {
        awaited_ = nullptr;
        if (!over()) make(loop_.receive(done));
    }

    void compute();
    void computed(Proposal proposal, std::shared_ptr<Given> given) {
        given_ = std::move(given);
        if (over()) return let_go();
        make(loop_.propose(std::move(proposal)));
    }

    bool ends_with_another(Status status) override {
        const FuturePtr awaited = awaited_;
        if (!awaited) return false;
        // Its deadline is ours, and a closing client ends it as it ends us.
        if (status == Status::ECANCELLED) awaited->cancel();
        return true;
    }

    void ended() override { let_go(); }
    void let_go() {
        if (!given_) return;
        client().dispatcher().push(
            loop::Dispatcher::Lane::completions,
            std::make_shared<ReleaseEvent>([given = std::exchange(given_, nullptr)]() mutable { given.reset(); }));
    }

    FunctionLoop loop_;
    std::shared_ptr<Given> given_;  ///< null while a step has it, and once it is let go of
    FuturePtr awaited_;
};

/// The step on the lane. If it goes away without having been run, so does the swap. It does not keep the swap: one that has ended
/// leaves nothing but what the application gave to a step that nobody takes.
class LaneSwap::Computing : public SwapStep {
public:
    Computing(const std::shared_ptr<LaneSwap> &swap, std::shared_ptr<Given> given)
        : swap_(swap), given_(std::move(given)) {}
    ~Computing() override {
        const auto swap = swap_.lock();
        if (!given_ || !swap) return;
        swap->client().loop().post([swap] { swap->stop(Status::ECANCELLED); });
    }
    Computing(const Computing &) = delete;
    Computing &operator=(const Computing &) = delete;

    void run() override {
        const auto swap = swap_.lock();
        auto given = std::exchange(given_, nullptr);
        if (!given || !swap || swap->future()->done()) return;
        auto proposal = swap->loop_.compute(given->function);
        swap->client().loop().post([swap, proposal = std::move(proposal), given = std::move(given)]() mutable {
            swap->computed(std::move(proposal), std::move(given));
        });
    }

private:
    const std::weak_ptr<LaneSwap> swap_;
    std::shared_ptr<Given> given_;
};

void LaneSwap::compute() {
    client().dispatcher().push(loop::Dispatcher::Lane::completions,
                               std::make_shared<Computing>(self<LaneSwap>(), std::exchange(given_, nullptr)));
}

}  // namespace

FuturePtr run_swap(const AtomPtr &atom, const SwapFunction &function, std::int64_t timeout_ms) {
    return run_here(FunctionLoop(atom, pulls_of_value(atom), timeout_ms), function);
}

FuturePtr run_swap_async(const AtomPtr &atom, SwapFunction function, ContextPtr context, std::int64_t timeout_ms) {
    return std::make_shared<LaneSwap>(FunctionLoop(atom, pulls_of_value(atom), timeout_ms),
                                      LaneSwap::Given{std::move(function), std::move(context)}, timeout_ms)
        ->start();
}

FuturePtr run_alter_meta(const AtomPtr &atom, const SwapFunction &function, std::int64_t timeout_ms) {
    return run_here(FunctionLoop(atom, pulls_of_meta(atom), timeout_ms), function);
}

FuturePtr run_alter_meta_async(const AtomPtr &atom, SwapFunction function, ContextPtr context,
                               std::int64_t timeout_ms) {
    return std::make_shared<LaneSwap>(FunctionLoop(atom, pulls_of_meta(atom), timeout_ms),
                                      LaneSwap::Given{std::move(function), std::move(context)}, timeout_ms)
        ->start();
}

}  // namespace exo::refs
