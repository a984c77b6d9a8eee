// Total accessors over hiredis' reply tree.
#include "redis/reply.hpp"

#include <hiredis/hiredis.h>

namespace exo::redis {

bool ReplyView::is_nil() const noexcept { return !reply_ || reply_->type == REDIS_REPLY_NIL; }
bool ReplyView::is_status() const noexcept { return reply_ && reply_->type == REDIS_REPLY_STATUS; }
bool ReplyView::is_string() const noexcept {
    return reply_ && (reply_->type == REDIS_REPLY_STRING || reply_->type == REDIS_REPLY_STATUS);
}
bool ReplyView::is_integer() const noexcept { return reply_ && reply_->type == REDIS_REPLY_INTEGER; }
bool ReplyView::is_array() const noexcept { return reply_ && reply_->type == REDIS_REPLY_ARRAY; }
bool ReplyView::is_error() const noexcept { return reply_ && reply_->type == REDIS_REPLY_ERROR; }

std::string_view ReplyView::text() const noexcept {
    if (!is_string() && !is_error()) return {};
    return {reply_->str, static_cast<std::size_t>(reply_->len)};
}

std::int64_t ReplyView::integer() const noexcept { return is_integer() ? reply_->integer : 0; }

std::size_t ReplyView::size() const noexcept { return is_array() ? static_cast<std::size_t>(reply_->elements) : 0; }

ReplyView ReplyView::operator[](std::size_t i) const noexcept {
    return i < size() ? ReplyView(reply_->element[i]) : ReplyView();
}

void ReplyDeleter::operator()(redisReply *reply) const noexcept { freeReplyObject(reply); }

}  // namespace exo::redis
