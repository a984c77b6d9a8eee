// Opening a promise or a delay: created if it is not there, never changed if it is (G6).
#pragma once

#include <string>

#include "refs/operation.hpp"
#include "refs/reference_options.hpp"
#include "store/create_call.hpp"

namespace exo::refs {

class OnceOpening : public Operation {
public:
    OnceOpening(ClientLifePtr life, const char *noun, const std::string &key, ReferenceOptions options,
                std::int64_t timeout_ms);

protected:
    /// What is there now; the flag of the results is set already.
    virtual void found(const store::State &state, Results &results) = 0;

    const ReferenceOptions &options() const noexcept { return options_; }
    std::string redis_key() const { return client().settings().prefix + subject().key; }
    ClientLifePtr take_life() noexcept { return std::move(life_); }
    /// Whether who opens it is to write what comes (C9).
    virtual bool writes() const { return false; }

private:
    void run() override;
    void answered(redis::ReplyView reply, const store::Sending &sending);
    void there(const store::StatePtr &state, bool created);
    void ended() override { life_ = nullptr; }

    ClientLifePtr life_;
    const ReferenceOptions options_;
    store::CreateCall call_;
};

}  // namespace exo::refs
