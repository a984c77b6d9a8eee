// CMDs that tests look at while they run: which processes they are, and whether any of their group is left.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "command.hpp"

namespace exo::cli_test {

inline std::string text_of(const std::string &path) {
    const std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();  // a process that goes away meanwhile is an error here, and no exception
    return text.str();
}

inline bool exists(const std::string &path) { return access(path.c_str(), F_OK) == 0; }

/// The field of /proc/PID/stat, counted from the state, which is 0; "" if the process is gone.
inline std::string stat_field(const std::string &pid, int number) {
    const std::string stat = text_of("/proc/" + pid + "/stat");
    if (stat.empty()) return "";
    std::istringstream fields(stat.substr(stat.rfind(')') + 1));
    std::string field;
    for (int i = 0; i <= number; ++i) fields >> field;
    return field;
}

/// Neither gone nor a zombie that nobody has asked for.
inline bool alive(pid_t pid) {
    const std::string state = stat_field(std::to_string(pid), 0);
    return !state.empty() && state != "Z" && state != "X";
}

inline pid_t group_of(pid_t pid) { return std::stoi("0" + stat_field(std::to_string(pid), 2)); }

/// The open descriptors and what each is.
inline std::map<std::string, std::string> descriptors(pid_t pid) {
    std::map<std::string, std::string> all;
    std::error_code gone;
    for (const auto &entry : std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/fd", gone)) {
        const std::string what = std::filesystem::read_symlink(entry.path(), gone);
        if (!what.empty()) all[entry.path().filename()] = what;
    }
    return all;
}

/// How many live processes the group has.
inline int members(pid_t group) {
    int count = 0;
    for (const auto &entry : std::filesystem::directory_iterator("/proc")) {
        const std::string name = entry.path().filename();
        if (name.find_first_not_of("0123456789") != name.npos) continue;
        const pid_t pid = std::stoi(name);
        if (group_of(pid) == group && alive(pid)) ++count;
    }
    return count;
}

/// Within a second, says the command; more only because a machine under load is slow.
inline bool ends_soon(pid_t group) {
    return support::eventually(Millis(3000), [&] { return members(group) == 0; });
}

inline Args delay_get(const std::string &key, const std::string &script, const Args &options = {}) {
    Args args{"delay", "get", key};
    args.insert(args.end(), options.begin(), options.end());
    args.insert(args.end(), {"--", "sh", "-c", script});
    return args;
}

/// What `inspect` says of a delay, or "".
inline std::string state_of(const std::string &key) {
    std::istringstream lines(run({"inspect", key}).out);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("state     ")) return line.substr(10);
    }
    return "";
}

inline void expect_state(const std::string &key, const std::string &state) {
    if (!support::eventually(kPatience, [&] { return state_of(key) == state; })) {
        fail_msg("%s is %s, not %s", key.c_str(), state_of(key).c_str(), state.c_str());
    }
}

/// All lines but the last on stderr are CMD's, the last is the command's own.
inline void expect_failure(const RunResult &result, const std::string &message) {
    expect(result, 1, "");
    const std::string own = "exoref: the body failed: " + message + "\n";
    if (!result.err.ends_with(own)) fail_msg("stderr is '%s', not '%s'", result.err.c_str(), own.c_str());
}

/// `delay get` with a CMD that runs until it is ended; `first` is what it does before.
class LongBody {
public:
    explicit LongBody(const std::string &key, const Args &options = {}, const std::string &first = "")
        : LongBody(server().unix_url(), key, options, first) {}
    LongBody(const std::string &url, const std::string &key, const Args &options, const std::string &first)
        : process_(started(at(url, delay_get(key, script(first), options)))) {
        assert_true(support::eventually(kPatience, [&] { return exists(folder_.file("pid")); }));
        pid_ = std::stoi(text_of(folder_.file("pid")));
        group_ = group_of(pid_);
    }

    Process &process() { return process_; }
    /// Of CMD itself, and of its group.
    pid_t pid() const { return pid_; }
    pid_t group() const { return group_; }
    std::string file(const std::string &name) const { return folder_.file(name); }

    /// The command ends with this code, and nothing is left of CMD.
    void expect_end(int code) {
        const int ended = end_of(process_);
        if (ended != code) fail_msg("ended with %d, not %d: %s", ended, code, process_.err().c_str());
        if (!ends_soon(group_)) fail_msg("%d processes of CMD's group are left", members(group_));
    }

private:
    std::string script(const std::string &first) const {
        return "cd " + folder_.path() + "\n" + first + "\necho $$ >new; mv new pid; exec sleep 100000";
    }

    const support::TempDir folder_;
    Process process_;
    pid_t pid_ = -1;
    pid_t group_ = -1;
};

/// A grandchild that no polite signal ends, in the background.
inline const char *const kStubbornChild =
    "sh -c 'trap \"\" TERM HUP INT; echo $$ >stubborn; sleep 100000' & "
    "until [ -s stubborn ]; do sleep 0.01; done";

}  // namespace exo::cli_test
