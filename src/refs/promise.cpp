// Delivering, and asking whether somebody did.
#include "refs/promise.hpp"

#include "refs/once_opening.hpp"
#include "refs/realized.hpp"
#include "refs/sightings.hpp"
#include "store/answers.hpp"
#include "store/deliver_call.hpp"
#include "store/scripts.gen.hpp"

namespace exo::refs {

using base::Reason;
using base::Stat;
using base::Status;

namespace {

constexpr char kNoun[] = "promise";

class OpenOperation : public OnceOpening {
public:
    using OnceOpening::OnceOpening;

private:
    void found(const store::State &state, Results &results) override {
        const auto cell = OnceCell::of<PromiseCell>(client_ptr(), redis_key(), state);
        if (state.identity.version > 0) cell->realize(std::make_shared<const store::State>(state));
        results.promise = std::make_shared<Promise>(take_life(), cell, options());
        results.value = cell->result();
    }
};

class DeliverOperation : public Operation {
public:
    DeliverOperation(std::shared_ptr<PromiseCell> cell, std::string value, std::int64_t timeout_ms)
        : Operation(cell->client_ptr(), Subject{"deliver", kNoun, std::string(cell->shown_key())}, timeout_ms),
          cell_(std::move(cell)),
          value_(std::move(value)) {
        open_.type = kNoun;
        open_.codec = cell_->codec();
        open_.identity.epoch = cell_->epoch();
    }

private:
    void run() override {
        counter_ = client().next_counter();
        Plan plan;
        plan.script = &store::kDeliverScript;
        plan.write = true;
        plan.size = value_.size() + cell_->key().size();
        plan.compose = [this](redis::CommandWriter &out, const redis::Peer &peer, std::uint64_t number) {
            const std::string server = store::server_identity(peer);
            open_.term = server.empty() ? "" : "1:" + server;
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
        const auto answer =
            store::parse_deliver(reply, store::op_text(client().session(), counter_, sending.number), open_);
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

    const std::shared_ptr<PromiseCell> cell_;
    const std::string value_;
    store::State open_;  ///< the promise, as it is before the delivery
    std::uint64_t counter_ = 0;
};

FuturePtr done(const Client &client, Results results) {
    auto future = client.make_future();
    future->complete(std::move(results));
    return future;
}

}  // namespace

Promise::Promise(ClientLifePtr life, std::shared_ptr<PromiseCell> cell, const ReferenceOptions &options)
    : life_(std::move(life)), cell_(std::move(cell)) {
    auto may_not_write = codec_mismatch(options.codec, std::string(cell_->codec()), true);
    if (options.validator || may_not_write)
        bounds_ = std::make_unique<const Bounds>(Bounds{options.validator, std::move(may_not_write)});
}

FuturePtr Promise::open(const ClientLifePtr &life, const std::string &key, ReferenceOptions options,
                        std::int64_t timeout_ms) {
    return std::make_shared<OpenOperation>(life, kNoun, key, std::move(options), timeout_ms)->start();
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
