// One look at the identity under a key.
#include "refs/realized.hpp"

#include "refs/operation.hpp"
#include "refs/sightings.hpp"
#include "store/commands.hpp"

namespace exo::refs {

namespace {

class RealizedOperation : public Operation {
public:
    RealizedOperation(Client &client, const std::string &key, const std::string &type, std::string epoch,
                      std::int64_t timeout_ms)
        : Operation(client.shared_from_this(), Subject{"look at", type.empty() ? "reference" : type, key}, timeout_ms),
          key_(client.settings().prefix + key),
          type_(type),
          epoch_(std::move(epoch)) {}

private:
    void run() override {
        Plan plan;
        plan.wrong_type_is_answer = true;
        plan.compose = [this](redis::CommandWriter &out, const redis::Peer &, std::uint64_t) {
            store::write_read_identity(out, key_);
        };
        plan.on_answer = [self = self<RealizedOperation>()](redis::ReplyView reply, const store::Sending &) {
            const auto sighting = store::parse_read_state(reply);
            sighting ? self->seen(*sighting) : self->fail_with(sighting.error());
        };
        attempt(std::move(plan));
    }

    void seen(const store::Sighting &sighting) {
        using Kind = store::Sighting::Kind;
        if (sighting.kind == Kind::newer_format) return fail_with(sighting_error(sighting, subject().noun));
        // The one that is meant is not there; what is there instead matters to those only who mean what is there.
        const bool meant =
            epoch_.empty() || (sighting.kind == Kind::present && sighting.state->identity.epoch == epoch_);
        if (!meant) return tell(false);
        // A hash that is no reference looks like nothing at all.
        if (sighting.kind != Kind::present) return ask_type();
        const store::State &state = *sighting.state;
        const bool fits = type_.empty() ? state.type == "promise" || state.type == "delay" : state.type == type_;
        if (!fits) return fail_with(wrong(state.type));
        tell(state.identity.version > 0);
    }

    void ask_type() {
        Plan plan;
        plan.compose = [this](redis::CommandWriter &out, const redis::Peer &, std::uint64_t) {
            store::write_type(out, key_);
        };
        plan.on_answer = [self = self<RealizedOperation>()](redis::ReplyView reply, const store::Sending &) {
            if (reply.text() == "none") return self->tell(false);
            self->fail_with(foreign_error(self->wanted(), std::string(reply.text())));
        };
        attempt(std::move(plan));
    }

    std::string wanted() const { return type_.empty() ? "promise or delay" : type_; }

    base::ErrorPtr wrong(const std::string &there) const {
        return base::make_error(base::Status::ETYPE,
                                "the key does not hold " + with_article(wanted()) + " but " + with_article(there));
    }

    void tell(bool realized) {
        Results results;
        results.flag = realized;
        succeed(std::move(results));
    }

    const std::string key_;
    const std::string type_;
    const std::string epoch_;
};

}  // namespace

FuturePtr ask_realized(Client &client, const std::string &key, const std::string &type, const std::string &epoch,
                       std::int64_t timeout_ms) {
    return std::make_shared<RealizedOperation>(client, key, type, epoch, timeout_ms)->start();
}

}  // namespace exo::refs
