// Bytes in, replies out: the guard, then hiredis' reader, fed with one reply at a time.
#pragma once

#include <memory>

#include "redis/reply.hpp"
#include "redis/resp_guard.hpp"

struct redisReader;

namespace exo::redis {

class ReplyReader {
public:
    enum class Next { more, reply, broken };

    explicit ReplyReader(const RespLimits &limits);

    /// Takes bytes from the front of (data, size), at most to the end of one reply, which is given when it is whole.
    /// "more": all bytes were taken. After "broken" the reader is of no use any more.
    Next next(const char *&data, std::size_t &size, Reply &reply);

    const char *why() const noexcept { return why_; }

private:
    struct Free {
        void operator()(redisReader *reader) const noexcept;
    };

    Next fail(const char *why);

    RespGuard guard_;
    std::unique_ptr<redisReader, Free> reader_;
    const char *why_ = "";
};

}  // namespace exo::redis
