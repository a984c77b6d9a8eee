// The line of requests before the connection: bounded, filled from any thread, emptied on the loop. A request that is taken
// back leaves a gap, so that taking back is cheap however long the line is.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "base/error.hpp"
#include "base/stats.hpp"
#include "redis/request.hpp"

namespace exo::redis {

class RequestQueue {
public:
    RequestQueue(std::size_t max_pending, std::size_t max_pending_bytes, std::shared_ptr<base::Stats> stats);

    /// From any thread. Null if taken; `wake` then says whether the loop must be told (else it will look anyway).
    base::ErrorPtr add(RequestPtr request, bool &wake);
    /// From now on add() answers with this; null: takes requests again.
    void refuse(base::ErrorPtr why);

    // All that follows: only on the loop.

    /// collect() will be called soon anyway: add() need not wake the loop.
    void expect_collect();
    /// Moves what was added into the line.
    void collect();
    /// The first of the line, taken out of it, or null. It still counts as pending until answered().
    RequestPtr next();
    bool empty() const noexcept { return live_ == 0; }
    /// A request that next() gave has had its answer or its failure.
    void answered();
    /// True if it stood in the line: it is out now.
    bool withdraw(const RequestPtr &request);
    /// Empties the line; none of these counts as pending any more.
    std::vector<RequestPtr> take_all();

private:
    struct Entry {
        std::uint64_t ticket = 0;
        std::size_t bytes = 0;
        RequestPtr request;
    };

    void leave_line(Entry &entry);
    void forget(std::size_t count);
    void close_gaps();

    const std::size_t max_pending_;
    const std::size_t max_pending_bytes_;
    const std::shared_ptr<base::Stats> stats_;

    std::mutex mutex_;
    std::vector<Entry> added_;
    std::uint64_t last_ticket_ = 0;
    bool coming_ = false;
    base::ErrorPtr refusal_;
    // Raised under the mutex, so that the bounds hold; lowered without it.
    std::atomic<std::size_t> pending_{0};
    std::atomic<std::size_t> pending_bytes_{0};

    std::vector<Entry> collected_;
    std::deque<Entry> line_;  ///< in the order of tickets; a null request is a gap
    std::size_t live_ = 0;
};

}  // namespace exo::redis
