// A promise as the application holds it: the shared cell of one epoch, with the validator and codec of this handle. Every
// operation gives a future; what blocks waits for it.
#pragma once

#include <memory>
#include <string>

#include "refs/client.hpp"
#include "refs/future.hpp"
#include "refs/once_cell.hpp"
#include "refs/reference_options.hpp"

namespace exo::refs {

class PromiseCell : public OnceCell {
public:
    PromiseCell(std::shared_ptr<Client> client, std::string key, const store::State &state)
        : OnceCell(std::move(client), std::move(key), "promise", state) {}
};

class Promise {
public:
    Promise(ClientLifePtr life, std::shared_ptr<PromiseCell> cell, const ReferenceOptions &options);

    /// Opens it, and creates it if it does not exist. The future has the promise; the flag tells whether it was created.
    static FuturePtr open(const ClientLifePtr &life, const std::string &key, ReferenceOptions options,
                          std::int64_t timeout_ms);

    std::string_view key() const noexcept { return cell_->shown_key(); }
    Client &client() const noexcept { return *life_->client(); }
    const std::shared_ptr<PromiseCell> &cell() const noexcept { return cell_; }

    /// The value, if this process knows it and may still be asked: null otherwise.
    store::StatePtr known() const { return client().closed() ? nullptr : cell_->result(); }

    FuturePtr deliver(std::string value, std::int64_t timeout_ms);
    FuturePtr deref(std::int64_t timeout_ms) { return cell_->wait(timeout_ms); }
    FuturePtr realized(std::int64_t timeout_ms);

private:
    /// What few handles have: there may be very many of them.
    struct Bounds {
        ValidatorPtr validator;
        base::ErrorPtr may_not_write;  ///< C9: null if this handle may
    };

    const ClientLifePtr life_;
    const std::shared_ptr<PromiseCell> cell_;
    std::unique_ptr<const Bounds> bounds_;  ///< null: none
};
using PromisePtr = std::shared_ptr<Promise>;

}  // namespace exo::refs
