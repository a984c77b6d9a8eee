// local:DIR from the clients' side: one server however many ask, found again, started again after kill -9, and nothing
// acknowledged lost.
#include <thread>

#include "unit/redis/local_fixture.hpp"

using namespace exo::local_test;
using exo::base::Status;
using exo::support::eventually;
using exo::support::Process;

namespace {

void the_first_starts_it_and_the_second_finds_it(void **) {
    const Folder folder;
    const local::Server first = folder.ensure();
    assert_string_equal(text_of(first, {"PING"}).c_str(), "PONG");
    const pid_t pid = folder.server();
    assert_int_not_equal(pid, 0);
    const local::Server second = folder.ensure();
    assert_string_equal(second.socket_path.c_str(), first.socket_path.c_str());
    assert_int_equal(folder.server(), pid);
    assert_int_equal(folder.starts(), 1);
}

void it_is_set_up_as_promised(void **) {
    const Folder folder;
    const local::Server server = folder.ensure();
    const auto config = [&](const char *name) { return call(server, {"CONFIG", "GET", name}).elements.at(1).text; };
    assert_string_equal(config("port").c_str(), "0");
    assert_string_equal(config("appendonly").c_str(), "yes");
    assert_string_equal(config("save").c_str(), "");
    // With everysec, writes are acknowledged before they are in the file while the disk is slow.
    assert_string_equal(config("appendfsync").c_str(), "no");
    struct stat socket {};
    assert_int_equal(::stat(server.socket_path.c_str(), &socket), 0);
    assert_int_equal(socket.st_mode & 07777, 0700);
}

void ten_processes_at_one_instant_start_one(void **) {
    for (int round = 0; round < 5; ++round) {
        const Folder folder;
        std::vector<std::unique_ptr<Process>> clients;
        for (int i = 0; i < 10; ++i) clients.push_back(std::make_unique<Process>(client_options(folder.dir())));
        for (auto &client : clients) {
            if (!client->wait_for_output("ready", kTime)) fail_msg("%s", client->out().c_str());
        }
        assert_int_equal(folder.starts(), 1);
        assert_string_equal(text_of(folder.ensure(), {"GET", "clients"}).c_str(), "10");
        assert_int_not_equal(folder.guard(), 0);
    }
}

void ten_threads_at_one_instant_start_one(void **) {
    const Folder folder;
    std::atomic<int> served{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 10; ++i) {
        threads.emplace_back([&] { served += local::ensure(folder.dir(), nullptr, kTime, never).ok() ? 1 : 0; });
    }
    for (std::thread &thread : threads) thread.join();
    assert_int_equal(served.load(), 10);
    assert_int_equal(folder.starts(), 1);
}

void after_kill_9_of_the_server_the_next_client_starts_it_with_all_data(void **) {
    const Folder folder;
    local::Server server = folder.ensure();
    for (int round = 1; round <= 5; ++round) {
        const pid_t pid = folder.server();
        std::atomic<long long> acknowledged{0};
        std::thread writer([&] {
            exo::support::RedisClient client(exo::support::Endpoint::unix_socket(server.socket_path));
            for (;;) {
                const exo::support::Reply reply = client.call({"INCR", "n"});
                if (reply.type != exo::support::Reply::Type::kInteger) return;
                acknowledged = reply.integer;
            }
        });
        assert_true(eventually(kTime, [&] { return acknowledged.load() >= round * 500; }));
        ::kill(pid, SIGKILL);
        writer.join();
        assert_true(gone(pid));
        server = folder.ensure(server.lease);
        assert_int_not_equal(folder.server(), pid);
        const long long kept = std::stoll(text_of(server, {"GET", "n"}));
        assert_true(kept >= acknowledged.load() && kept <= acknowledged.load() + 1);
    }
}

void a_killed_server_is_started_once_for_all_its_clients(void **) {
    const Folder folder;
    const local::Server server = folder.ensure();
    for (int round = 2; round < 6; ++round) {
        ::kill(folder.server(), SIGKILL);
        std::vector<std::thread> threads;
        std::atomic<int> served{0};
        for (int i = 0; i < 8; ++i) {
            threads.emplace_back(
                [&] { served += local::ensure(folder.dir(), server.lease, kTime, never).ok() ? 1 : 0; });
        }
        for (std::thread &thread : threads) thread.join();
        assert_int_equal(served.load(), 8);
        // One that found the dying server's answer still, or its lock still held, is no second start.
        folder.ensure(server.lease);
        assert_int_equal(folder.starts(), round);
    }
}

void kill_9_of_the_starter_leaves_it_running_for_the_others(void **) {
    const Folder folder;
    Process starter(client_options(folder.dir()));
    assert_true(starter.wait_for_output("ready", kTime));
    const local::Server other = folder.ensure();
    const pid_t pid = folder.server();
    starter.send_signal(SIGKILL);
    assert_true(starter.wait(kTime).has_value());
    assert_string_equal(text_of(other, {"INCR", "clients"}).c_str(), "2");
    assert_int_equal(folder.server(), pid);
    assert_true(alive(folder.guard()));
}

void kill_9_of_a_starter_at_any_moment_does_no_harm(void **) {
    const Folder folder;
    for (int delay = 0; delay < 40; delay += 4) {
        folder.clear();
        Process starter(client_options(folder.dir()));
        exo::support::pause_for(Millis(delay));
        starter.send_signal(SIGKILL);
        assert_true(starter.wait(kTime).has_value());
        const int starts = folder.starts();
        const local::Server server = folder.ensure();
        assert_string_equal(text_of(server, {"PING"}).c_str(), "PONG");
        assert_true(folder.starts() <= starts + 1);
        assert_int_not_equal(folder.server(), 0);
        assert_int_not_equal(folder.guard(), 0);
    }
}

void stale_files_are_survived(void **) {
    const Folder folder;
    assert_int_equal(::mkdir(folder.dir().c_str(), 0700), 0);
    write_file(folder.file(local::kSocket), "no socket");
    write_file(folder.file(local::kPid), std::to_string(::getpid()));  // a pid that somebody else has by now
    for (const char *lock : {local::kServerLock, local::kGuardLock, local::kClientsLock}) {
        write_file(folder.file(lock), "of an older time");
    }
    assert_string_equal(text_of(folder.ensure(), {"PING"}).c_str(), "PONG");
    folder.clear();
    assert_true(fs::exists(folder.file(local::kSocket)));
    assert_string_equal(text_of(folder.ensure(), {"PING"}).c_str(), "PONG");
}

void files_removed_under_a_running_server_do_no_harm(void **) {
    const Folder folder;
    const local::Server server = folder.ensure();
    assert_string_equal(text_of(server, {"SET", "k", "v"}).c_str(), "OK");
    for (const char *lock : {local::kServerLock, local::kGuardLock, local::kClientsLock}) {
        const pid_t pid = folder.server();
        fs::remove(folder.file(lock));
        const local::Server again = folder.ensure();
        assert_string_equal(text_of(again, {"GET", "k"}).c_str(), "v");
        if (folder.server() != pid) assert_true(gone(pid));
        assert_int_not_equal(folder.server(), 0);
    }
}

void a_removed_socket_is_made_again(void **) {
    const Folder folder;
    const local::Server server = folder.ensure();
    assert_string_equal(text_of(server, {"SET", "k", "v"}).c_str(), "OK");
    const pid_t pid = folder.server();
    fs::remove(folder.file(local::kSocket));
    assert_string_equal(text_of(folder.ensure(server.lease), {"GET", "k"}).c_str(), "v");
    assert_true(gone(pid));
}

void a_strangers_server_on_the_socket_is_left_alone(void **) {
    const Folder folder;
    assert_int_equal(::mkdir(folder.dir().c_str(), 0700), 0);
    exo::support::ProcessOptions options;
    options.argv = {"redis-server", "--port", "0", "--unixsocket", folder.file(local::kSocket), "--save", ""};
    Process stranger(options);
    assert_true(stranger.wait_for_output("ready to accept", kTime));
    const auto refused = folder.refusal();
    assert_int_equal(refused->status, Status::ELOCAL);
    assert_true(says(refused, "pid " + std::to_string(stranger.pid())));
    assert_true(stranger.running());
    assert_int_equal(folder.server(), 0);
}

void a_path_too_long_for_a_socket_works(void **) {
    const Folder folder(std::string(200, 'l'));
    const local::Server server = folder.ensure();
    assert_true(server.socket_path.size() < 108);
    Process other(client_options(folder.dir()));
    assert_true(other.wait_for_output("ready 1", kTime));
    assert_string_equal(text_of(server, {"INCR", "clients"}).c_str(), "2");
    ::kill(folder.server(), SIGKILL);
    const local::Server again = folder.ensure(server.lease);
    assert_string_equal(text_of(again, {"INCR", "clients"}).c_str(), "3");
    assert_int_equal(folder.starts(), 2);
}

void any_name_works(void **) {
    for (const char *name : {"a b", "quo\"te's", "line\nbreak", "\xff\x01", "--port", "$(id)", "#x", "ü"}) {
        const Folder folder(name);
        assert_string_equal(text_of(folder.ensure(), {"PING"}).c_str(), "PONG");
        assert_int_not_equal(folder.server(), 0);
    }
}

void a_folder_made_anew_gets_a_server_and_a_lease_of_its_own(void **) {
    const Folder folder;
    const local::Server server = folder.ensure();
    const pid_t old = folder.server();
    folder.remove();
    const local::Server again = folder.ensure(server.lease);
    assert_ptr_not_equal(again.lease.get(), server.lease.get());
    assert_int_not_equal(folder.server(), old);
    assert_string_equal(text_of(again, {"DBSIZE"}).c_str(), "0");
}

void a_held_lease_is_used_again(void **) {
    const Folder folder;
    const local::Server server = folder.ensure();
    assert_ptr_equal(folder.ensure(server.lease).lease.get(), server.lease.get());
}

void a_server_that_hangs_costs_only_the_time_given(void **) {
    const Folder folder;
    const local::Server server = folder.ensure();
    ::kill(folder.server(), SIGSTOP);
    const auto begun = std::chrono::steady_clock::now();
    const auto result = local::ensure(folder.dir(), server.lease, Millis(300), never);
    assert_false(result.ok());
    assert_int_equal(result.error()->status, Status::ETIMEOUT);
    assert_true(std::chrono::steady_clock::now() - begun < exo::support::scaled(Millis(2000)));
    std::atomic<bool> cancelled{false};
    std::thread canceller([&] { cancelled = true; });
    const auto cut = local::ensure(folder.dir(), server.lease, kTime, cancelled);
    canceller.join();
    assert_false(cut.ok());
    assert_int_equal(cut.error()->status, Status::ECANCELLED);
    ::kill(folder.server(), SIGCONT);
    assert_string_equal(text_of(folder.ensure(server.lease), {"PING"}).c_str(), "PONG");
}

}  // namespace

int main(int argc, char **argv) {
    serve_as_client(argc, argv);
    const CMUnitTest tests[] = {
        LOCAL_TEST(the_first_starts_it_and_the_second_finds_it),
        LOCAL_TEST(it_is_set_up_as_promised),
        LOCAL_TEST(ten_processes_at_one_instant_start_one),
        LOCAL_TEST(ten_threads_at_one_instant_start_one),
        LOCAL_TEST(after_kill_9_of_the_server_the_next_client_starts_it_with_all_data),
        LOCAL_TEST(a_killed_server_is_started_once_for_all_its_clients),
        LOCAL_TEST(kill_9_of_the_starter_leaves_it_running_for_the_others),
        LOCAL_TEST(kill_9_of_a_starter_at_any_moment_does_no_harm),
        LOCAL_TEST(stale_files_are_survived),
        LOCAL_TEST(files_removed_under_a_running_server_do_no_harm),
        LOCAL_TEST(a_removed_socket_is_made_again),
        LOCAL_TEST(a_strangers_server_on_the_socket_is_left_alone),
        LOCAL_TEST(a_path_too_long_for_a_socket_works),
        LOCAL_TEST(any_name_works),
        LOCAL_TEST(a_folder_made_anew_gets_a_server_and_a_lease_of_its_own),
        LOCAL_TEST(a_held_lease_is_used_again),
        LOCAL_TEST(a_server_that_hangs_costs_only_the_time_given),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
