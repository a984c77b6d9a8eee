// Looks at the server's bytes before hiredis' reader sees them: bounds declared lengths, nesting and lines, and finds where
// each reply ends. hiredis 0.14 reserves 54 GB for 91 hostile bytes and grows without limit on an endless line.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace exo::redis {

struct RespLimits {
    std::size_t bulk = (std::size_t{64} << 20) + 65536;  ///< bytes of one bulk string
    std::size_t reply = (std::size_t{129} << 20);        ///< bytes of one whole reply
    std::size_t elements = std::size_t{1} << 20;         ///< of all arrays of one reply together
    std::size_t line = 65536;                            ///< bytes of a simple string or an error
};

class RespGuard {
public:
    enum class Verdict { more, complete, broken };
    static constexpr std::size_t kMaxDepth = 7;

    explicit RespGuard(const RespLimits &limits) : limits_(limits) {}

    /// Goes over the bytes up to the end of the reply that they belong to, at most. `taken` is how many of them are fine
    /// (all, unless the reply is complete or broken). After "broken" nothing more can be asked.
    Verdict advance(const char *data, std::size_t size, std::size_t &taken);

    /// What is wrong, after "broken". A static text.
    const char *why() const noexcept { return why_; }

private:
    enum class State { type, text, number, line_end, body, body_end_cr, body_end_lf };

    void step(char c);
    void begin(char type);
    void number_digit(char c);
    void line_done();
    void bulk_announced();
    void array_announced();
    void element_done();
    void fail(const char *why);

    const RespLimits limits_;
    State state_ = State::type;
    char type_ = 0;
    bool broken_ = false;
    bool complete_ = false;
    bool negative_ = false;
    int digits_ = 0;
    std::uint64_t number_ = 0;
    std::size_t line_ = 0;
    std::size_t body_left_ = 0;
    std::size_t reply_bytes_ = 0;
    std::size_t elements_ = 0;
    std::size_t depth_ = 0;
    std::array<std::uint64_t, kMaxDepth> left_{};
    const char *why_ = "";
};

}  // namespace exo::redis
