// Who drives the loop: its own thread, or for a while a caller who waits for something and has nothing better to do. What a caller
// reads itself reaches him without a switch of threads. Private to the loop's room.
//
//   thread --served a caller, nobody else waits--> nobody --a caller waits--> caller --has what he waited for--> nobody
//   nobody --nobody came for a while, somebody is left waiting, or there is work--> thread
//
// While nobody drives, the own thread is about to: so close upon the last call another one is likely, and he finds the loop free.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>

#include "base/clock.hpp"
#include "loop/completion.hpp"

namespace exo::loop {

class Baton {
public:
    /// The own thread: waits until the loop is its to drive.
    void take_for_thread();
    /// The own thread, between two iterations: gives the loop up if a caller was served and none is left waiting, or to the
    /// only one who is. True if it did.
    bool offer(bool served_a_caller);

    /// A caller: takes it if nobody drives.
    bool try_take_for_caller();
    void give_back_by_caller();
    bool held_by_caller() const noexcept { return holder_.load() == Holder::caller; }

    /// There is something to do that no caller waits for: the own thread takes it as soon as it can.
    void call_thread();

    /// How many callers wait for somebody else to drive.
    void count_sleepers(int more) noexcept { sleepers_.fetch_add(more); }

    /// Of a caller who sleeps: he is woken to drive if he is the only one. He takes it, or lets the next one have it.
    class Candidate {
    public:
        Candidate(Baton &baton, const Completion &completion);
        ~Candidate();
        Candidate(const Candidate &) = delete;
        Candidate &operator=(const Candidate &) = delete;

    private:
        Baton &baton_;
        const Completion &completion_;
    };

private:
    enum class Holder { nobody, thread, caller };

    bool offer_to_candidate();

    std::mutex mutex_;
    std::condition_variable changed_;
    std::atomic<Holder> holder_{Holder::thread};  ///< written under the mutex
    std::atomic<int> sleepers_{0};
    bool thread_wanted_ = false;
    bool thread_sleeps_ = false;  ///< until it is called, not for a time
    base::TimePoint free_since_{};
    const Completion *candidate_ = nullptr;  ///< who began to sleep last
};

}  // namespace exo::loop
