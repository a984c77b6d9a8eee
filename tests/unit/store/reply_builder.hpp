// Replies for the parsers' tests: written as text, read by the codec that the library uses.
#pragma once

#include <hiredis/hiredis.h>

#include <optional>
#include <string>
#include <vector>

#include "redis/reply.hpp"
#include "support/fatal.hpp"
#include "support/resp.hpp"

// Last: its macros take common names.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

extern "C" {
#include <cmocka.h>
}

namespace exo::store_test {

inline redis::Reply read_reply(const std::string &bytes) {
    redisReader *reader = redisReaderCreate();
    void *reply = nullptr;
    if (redisReaderFeed(reader, bytes.data(), bytes.size()) != REDIS_OK ||
        redisReaderGetReply(reader, &reply) != REDIS_OK || reply == nullptr) {
        support::fatal("the test's own reply can't be read: " + bytes);
    }
    redisReaderFree(reader);
    return redis::Reply(static_cast<redisReply *>(reply));
}

using Field = std::optional<std::string>;

// An array of bulk strings; none is nil.
inline redis::Reply array_of(const std::vector<Field> &fields) {
    std::vector<std::string> encoded;
    for (const Field &field : fields) {
        encoded.push_back(field ? support::encode_bulk(*field) : support::encode_nil());
    }
    return read_reply(support::encode_array(encoded));
}

inline std::vector<Field> operator+(std::vector<Field> first, const std::vector<Field> &second) {
    first.insert(first.end(), second.begin(), second.end());
    return first;
}

}  // namespace exo::store_test
