// A reply of the server as a read-only view over hiredis' tree: total accessors, so that a reply of a wrong shape can
// be asked anything and never crashes. Untrusted input.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

struct redisReply;

namespace exo::redis {

class ReplyView {
public:
    ReplyView() = default;
    explicit ReplyView(const redisReply *reply) : reply_(reply) {}

    bool is_nil() const noexcept;     ///< also true for a missing element
    bool is_string() const noexcept;  ///< bulk or simple string
    bool is_status() const noexcept;  ///< simple string
    bool is_integer() const noexcept;
    bool is_array() const noexcept;
    bool is_error() const noexcept;

    std::string_view text() const noexcept;              ///< of a string, status or error; else empty
    std::int64_t integer() const noexcept;               ///< of an integer; else 0
    std::size_t size() const noexcept;                   ///< elements of an array; else 0
    ReplyView operator[](std::size_t i) const noexcept;  ///< a nil view beyond the end

private:
    const redisReply *reply_ = nullptr;
};

struct ReplyDeleter {
    void operator()(redisReply *reply) const noexcept;
};

/// Owns a reply.
class Reply {
public:
    Reply() = default;
    explicit Reply(redisReply *reply) : reply_(reply) {}
    ReplyView view() const noexcept { return ReplyView(reply_.get()); }

private:
    std::unique_ptr<redisReply, ReplyDeleter> reply_;
};

}  // namespace exo::redis
