#include "support/resources.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <system_error>

#include "support/fatal.hpp"

namespace exo::support {

namespace {

std::string proc_path(pid_t pid, const std::string &name) {
    return "/proc/" + (pid == 0 ? std::string("self") : std::to_string(pid)) + "/" + name;
}

// The number behind `key` in /proc/<pid>/status.
std::size_t status_number(pid_t pid, const std::string &key) {
    std::ifstream status(proc_path(pid, "status"));
    std::string line;
    while (std::getline(status, line)) {
        if (line.compare(0, key.size(), key) == 0) {
            return std::strtoull(line.c_str() + key.size(), nullptr, 10);
        }
    }
    return 0;
}

}  // namespace

std::size_t resident_bytes(pid_t pid) { return status_number(pid, "VmRSS:") * 1024; }

std::size_t peak_resident_bytes(pid_t pid) { return status_number(pid, "VmHWM:") * 1024; }

std::size_t open_fds(pid_t pid) {
    std::error_code error;
    std::size_t count = 0;
    std::filesystem::directory_iterator entry(proc_path(pid, "fd"), error);
    for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
        ++count;
    }
    return count;
}

std::size_t thread_count(pid_t pid) { return status_number(pid, "Threads:"); }

std::uint64_t test_seed() {
    static const std::uint64_t seed = [] {
        const char *given = std::getenv("EXOREF_TEST_SEED");
        given = given != nullptr ? given : std::getenv("EXOREF_SEED");
        std::random_device device;
        const std::uint64_t value = given != nullptr ? std::strtoull(given, nullptr, 10) : device();
        std::fprintf(stderr, "EXOREF_TEST_SEED=%llu\n", static_cast<unsigned long long>(value));
        return value;
    }();
    return seed;
}

std::string self_path() {
    std::error_code error;
    const std::filesystem::path path = std::filesystem::read_symlink("/proc/self/exe", error);
    if (error) {
        fatal("reading /proc/self/exe: " + error.message());
    }
    return path.string();
}

}  // namespace exo::support
