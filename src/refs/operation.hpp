// An operation: one call of the application from its start to its outcome. Owns the deadline and the cancel; what is to be
// done stands in the derived classes' run(). Everything but start() happens on the loop.
//
//   start() --post--> run() -> attempts ... -> succeed() | fail()
//                       `----- deadline, cancel, close: stop(), which knows whether a write may have been applied
#pragma once

#include <memory>
#include <string>

#include "loop/timers.hpp"
#include "refs/client.hpp"
#include "refs/future.hpp"
#include "store/attempt.hpp"

namespace exo::refs {

class Operation : public std::enable_shared_from_this<Operation> {
public:
    /// What messages say: "could not <verb> <noun> '<key>' on <server>".
    struct Subject {
        std::string verb;  ///< "reset", "read"
        std::string noun;  ///< "atom", "reference", or empty
        std::string key;   ///< as the application gave it
    };

    Operation(std::shared_ptr<Client> client, Subject subject, std::int64_t timeout_ms);
    virtual ~Operation() = default;
    Operation(const Operation &) = delete;
    Operation &operator=(const Operation &) = delete;

    /// From any thread, once. With timeout 0 nothing is sent and the future is done.
    FuturePtr start();
    const FuturePtr &future() const noexcept { return future_; }

    /// Ends it from outside: ETIMEOUT, ECANCELLED, ECLOSED.
    void stop(base::Status status);

    bool over() const noexcept { return over_; }

protected:
    using Plan = store::Attempt::Plan;

    virtual void run() = 0;
    /// It is over, for whatever reason: leave queues and lists.
    virtual void ended() {}
    /// stop() was called. True: it waits for another operation, which ends for the same reason and whose error is the answer.
    virtual bool ends_with_another(base::Status) { return false; }
    /// Called by start() before anything is posted; under no lock.
    virtual void post();

    void succeed(Results results);
    void fail(base::ErrorPtr error);
    void fail(base::Status status, const std::string &detail);
    void fail_unknown(base::Reason reason, const std::string &detail);
    /// The error of another operation, which has counted it already.
    void pass_on(base::ErrorPtr error);
    /// A write was executed in some way that its answer does not tell: nobody knows what it did.
    void fail_unreadable(const base::ErrorPtr &why);
    /// An error of a lower room, with what was attempted put before it.
    void fail_with(const base::ErrorPtr &cause);

    /// Asks what is under the key, and fails with that: ETYPE, or ENOTFOUND if nothing is.
    void fail_with_type(const std::string &redis_key);
    void fail_with_type_name(const std::string &type);

    /// Sends; one attempt at a time. on_failure is filled in: fail_with.
    void attempt(Plan plan);
    void arm();

    Client &client() const noexcept { return *client_; }
    const std::shared_ptr<Client> &client_ptr() const noexcept { return client_; }
    const Subject &subject() const noexcept { return subject_; }
    std::string attempted() const;  ///< "could not reset atom 'k' on redis://..."

    template <typename Self>
    std::shared_ptr<Self> self() {
        return std::static_pointer_cast<Self>(shared_from_this());
    }

private:
    base::Error make(base::Status status, const std::string &detail) const;
    base::Error describe_stop(base::Status status) const;
    void finish();

    const std::shared_ptr<Client> client_;
    const Subject subject_;
    const std::int64_t timeout_ms_;
    const base::TimePoint deadline_;
    const FuturePtr future_;
    std::shared_ptr<store::Attempt> attempt_;
    loop::Timers::Id timer_ = 0;
    std::shared_ptr<Operation> alive_;  ///< itself, from its start on the loop to its end
    bool over_ = false;
};

/// Puts what was attempted before an error's own message.
base::ErrorPtr with_context(const base::ErrorPtr &cause, const std::string &attempted, const std::string &key);

}  // namespace exo::refs
