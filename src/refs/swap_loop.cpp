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
        return begun.swap->offer(std::move(next), timeout_ms);
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

/// One swap by a function, step by step; between the steps something is waited for.
class FunctionLoop {
public:
    FunctionLoop(AtomPtr atom, Pulls pulls, SwapFunction function, std::int64_t timeout_ms)
        : atom_(std::move(atom)),
          pulls_(std::move(pulls)),
          function_(std::move(function)),
          timeout_ms_(timeout_ms),
          deadline_(base::deadline_after(timeout_ms)) {}

    FuturePtr begin() {
        outcome_ = atom_->client().make_future();
        return pulls_.begin(timeout_ms_);
    }

    /// Goes on from what has come; null when the outcome is there.
    FuturePtr step(const FuturePtr &awaited) {
        if (const auto error = awaited->error()) return end(ended_early(error));
        Results results = awaited->results();
        if (!begun_) {
            begun_ = results;
        } else if (results.flag) {
            if (verdict_) return end(verdict_);
            if (!results.old_value) results.old_value = declined_ ? results.value : value_;
            outcome_->complete(std::move(results));
            return nullptr;
        }
        value_ = results.value;
        verdict_ = nullptr;
        declined_ = false;
        return compute();
    }

    const FuturePtr &outcome() const noexcept { return outcome_; }

private:
    FuturePtr compute() {
        Computed computed = function_(value_);
        const std::int64_t left = time_left();
        if (computed.kind == Computed::Kind::value) {
            verdict_ = pulls_.check(computed.text);
            if (!verdict_) return pulls_.offer(*begun_, value_, std::move(computed.text), left);
            verdict_ = with_context(verdict_, atom_->attempted(pulls_.verb), atom_->key());
        } else if (computed.kind == Computed::Kind::failed) {
            verdict_ = function_error(*atom_, pulls_.verb, computed.text);
        } else {
            declined_ = true;
        }
        // An answer that changes nothing must rest on a value that the server stands for.
        if (pulls_.confirm) return pulls_.confirm(*begun_, left);
        if (verdict_) return end(verdict_);
        Results unchanged;
        unchanged.flag = true;
        unchanged.value = unchanged.old_value = value_;
        outcome_->complete(std::move(unchanged));
        return nullptr;
    }

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

    FuturePtr end(const base::ErrorPtr &error) {
        outcome_->fail(error);
        return nullptr;
    }

    const AtomPtr atom_;
    const Pulls pulls_;
    const SwapFunction function_;
    const std::int64_t timeout_ms_;
    const base::TimePoint deadline_;
    FuturePtr outcome_;
    std::optional<Results> begun_;
    store::StatePtr value_;
    base::ErrorPtr verdict_;  ///< what is to be said if the value that it rests on is confirmed
    bool declined_ = false;
};

FuturePtr run_here(FunctionLoop loop) {
    for (FuturePtr awaited = loop.begin(); awaited; awaited = loop.step(awaited)) awaited->wait(base::kNever);
    return loop.outcome();
}

/// The loop on the completion lane: each time something awaited has come, the next step is an event there.
class LaneLoop : public std::enable_shared_from_this<LaneLoop> {
public:
    LaneLoop(FunctionLoop loop, ContextPtr context) : loop_(std::move(loop)), context_(std::move(context)) {}

    FuturePtr start() {
        FuturePtr awaited = loop_.begin();
        FuturePtr outcome = loop_.outcome();
        outcome->mark_needs_lane();
        outcome->on_cancel([weak = weak_from_this()] {
            if (const auto self = weak.lock()) self->cancel();
        });
        await(std::move(awaited));
        return outcome;
    }

private:
    void await(FuturePtr awaited) {
        if (!awaited) {
            context_.reset();
            return;
        }
        {
            const std::lock_guard lock(mutex_);
            awaited_ = awaited;
        }
        awaited->listen(Callback<Future &>(
                            [self = shared_from_this()](Future &done) {
                                self->await(self->loop_.step(done.shared_from_this()));
                                return 0;
                            },
                            nullptr),
                        0);
    }

    void cancel() {
        FuturePtr awaited;
        {
            const std::lock_guard lock(mutex_);
            awaited = awaited_;
        }
        if (awaited) awaited->cancel();
    }

    FunctionLoop loop_;
    ContextPtr context_;
    std::mutex mutex_;
    FuturePtr awaited_;
};

}  // namespace

FuturePtr run_swap(const AtomPtr &atom, const SwapFunction &function, std::int64_t timeout_ms) {
    return run_here(FunctionLoop(atom, pulls_of_value(atom), function, timeout_ms));
}

FuturePtr run_swap_async(const AtomPtr &atom, SwapFunction function, ContextPtr context, std::int64_t timeout_ms) {
    return std::make_shared<LaneLoop>(FunctionLoop(atom, pulls_of_value(atom), std::move(function), timeout_ms),
                                      std::move(context))
        ->start();
}

FuturePtr run_alter_meta(const AtomPtr &atom, const SwapFunction &function, std::int64_t timeout_ms) {
    return run_here(FunctionLoop(atom, pulls_of_meta(atom), function, timeout_ms));
}

FuturePtr run_alter_meta_async(const AtomPtr &atom, SwapFunction function, ContextPtr context,
                               std::int64_t timeout_ms) {
    return std::make_shared<LaneLoop>(FunctionLoop(atom, pulls_of_meta(atom), std::move(function), timeout_ms),
                                      std::move(context))
        ->start();
}

}  // namespace exo::refs
