// What a started server has of its starter: nothing. No descriptor, terminal, session, signal setting or secret; and what
// happens to the starter afterwards is no matter.
#include <sys/wait.h>

#include "unit/redis/local_fixture.hpp"

using namespace exo::local_test;
using exo::support::Process;
using exo::support::ProcessOptions;

namespace {

std::string self() { return fs::read_symlink("/proc/self/exe").string(); }

std::string proc(pid_t pid, const char *file) { return read_file("/proc/" + std::to_string(pid) + "/" + file); }

std::set<std::string> descriptors(pid_t pid) {
    std::set<std::string> result;
    std::error_code gone;
    for (const auto &fd : fs::directory_iterator("/proc/" + std::to_string(pid) + "/fd", gone)) {
        const fs::path target = fs::read_symlink(fd.path(), gone);
        if (!gone) result.insert(target.string());
    }
    return result;
}

std::string field(const std::string &status, const std::string &name) {
    const std::size_t at = status.find("\n" + name + ":");
    const std::size_t begin = status.find_first_not_of("\t ", at + name.size() + 2);
    return status.substr(begin, status.find('\n', begin) - begin);
}

void it_has_none_of_the_hosts_descriptors(void **) {
    const Folder folder;
    const exo::support::TempDir hosts;
    int pipe_ends[2];
    assert_int_equal(::pipe(pipe_ends), 0);  // on purpose without close-on-exec
    std::vector<int> opened;
    for (int i = 0; i < 50; ++i) opened.push_back(::open(hosts.file("host").c_str(), O_RDWR | O_CREAT, 0600));
    assert_int_not_equal(::dup2(pipe_ends[1], 300), -1);
    const std::string pipe_name = fs::read_symlink("/proc/self/fd/" + std::to_string(pipe_ends[0])).string();
    const local::Server server = folder.ensure();
    const std::string dir = fs::canonical(folder.dir()).string();
    const auto foreign = [&](pid_t pid, bool redis) {
        for (const std::string &file : descriptors(pid)) {
            // Redis's own are a pipe to itself, its epoll, its sockets.
            const bool own = file == "/dev/null" || file.rfind(dir + "/", 0) == 0 ||
                             (redis && file != pipe_name && file.find('/') == std::string::npos);
            if (!own) return file;
        }
        return std::string();
    };
    const pid_t guard = folder.guard();
    assert_true(guard != 0 && folder.server() != 0);
    assert_string_equal(foreign(folder.server(), true).c_str(), "");
    // (The shell lets go of its script a moment after it has begun.)
    if (!exo::support::eventually(kTime, [&] { return foreign(guard, false).empty(); })) {
        fail_msg("the guard holds %s", foreign(guard, false).c_str());
    }
    for (const int fd : opened) ::close(fd);
    for (const int fd : {pipe_ends[0], pipe_ends[1], 300}) ::close(fd);
}

void a_pipe_of_its_starter_ends_with_the_starter(void **) {
    const Folder folder;
    ProcessOptions options;
    // As $(exoref ...) in a shell: the shell waits until nobody holds the pipe any more.
    options.argv = {"sh", "-c", "out=$(\"$0\" --once \"$1\" 2>&1 3>&1 4>&1) && echo \"got $out\"", self(),
                    folder.dir()};
    options.set_env = {"EXOREF_LOCAL_IDLE_MS=60000"};
    Process shell(options);
    const auto status = shell.wait(kTime);
    assert_true(status.has_value() && status->ok());
    assert_string_equal(shell.out().c_str(), "got ready 1\n");
    assert_int_not_equal(folder.server(), 0);
    assert_int_not_equal(folder.guard(), 0);
}

void it_lives_in_a_session_without_a_terminal(void **) {
    const Folder folder;
    const local::Server server = folder.ensure();
    for (const pid_t pid : {folder.server(), folder.guard()}) {
        assert_int_not_equal(::getsid(pid), ::getsid(0));
        assert_int_not_equal(::getpgid(pid), ::getpgid(0));
        const std::string stat = proc(pid, "stat");
        int parent = 0, group = 0, session = 0, terminal = -1;
        std::sscanf(stat.c_str() + stat.rfind(')') + 3, "%*c %d %d %d %d", &parent, &group, &session, &terminal);
        assert_int_equal(terminal, 0);
        assert_int_not_equal(parent, ::getpid());
    }
}

void ctrl_c_in_the_starters_terminal_leaves_it_running(void **) {
    const Folder folder;
    ProcessOptions options = client_options(folder.dir());
    options.argv.insert(options.argv.begin(), "setsid");  // a process group that a test may interrupt
    Process starter(options);
    assert_true(starter.wait_for_output("ready", kTime));
    const local::Server other = folder.ensure();
    const pid_t pid = folder.server();
    ::kill(-starter.pid(), SIGINT);
    assert_true(starter.wait(kTime).has_value());
    ::kill(-starter.pid(), SIGHUP);
    assert_string_equal(text_of(other, {"PING"}).c_str(), "PONG");
    assert_int_equal(folder.server(), pid);
}

void it_has_default_signals(void **) {
    const Folder folder;
    sigset_t all, before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    for (const int number : {SIGTERM, SIGINT, SIGCHLD, SIGUSR1}) ::signal(number, SIG_IGN);
    const local::Server server = folder.ensure();  // also: a host that ignores SIGCHLD has no child to wait for
    for (const int number : {SIGTERM, SIGINT, SIGCHLD, SIGUSR1}) ::signal(number, SIG_DFL);
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    for (const pid_t pid : {folder.server(), folder.guard()}) {
        const std::string status = proc(pid, "status");
        assert_string_equal(field(status, "SigBlk").c_str(), "0000000000000000");
        const unsigned long long ignored = std::stoull(field(status, "SigIgn"), nullptr, 16);
        for (const int number : {SIGTERM, SIGCHLD, SIGUSR1}) assert_int_equal(ignored >> (number - 1) & 1, 0);
    }
    ::kill(folder.server(), SIGTERM);
    assert_true(exo::support::eventually(kTime, [&] { return folder.server() == 0; }));
}

void it_gets_no_secret_and_no_preloaded_library(void **) {
    const Folder folder;
    ::setenv("EXOREF_URL", "redis://:secret@host", 1);
    ::setenv("AWS_SECRET_ACCESS_KEY", "secret", 1);
    ::setenv("LD_PRELOAD", "/nonexistent.so", 1);
    const local::Server server = folder.ensure();
    for (const char *name : {"EXOREF_URL", "AWS_SECRET_ACCESS_KEY", "LD_PRELOAD"}) ::unsetenv(name);
    for (const pid_t pid : {folder.server(), folder.guard()}) {
        const std::string environment = proc(pid, "environ");
        // (The server writes its title over its environment.)
        assert_true(pid == folder.server() || environment.find("PATH=") != std::string::npos);
        for (const char *part : {"secret", "LD_PRELOAD", "EXOREF"}) {
            assert_true(environment.find(part) == std::string::npos);
        }
    }
}

void a_host_without_stdin_and_stdout_can_start_it(void **) {
    const Folder folder;
    ProcessOptions options;
    options.argv = {"sh", "-c", "exec \"$0\" --once \"$1\" <&- >&- 2>&-", self(), folder.dir()};
    options.set_env = {"EXOREF_LOCAL_IDLE_MS=60000"};
    Process host(options);
    const auto status = host.wait(kTime);
    assert_true(status.has_value() && status->ok());
    assert_int_not_equal(folder.server(), 0);
    assert_int_not_equal(folder.guard(), 0);
    assert_string_equal(text_of(folder.ensure(), {"GET", "clients"}).c_str(), "1");
}

void a_forked_child_does_not_let_go_of_the_parents_lease(void **) {
    const Folder folder;
    local::Server server = folder.ensure();
    const pid_t pid = folder.server();
    const pid_t child = ::fork();
    if (child == 0) {
        server.lease.reset();
        ::_exit(0);
    }
    ::waitpid(child, nullptr, 0);
    exo::support::pause_for(kIdle * 3);
    assert_true(alive(pid));
    server.lease.reset();
    assert_true(folder.ended());
}

void a_forked_child_that_stays_does_not_hold_the_parents_lease(void **) {
    const Folder folder;
    local::Server server = folder.ensure();
    int stay[2];
    assert_int_equal(::pipe2(stay, O_CLOEXEC), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        char byte = 0;
        ::close(stay[1]);
        [[maybe_unused]] const ssize_t end = ::read(stay[0], &byte, 1);
        ::_exit(0);
    }
    ::close(stay[0]);
    server.lease.reset();
    assert_true(folder.ended());
    ::close(stay[1]);
    ::waitpid(child, nullptr, 0);
}

void the_started_programs_leave_no_child_behind(void **) {
    const Folder folder;
    folder.ensure();
    assert_int_equal(::waitpid(-1, nullptr, WNOHANG), -1);
}

}  // namespace

int main(int argc, char **argv) {
    serve_as_client(argc, argv);
    const CMUnitTest tests[] = {
        LOCAL_TEST(it_has_none_of_the_hosts_descriptors),
        LOCAL_TEST(a_pipe_of_its_starter_ends_with_the_starter),
        LOCAL_TEST(it_lives_in_a_session_without_a_terminal),
        LOCAL_TEST(ctrl_c_in_the_starters_terminal_leaves_it_running),
        LOCAL_TEST(it_has_default_signals),
        LOCAL_TEST(it_gets_no_secret_and_no_preloaded_library),
        LOCAL_TEST(a_host_without_stdin_and_stdout_can_start_it),
        LOCAL_TEST(a_forked_child_does_not_let_go_of_the_parents_lease),
        LOCAL_TEST(a_forked_child_that_stays_does_not_hold_the_parents_lease),
        LOCAL_TEST(the_started_programs_leave_no_child_behind),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
