// The small parts of the test support: waiting, folders, ports, processes, the protocol.
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "support/cmocka.hpp"
#include "support/deadline.hpp"
#include "support/net.hpp"
#include "support/process.hpp"
#include "support/resources.hpp"
#include "support/resp.hpp"
#include "support/temp_dir.hpp"

using namespace exo::support;

static void eventually_asks_until_it_is_so_or_the_time_is_over(void **) {
    int asked = 0;
    assert_true(eventually(Millis(5000), [&] { return ++asked == 4; }));
    assert_int_equal(asked, 4);
    const auto begin = std::chrono::steady_clock::now();
    assert_false(eventually(Millis(30), [] { return false; }));
    assert_true(std::chrono::steady_clock::now() - begin >= Millis(30));
}

static void a_temp_dir_is_fresh_and_goes_with_its_owner(void **) {
    std::string path;
    {
        TempDir first;
        const TempDir second;
        assert_string_not_equal(first.path().c_str(), second.path().c_str());
        path = first.path();
        assert_true(std::filesystem::is_empty(path));
        std::filesystem::create_directories(first.file("a/b"));
    }
    assert_false(std::filesystem::exists(path));
}

static void a_free_port_can_be_listened_on_and_is_never_the_usual_one(void **) {
    for (int i = 0; i < 20; ++i) {
        Endpoint endpoint = Endpoint::tcp(free_port());
        assert_int_not_equal(endpoint.port, 6379);
        const Fd listener = listen_on(endpoint);
        assert_true(static_cast<bool>(listener));
        assert_true(static_cast<bool>(connect_to(endpoint, Millis(2000))));
    }
}

static void connecting_to_nothing_is_an_answer(void **) {
    assert_false(static_cast<bool>(connect_to(Endpoint::tcp(free_port()), Millis(2000))));
    const TempDir folder;
    assert_false(static_cast<bool>(connect_to(Endpoint::unix_socket(folder.file("s")), Millis(2000))));
}

static void urls_say_where_a_server_listens(void **) {
    assert_string_equal(Endpoint::tcp(7000).url().c_str(), "redis://127.0.0.1:7000");
    assert_string_equal(Endpoint::tcp(7000, "::1").url("u:p").c_str(), "redis://u:p@[::1]:7000");
    assert_string_equal(Endpoint::unix_socket("/tmp/s").url().c_str(), "redis+unix:///tmp/s");
}

static void a_process_gets_its_input_and_its_output_is_captured(void **) {
    const std::string big(1 << 20, 'x');
    const RunResult result = run_program({"sh", "-c", "cat; echo oops >&2; exit 3"}, big);
    assert_int_equal(result.status.code, 3);
    assert_true(result.out == big);
    assert_string_equal(result.err.c_str(), "oops\n");
}

static void a_process_that_does_not_exist_ends_with_127(void **) {
    assert_int_equal(run_program({"/nonexistent/program"}).status.code, 127);
}

static void a_process_that_reads_no_input_is_no_trouble(void **) {
    assert_true(run_program({"true"}, std::string(1 << 20, 'x')).status.ok());
}

static void a_process_can_be_killed_and_says_so(void **) {
    ProcessOptions options;
    options.argv = {"sh", "-c", "echo ready; read line; echo got $line; read line"};
    options.keep_stdin_open = true;
    Process process(options);
    assert_true(process.wait_for_output("ready", Millis(10000)));
    process.write_stdin("hello\n");
    assert_true(process.wait_for_output("got hello", Millis(10000)));
    assert_false(process.wait(Millis(10)).has_value());
    process.send_signal(SIGKILL);
    const std::optional<ExitStatus> status = process.wait(Millis(10000));
    assert_true(status.has_value());
    assert_int_equal(status->signal, SIGKILL);
}

static void a_process_has_the_environment_that_was_asked_for(void **) {
    ::setenv("EXOREF_URL", "redis://nowhere", 1);
    ProcessOptions options;
    options.argv = {"sh", "-c", "echo [$EXOREF_URL][$MINE]"};
    options.set_env = {"MINE=a b"};
    Process process(options);
    assert_true(process.wait(Millis(10000)).has_value());
    assert_string_equal(process.out().c_str(), "[][a b]\n");
    ::unsetenv("EXOREF_URL");
}

static void a_process_outlives_the_thread_that_started_it(void **) {
    std::unique_ptr<Process> process;
    std::thread([&] {
        ProcessOptions options;
        options.argv = {"cat"};
        options.keep_stdin_open = true;
        process = std::make_unique<Process>(options);
    }).join();
    process->write_stdin("still here\n");
    assert_true(process->wait_for_output("still here", Millis(10000)));
    process->close_stdin();
    assert_true(process->wait(Millis(10000))->ok());
}

static void a_process_ends_when_the_one_that_started_it_is_killed(void **) {
    ProcessOptions options;
    options.argv = {self_path(), "--start-a-child-and-wait"};
    Process parent(options);
    assert_true(parent.wait_for_output("\n", Millis(10000)));
    const auto child = static_cast<pid_t>(std::stol(parent.out()));
    assert_int_equal(::kill(child, 0), 0);
    parent.send_signal(SIGKILL);
    assert_true(parent.wait(Millis(10000)).has_value());
    // It stays a zombie where nobody collects orphans, so its memory is asked for.
    assert_true(eventually(Millis(10000), [&] { return resident_bytes(child) == 0; }));
}

static void resources_of_a_process_can_be_counted(void **) {
    const std::size_t fds = open_fds();
    const std::size_t threads = thread_count();
    assert_true(fds > 0 && threads > 0 && resident_bytes() > 0 && peak_resident_bytes() > 0);
    Endpoint endpoint;
    const Fd listener = listen_on(endpoint);
    assert_int_equal(open_fds(), fds + 1);
}

static void frames_end_where_they_end(void **) {
    const std::string reply = "*3\r\n$3\r\na\r\n\r\n:-5\r\n*1\r\n+OK\r\n";
    for (std::size_t size = 0; size < reply.size(); ++size) {
        assert_true(scan_reply(reply.substr(0, size)).state == FrameScan::State::kIncomplete);
    }
    const FrameScan scan = scan_reply(reply + "+next");
    assert_true(scan.state == FrameScan::State::kComplete);
    assert_int_equal(scan.size, reply.size());
    const std::optional<Reply> value = parse_reply(reply);
    assert_true(value.has_value());
    assert_string_equal(value->show().c_str(), "[\"a\r\n\", -5, [+OK]]");
}

static void what_is_no_frame_is_broken(void **) {
    for (const char *text : {"HTTP/1.1\r\n", "$x\r\n", "*-7\r\n", ":1x\r\n", "$1\r\nabc"}) {
        assert_true(scan_reply(text).state == FrameScan::State::kBroken);
    }
}

static void commands_are_read_and_written_binary_safe(void **) {
    const std::vector<std::string> command = {"SET", std::string("k\0\r\n", 4), ""};
    const std::string frame = encode_command(command);
    assert_int_equal(scan_command(frame + "x").size, frame.size());
    assert_true(parse_command(frame) == command);
    assert_true(parse_command("PING  a\r\n") == std::vector<std::string>({"PING", "a"}));
}

static int start_a_child_and_wait() {
    ProcessOptions options;
    options.argv = {"cat"};
    options.keep_stdin_open = true;
    Process child(options);
    ::dprintf(STDOUT_FILENO, "%d\n", static_cast<int>(child.pid()));
    child.wait(Millis(60000));
    return 0;
}

int main(int argc, char **argv) {
    if (argc > 1 && std::string(argv[1]) == "--start-a-child-and-wait") {
        return start_a_child_and_wait();
    }
    const CMUnitTest tests[] = {
        cmocka_unit_test(eventually_asks_until_it_is_so_or_the_time_is_over),
        cmocka_unit_test(a_temp_dir_is_fresh_and_goes_with_its_owner),
        cmocka_unit_test(a_free_port_can_be_listened_on_and_is_never_the_usual_one),
        cmocka_unit_test(connecting_to_nothing_is_an_answer),
        cmocka_unit_test(urls_say_where_a_server_listens),
        cmocka_unit_test(a_process_gets_its_input_and_its_output_is_captured),
        cmocka_unit_test(a_process_that_does_not_exist_ends_with_127),
        cmocka_unit_test(a_process_that_reads_no_input_is_no_trouble),
        cmocka_unit_test(a_process_can_be_killed_and_says_so),
        cmocka_unit_test(a_process_has_the_environment_that_was_asked_for),
        cmocka_unit_test(a_process_outlives_the_thread_that_started_it),
        cmocka_unit_test(a_process_ends_when_the_one_that_started_it_is_killed),
        cmocka_unit_test(resources_of_a_process_can_be_counted),
        cmocka_unit_test(frames_end_where_they_end),
        cmocka_unit_test(what_is_no_frame_is_broken),
        cmocka_unit_test(commands_are_read_and_written_binary_safe),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
