// The guard: a server ends when nobody has used it for a while and not before, whoever is killed.
#include <sys/file.h>

#include <thread>

#include "unit/redis/local_fixture.hpp"

using namespace exo::local_test;
using exo::support::eventually;
using exo::support::pause_for;
using exo::support::Process;
using Clock = std::chrono::steady_clock;

namespace {

// How many processes of the folder were started as that.
int processes_named(const std::string &dir, const std::string &name) {
    std::set<pid_t> sessions;
    for (const pid_t pid : processes_in(dir)) {
        const std::string line = read_file("/proc/" + std::to_string(pid) + "/cmdline");
        if (line.find(name) != std::string::npos) sessions.insert(::getsid(pid));
    }
    return static_cast<int>(sessions.size());
}

// Until its lock is free: a child that it was just making holds it an instant longer.
pid_t kill_guard(const Folder &folder) {
    const pid_t guard = folder.guard();
    assert_int_not_equal(guard, 0);
    ::kill(guard, SIGKILL);
    const auto directory = local::Directory::look(folder.dir());
    assert_true(eventually(kTime, [&] { return !local::is_claimed(**directory, local::kGuardLock); }));
    return guard;
}

void five_seconds_are_the_default(void **) {
    assert_int_equal(local::Settings{}.idle.count(), 5000);
    ::unsetenv("EXOREF_LOCAL_IDLE_MS");
    assert_int_equal(local::Settings::from_environment().idle.count(), 5000);
    for (const char *nonsense : {"", "x", "1", "-5", "500x", "99999999999"}) {
        ::setenv("EXOREF_LOCAL_IDLE_MS", nonsense, 1);
        assert_int_equal(local::Settings::from_environment().idle.count(), 5000);
    }
    ::setenv("EXOREF_LOCAL_IDLE_MS", "700", 1);
    assert_int_equal(local::Settings::from_environment().idle.count(), 700);
    ::unsetenv("EXOREF_LOCAL_IDLE_MS");
}

void it_ends_the_server_after_the_last_has_left_and_not_before(void **) {
    const Folder folder;
    local::Server server = folder.ensure();
    assert_string_equal(text_of(server, {"SET", "k", "v"}).c_str(), "OK");
    const pid_t pid = folder.server();
    pause_for(kIdle * 2);
    assert_true(alive(pid));
    const auto left = Clock::now();
    server.lease.reset();
    assert_true(gone(pid));
    assert_true(Clock::now() - left >= kIdle);
    assert_true(folder.ended());
    assert_non_null(std::strstr(read_file(folder.file(local::kLog)).c_str(), "ready to exit"));
    assert_string_equal(text_of(folder.ensure(), {"GET", "k"}).c_str(), "v");
}

void who_comes_and_goes_meanwhile_begins_the_time_anew(void **) {
    const Folder folder;
    folder.ensure();
    const pid_t pid = folder.server();
    auto left = Clock::now();
    for (int i = 0; i < 8; ++i) {
        pause_for(kIdle / 2);
        folder.ensure();  // so short a visit that no look of the guard meets it
        left = Clock::now();
        assert_int_equal(folder.server(), pid);
    }
    assert_true(gone(pid));
    assert_true(Clock::now() - left >= kIdle);
}

void a_client_of_another_process_keeps_it_and_its_kill_9_lets_go(void **) {
    const Folder folder;
    Process client(client_options(folder.dir()));
    assert_true(client.wait_for_output("ready", kTime));
    const pid_t pid = folder.server();
    pause_for(kIdle * 2);
    assert_true(alive(pid));
    client.send_signal(SIGKILL);
    assert_true(folder.ended());
}

void after_kill_9_of_the_guard_the_next_client_starts_another(void **) {
    const Folder folder;
    const local::Server server = folder.ensure();
    const pid_t pid = folder.server();
    for (int round = 0; round < 3; ++round) {
        const pid_t guard = kill_guard(folder);
        folder.ensure();
        assert_int_not_equal(folder.guard(), 0);
        assert_int_not_equal(folder.guard(), guard);
    }
    assert_int_equal(folder.server(), pid);
    assert_int_equal(folder.starts(), 1);
    const_cast<local::Server &>(server).lease.reset();
    assert_true(folder.ended());
}

void a_guard_killed_in_its_last_look_holds_no_lock(void **) {
    const Folder folder;
    folder.ensure();
    assert_true(eventually(kTime, [&] { return processes_in(folder.dir()).size() > 2; }));  // in its sleep, or flock
    kill_guard(folder);
    const local::Server server = folder.ensure();
    assert_string_equal(text_of(server, {"PING"}).c_str(), "PONG");
    assert_int_not_equal(folder.guard(), 0);
}

void there_is_one_guard_however_many_ask(void **) {
    const Folder folder;
    const local::Server server = folder.ensure();
    kill_guard(folder);
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&] { (void)local::ensure(folder.dir(), server.lease, kTime, never); });
    }
    for (std::thread &thread : threads) thread.join();
    const auto directory = local::Directory::look(folder.dir());
    assert_true(eventually(
        kTime, [&] { return local::holders(**directory, local::kGuardLock, local::kGuardLockFd).size() == 1; }));
    assert_int_equal(processes_named(folder.dir(), "exoref-guard"), 1);
}

void who_comes_while_it_ends_the_server_waits_and_starts_it_anew(void **) {
    const Folder folder;
    folder.ensure(nullptr, Millis(50));
    assert_true(folder.ended());
    // As the guard does it: the lock exclusively, while the server is being ended.
    const int lock = ::open(folder.file(local::kClientsLock).c_str(), O_RDWR | O_CLOEXEC);
    assert_int_equal(::flock(lock, LOCK_EX), 0);
    const auto shut_out = local::ensure(folder.dir(), nullptr, Millis(200), never);
    assert_false(shut_out.ok());
    assert_true(says(shut_out.error(), "being ended"));
    std::atomic<bool> served{false};
    std::thread client([&] { served = local::ensure(folder.dir(), nullptr, kTime, never).ok(); });
    pause_for(Millis(100));
    assert_false(served);
    ::close(lock);
    client.join();
    assert_true(served);
    assert_int_equal(folder.starts(), 2);
}

// Clients come and go around the very instants at which the guard ends the server.
void nobody_is_ever_left_with_a_server_that_ends(void **) {
    const Folder folder;
    std::atomic<int> sent{0};
    std::atomic<int> failures{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 2; ++t) {
        threads.emplace_back([&, t] {
            local::Settings settings;
            settings.idle = Millis(50);
            for (int i = 0; i < 25; ++i) {
                const auto server = local::ensure(folder.dir(), nullptr, kTime, never, settings);
                if (!server) {
                    ++failures;
                    continue;
                }
                exo::support::RedisClient client(exo::support::Endpoint::unix_socket(server->socket_path));
                for (int k = 0; k < 2; ++k) {
                    const auto reply = client.call({"INCR", "n"});
                    reply.type == exo::support::Reply::Type::kInteger ? ++sent : ++failures;
                    pause_for(Millis((i * 7 + t) % 20));
                }
                client.close();
                const_cast<local::Server &>(*server).lease.reset();
                pause_for(Millis(50 + (i * 13 + t * 29) % 120));
            }
        });
    }
    for (std::thread &thread : threads) thread.join();
    assert_int_equal(failures.load(), 0);
    assert_string_equal(text_of(folder.ensure(), {"GET", "n"}).c_str(), std::to_string(sent.load()).c_str());
    assert_true(folder.starts() > 1);
}

void a_removed_folder_takes_server_and_guard_with_it(void **) {
    const Folder folder;
    folder.ensure();
    folder.remove();
    assert_true(folder.ended());
}

}  // namespace

int main(int argc, char **argv) {
    serve_as_client(argc, argv);
    const CMUnitTest tests[] = {
        LOCAL_TEST(five_seconds_are_the_default),
        LOCAL_TEST(it_ends_the_server_after_the_last_has_left_and_not_before),
        LOCAL_TEST(who_comes_and_goes_meanwhile_begins_the_time_anew),
        LOCAL_TEST(a_client_of_another_process_keeps_it_and_its_kill_9_lets_go),
        LOCAL_TEST(after_kill_9_of_the_guard_the_next_client_starts_another),
        LOCAL_TEST(a_guard_killed_in_its_last_look_holds_no_lock),
        LOCAL_TEST(there_is_one_guard_however_many_ask),
        LOCAL_TEST(who_comes_while_it_ends_the_server_waits_and_starts_it_anew),
        LOCAL_TEST(nobody_is_ever_left_with_a_server_that_ends),
        LOCAL_TEST(a_removed_folder_takes_server_and_guard_with_it),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
