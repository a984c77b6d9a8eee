// Ping, delete, expire, inspect.
#include "refs/admin.hpp"

#include "refs/once_cell.hpp"
#include "refs/operation.hpp"
#include "store/answers.hpp"
#include "store/commands.hpp"
#include "store/scripts.gen.hpp"

namespace exo::refs {

using base::Status;

namespace {

constexpr char kNoun[] = "reference";

class PingOperation : public Operation {
public:
    PingOperation(std::shared_ptr<Client> client, std::int64_t timeout_ms)
        : Operation(std::move(client), Subject{"ping", "", ""}, timeout_ms) {}

private:
    void run() override {
        Plan plan;
        plan.compose = [this](redis::CommandWriter &out, const redis::Peer &, std::uint64_t) {
            begun_ = base::Clock::now();
            out.begin(1).arg("PING");
        };
        plan.on_answer = [self = self<PingOperation>()](redis::ReplyView, const store::Sending &sending) {
            const auto took = std::chrono::duration_cast<std::chrono::microseconds>(base::Clock::now() - self->begun_);
            auto version = std::make_shared<store::State>();
            version->value = sending.peer.version;
            Results results;
            results.number = took.count();
            results.value = std::move(version);
            self->succeed(std::move(results));
        };
        attempt(std::move(plan));
    }

    base::TimePoint begun_;
};

/// What begins with a look at the epoch, since a write names the incarnation that it means.
class EpochOperation : public Operation {
public:
    EpochOperation(const std::shared_ptr<Client> &client, const char *verb, const std::string &key,
                   std::int64_t timeout_ms)
        : Operation(client, Subject{verb, kNoun, key}, timeout_ms), key_(client->settings().prefix + key) {}

protected:
    /// Not only its identity: `state` has no value.
    virtual void found(const store::State &state) = 0;
    virtual void absent() { fail(Status::ENOTFOUND, "there is no reference under this key"); }

    void run() override {
        Plan plan;
        plan.wrong_type_is_answer = true;
        plan.compose = [this](redis::CommandWriter &out, const redis::Peer &, std::uint64_t) {
            store::write_read_identity(out, key_);
        };
        plan.on_answer = [self = self<EpochOperation>()](redis::ReplyView reply, const store::Sending &) {
            const auto sighting = store::parse_read_state(reply);
            if (!sighting) return self->fail_with(sighting.error());
            if (sighting->kind == store::Sighting::Kind::present) return self->found(*sighting->state);
            if (sighting->kind == store::Sighting::Kind::newer_format) return self->newer(sighting->format);
            self->ask_type();
        };
        attempt(std::move(plan));
    }

    void newer(std::uint64_t format) {
        fail(Status::EFORMAT, "the reference is of format " + std::to_string(format) +
                                  ", and this library knows formats up to " + std::to_string(store::kFormat) +
                                  "; use a newer one");
    }

    /// A hash that is no reference looks like nothing at all.
    void ask_type() {
        Plan plan;
        plan.compose = [this](redis::CommandWriter &out, const redis::Peer &, std::uint64_t) {
            store::write_type(out, key_);
        };
        plan.on_answer = [self = self<EpochOperation>()](redis::ReplyView reply, const store::Sending &) {
            const std::string type(reply.text());
            if (type == "none") return self->absent();
            self->fail(Status::ETYPE, "the key holds a " + type + " that is not of exoref");
        };
        attempt(std::move(plan));
    }

    std::string op(const store::Sending &sending) const {
        return store::op_text(client().session(), counter_, sending.number);
    }

    const std::string key_;
    std::uint64_t counter_ = 0;
};

class DeleteOperation : public EpochOperation {
public:
    DeleteOperation(const std::shared_ptr<Client> &client, const std::string &key, std::int64_t timeout_ms)
        : EpochOperation(client, "delete", key, timeout_ms) {}

private:
    void absent() override { done(false); }

    void done(bool deleted) {
        Results results;
        results.flag = deleted;
        succeed(std::move(results));
    }

    void found(const store::State &state) override {
        const std::string epoch = state.identity.epoch;
        counter_ = client().next_counter();
        Plan plan;
        plan.script = &store::kDeleteScript;
        plan.write = true;
        plan.compose = [this, epoch](redis::CommandWriter &out, const redis::Peer &, std::uint64_t number) {
            store::DeleteArgs args;
            args.key = key_;
            args.session = client().session();
            args.counter = counter_;
            args.sending = number;
            args.epoch = epoch;
            args.db = client().settings().database;
            store::write_delete(out, args);
        };
        plan.on_answer = [self = self<DeleteOperation>()](redis::ReplyView reply, const store::Sending &sending) {
            const auto answer = store::parse_delete(reply, self->op(sending));
            if (!answer) return self->fail_unreadable(answer.error());
            if (answer->done) return self->done(true);
            if (answer->refused->kind == store::Refusal::Kind::format)
                return self->newer(answer->refused->there.format);
            // An earlier sending of ours may have done it.
            if (!sending.only) return self->done(true);
            self->run();
        };
        attempt(std::move(plan));
    }
};

class ExpireOperation : public EpochOperation {
public:
    ExpireOperation(const std::shared_ptr<Client> &client, const std::string &key, std::int64_t ttl_ms,
                    std::int64_t timeout_ms)
        : EpochOperation(client, "set the time to live of", key, timeout_ms), ttl_ms_(ttl_ms) {}

private:
    void found(const store::State &state) override {
        if (state.type != "atom") warn_of_short_life(client(), state.type, subject().key, ttl_ms_);
        write(state.identity.epoch);
    }

    void write(const std::string &epoch) {
        counter_ = client().next_counter();
        Plan plan;
        plan.script = &store::kExpireScript;
        plan.write = true;
        plan.compose = [this, epoch](redis::CommandWriter &out, const redis::Peer &, std::uint64_t number) {
            store::ExpireArgs args;
            args.key = key_;
            args.session = client().session();
            args.counter = counter_;
            args.sending = number;
            args.epoch = epoch;
            args.conditional = true;
            args.base_op = base_op_;
            if (ttl_ms_ >= 0) args.ttl = static_cast<std::uint64_t>(ttl_ms_);
            store::write_expire(out, args);
        };
        plan.on_answer = [self = self<ExpireOperation>(), epoch](redis::ReplyView reply,
                                                                 const store::Sending &sending) {
            const auto answer = store::parse_attribute(reply, self->op(sending));
            if (!answer) return self->fail_unreadable(answer.error());
            if (answer->done) return self->succeed({});
            if (!sending.only) {
                return self->fail_unknown(base::Reason::history_dropped,
                                          "it was sent again after a lost connection, and was refused then");
            }
            if (answer->refused->kind == store::Refusal::Kind::format) return self->newer(answer->refused->format);
            // Upon what the refusal tells: a late original must not overwrite what came after its repeat.
            const bool conflict = answer->refused->kind == store::Refusal::Kind::conflict;
            self->base_op_ = conflict ? answer->refused->there.op : "";
            conflict ? self->write(epoch) : self->run();
        };
        attempt(std::move(plan));
    }

    const std::int64_t ttl_ms_;
    std::string base_op_;  ///< of the last write that we know of; at first: none
};

/// Two reads: all about it, then its value, so that a value of any size is read once and as a deref reads it.
class InspectOperation : public Operation {
public:
    InspectOperation(const std::shared_ptr<Client> &client, const std::string &key, std::int64_t timeout_ms)
        : Operation(client, Subject{"inspect", kNoun, key}, timeout_ms), key_(client->settings().prefix + key) {
        info_->key = key;
    }

private:
    static constexpr std::uint64_t kLastChanges = 10;
    static constexpr std::uint64_t kShownValue = 65536;

    void run() override {
        const std::uint64_t counter = client().next_counter();
        Plan plan;
        plan.script = &store::kInspectScript;
        plan.compose = [this, counter](redis::CommandWriter &out, const redis::Peer &, std::uint64_t number) {
            store::InspectArgs args;
            args.key = key_;
            args.session = client().session();
            args.counter = counter;
            args.sending = number;
            args.last = kLastChanges;
            args.value_limit = kShownValue;
            store::write_inspect(out, args);
        };
        plan.on_answer = [self = self<InspectOperation>(), counter](redis::ReplyView reply,
                                                                    const store::Sending &sending) {
            const auto found =
                store::parse_inspect(reply, store::op_text(self->client().session(), counter, sending.number));
            if (!found) return self->fail_with(found.error());
            self->take(*found);
        };
        attempt(std::move(plan));
    }

    void take(const store::Inspection &found) {
        using Sight = store::Sighting::Kind;
        if (found.there.kind == Sight::newer_format) {
            return fail(Status::EFORMAT, "the reference is of format " + std::to_string(found.there.format) +
                                             ", and this library knows formats up to " +
                                             std::to_string(store::kFormat));
        }
        if (found.there.kind != Sight::present) {
            if (found.redis_type == "none") return fail(Status::ENOTFOUND, "there is no reference under this key");
            return fail(Status::ETYPE, "the key holds a " + found.redis_type + " that is not of exoref");
        }
        const store::State &state = *found.there.state;
        auto &texts = info_->texts;
        texts["type"] = state.type;
        texts["codec"] = state.codec;
        texts["version"] = std::to_string(state.identity.version);
        texts["epoch"] = state.identity.epoch;
        texts["op"] = state.identity.op;
        texts["size"] = std::to_string(found.value_size);
        texts["ttl"] = found.ttl_ms ? std::to_string(*found.ttl_ms) : "";
        texts["expires"] = found.expires_in_ms ? std::to_string(*found.expires_in_ms) : "";
        texts["history"] = std::to_string(found.ring_length);
        texts["writers"] = std::to_string(found.records);
        texts["terms"] = state.terms;
        if (found.delay) take_delay(*found.delay);
        if (found.meta) {
            auto meta = std::make_shared<store::State>();
            meta->value = *found.meta;
            info_->meta = std::move(meta);
        }
        for (auto entry = found.last_changes.rbegin(); entry != found.last_changes.rend(); ++entry) {
            store::StatePtr value;
            if (entry->value) {
                auto past = std::make_shared<store::State>();
                past->type = state.type;
                past->codec = state.codec;
                past->identity = {state.identity.epoch, entry->version, entry->op};
                past->value = entry->value;
                value = std::move(past);
            }
            info_->changes.emplace_back(entry->version, std::move(value));
        }
        if (found.value_size > client().settings().max_value_size) return done();
        read_value();
    }

    void take_delay(const store::DelayState &delay) {
        using Phase = store::DelayState::Phase;
        const std::uint64_t left = delay.lease_left_ms.value_or(0);
        auto &texts = info_->texts;
        texts["state"] = delay.phase == Phase::open       ? "open"
                         : delay.phase == Phase::wanted   ? "wanted"
                         : delay.phase == Phase::realized ? "realized"
                                                          : "failed";
        texts["attempt"] = std::to_string(delay.attempt);
        texts["owner"] = left > 0 ? delay.lease.owner : "";
        texts["lease"] = std::to_string(left);
        texts["lease_ms"] = std::to_string(delay.lease_ms);
        texts["failure"] = delay.failure ? delay.failure->message : "";
    }

    void read_value() {
        Plan plan;
        plan.wrong_type_is_answer = true;
        plan.compose = [this](redis::CommandWriter &out, const redis::Peer &, std::uint64_t) {
            store::write_read_state(out, key_);
        };
        plan.on_answer = [self = self<InspectOperation>()](redis::ReplyView reply, const store::Sending &) {
            const auto sighting = store::parse_read_state(reply);
            if (sighting && sighting->kind == store::Sighting::Kind::present && sighting->state->value) {
                self->info_->value = sighting->state;
                // Changed between the two reads: the value's own version counts.
                self->info_->texts["version"] = std::to_string(sighting->state->identity.version);
                self->info_->texts["size"] = std::to_string(sighting->state->value->size());
            }
            self->done();
        };
        attempt(std::move(plan));
    }

    void done() {
        Results results;
        results.info = info_;
        succeed(std::move(results));
    }

    const std::string key_;
    const std::shared_ptr<Info> info_ = std::make_shared<Info>();
};

}  // namespace

FuturePtr ping(const std::shared_ptr<Client> &client, std::int64_t timeout_ms) {
    return std::make_shared<PingOperation>(client, timeout_ms)->start();
}

FuturePtr delete_reference(const std::shared_ptr<Client> &client, const std::string &key, std::int64_t timeout_ms) {
    return std::make_shared<DeleteOperation>(client, key, timeout_ms)->start();
}

FuturePtr expire(const std::shared_ptr<Client> &client, const std::string &key, std::int64_t ttl_ms,
                 std::int64_t timeout_ms) {
    return std::make_shared<ExpireOperation>(client, key, ttl_ms, timeout_ms)->start();
}

FuturePtr inspect(const std::shared_ptr<Client> &client, const std::string &key, std::int64_t timeout_ms) {
    return std::make_shared<InspectOperation>(client, key, timeout_ms)->start();
}

}  // namespace exo::refs
