#include "support/temp_dir.hpp"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <set>
#include <system_error>

#include "support/fatal.hpp"

namespace exo::support {

namespace {

struct Registry {
    std::mutex mutex;
    std::set<std::string> paths;
    pid_t owner = ::getpid();
};

// Never destroyed: the exit handler below uses it last of all.
Registry &registry() {
    static Registry *const instance = new Registry;
    return *instance;
}

void remove_tree(const std::string &path) {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
}

void remove_all_at_exit() {
    Registry &all = registry();
    if (::getpid() != all.owner) {
        return;  // a forked child leaves its parent's folders alone
    }
    const std::lock_guard<std::mutex> lock(all.mutex);
    for (const std::string &path : all.paths) {
        remove_tree(path);
    }
}

}  // namespace

TempDir::TempDir() {
    std::string pattern = "/tmp/exoref-test-" + std::to_string(::getpid()) + "-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) {
        fatal_errno("making the folder " + pattern);
    }
    path_ = pattern;
    Registry &all = registry();
    const std::lock_guard<std::mutex> lock(all.mutex);
    static const int registered = std::atexit(remove_all_at_exit);
    (void)registered;
    all.paths.insert(path_);
}

TempDir::~TempDir() {
    Registry &all = registry();
    if (::getpid() != all.owner) {
        return;
    }
    remove_tree(path_);
    const std::lock_guard<std::mutex> lock(all.mutex);
    all.paths.erase(path_);
}

}  // namespace exo::support
