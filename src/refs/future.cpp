// Futures: completion, waiting, telling.
#include "refs/future.hpp"

namespace exo::refs {

bool Future::complete(Results results) { return finish(Outcome{std::move(results), nullptr}); }
bool Future::fail(base::ErrorPtr error) { return finish(Outcome{{}, std::move(error)}); }

bool Future::finish(Outcome outcome) {
    std::function<void()> cancel;  // destroyed outside the lock: it holds the operation
    std::unique_ptr<Listener> next;
    {
        const std::lock_guard lock(mutex_);
        if (done_) return false;
        if (!outcome_) outcome_ = std::make_unique<Outcome>();
        done_ = true;
        *outcome_ = std::move(outcome);
        cancel.swap(cancel_);
        next.swap(next_);
        if (listened_) announce();
    }
    // Who completes it holds it, so it is still there; and who wakes up finds the mutex free.
    wake_.signal(&home_->loop->place());
    if (next) (*next)(*this);
    return true;
}

void Future::then(Listener next) {
    {
        const std::lock_guard lock(mutex_);
        if (!done_) {
            next_ = std::make_unique<Listener>(std::move(next));
            return;
        }
    }
    next(*this);
}

base::Status Future::wait(base::TimePoint deadline) {
    loop::Loop::Visit::keep();
    std::unique_lock lock(mutex_);
    const bool ready = wake_.wait(
        lock, deadline, [this] { return done_ || interrupted_; }, &home_->loop->place());
    if (interrupted_ && !done_) {
        interrupted_ = false;
        return base::Status::EINTERRUPTED;
    }
    return ready ? base::Status::OK : base::Status::ETIMEOUT;
}

void Future::interrupt() {
    const std::lock_guard lock(mutex_);
    if (done_) return;
    interrupted_ = true;
    wake_.signal(&home_->loop->place());
}

void Future::cancel() {
    std::function<void()> cancel;
    {
        const std::lock_guard lock(mutex_);
        cancel = cancel_;
    }
    if (cancel) cancel();
}

void Future::on_cancel(std::function<void()> cancel) {
    const std::lock_guard lock(mutex_);
    if (!done_) cancel_ = std::move(cancel);
}

bool Future::done() const {
    const std::lock_guard lock(mutex_);
    return done_;
}

base::Status Future::status() const {
    const std::lock_guard lock(mutex_);
    if (!done_) return base::Status::EXOREF_EAGAIN;
    return outcome_->error ? outcome_->error->status : base::Status::OK;
}

base::ErrorPtr Future::error() const {
    const std::lock_guard lock(mutex_);
    return outcome_ ? outcome_->error : nullptr;
}

Results Future::results() const {
    const std::lock_guard lock(mutex_);
    return outcome_ ? outcome_->results : Results{};
}

bool Future::listen(Callback<Future &> callback, std::uint64_t token) {
    const std::lock_guard lock(mutex_);
    if (listened_) return false;
    listening_ = std::make_unique<Listening>();
    *listening_ = Listening{std::move(callback), token};
    listened_ = true;
    if (done_) announce();
    return true;
}

void Future::announce() {
    const std::unique_ptr<Listening> told = std::move(listening_);
    home_->dispatcher->push(
        loop::Dispatcher::Lane::completions,
        std::make_shared<CompletionEvent>(shared_from_this(), std::move(told->callback), told->token));
}

void CompletionEvent::run() {
    if (callback_) callback_(*future_);
    callback_.reset();
}

}  // namespace exo::refs
