// The tests' reply as the library's codec would have read it, for the typed answers of the store room.
#pragma once

#include <hiredis/hiredis.h>

#include <cstdlib>
#include <cstring>

#include "redis/reply.hpp"
#include "support/resp.hpp"

namespace exo::scripts_test {

inline redisReply *to_hiredis(const support::Reply &reply) {
    using Type = support::Reply::Type;
    auto *made = static_cast<redisReply *>(std::calloc(1, sizeof(redisReply)));
    made->integer = reply.integer;
    switch (reply.type) {
        case Type::kInteger: made->type = REDIS_REPLY_INTEGER; return made;
        case Type::kNil: made->type = REDIS_REPLY_NIL; return made;
        case Type::kArray:
            made->type = REDIS_REPLY_ARRAY;
            made->elements = reply.elements.size();
            made->element = static_cast<redisReply **>(std::calloc(made->elements, sizeof(redisReply *)));
            for (std::size_t i = 0; i < made->elements; ++i) made->element[i] = to_hiredis(reply.elements[i]);
            return made;
        default:
            made->type = reply.is_error() ? REDIS_REPLY_ERROR : REDIS_REPLY_STRING;
            made->len = reply.text.size();
            made->str = static_cast<char *>(std::malloc(made->len + 1));
            std::memcpy(made->str, reply.text.c_str(), made->len + 1);
            return made;
    }
}

}  // namespace exo::scripts_test
