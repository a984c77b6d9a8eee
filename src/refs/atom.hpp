// An atom as the application holds it: the shared cell, with the validator and codec of this handle. Every operation gives a
// future; what blocks waits for it.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "refs/atom_cell.hpp"
#include "refs/client.hpp"
#include "refs/future.hpp"
#include "refs/reference_options.hpp"
#include "refs/watches.hpp"

namespace exo::refs {

class Atom : public std::enable_shared_from_this<Atom> {
public:
    Atom(ClientLifePtr life, std::string key, ReferenceOptions options);
    ~Atom();

    /// Opens without changing anything; with an initial value, creates what is absent. The future has the atom.
    static FuturePtr open(const ClientLifePtr &life, std::string key, ReferenceOptions options,
                          std::int64_t timeout_ms);
    static FuturePtr create(const ClientLifePtr &life, std::string key, const std::string &initial,
                            const ReferenceOptions &options, std::int64_t timeout_ms);

    const std::string &key() const noexcept { return key_; }
    const std::string &codec() const noexcept { return options_.codec; }
    const ClientLifePtr &life() const noexcept { return life_; }
    Client &client() const noexcept { return *life_->client(); }
    const std::shared_ptr<AtomCell> &cell() const noexcept { return cell_; }

    FuturePtr deref(std::int64_t timeout_ms);
    FuturePtr reset(std::string value, bool want_old, std::int64_t timeout_ms);
    FuturePtr compare_and_set(std::string expected, std::string next, std::int64_t timeout_ms);
    FuturePtr compare_and_set_at(store::StatePtr state, std::string next, std::int64_t timeout_ms);
    FuturePtr swap_begin(std::int64_t timeout_ms);

    /// Judges the current value with it, then sets it; null removes it. Blocks.
    base::ErrorPtr set_validator(ValidatorPtr validator, std::int64_t timeout_ms);

    FuturePtr add_watch(WatchPtr watch, std::int64_t timeout_ms);
    void remove_watch(const std::string &watch_key);

    FuturePtr meta(std::int64_t timeout_ms);
    FuturePtr reset_meta(std::string meta, std::int64_t timeout_ms);
    /// Sets it upon what `base` (out of meta() or a failed attempt) was read as. The flag tells whether it was set, the value is what
    /// stands now.
    FuturePtr compare_and_set_meta(store::StatePtr base, std::string meta, std::int64_t timeout_ms);

    /// Null, or why this value can't be proposed: ETOOBIG, EVALIDATION.
    base::ErrorPtr check(const std::string &value) const;

    std::string attempted(const char *verb) const;  ///< "could not reset atom 'k' on redis://..."

private:
    const ClientLifePtr life_;
    const std::string key_;
    const ReferenceOptions options_;
    const std::shared_ptr<AtomCell> cell_;
    mutable std::mutex mutex_;
    ValidatorPtr validator_;
};
using AtomPtr = std::shared_ptr<Atom>;

}  // namespace exo::refs
