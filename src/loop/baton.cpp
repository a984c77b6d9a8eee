// Handing the loop over.
#include "loop/baton.hpp"

namespace exo::loop {

namespace {

/// How long the loop lies free for the next caller. What comes unasked meanwhile, a watched change say, waits as long.
constexpr auto kGrace = std::chrono::microseconds(200);

}  // namespace

void Baton::take_for_thread() {
    std::unique_lock lock(mutex_);
    for (;;) {
        if (holder_ == Holder::caller) {
            thread_sleeps_ = true;
            changed_.wait(lock);
            thread_sleeps_ = false;
        } else if (!thread_wanted_ && base::Clock::now() < free_since_ + kGrace) {
            changed_.wait_until(lock, free_since_ + kGrace);
        } else {
            break;
        }
    }
    holder_ = Holder::thread;
    thread_wanted_ = false;
}

bool Baton::offer(bool served_a_caller) {
    if (!served_a_caller && sleepers_ != 1) return false;
    const std::lock_guard lock(mutex_);
    if (thread_wanted_) return false;
    holder_ = Holder::nobody;
    // Who begins to sleep now has seen either that nobody drives, or is seen here.
    if (sleepers_ > 0 && !offer_to_candidate()) {
        holder_ = Holder::thread;
        return false;
    }
    free_since_ = base::Clock::now();
    return true;
}

/// Under the mutex. A thread has more to do with several; and their replies come together.
bool Baton::offer_to_candidate() {
    if (sleepers_ != 1 || candidate_ == nullptr) return false;
    candidate_->stir();
    return true;
}

bool Baton::try_take_for_caller() {
    if (holder_ != Holder::nobody) return false;
    const std::lock_guard lock(mutex_);
    if (holder_ != Holder::nobody || thread_wanted_) return false;
    holder_ = Holder::caller;
    return true;
}

void Baton::give_back_by_caller() {
    bool thread_looks = false;
    {
        const std::lock_guard lock(mutex_);
        holder_ = Holder::nobody;
        free_since_ = base::Clock::now();
        if (sleepers_ > 0 && !offer_to_candidate()) thread_wanted_ = true;
        thread_looks = thread_wanted_ || thread_sleeps_;
    }
    if (thread_looks) changed_.notify_one();
}

Baton::Candidate::Candidate(Baton &baton, const Completion &completion) : baton_(baton), completion_(completion) {
    const std::lock_guard lock(baton_.mutex_);
    baton_.candidate_ = &completion_;
}

Baton::Candidate::~Candidate() {
    const std::lock_guard lock(baton_.mutex_);
    if (baton_.candidate_ == &completion_) baton_.candidate_ = nullptr;
}

void Baton::call_thread() {
    const std::lock_guard lock(mutex_);
    if (holder_ == Holder::thread || thread_wanted_) return;
    thread_wanted_ = true;
    if (holder_ == Holder::nobody) changed_.notify_one();
}

}  // namespace exo::loop
