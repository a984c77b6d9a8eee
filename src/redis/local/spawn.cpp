#include "redis/local/spawn.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "redis/local/fd.hpp"

namespace exo::redis::local {

namespace {

constexpr const char *kUsualFolders = "/usr/local/bin:/usr/bin:/bin";

// The parts of posix_spawn's two objects that must be given back.
class Actions {
public:
    Actions() { ::posix_spawn_file_actions_init(&actions_); }
    ~Actions() { ::posix_spawn_file_actions_destroy(&actions_); }
    Actions(const Actions &) = delete;
    Actions &operator=(const Actions &) = delete;
    posix_spawn_file_actions_t *get() { return &actions_; }

    void open(int fd, const char *path, int flags) {
        ::posix_spawn_file_actions_addopen(&actions_, fd, path, flags, 0600);
    }
    void copy(int from, int to) { ::posix_spawn_file_actions_adddup2(&actions_, from, to); }
    void enter(int folder) { ::posix_spawn_file_actions_addfchdir_np(&actions_, folder); }

    /// All from `first` on, but `kept`.
    void close_from(int first, int kept) {
        if (kept >= first) {
            for (int fd = first; fd < kept; ++fd) ::posix_spawn_file_actions_addclose(&actions_, fd);
            first = kept + 1;
        }
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 34)
        ::posix_spawn_file_actions_addclosefrom_np(&actions_, first);
#else
        close_listed_from(first);
#endif
    }

private:
    // Where the C library can't close a range: what is open now. (What another thread opens without close-on-exec in
    // the next instant escapes this.)
    [[maybe_unused]] void close_listed_from(int first) {
        DIR *listing = ::opendir("/proc/self/fd");
        if (listing == nullptr) return;
        while (const dirent *entry = ::readdir(listing)) {
            const int fd = static_cast<int>(std::strtol(entry->d_name, nullptr, 10));
            if (fd >= first) ::posix_spawn_file_actions_addclose(&actions_, fd);
        }
        ::closedir(listing);
    }

    posix_spawn_file_actions_t actions_{};
};

class Attributes {
public:
    Attributes() {
        ::posix_spawnattr_init(&attributes_);
        sigset_t none;
        sigset_t all;
        ::sigemptyset(&none);
        ::sigfillset(&all);
        ::sigdelset(&all, SIGKILL);
        ::sigdelset(&all, SIGSTOP);
        ::posix_spawnattr_setsigmask(&attributes_, &none);
        ::posix_spawnattr_setsigdefault(&attributes_, &all);
        ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    }
    ~Attributes() { ::posix_spawnattr_destroy(&attributes_); }
    Attributes(const Attributes &) = delete;
    Attributes &operator=(const Attributes &) = delete;
    const posix_spawnattr_t *get() const { return &attributes_; }

private:
    posix_spawnattr_t attributes_{};
};

// A server that stays for days gets none of the host's secrets, preloaded libraries or sanitizer options.
std::vector<std::string> small_environment() {
    std::vector<std::string> result;
    const char *path = std::getenv("PATH");
    result.push_back(std::string("PATH=") + (path != nullptr && *path != '\0' ? std::string(path) + ":" : "") +
                     kUsualFolders);
    constexpr std::array kept{"HOME", "USER", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH"};
    result.reserve(kept.size() + 1);
    for (const char *name : kept) {
        if (const char *value = std::getenv(name)) result.emplace_back(std::string(name) + "=" + value);
    }
    return result;
}

std::vector<char *> pointers(std::vector<std::string> &strings) {
    std::vector<char *> result;
    result.reserve(strings.size() + 1);
    for (std::string &one : strings) result.push_back(one.data());
    result.push_back(nullptr);
    return result;
}

base::Result<pid_t> start(const std::string &path, const std::vector<std::string> &arguments, Actions &actions) {
    std::vector<std::string> all{path.substr(path.rfind('/') + 1)};
    all.insert(all.end(), arguments.begin(), arguments.end());
    std::vector<std::string> environment = small_environment();
    const Attributes attributes;
    pid_t pid = -1;
    const int error = ::posix_spawn(&pid, path.c_str(), actions.get(), attributes.get(), pointers(all).data(),
                                    pointers(environment).data());
    if (error == 0) return pid;
    char buffer[128] = "";
    return base::make_error(base::Status::ELOCAL, "the program " + base::quoted(path) + " could not be started: " +
                                                      ::strerror_r(error, buffer, sizeof buffer));
}

}  // namespace

base::Result<pid_t> spawn_detached(const Program &program) {
    Actions actions;
    actions.enter(program.folder);
    if (program.input >= 0) {
        actions.copy(program.input, 0);
    } else {
        actions.open(0, "/dev/null", O_RDONLY);
    }
    actions.open(1, program.output, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW);
    actions.copy(1, 2);
    if (program.lock >= 0) actions.copy(program.lock, program.lock_as);
    actions.close_from(3, program.lock_as);
    return start(program.path, program.arguments, actions);
}

base::Result<int> reap(pid_t pid, Wait &wait, const std::string &what) {
    for (;;) {
        int status = 0;
        const pid_t ended = ::waitpid(pid, &status, WNOHANG);
        if (ended == pid) return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        if (ended < 0 && errno != EINTR) return -1;
        if (!wait.pause()) return wait.error(what, "a process that it needed did not end");
    }
}

base::Result<std::string> output_of(const std::string &path, const std::vector<std::string> &arguments, Wait &wait) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
        return base::make_error(base::Status::ELOCAL, "no descriptor was left for a pipe");
    Fd reading(ends[0]);
    Fd writing = Fd(ends[1]).raised();
    Actions actions;
    actions.open(0, "/dev/null", O_RDONLY);
    actions.copy(writing.get(), 1);
    actions.open(2, "/dev/null", O_WRONLY);
    actions.close_from(3, -1);
    const base::Result<pid_t> pid = start(path, arguments, actions);
    if (!pid) return pid.error();
    writing.reset();
    const std::string what = "asking " + base::quoted(path) + " for its version";
    std::string text;
    char buffer[512];
    for (;;) {
        const ssize_t size = ::read(reading.get(), buffer, sizeof buffer);
        if (size > 0 && text.size() < 4096) text.append(buffer, static_cast<std::size_t>(size));
        if (size == 0) break;
        if (size < 0 && !wait.pause()) {
            ::kill(*pid, SIGKILL);
            ::waitpid(*pid, nullptr, 0);
            return wait.error(what, "it did not answer");
        }
    }
    const base::Result<int> code = reap(*pid, wait, what);
    if (!code) return code.error();
    return text;
}

}  // namespace exo::redis::local
