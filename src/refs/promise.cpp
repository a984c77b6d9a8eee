// Opening, delivering, and asking whether somebody did.
#include "refs/promise.hpp"

#include "refs/operation.hpp"
#include "refs/realized.hpp"
#include "refs/sightings.hpp"
#include "store/answers.hpp"
#include "store/create_call.hpp"
#include "store/scripts.gen.hpp"

namespace exo::refs {

using base::Reason;
using base::Stat;
using base::Status;

namespace {

constexpr char kNoun[] = "promise";

store::CreateCall call_of(Client &client, const std::string &key, const ReferenceOptions &options) {
    store::CreateCall::What what;
    what.key = client.settings().prefix + key;
    what.kind = kNoun;
    what.codec = options.codec;
    if (options.ttl_ms > 0) what.ttl = static_cast<std::uint64_t>(options.ttl_ms);
    what.db = client.settings().database;
    return {std::move(what), client.session(), client.next_counter()};
}

class OpenOperation : public Operation {
public:
    OpenOperation(ClientLifePtr life, std::string key, ReferenceOptions options, std::int64_t timeout_ms)
        : Operation(life->client(), Subject{"open", kNoun, key}, timeout_ms),
          call_(call_of(client(), key, options)),
          life_(std::move(life)),
          options_(std::move(options)) {}

private:
    void run() override {
        Plan plan;
        plan.script = &store::kCreateScript;
        plan.write = true;
        plan.compose = [this](redis::CommandWriter &out, const redis::Peer &peer, std::uint64_t number) {
            call_.write(out, peer, number);
        };
        plan.on_answer = [self = self<OpenOperation>()](redis::ReplyView reply, const store::Sending &sending) {
            self->answered(reply, sending);
        };
        attempt(std::move(plan));
    }

    void answered(redis::ReplyView reply, const store::Sending &sending) {
        const auto answer = call_.parse(reply, sending.number);
        if (!answer) return fail_with(answer.error());
        if (answer->done) return found(answer->done->state, true);
        const store::Refusal &refused = *answer->refused;
        using Refused = store::Refusal::Kind;
        if (refused.kind == Refused::foreign || refused.kind == Refused::wrong_type)
            return fail_with(foreign_error(kNoun, refused.redis_type));
        if (const auto error = sighting_error(refused.there, kNoun)) return fail_with(error);
        found(refused.there.state, false);
    }

    void found(const store::StatePtr &state, bool created) {
        if (const auto error = codec_mismatch(options_.codec, state->codec, false)) return fail_with(error);
        warn_of_short_life(client(), kNoun, subject().key, options_.ttl_ms);
        const std::string key = client().settings().prefix + subject().key;
        const auto cell = OnceCell::of(client_ptr(), key, kNoun, *state);
        if (state->identity.version > 0) cell->realize(state);
        Results results;
        results.promise = std::make_shared<Promise>(std::move(life_), cell, options_);
        results.value = cell->result();
        results.flag = created;
        succeed(std::move(results));
    }

    void ended() override { life_ = nullptr; }

    store::CreateCall call_;
    ClientLifePtr life_;
    const ReferenceOptions options_;
};

class DeliverOperation : public Operation {
public:
    DeliverOperation(std::shared_ptr<OnceCell> cell, std::string value, std::int64_t timeout_ms)
        : Operation(cell->client_ptr(), Subject{"deliver", kNoun, std::string(cell->shown_key())}, timeout_ms),
          cell_(std::move(cell)),
          value_(std::move(value)) {}

private:
    void run() override {
        counter_ = client().next_counter();
        Plan plan;
        plan.script = &store::kDeliverScript;
        plan.write = true;
        plan.size = value_.size() + cell_->key().size();
        plan.compose = [this](redis::CommandWriter &out, const redis::Peer &peer, std::uint64_t number) {
            const std::string server = store::server_identity(peer);
            store::DeliverArgs args;
            args.key = cell_->key();
            args.session = client().session();
            args.counter = counter_;
            args.sending = number;
            args.epoch = cell_->epoch();
            args.server = server;
            args.message_limit = client().settings().message_value_limit;
            args.db = client().settings().database;
            args.value = value_;
            store::write_deliver(out, args);
        };
        plan.on_answer = [self = self<DeliverOperation>()](redis::ReplyView reply, const store::Sending &sending) {
            self->answered(reply, sending);
        };
        attempt(std::move(plan));
    }

    void answered(redis::ReplyView reply, const store::Sending &sending) {
        const auto answer = store::parse_deliver(reply, store::op_text(client().session(), counter_, sending.number));
        if (!answer) {
            // It was executed in some way that we can't read: nobody knows what it did.
            client().node().reconnect("an answer could not be understood");
            return fail_unknown(Reason::history_dropped,
                                "the server's answer could not be understood (" + answer.error()->message + ")");
        }
        if (answer->done) return stands(*answer->done);
        if (!sending.only) {
            return fail_unknown(Reason::data_lost,
                                "it was sent again after a lost connection, and the promise is gone now");
        }
        const auto error = cell_->take_sighting(answer->refused->there);
        error ? fail_with(error) : fail(Status::EPROTOCOL, "it was refused, but it is there and open");
    }

    void stands(const store::Delivered &delivered) {
        store::StatePtr standing = delivered.state;
        if (delivered.mine) {
            client().stats().add(Stat::commits);
            if (delivered.repeat) client().stats().add(Stat::resends_recorded);
            auto made = std::make_shared<store::State>(*delivered.state);
            made->value = value_;
            standing = std::move(made);
        }
        cell_->realize(standing);
        Results results;
        results.flag = delivered.mine;
        // What this process has read stays as it was read, whatever the server lost since.
        results.value = cell_->result();
        succeed(std::move(results));
    }

    const std::shared_ptr<OnceCell> cell_;
    const std::string value_;
    std::uint64_t counter_ = 0;
};

FuturePtr done(const Client &client, Results results) {
    auto future = client.make_future();
    future->complete(std::move(results));
    return future;
}

}  // namespace

Promise::Promise(ClientLifePtr life, std::shared_ptr<OnceCell> cell, const ReferenceOptions &options)
    : life_(std::move(life)), cell_(std::move(cell)) {
    auto may_not_write = codec_mismatch(options.codec, std::string(cell_->codec()), true);
    if (options.validator || may_not_write)
        bounds_ = std::make_unique<const Bounds>(Bounds{options.validator, std::move(may_not_write)});
}

FuturePtr Promise::open(const ClientLifePtr &life, std::string key, ReferenceOptions options, std::int64_t timeout_ms) {
    return std::make_shared<OpenOperation>(life, std::move(key), std::move(options), timeout_ms)->start();
}

FuturePtr Promise::deliver(std::string value, std::int64_t timeout_ms) {
    base::ErrorPtr error = client().unusable();
    const Validator *validator = bounds_ ? bounds_->validator.get() : nullptr;
    if (!error) error = check_value(value, client().settings().max_value_size, validator);
    if (!error && bounds_) error = bounds_->may_not_write;
    if (error) {
        const std::string shown(key());
        return client().failed_future(with_context(
            error, "could not deliver promise " + base::quoted(shown) + " on " + client().server(), shown));
    }
    if (auto standing = known()) {
        Results results;
        results.value = std::move(standing);
        return done(client(), std::move(results));
    }
    return std::make_shared<DeliverOperation>(cell_, std::move(value), timeout_ms)->start();
}

FuturePtr Promise::realized(std::int64_t timeout_ms) {
    if (known() == nullptr)
        return ask_realized(client(), std::string(key()), kNoun, std::string(cell_->epoch()), timeout_ms);
    Results results;
    results.flag = true;
    return done(client(), std::move(results));
}

}  // namespace exo::refs
