// What the tests of local: share: a fresh DIR that is left without server and guard whatever a test did to them, and
// clients in processes of their own (the test program started again with --client DIR).
#pragma once

#include "support/cmocka.hpp"
// cmocka first, because its macros want their headers before them.
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>
#include <set>
#include <utility>
#include <vector>

#include "redis/local/guard.hpp"
#include "redis/local/local_server.hpp"
#include "redis/local/processes.hpp"
#include "support/deadline.hpp"
#include "support/process.hpp"
#include "support/redis_client.hpp"
#include "support/temp_dir.hpp"

namespace exo::local_test {

namespace local = exo::redis::local;
namespace fs = std::filesystem;
using support::Millis;

inline const std::atomic<bool> never{false};
inline constexpr Millis kTime{20000};
inline constexpr Millis kIdle{500};

inline std::string read_file(const std::string &path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

inline void write_file(const std::string &path, const std::string &text) {
    std::ofstream(path, std::ios::binary) << text;
}

inline bool alive(pid_t pid) {
    const std::string stat = read_file("/proc/" + std::to_string(pid) + "/stat");
    const std::size_t end = stat.rfind(')');
    return end != std::string::npos && stat.compare(end, 4, ") Z ") != 0;
}

inline bool gone(pid_t pid, Millis time = Millis(10000)) {
    return support::eventually(time, [pid] { return !alive(pid); });
}

/// Every process that works in the folder (or in what was this folder and is removed), but us.
inline std::set<pid_t> processes_in(const std::string &dir) {
    std::set<pid_t> result;
    for (const auto &entry : fs::directory_iterator("/proc")) {
        const auto pid = static_cast<pid_t>(std::atoi(entry.path().filename().c_str()));
        if (pid <= 0 || pid == ::getpid()) continue;
        std::error_code failed;
        const std::string at = fs::read_symlink(entry.path() / "cwd", failed).string();
        if (!failed && (at == dir || at == dir + " (deleted)")) result.insert(pid);
    }
    return result;
}

/// Kills whatever still works in the folder.
inline void clear(const std::string &dir) {
    support::eventually(Millis(10000), [&dir] {
        const std::set<pid_t> left = processes_in(dir);
        for (const pid_t pid : left) ::kill(pid, SIGKILL);
        return left.empty();
    });
}

/// The folder of the test that runs: a failed assertion leaves a test by longjmp, without destructors.
inline std::string &folder_now() {
    static std::string dir;
    return dir;
}

class Folder {
public:
    explicit Folder(std::string name = "d") : dir_(parent_.file(name)) { folder_now() = dir_; }
    ~Folder() { clear(); }
    Folder(const Folder &) = delete;
    Folder &operator=(const Folder &) = delete;

    const std::string &dir() const { return dir_; }
    const std::string &parent() const { return parent_.path(); }
    std::string file(const std::string &name) const { return dir_ + "/" + name; }

    local::Server ensure(std::shared_ptr<local::Lease> existing = nullptr, Millis idle = kIdle) const {
        local::Settings settings;
        settings.idle = idle;
        auto server = local::ensure(dir_, std::move(existing), support::scaled(kTime), never, settings);
        if (!server) fail_msg("%s", server.error()->message.c_str());
        return *server;
    }

    base::ErrorPtr refusal(Millis time = kTime) const {
        const auto server = local::ensure(dir_, nullptr, support::scaled(time), never);
        if (server) fail_msg("%s was served", dir_.c_str());
        return server.error();
    }

    local::State state() const {
        const auto found = local::status(dir_, support::scaled(kTime), never);
        if (!found) fail_msg("%s", found.error()->message.c_str());
        return *found;
    }

    pid_t server() const {
        const std::vector<pid_t> found = processes(local::kServerLock, local::kServerLockFd);
        return found.empty() ? 0 : found[0];
    }
    pid_t guard() const {
        const std::vector<pid_t> found = processes(local::kGuardLock, local::kGuardLockFd);
        return found.empty() ? 0 : found[0];
    }

    /// How often a server was started here.
    int starts() const {
        const std::string log = read_file(file(local::kLog));
        int count = 0;
        for (std::size_t at = 0; (at = log.find("Redis is starting", at)) != std::string::npos; ++at) ++count;
        return count;
    }

    bool ended(Millis time = Millis(10000)) const {
        return support::eventually(time, [this] { return processes_in(dir_).empty(); });
    }

    /// Whole: a server that runs there may make a file anew while the others are removed.
    void remove() const {
        assert_true(support::eventually(kTime, [this] {
            std::error_code failed;
            fs::remove_all(dir_, failed);
            return !failed && !fs::exists(dir_);
        }));
    }

    void clear() const { local_test::clear(dir_); }

private:
    std::vector<pid_t> processes(const char *name, int fd) const {
        const auto found = local::Directory::look(dir_);
        if (!found || *found == nullptr) return {};
        return local::holders(**found, name, fd);
    }

    support::TempDir parent_;
    std::string dir_;
};

inline int clear_folder(void **) {
    if (!folder_now().empty()) clear(folder_now());
    folder_now().clear();
    return 0;
}

#define LOCAL_TEST(function) cmocka_unit_test_teardown(function, exo::local_test::clear_folder)

inline support::Reply call(const local::Server &server, const std::vector<std::string> &args) {
    support::RedisClient client(support::Endpoint::unix_socket(server.socket_path), kTime);
    return client.call(args);
}

inline std::string text_of(const local::Server &server, const std::vector<std::string> &args) {
    const support::Reply reply = call(server, args);
    return reply.type == support::Reply::Type::kInteger ? std::to_string(reply.integer) : reply.text;
}

/// A client in a process of its own: it says "ready" and stays until its input ends.
inline support::ProcessOptions client_options(const std::string &dir, const char *mode = "--client") {
    support::ProcessOptions options;
    options.argv = {fs::read_symlink("/proc/self/exe").string(), mode, dir};
    options.set_env = {"EXOREF_LOCAL_IDLE_MS=" + std::to_string(kIdle.count())};
    options.keep_stdin_open = true;
    return options;
}

/// What such a process does; --once does not stay. Called first in each main().
inline void serve_as_client(int argc, char **argv) {
    if (argc < 3) return;
    auto server = local::ensure(argv[2], nullptr, support::scaled(kTime), never);
    if (!server) {
        std::cout << "failed: " << server.error()->message << std::endl;
        std::_Exit(1);
    }
    std::cout << "ready " << text_of(*server, {"INCR", "clients"}) << std::endl;
    char byte = 0;
    while (std::string(argv[1]) == "--client" && ::read(STDIN_FILENO, &byte, 1) > 0) {
    }
    std::_Exit(0);
}

inline bool says(const base::ErrorPtr &error, const std::string &part) {
    if (error->message.find(part) != std::string::npos) return true;
    std::cerr << "message: " << error->message << "\n";
    return false;
}

}  // namespace exo::local_test
