// Tickets rise along the line, so a request is found by its ticket in logarithmic time.
#include "redis/request_queue.hpp"

#include <algorithm>

namespace exo::redis {

using base::Stat;
using base::Status;

RequestQueue::RequestQueue(std::size_t max_pending, std::size_t max_pending_bytes, std::shared_ptr<base::Stats> stats)
    : max_pending_(max_pending), max_pending_bytes_(max_pending_bytes), stats_(std::move(stats)) {}

base::ErrorPtr RequestQueue::add(RequestPtr request, bool &wake) {
    const std::size_t bytes = request->size_hint();
    const std::lock_guard lock(mutex_);
    if (refusal_) return refusal_;
    if (const std::size_t count = pending_; count >= max_pending_) {
        return base::make_error(Status::EXOREF_EAGAIN, "a request was not queued because " + std::to_string(count) +
                                                           " are pending already; wait for some of them");
    }
    // One request alone may be larger than the bound: it is the library's own limits that say how large.
    if (const std::size_t waiting = pending_bytes_; waiting > 0 && waiting + bytes > max_pending_bytes_) {
        return base::make_error(Status::EXOREF_EAGAIN, "a request was not queued because " + std::to_string(waiting) +
                                                           " bytes wait to be sent already; wait for some of them");
    }
    ++pending_;
    pending_bytes_ += bytes;
    request->ticket_ = ++last_ticket_;
    added_.push_back(Entry{last_ticket_, bytes, std::move(request)});
    wake = !coming_;
    coming_ = true;
    stats_->add(Stat::pending);
    return nullptr;
}

void RequestQueue::refuse(base::ErrorPtr why) {
    const std::lock_guard lock(mutex_);
    refusal_.swap(why);
}

void RequestQueue::expect_collect() {
    const std::lock_guard lock(mutex_);
    coming_ = true;
}

void RequestQueue::collect() {
    {
        const std::lock_guard lock(mutex_);
        coming_ = false;
        if (added_.empty()) return;
        collected_.swap(added_);
    }
    for (Entry &entry : collected_) line_.push_back(std::move(entry));
    live_ += collected_.size();
    // After a great rush the room for it is given back.
    constexpr std::size_t kKept = 1024;
    collected_.capacity() > kKept ? std::vector<Entry>().swap(collected_) : collected_.clear();
}

RequestPtr RequestQueue::next() {
    while (!line_.empty() && !line_.front().request) line_.pop_front();
    if (line_.empty()) return nullptr;
    Entry entry = std::move(line_.front());
    line_.pop_front();
    RequestPtr request = entry.request;
    leave_line(entry);
    return request;
}

void RequestQueue::leave_line(Entry &entry) {
    entry.request->ticket_ = 0;
    entry.request.reset();
    --live_;
    pending_bytes_ -= entry.bytes;
}

void RequestQueue::answered() { forget(1); }

void RequestQueue::forget(std::size_t count) {
    stats_->add(Stat::pending, -static_cast<std::int64_t>(count));
    pending_ -= count;
}

bool RequestQueue::withdraw(const RequestPtr &request) {
    collect();
    if (request->ticket_ == 0) return false;
    const auto found = std::lower_bound(line_.begin(), line_.end(), request->ticket_,
                                        [](const Entry &entry, std::uint64_t ticket) { return entry.ticket < ticket; });
    if (found == line_.end() || found->request != request) return false;
    leave_line(*found);
    forget(1);
    close_gaps();
    return true;
}

// While there is no connection, requests come and are taken back: the gaps must not pile up.
void RequestQueue::close_gaps() {
    constexpr std::size_t kSlack = 64;
    if (line_.size() <= 2 * live_ + kSlack) return;
    line_.erase(std::remove_if(line_.begin(), line_.end(), [](const Entry &entry) { return !entry.request; }),
                line_.end());
}

std::vector<RequestPtr> RequestQueue::take_all() {
    collect();
    std::vector<RequestPtr> all;
    all.reserve(live_);
    for (Entry &entry : line_) {
        if (!entry.request) continue;
        all.push_back(entry.request);
        leave_line(entry);
    }
    line_.clear();
    forget(all.size());
    return all;
}

}  // namespace exo::redis
