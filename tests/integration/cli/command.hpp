// The exoref command as a test runs it: against a server of the test program's own.
#pragma once

#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include "support/cmocka.hpp"
#include "support/net.hpp"
#include "support/process.hpp"
#include "support/redis_server.hpp"
#include "support/temp_dir.hpp"

namespace exo::cli_test {

using support::Millis;
using support::Process;
using support::ProcessOptions;
using support::RedisServer;
using support::RunResult;
using Args = std::vector<std::string>;

inline const Millis kPatience{20000};

/// One server for all tests of a program.
inline std::unique_ptr<RedisServer> &server_slot() {
    static std::unique_ptr<RedisServer> slot;
    return slot;
}
inline RedisServer &server() { return *server_slot(); }

inline int start_server(void **) {
    server_slot() = std::make_unique<RedisServer>();
    return 0;
}
inline int stop_server(void **) {
    server_slot().reset();
    return 0;
}

inline Args exoref(const Args &args) {
    Args argv{EXOREF_TEST_CLI};
    argv.insert(argv.end(), args.begin(), args.end());
    return argv;
}

/// `exoref --url <the server> ...`
inline Args at(const std::string &url, const Args &args) {
    Args all{"--url", url};
    all.insert(all.end(), args.begin(), args.end());
    return exoref(all);
}
inline Args here(const Args &args) { return at(server().unix_url(), args); }

inline RunResult run(const Args &args, const std::string &input = "") {
    return support::run_program(here(args), input);
}

inline void expect(const RunResult &result, int code, const std::string &out) {
    if (result.status.code != code) {
        fail_msg("ended with %d (signal %d), not %d; stderr: %s", result.status.code, result.status.signal, code,
                 result.err.c_str());
    }
    if (result.out != out) {
        fail_msg("printed %zu bytes '%.300s', not '%.300s'; stderr: %s", result.out.size(), result.out.c_str(),
                 out.c_str(), result.err.c_str());
    }
    if (code == 0) assert_string_equal(result.err.c_str(), "");
}

inline void expect_contains(const std::string &text, const std::string &part) {
    if (text.find(part) == std::string::npos) fail_msg("'%s' is not in: %s", part.c_str(), text.c_str());
}
inline void expect_lacks(const std::string &text, const std::string &part) {
    if (text.find(part) != std::string::npos) fail_msg("'%s' is in: %s", part.c_str(), text.c_str());
}

/// One line on stderr, `exoref: ...`, with these words in it, and nothing on stdout.
inline void expect_error(const RunResult &result, int code, const std::string &words) {
    expect(result, code, "");
    assert_true(result.err.starts_with("exoref: "));
    assert_int_equal(result.err.find('\n'), result.err.size() - 1);
    expect_contains(result.err, words);
}

/// The exit code of one that runs; fatal if it does not end.
inline int end_of(Process &process) {
    const auto status = process.wait(kPatience);
    if (!status) fail_msg("it did not end; stdout: %s stderr: %s", process.out().c_str(), process.err().c_str());
    return status->code;
}

inline ProcessOptions started(const Args &argv) {
    ProcessOptions options;
    options.argv = argv;
    return options;
}

}  // namespace exo::cli_test
