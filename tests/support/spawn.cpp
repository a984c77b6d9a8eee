#include "support/spawn.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "support/fatal.hpp"

namespace exo::support {

namespace {

std::vector<char *> pointers(const std::vector<std::string> &texts) {
    std::vector<char *> result;
    result.reserve(texts.size() + 1);
    for (const std::string &text : texts) {
        result.push_back(const_cast<char *>(text.c_str()));
    }
    result.push_back(nullptr);
    return result;
}

// Between fork and exec: nothing but async-signal-safe calls.
[[noreturn]] void become(const SpawnRequest &request, char *const *argv, char *const *envp, pid_t parent) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) {
        ::_exit(127);  // the parent died before the line above
    }
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::signal(SIGPIPE, SIG_DFL);
    const int given[3] = {request.stdin_fd, request.stdout_fd, request.stderr_fd};
    for (int i = 0; i < 3; ++i) {
        const int fd = given[i] >= 0 ? given[i] : ::open("/dev/null", i == 0 ? O_RDONLY : O_WRONLY);
        if (fd == i) {
            ::fcntl(fd, F_SETFD, 0);
        } else {
            ::dup2(fd, i);
        }
    }
    if (!request.directory.empty() && ::chdir(request.directory.c_str()) != 0) {
        ::_exit(127);
    }
    ::execvpe(argv[0], argv, envp);
    ::_exit(127);
}

class Spawner {
public:
    Spawner() {
        std::thread([this] { run(); }).detach();
    }

    pid_t start(const SpawnRequest &request) {
        std::unique_lock<std::mutex> lock(mutex_);
        changed_.wait(lock, [this] { return request_ == nullptr; });
        request_ = &request;
        done_ = false;
        changed_.notify_all();
        changed_.wait(lock, [this] { return done_; });
        const pid_t pid = pid_;
        request_ = nullptr;
        done_ = false;
        changed_.notify_all();
        return pid;
    }

private:
    void run() {
        std::unique_lock<std::mutex> lock(mutex_);
        for (;;) {
            changed_.wait(lock, [this] { return request_ != nullptr && !done_; });
            const std::vector<char *> argv = pointers(request_->argv);
            const std::vector<char *> envp = pointers(request_->environment);
            const pid_t parent = ::getpid();
            pid_ = ::fork();
            if (pid_ == 0) {
                become(*request_, argv.data(), envp.data(), parent);
            }
            done_ = true;
            changed_.notify_all();
        }
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    const SpawnRequest *request_ = nullptr;
    bool done_ = false;
    pid_t pid_ = -1;
};

}  // namespace

pid_t spawn(const SpawnRequest &request) {
    static Spawner *const spawner = new Spawner;  // its thread lives as long as the process
    const pid_t pid = spawner->start(request);
    if (pid < 0) {
        fatal_errno("starting " + request.argv.at(0));
    }
    return pid;
}

}  // namespace exo::support
