// Running bodies.
#include "refs/body.hpp"

#include <algorithm>

#include "loop/thread.hpp"
#include "refs/delay_cell.hpp"
#include "refs/watches.hpp"

namespace exo::refs {

using base::Stat;
using base::Status;

namespace {

/// The bodies that this thread is in the middle of, the innermost first.
struct Running {
    const DelayCell *cell = nullptr;
    const Running *outer = nullptr;
};
thread_local const Running *running_here = nullptr;
/// The pool whose thread this is.
thread_local const void *pool_here = nullptr;

}  // namespace

Body::Body(const ClientLifePtr &life, What what)
    : client_(life->client()),
      life_(life),
      what_(std::move(what)),
      rules_(std::make_shared<ResultRules>(std::move(what_.rules))) {}

/// The context is the application's, and may be let go of only where its functions run.
Body::~Body() {
    const auto client = client_.lock();
    if (!client || (!what_.context && !what_.function)) return;
    client->dispatcher().push(loop::Dispatcher::Lane::completions,
                              std::make_shared<ReleaseEvent>(
                                  [function = std::move(what_.function), context = std::move(what_.context)]() mutable {
                                      function = nullptr;
                                      context.reset();
                                  }));
}

BodyResult Body::run(const HeldLeasePtr &lease) {
    const Running mine{lease->lease()->cell().get(), running_here};
    lease->client().stats().add(Stat::bodies);
    running_here = &mine;
    BodyResult result = what_.function(lease);
    running_here = mine.outer;
    return result;
}

bool Body::runs_here(const DelayCell &cell) noexcept {
    for (const Running *one = running_here; one != nullptr; one = one->outer) {
        if (one->cell == &cell) return true;
    }
    return false;
}

FuturePtr publish(const HeldLeasePtr &lease, BodyResult result) {
    constexpr std::int64_t kForEver = -1;
    const auto fail = [&](std::string word, std::string message, std::string payload) {
        auto failure = lease->fail(std::move(word), std::move(message), std::move(payload), kForEver);
        if (failure->status() != Status::ETOOBIG) return failure;
        // Nobody would be told, and the body would be begun again and again.
        return lease->fail("size", failure->error()->message, "", kForEver);
    };
    if (result.refused) result.bytes.clear();
    switch (result.kind) {
        case BodyResult::Kind::declined: return lease->give_back(kForEver);
        case BodyResult::Kind::failed:
            return fail(std::move(result.word), std::move(result.message), std::move(result.bytes));
        case BodyResult::Kind::value: break;
    }
    if (result.refused) return fail("size", result.refused->message, "");
    auto delivery = lease->deliver(std::move(result.bytes), kForEver);
    const Status status = delivery->status();
    if (status == Status::EVALIDATION) return fail("validation", delivery->error()->message, "");
    if (status == Status::ETOOBIG) return fail("size", delivery->error()->message, "");
    return delivery;
}

base::ErrorPtr body_error(const DelayCell &cell, std::string kind, std::string message, std::string payload) {
    base::Error error;
    error.status = Status::EBODY;
    error.message = std::move(message);
    error.kind = std::move(kind);
    error.payload = std::move(payload);
    error.key = cell.shown_key();
    error.sent = true;
    return base::make_error(std::move(error));
}

BodyRun::~BodyRun() {
    const auto &cell = lease_->lease()->cell();
    cell->client().loop().post([cell, body = body_] {
        body->finish();
        cell->body_free();
    });
}

void BodyRun::run() {
    BodyResult result = body_->run(lease_);
    if (result.kind == BodyResult::Kind::declined) body_->decline();
    publish(lease_, std::move(result));
}

BodyEvent::~BodyEvent() {
    if (!used_) run_->body()->decline();
}

void BodyEvent::run() {
    if (!run_->body()->has_function()) return;
    used_ = true;
    run_->run();
}

HeldLeasePtr BodyEvent::take_lease() const {
    used_ = true;
    return run_->lease();
}

bool BodyPool::reserve(const std::shared_ptr<DelayCell> &cell) {
    if (free_ > 0) {
        --free_;
        return true;
    }
    const auto same = [&](const auto &one) { return one.lock() == cell; };
    if (std::none_of(waiting_.begin(), waiting_.end(), same)) waiting_.push_back(cell);
    return false;
}

void BodyPool::give_back(Client &client) {
    ++free_;
    if (waiting_.empty()) return;
    const auto next = waiting_.front();
    waiting_.pop_front();
    client.loop().post([next] {
        if (const auto cell = next.lock()) cell->body_free();
    });
}

bool BodyPool::start(const std::shared_ptr<Client> &client, std::shared_ptr<BodyRun> run) {
    {
        const std::lock_guard lock(state_->mutex);
        ++state_->running;
    }
    const auto ended = [state = state_] {
        const std::lock_guard lock(state->mutex);
        --state->running;
        state->ended.notify_all();
    };
    const auto job = [this, client, run, ended]() mutable {
        pool_here = this;
        run->run();
        run = nullptr;
        client->loop().post([client = client.get()] { client->bodies().give_back(*client); });
        ended();
    };
    if (loop::start_detached("exoref-body", job) == 0) return true;
    ended();
    give_back(*client);
    return false;
}

bool BodyPool::on_thread() const noexcept { return pool_here == this; }

bool BodyPool::wait_idle(base::TimePoint deadline) {
    std::unique_lock lock(state_->mutex);
    const auto idle = [this] { return state_->running == 0; };
    if (deadline == base::kNever) {
        state_->ended.wait(lock, idle);
        return true;
    }
    return state_->ended.wait_until(lock, deadline, idle);
}

}  // namespace exo::refs
