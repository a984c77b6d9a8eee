// Opening, and the deref that computes.
#include "refs/delay.hpp"

#include <algorithm>

#include "refs/once_opening.hpp"
#include "refs/realized.hpp"
#include "refs/sightings.hpp"

namespace exo::refs {

using base::Status;

namespace {

constexpr char kNoun[] = "delay";
constexpr char kOwnBody[] = "the delay was asked for its value by its own body, which could never end";

class OpenOperation : public OnceOpening {
public:
    OpenOperation(const ClientLifePtr &life, const std::string &key, const ReferenceOptions &options, Body::What what,
                  std::int64_t timeout_ms)
        : OnceOpening(life, kNoun, key, options, timeout_ms),
          writes_(what.offers),
          body_(std::make_shared<Body>(life, std::move(what))) {}

private:
    bool writes() const override { return writes_; }

    void found(const store::State &state, Results &results) override {
        const auto cell = OnceCell::of<DelayCell>(client_ptr(), redis_key(), state);
        // A kept failure is no value; it is read when it is asked for.
        if (state.identity.version > 0 && state.value) cell->realize(std::make_shared<const store::State>(state));
        body_->set_write_refusal(codec_mismatch(options().codec, state.codec, true));
        if (body_->offers()) cell->add_body(body_);
        results.delay = std::make_shared<Delay>(take_life(), cell, std::move(body_));
        results.value = cell->result();
    }

    const bool writes_;
    BodyPtr body_;
};

}  // namespace

Delay::Delay(ClientLifePtr life, std::shared_ptr<DelayCell> cell, BodyPtr body)
    : life_(std::move(life)), cell_(std::move(cell)), body_(std::move(body)) {}

Delay::~Delay() {
    body_ = nullptr;
    cell_->client().loop().post([cell = cell_] { cell->drop_body(); });
}

FuturePtr Delay::open(const ClientLifePtr &life, const std::string &key, const ReferenceOptions &options,
                      const std::shared_ptr<GivenBody> &given, std::int64_t timeout_ms) {
    Body::What what;
    if (given) {
        what.function = std::move(given->function);
        what.context = std::move(given->context);
        what.token = given->token;
        what.offers = true;
    }
    what.lease_ms = options.lease_ms;
    what.rules.validator = options.validator;
    what.rules.retry = options.retry;
    return std::make_shared<OpenOperation>(life, key, options, std::move(what), timeout_ms)->start();
}

FuturePtr Delay::realized(std::int64_t timeout_ms) {
    if (client().closed() || !cell_->over())
        return ask_realized(client(), std::string(key()), kNoun, std::string(cell_->epoch()), timeout_ms);
    Results results;
    results.flag = true;
    auto future = client().make_future();
    future->complete(std::move(results));
    return future;
}

base::ErrorPtr Delay::may_wait() const {
    return Body::runs_here(*cell_) ? base::make_error(Status::EXOREF_EDEADLOCK, kOwnBody) : nullptr;
}

base::ErrorPtr Delay::may_wait_for(const Future &future) {
    const DelayCell *cell = future.needs_body_of();
    if (cell == nullptr || !Body::runs_here(*cell)) return nullptr;
    return base::make_error(Status::EXOREF_EDEADLOCK, kOwnBody);
}

base::Result<store::StatePtr> Delay::deref_here(std::int64_t timeout_ms) {
    base::TimePoint deadline = base::deadline_after(timeout_ms);
    for (;;) {
        const auto future = cell_->want(DelayCell::How::here, body_, timeout_ms);
        future->wait(base::kNever);
        if (const auto error = future->error()) return error;
        const Results results = future->results();
        if (!results.lease) return results.value;
        const base::TimePoint begun = base::Clock::now();
        if (auto made = compute(results.lease)) return *made;
        if (timeout_ms < 0) continue;
        // The body's own time does not count.
        deadline += base::Clock::now() - begun;
        const auto left = std::chrono::duration_cast<base::Millis>(deadline - base::Clock::now()).count();
        timeout_ms = std::max<std::int64_t>(left, 1);
    }
}

std::optional<base::Result<store::StatePtr>> Delay::compute(const HeldLeasePtr &lease) {
    const BodyRun run(body_, lease);
    BodyResult made = body_->run(lease);
    const bool declined = made.kind == BodyResult::Kind::declined;
    if (declined) body_->decline();
    const auto published = publish(lease, std::move(made));
    published->wait(base::kNever);
    const auto error = published->error();
    if (error && error->status != Status::ELEASE) return base::Result<store::StatePtr>(error);
    if (error || declined) return std::nullopt;
    const Results results = published->results();
    if (results.value) return base::Result<store::StatePtr>(results.value);
    return base::Result<store::StatePtr>(results.failure);
}

}  // namespace exo::refs
