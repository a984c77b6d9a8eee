// The watches of one atom: its subscription, its chain of changes, who is to be told, and telling them in order. The chain and the
// subscription live on the loop; the list of watches and the log of changes are shared with the lane, under the lock.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "loop/dispatcher.hpp"
#include "refs/callback.hpp"
#include "refs/chain.hpp"
#include "refs/operation.hpp"
#include "store/attempt.hpp"

namespace exo::refs {

class AtomCell;

/// One watch. What is below `guard` is for whoever holds the list's lock.
struct Watch {
    std::string watch_key;
    std::string reference_key;  ///< as the application gave it
    std::uint64_t token = 0;
    Callback<const Watch &, const Change &> callback;
    std::uint64_t serial = 0;  ///< order of registration
    std::uint64_t since = 0;   ///< sequence of the last change that is not for it

    bool removed = false;
    bool running = false;
    pthread_t runner{};
};
using WatchPtr = std::shared_ptr<Watch>;

class Watches {
public:
    /// Somebody who waits for a look at the server that begins after he asked: a new watch, or an opener who waits for the atom
    /// to be created.
    struct Visitor {
        virtual ~Visitor() = default;
        /// The state as seen (null: absent). True if it is done with; else it is asked again at the next change.
        virtual bool seen(const store::StatePtr &state) = 0;
        virtual void refused(const base::ErrorPtr &error) = 0;
        virtual bool gone() const = 0;  ///< nobody waits any more
    };

    explicit Watches(AtomCell &cell);
    ~Watches();

    // On the loop.
    void visit(std::shared_ptr<Visitor> visitor);
    void add(const WatchPtr &watch);
    void own_commit(const store::StatePtr &before, const store::StatePtr &state);
    void sweep();
    void settle();  ///< unsubscribes when nobody needs it any more
    void close();
    bool active() const;

    // From any thread.
    void remove(const std::string &watch_key);
    void remove_all();

    // On the lane, or whoever takes events.
    std::shared_ptr<loop::Event> next_call();
    void run(Watch &watch, const Change &change);
    void release(Watch &watch);

private:
    class Listener;
    struct Waiting {
        std::shared_ptr<Visitor> visitor;
        std::uint64_t asked = 0;  ///< looks begun when it came
    };

    void subscribed();
    void unsubscribed();
    void subscription_refused(const base::ErrorPtr &error);
    void message(std::string_view payload);
    void take_message(std::string_view payload);
    void look();
    void look_first();
    void look_since();
    void looked(bool again);
    void look_failed(const base::ErrorPtr &error);
    void tell_visitors();
    void tell(std::vector<Change> changes);
    void trim();
    void schedule();
    void send_away(const WatchPtr &watch);
    void log(base::LogLevel level, const std::string &line) const;

    AtomCell &cell_;

    // On the loop.
    Chain chain_;
    std::shared_ptr<Listener> listener_;
    std::shared_ptr<store::Attempt> look_;
    std::shared_ptr<store::Attempt> sweep_;
    bool wanted_ = false;
    std::shared_ptr<AtomCell> alive_;  ///< the cell, while it is subscribed and swept
    bool subscribed_ = false;
    bool look_again_ = false;
    bool swept_ = false;  ///< the look that is under way was caused by the sweep
    std::uint64_t looks_ = 0;
    std::vector<Waiting> waiting_;
    std::deque<std::string> held_;  ///< messages that came while a look is under way
    std::size_t held_bytes_ = 0;

    mutable std::mutex mutex_;
    std::condition_variable stopped_running_;
    std::vector<WatchPtr> list_;
    std::deque<ChangePtr> log_;
    std::size_t log_bytes_ = 0;
    std::uint64_t sequence_ = 0;
    std::uint64_t next_serial_ = 1;
    std::uint64_t served_ = 0;  ///< serial of the last watch that was told of the log's first change
    bool scheduled_ = false;
};

/// A watch to be called for one change.
class WatchEvent : public loop::Event {
public:
    WatchEvent(std::shared_ptr<AtomCell> cell, WatchPtr watch, ChangePtr change)
        : cell_(std::move(cell)), watch_(std::move(watch)), change_(std::move(change)) {}
    void run() override;
    const Watch &watch() const noexcept { return *watch_; }
    const ChangePtr &change() const noexcept { return change_; }

private:
    std::shared_ptr<AtomCell> cell_;
    WatchPtr watch_;
    ChangePtr change_;
};

/// A context of the application to be freed where callbacks run.
class ReleaseEvent : public loop::Event {
public:
    explicit ReleaseEvent(std::function<void()> release) : release_(std::move(release)) {}
    void run() override {
        if (release_) release_();
        release_ = nullptr;
    }

private:
    std::function<void()> release_;
};

}  // namespace exo::refs
