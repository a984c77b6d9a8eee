// Random bits from the kernel.
#include "base/random.hpp"

#include <sys/random.h>

#include <array>
#include <cerrno>
#include <cstdlib>

namespace exo::base {

namespace {

void fill(void *out, std::size_t size) {
    auto *bytes = static_cast<unsigned char *>(out);
    while (size > 0) {
        const ssize_t got = getrandom(bytes, size, 0);
        if (got < 0 && errno == EINTR) continue;
        // Without randomness ids could repeat, and a repeated id is a lost change: better no process at all.
        if (got <= 0) std::abort();
        bytes += got;
        size -= static_cast<std::size_t>(got);
    }
}

}  // namespace

std::string random_hex_128() {
    std::array<unsigned char, 16> bits{};
    fill(bits.data(), bits.size());
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    text.reserve(32);
    for (const unsigned char byte : bits) {
        text += kDigits[byte >> 4];
        text += kDigits[byte & 15];
    }
    return text;
}

std::uint64_t random_jitter() {
    std::uint64_t bits = 0;
    fill(&bits, sizeof bits);
    return bits;
}

}  // namespace exo::base
