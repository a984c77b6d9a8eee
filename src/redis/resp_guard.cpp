// The guard is a small state machine over bytes; bodies of bulk strings and lines of text are skipped as a whole.
#include "redis/resp_guard.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

namespace exo::redis {

RespGuard::Verdict RespGuard::advance(const char *data, std::size_t size, std::size_t &taken) {
    taken = 0;
    complete_ = false;
    while (taken < size && !broken_ && !complete_) {
        std::size_t skipped = 0;
        if (state_ == State::body) {
            skipped = std::min(size - taken, body_left_);
            body_left_ -= skipped;
            if (body_left_ == 0) state_ = State::body_end_cr;
        } else if (state_ == State::text) {
            const void *end = std::memchr(data + taken, '\r', size - taken);
            skipped = end != nullptr ? static_cast<std::size_t>(static_cast<const char *>(end) - (data + taken))
                                     : size - taken;
            line_ += skipped;
            if (line_ > limits_.line) fail("a line was longer than the limit");
            if (end != nullptr && skipped == 0) {
                state_ = State::line_end;
                skipped = 1;
            }
        } else {
            step(data[taken]);
            skipped = 1;
        }
        if (broken_) break;
        taken += skipped;
        reply_bytes_ += skipped;
        if (reply_bytes_ > limits_.reply) fail("a reply was larger than the option max_value_size allows");
    }
    if (broken_) return Verdict::broken;
    if (!complete_) return Verdict::more;
    reply_bytes_ = 0;
    elements_ = 0;
    return Verdict::complete;
}

void RespGuard::step(char c) {
    switch (state_) {
        case State::type: begin(c); break;
        case State::number: number_digit(c); break;
        case State::line_end:
            if (c != '\n') return fail("a line did not end in CR LF");
            line_done();
            break;
        case State::body_end_cr:
            if (c != '\r') return fail("a bulk string did not end where it said");
            state_ = State::body_end_lf;
            break;
        case State::body_end_lf:
            if (c != '\n') return fail("a bulk string did not end where it said");
            element_done();
            break;
        case State::text:
        case State::body: break;
    }
}

void RespGuard::begin(char type) {
    type_ = type;
    line_ = 0;
    negative_ = false;
    digits_ = 0;
    number_ = 0;
    if (type == '+' || type == '-') {
        state_ = State::text;
    } else if (type == ':' || type == '$' || type == '*') {
        state_ = State::number;
    } else {
        fail("a reply began with a byte that no RESP2 reply begins with");
    }
}

void RespGuard::number_digit(char c) {
    if (c == '-' && digits_ == 0 && !negative_) {
        negative_ = true;
        return;
    }
    if (c == '\r' && digits_ > 0) {
        state_ = State::line_end;
        return;
    }
    // 18 digits always fit; the 19th may just do.
    constexpr std::uint64_t kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (c < '0' || c > '9' || ++digits_ > 19) return fail("a number was malformed");
    number_ = number_ * 10 + static_cast<std::uint64_t>(c - '0');
    if (number_ > kMax + (negative_ ? 1 : 0)) fail("a number was out of range");
}

void RespGuard::line_done() {
    if (type_ == '$') {
        bulk_announced();
    } else if (type_ == '*') {
        array_announced();
    } else {
        element_done();
    }
}

void RespGuard::bulk_announced() {
    if (negative_) {
        if (number_ != 1) return fail("a bulk string announced a negative length");
        return element_done();
    }
    if (number_ > limits_.bulk) return fail("a bulk string announced more bytes than the option max_value_size allows");
    body_left_ = static_cast<std::size_t>(number_);
    state_ = body_left_ > 0 ? State::body : State::body_end_cr;
}

void RespGuard::array_announced() {
    if (negative_) {
        if (number_ != 1) return fail("an array announced a negative length");
        return element_done();
    }
    if (number_ > limits_.elements - elements_) return fail("arrays announced more elements than the limit");
    if (number_ == 0) return element_done();
    if (depth_ == kMaxDepth) return fail("arrays were nested deeper than the limit");
    elements_ += static_cast<std::size_t>(number_);
    left_[depth_++] = number_;
    state_ = State::type;
}

void RespGuard::element_done() {
    state_ = State::type;
    while (depth_ > 0) {
        if (--left_[depth_ - 1] > 0) return;
        --depth_;
    }
    complete_ = true;
}

void RespGuard::fail(const char *why) {
    if (!broken_) why_ = why;
    broken_ = true;
}

}  // namespace exo::redis
