#include "support/fatal.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace exo::support {

void fatal(const std::string &message) {
    std::fprintf(stderr, "test support: %s\n", message.c_str());
    std::fflush(nullptr);
    std::abort();
}

void fatal_errno(const std::string &message) {
    const int code = errno;
    fatal(message + ": " + std::strerror(code));
}

}  // namespace exo::support
