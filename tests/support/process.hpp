// A program started by a test: its input, captured output, end. It never outlives the test program.
#pragma once

#include <sys/types.h>

#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "support/deadline.hpp"
#include "support/net.hpp"

namespace exo::support {

struct ProcessOptions {
    std::vector<std::string> argv;
    std::vector<std::string> set_env;    // NAME=value, added to ours
    std::vector<std::string> unset_env;  // EXOREF_URL and REDIS_URL are always taken out unless they are set here
    std::string directory;
    std::string stdin_data;  // written, then closed (unless keep_stdin_open)
    bool keep_stdin_open = false;
    bool inherit_output = false;  // nothing is captured
};

struct ExitStatus {
    int code = -1;   // exit code, or -1
    int signal = 0;  // the signal that killed it, or 0
    bool ok() const { return code == 0; }
};

class Process {
public:
    explicit Process(ProcessOptions options);
    // Kills it if it still runs.
    ~Process();
    Process(Process &&) = delete;
    Process &operator=(Process &&) = delete;

    pid_t pid() const { return pid_; }
    bool running();
    void send_signal(int signal);
    // Nothing if it still runs when the time is over. Output is captured while waiting.
    std::optional<ExitStatus> wait(Millis time);
    // Until its captured stdout holds the text.
    bool wait_for_output(const std::string &text, Millis time);
    void write_stdin(const std::string &data);
    void close_stdin();
    // What it has written until now.
    std::string out();
    std::string err();

private:
    void pump(int wait_ms);
    void reap();

    std::mutex mutex_;
    pid_t pid_ = -1;
    std::optional<ExitStatus> status_;
    Fd stdin_;
    Fd stdout_;
    Fd stderr_;
    std::string to_write_;
    bool close_when_written_ = false;
    std::string out_;
    std::string err_;
};

// Runs a program to its end; fatal if it does not end in time.
struct RunResult {
    ExitStatus status;
    std::string out;
    std::string err;
};
RunResult run_program(std::vector<std::string> argv, std::string stdin_data = "", Millis time = Millis(30000));

}  // namespace exo::support
