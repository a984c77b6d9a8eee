// hiredis' reader never holds more than one reply here, so it never moves bytes of a second one about.
#include "redis/reply_reader.hpp"

#include <hiredis/hiredis.h>

namespace exo::redis {

namespace {

/// An empty buffer of the reader that is larger than this is given back.
constexpr std::size_t kKeptBuffer = std::size_t{64} << 10;

}  // namespace

void ReplyReader::Free::operator()(redisReader *reader) const noexcept { redisReaderFree(reader); }

ReplyReader::ReplyReader(const RespLimits &limits) : guard_(limits), reader_(redisReaderCreate()) {
    if (reader_) reader_->maxbuf = kKeptBuffer;
}

ReplyReader::Next ReplyReader::next(const char *&data, std::size_t &size, Reply &reply) {
    if (!reader_) return fail("memory ran out");
    std::size_t taken = 0;
    const auto verdict = guard_.advance(data, size, taken);
    if (verdict == RespGuard::Verdict::broken) return fail(guard_.why());

    if (redisReaderFeed(reader_.get(), data, taken) != REDIS_OK) return fail("a reply could not be stored");
    data += taken;
    size -= taken;
    if (verdict == RespGuard::Verdict::more) return Next::more;

    void *tree = nullptr;
    if (redisReaderGetReply(reader_.get(), &tree) != REDIS_OK || tree == nullptr) {
        return fail("a reply could not be read");
    }
    reply = Reply(static_cast<redisReply *>(tree));
    return Next::reply;
}

ReplyReader::Next ReplyReader::fail(const char *why) {
    why_ = why;
    return Next::broken;
}

}  // namespace exo::redis
