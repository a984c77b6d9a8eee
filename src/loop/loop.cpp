// The loop with a thread of its own, or on the application's loop: posting, draining, ending.
#include "loop/loop.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <iterator>
#include <new>
#include <string>
#include <utility>

#include "loop/loop_impl.hpp"
#include "loop/thread.hpp"

namespace exo::loop {

namespace {

/// After so many batches in one go, sockets have their turn.
constexpr int kMaxRounds = 32;

/// The loop that this thread is on a visit to: it has promised to run what it posts.
thread_local Loop::Impl *visiting = nullptr;

base::ErrorPtr failure_of(const char *what, const char *why) {
    return base::make_error(base::Status::EINTERNAL, std::string(what) + ": " + why);
}

// Polling, sending and ringing are cancellation points, and a loop whose driver or visitor was cancelled there would be lost.
class Uncancelled {
public:
    Uncancelled() noexcept { pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before_); }
    ~Uncancelled() { pthread_setcancelstate(before_, &before_); }
    Uncancelled(const Uncancelled &) = delete;
    Uncancelled &operator=(const Uncancelled &) = delete;

private:
    int before_ = 0;
};

}  // namespace

Loop::Impl::~Impl() {
    if (bell >= 0) close(bell);
}

base::Outcome Loop::Impl::open(uv_loop_t *borrowed) {
    if (borrowed == nullptr) {
        if (const int status = uv_loop_init(&own); status != 0) {
            return failure_of("could not make an event loop", uv_strerror(status));
        }
        loop = &own;
    } else {
        loop = borrowed;
        driver.store(pthread_self());
        driven.store(true);
    }
    bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int status = bell < 0 ? -errno : uv_poll_init(loop, &listener, bell);
    if (status == 0) {
        listener.data = this;
        self = shared_from_this();
        ++open_handles;
        status = uv_poll_start(&listener, UV_READABLE, [](uv_poll_t *handle, int, int) {
            // What runs here may drop the last reference to everything.
            const auto keep = static_cast<Impl *>(handle->data)->shared_from_this();
            // In a forked child that runs the application's loop it is the parent's bell.
            if (keep->forked()) return;
            const Turn on_loop_now(keep);
            std::uint64_t rings = 0;
            [[maybe_unused]] const ssize_t got = read(keep->bell, &rings, sizeof rings);
            keep->drain();
        });
    }
    if (status == 0) {
        status = timers.open(
            loop, [this](Task task) { natively(std::move(task)); },
            [this] {
                const Turn on_loop_now(shared_from_this());
                timers.fire();
            });
        if (status == 0) ++open_handles;
    }
    if (status == 0) {
        stage = Stage::open;
        return base::Nothing{};
    }

    const auto error = failure_of("could not make an event loop's handles", uv_strerror(status));
    if (open_handles > 0) close_handles();
    if (borrowed == nullptr) {
        uv_run(&own, UV_RUN_DEFAULT);
        uv_loop_close(&own);
    }
    return error;
}

base::Outcome Loop::Impl::start_own_thread() {
    const auto keep = shared_from_this();
    thread_state = Thread::running;
    int status = ENOMEM;
    try {
        status = start_thread(
            "exoref", [keep] { keep->run_own(); }, &thread);
    } catch (const std::bad_alloc &) {
        // As if there were no thread to be had.
    }
    if (status == 0) return base::Nothing{};

    thread_state = Thread::none;
    stage = Stage::ended;
    close_handles();
    uv_run(&own, UV_RUN_DEFAULT);
    uv_loop_close(&own);
    self.reset();
    if (status == ENOMEM) throw std::bad_alloc();
    return failure_of("could not start the loop's thread", uv_strerror(-status));
}

void Loop::Impl::run_own() {
    driver.store(pthread_self());
    driven.store(true);
    for (std::uint64_t before = 0; uv_run(loop, UV_RUN_ONCE) != 0;) {
        const bool served = std::exchange(before, Completion::signalled_here()) != Completion::signalled_here();
        driver.store(pthread_t{});
        if (baton.offer(served)) baton.take_for_thread();
        driver.store(pthread_self());
    }
    // A handle that its owner forgot to close would be freed memory in the loop's lists: then rather leak the loop.
    const bool clean = uv_loop_close(loop) == 0;
    assert(clean && "a handle was left open on the loop");
    const auto keep = clean ? std::move(self) : self;
    announce_end();
}

void Loop::Impl::announce_end() {
    driven.store(false);
    const std::lock_guard lock(mutex);
    stage = Stage::ended;
    changed.notify_all();
}

bool Loop::Impl::drives_here() const noexcept {
    return driven.load(std::memory_order_acquire) && pthread_equal(driver.load(), pthread_self()) != 0;
}

bool Loop::Impl::on_loop() const noexcept {
    return !forked() && (drives_here() || pthread_equal(visitor.load(), pthread_self()) != 0);
}

void Loop::Impl::mark_bell() {
    const std::uint64_t once = 1;
    // A full counter is readable already, which is all that is to be told.
    [[maybe_unused]] const ssize_t written = write(bell, &once, sizeof once);
}

void Loop::Impl::ring() {
    mark_bell();
    baton.call_thread();
}

bool Loop::Impl::post(Task task, Where where) {
    if (forked()) return false;
    const std::lock_guard lock(mutex);
    if (stage != Stage::open) return false;
    inbox.push_back({std::move(task), where});
    const bool on_visit = visiting == this && !drives_here();
    if (!awake && !(on_visit && where == Where::anywhere)) {
        awake = true;
        // Who drives looks at the bell when he goes on; who is on a visit is about to wait, and so to drive if nobody does.
        on_visit || drives_here() ? mark_bell() : ring();
    }
    return true;
}

void Loop::Impl::natively(Task task) {
    assert(on_loop());
    if (drives_here()) return task();
    post(std::move(task), Where::driver);
}

bool Loop::Impl::end(Task task) {
    if (forked()) return false;
    const std::lock_guard lock(mutex);
    if (stage != Stage::open) return false;
    stage = Stage::ending;
    last = std::move(task);
    if (!awake) {
        awake = true;
        ring();
    }
    return true;
}

void Loop::Impl::drain() {
    // A child that goes on running the application's loop must not do the parent's work.
    if (forked()) return;
    driver.store(pthread_self(), std::memory_order_relaxed);
    for (int round = 0;; ++round) {
        bool ending = false;
        {
            const std::lock_guard lock(mutex);
            if (!inbox.empty() && round == kMaxRounds) {
                mark_bell();
                return;
            }
            batch.swap(inbox);
            ending = batch.empty() && stage == Stage::ending;
            if (ending) stage = Stage::closing;
            if (batch.empty()) awake = false;
        }
        if (ending) {
            const Task task = std::move(last);
            if (task) task();
            close_handles();
            return;
        }
        if (batch.empty()) return;
        for (Posted &posted : batch) {
            posted.task();
            posted.task = nullptr;
        }
        // After a great rush the room for it is given back.
        constexpr std::size_t kKept = 1024;
        batch.capacity() > kKept ? std::vector<Posted>().swap(batch) : batch.clear();
    }
}

// What may be run by a visitor, from the front of the inbox into the batch. False if there is nothing.
bool Loop::Impl::take_for_visitor() {
    const std::lock_guard lock(mutex);
    if (stage != Stage::open) return false;
    const auto end =
        std::find_if(inbox.begin(), inbox.end(), [](const Posted &one) { return one.where != Where::anywhere; });
    if (end == inbox.begin()) return false;
    batch.assign(std::make_move_iterator(inbox.begin()), std::make_move_iterator(end));
    inbox.erase(inbox.begin(), end);
    awake = true;
    return true;
}

void Loop::Impl::visit() {
    if (forked()) return;
    const Uncancelled until_done;
    const auto keep = shared_from_this();
    // Twice: what the first round posts is most often the very sending.
    constexpr int kRounds = 2;
    const WakesLater until_off_the_loop;
    if (const std::unique_lock on_loop_now(turn, std::try_to_lock); on_loop_now) {
        visitor.store(pthread_self());
        for (int round = 0; round < kRounds && take_for_visitor(); ++round) {
            for (Posted &posted : batch) posted.task();
            batch.clear();
        }
        visitor.store(pthread_t{});
        const std::lock_guard lock(mutex);
        awake = false;
    }
    // Somebody else was on the loop, or something is left that is not for visitors.
    const std::lock_guard lock(mutex);
    if (awake || (stage == Stage::open ? inbox.empty() : stage != Stage::ending)) return;
    awake = true;
    // An open loop's own thread is not called: this one is about to wait, and so to drive if nobody does; or, after an asynchronous
    // call, that thread looks by itself when the grace is over. An end has come meanwhile without a sign, since this one was to
    // look at the inbox again.
    stage == Stage::open ? mark_bell() : ring();
}

bool Loop::Impl::wait_for(const Completion &completion, std::uint32_t seen, base::TimePoint deadline) {
    if (forked() || on_loop()) return completion.sleep(seen, deadline);
    if (!baton.try_take_for_caller()) {
        const Baton::Candidate candidate(baton, completion);
        return completion.sleep(seen, deadline);
    }
    const auto keep = shared_from_this();
    baton.count_sleepers(-1);
    const bool in_time = drive(completion, seen, deadline);
    baton.count_sleepers(1);
    baton.give_back_by_caller();
    return in_time;
}

bool Loop::Impl::drive(const Completion &completion, std::uint32_t seen, base::TimePoint deadline) noexcept {
    const Uncancelled until_given_back;
    driver.store(pthread_self());
    Timers::Id alarm = 0;
    if (deadline != base::kNever) {
        const Turn on_loop_now(shared_from_this());
        alarm = timers.at(deadline, [] {});
    }
    bool in_time = true;
    while (in_time && completion.signals() == seen) {
        if (uv_run(loop, UV_RUN_ONCE) == 0) {
            baton.call_thread();  // the loop has ended, and is its own thread's to clean up
            break;
        }
        in_time = base::Clock::now() < deadline;
    }
    if (alarm != 0) {
        const Turn on_loop_now(shared_from_this());
        timers.cancel(alarm);
    }
    driver.store(pthread_t{});
    return in_time;
}

void Loop::Impl::wait_no_more(int fewer) noexcept {
    baton.count_sleepers(-fewer);
    // Who drives does not sleep on the completion: the bell is what he hears.
    if (!baton.held_by_caller() || forked() || drives_here()) return;
    const Uncancelled while_ringing;
    const std::lock_guard lock(mutex);
    if (stage == Stage::open) mark_bell();
}

void Loop::Impl::close_handles() {
    if (open_handles == 2) timers.close([this] { handle_closed(); });
    uv_close(reinterpret_cast<uv_handle_t *>(&listener),
             [](uv_handle_t *handle) { static_cast<Impl *>(handle->data)->handle_closed(); });
}

void Loop::Impl::handle_closed() {
    if (--open_handles > 0 || loop == &own) return;
    const auto keep = std::move(self);
    announce_end();
}

bool Loop::Impl::wait_ended(base::TimePoint deadline) {
    if (forked()) return true;
    std::unique_lock lock(mutex);
    const auto gone = [this] { return stage == Stage::ended && thread_state != Thread::being_joined; };
    if (!gone() && on_loop()) return false;
    if (deadline == base::kNever) {
        changed.wait(lock, gone);
    } else if (!changed.wait_until(lock, deadline, gone)) {
        return false;
    }
    if (thread_state != Thread::running || pthread_equal(thread, pthread_self()) != 0) return true;
    // It has left the loop and is in its last instructions.
    thread_state = Thread::being_joined;
    lock.unlock();
    pthread_join(thread, nullptr);
    lock.lock();
    thread_state = Thread::gone;
    changed.notify_all();
    return true;
}

void Loop::Impl::detach_thread() {
    const std::lock_guard lock(mutex);
    if (thread_state != Thread::running) return;
    thread_state = Thread::gone;
    pthread_detach(thread);
}

Loop::Loop(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

Loop::~Loop() {
    // In a forked child Impl::self keeps everything as it is.
    if (impl_->forked()) return;
    impl_->end({});
    impl_->detach_thread();
}

base::Result<std::shared_ptr<Loop>> Loop::own_thread() {
    // First what ends it, then what is to be ended.
    std::shared_ptr<Loop> made(new Loop(std::make_shared<Impl>()));
    if (const auto opened = made->impl_->open(nullptr); !opened) return opened.error();
    if (const auto started = made->impl_->start_own_thread(); !started) return started.error();
    return made;
}

base::Result<std::shared_ptr<Loop>> Loop::borrowed(uv_loop_s *loop) {
    std::shared_ptr<Loop> made(new Loop(std::make_shared<Impl>()));
    if (const auto opened = made->impl_->open(loop); !opened) return opened.error();
    return made;
}

Loop::Visit::Visit(Loop &loop) noexcept : before_(visiting) {
    if (loop.impl_->loop == &loop.impl_->own) visiting = loop.impl_.get();
}

Loop::Visit::~Visit() {
    keep();
    visiting = before_;
}

void Loop::Visit::keep() noexcept {
    if (visiting != nullptr) visiting->visit();
}

Loop::Pause::Pause() noexcept : before_(visiting) {
    Visit::keep();
    visiting = nullptr;
}

Loop::Pause::~Pause() { visiting = before_; }

bool Loop::post(Task task, Where where) { return impl_->post(std::move(task), where); }

void Loop::natively(Task task) { impl_->natively(std::move(task)); }

bool Loop::on_loop() const noexcept { return impl_->on_loop(); }
Completion::Place &Loop::place() noexcept { return *impl_; }
bool Loop::end(Task last) { return impl_->end(std::move(last)); }
bool Loop::wait_ended(base::TimePoint deadline) { return impl_->wait_ended(deadline); }

Timers &Loop::timers() noexcept {
    assert(on_loop());
    return impl_->timers;
}

uv_loop_s *Loop::uv() noexcept {
    assert(impl_->drives_here());
    return impl_->loop;
}

}  // namespace exo::loop
