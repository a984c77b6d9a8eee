// When no server can be had: none installed, too old, not Redis, one that ends at once. The error says what to do, and
// nothing is left behind that would hinder the next try.
#include "unit/redis/local_fixture.hpp"

using namespace exo::local_test;
using exo::base::Status;

namespace {

// Sets a variable for the time of a test; main() puts the environment right again if it is left by longjmp.
void set(const char *name, const std::string &value) { ::setenv(name, value.c_str(), 1); }

int restore(void **state) {
    static const std::string path = std::getenv("PATH");
    set("PATH", path);
    ::unsetenv("EXOREF_REDIS_SERVER");
    return clear_folder(state);
}

std::string script(const Folder &folder, const std::string &text) {
    const std::string path = folder.parent() + "/server";
    write_file(path, "#!/bin/sh\n" + text + "\n");
    ::chmod(path.c_str(), 0700);
    set("EXOREF_REDIS_SERVER", path);
    return path;
}

void works_again(const Folder &folder) {
    restore(nullptr);
    assert_string_equal(text_of(folder.ensure(), {"PING"}).c_str(), "PONG");
}

void none_installed(void **) {
    const Folder folder;
    for (const char *path : {"", "/nonexistent", ".", ":::", "relative/bin"}) {
        set("PATH", path);
        const auto refused = folder.refusal();
        assert_int_equal(refused->status, Status::ELOCAL);
        for (const char *part : {"redis-server", "PATH", "apt install", "EXOREF_REDIS_SERVER"}) {
            assert_true(says(refused, part));
        }
    }
    assert_true(processes_in(folder.dir()).empty());
    works_again(folder);
}

void without_any_path_the_usual_folders_are_looked_in(void **) {
    if (!fs::exists("/usr/bin/redis-server") && !fs::exists("/usr/local/bin/redis-server")) skip();
    const Folder folder;
    ::unsetenv("PATH");
    assert_string_equal(text_of(folder.ensure(), {"PING"}).c_str(), "PONG");
    assert_int_not_equal(folder.guard(), 0);
}

void one_that_is_named_needs_no_path(void **) {
    const Folder folder;
    exo::support::RunResult found = exo::support::run_program({"sh", "-c", "command -v redis-server"});
    found.out.pop_back();
    set("EXOREF_REDIS_SERVER", found.out);
    set("PATH", "/nonexistent");
    assert_string_equal(text_of(folder.ensure(), {"PING"}).c_str(), "PONG");
    assert_int_not_equal(folder.guard(), 0);
}

void one_that_is_named_wrongly(void **) {
    const Folder folder;
    for (const std::string &name : {folder.parent() + "/none", folder.parent(), std::string("no-such-server"),
                                    std::string("./redis-server"), std::string("/etc/passwd")}) {
        set("EXOREF_REDIS_SERVER", name);
        const auto refused = folder.refusal();
        assert_int_equal(refused->status, Status::ELOCAL);
        assert_true(says(refused, "EXOREF_REDIS_SERVER names"));
    }
    works_again(folder);
}

void one_that_is_too_old(void **) {
    const Folder folder;
    for (const char *version : {"6.0.16", "5.0.14", "2.8.4"}) {
        script(folder, std::string("echo 'Redis server v=") + version + " sha=00000000:0 malloc=libc bits=64'");
        const auto refused = folder.refusal();
        assert_int_equal(refused->status, Status::EVERSION);
        assert_true(says(refused, std::string("is version ") + version));
        assert_true(says(refused, "6.2"));
    }
    works_again(folder);
}

void one_too_old_for_the_data(void **) {
    const Folder folder;
    folder.ensure();
    if (!fs::exists(folder.file("appendonlydir"))) skip();  // an older server wrote it
    folder.clear();
    script(folder, "echo 'Redis server v=6.2.14 sha=00000000:0'");
    const auto refused = folder.refusal();
    assert_int_equal(refused->status, Status::EVERSION);
    assert_true(says(refused, "6.2.14"));
    works_again(folder);
}

void something_else_than_redis(void **) {
    const Folder folder;
    for (const char *text : {"true", "echo hello", "echo v=x.y", "yes", "exit 3"}) {
        script(folder, text);
        const auto refused = folder.refusal(Millis(500));
        assert_true(refused->status == Status::ELOCAL || refused->status == Status::ETIMEOUT);
    }
    set("EXOREF_REDIS_SERVER", "/etc/hostname");
    assert_int_equal(folder.refusal()->status, Status::ELOCAL);
    works_again(folder);
}

void one_that_never_tells_its_version(void **) {
    const Folder folder;
    script(folder, "exec tail -f /dev/null");
    const auto begun = std::chrono::steady_clock::now();
    assert_int_equal(folder.refusal(Millis(200))->status, Status::ETIMEOUT);
    assert_true(std::chrono::steady_clock::now() - begun < exo::support::scaled(Millis(2000)));
    works_again(folder);
}

void one_that_ends_at_once_is_quoted(void **) {
    const Folder folder;
    script(folder,
           "[ \"$1\" = --version ] && { echo 'Redis server v=7.2.0 sha=0'; exit; }\n"
           "echo 'this machine has no memory left' >&2; exit 1");
    const auto refused = folder.refusal();
    assert_int_equal(refused->status, Status::ELOCAL);
    assert_true(says(refused, "this machine has no memory left"));
    assert_true(says(refused, local::kLog));
    assert_string_equal(refused->server_text.c_str(), "this machine has no memory left");
    works_again(folder);
}

void damaged_data_is_told_in_the_servers_own_words(void **) {
    const Folder folder;
    local::Server server = folder.ensure();
    for (const char *key : {"a", "b", "c"}) text_of(server, {"SET", key, std::string(100, 'x')});
    server.lease.reset();
    folder.clear();
    for (const auto &entry : fs::recursive_directory_iterator(folder.dir())) {
        const std::string name = entry.path().string();
        if (name.find(".aof") == std::string::npos || name.find("manifest") != std::string::npos) continue;
        std::string data = read_file(name);
        if (data.size() > 100) data.replace(40, 20, std::string(20, '!'));
        write_file(name, data);
    }
    const auto refused = folder.refusal();
    assert_int_equal(refused->status, Status::ELOCAL);
    assert_true(says(refused, "redis-check-aof"));
    assert_true(processes_in(folder.dir()).empty());
}

// Power loss leaves such an end; Redis mends it, and so does local:.
void a_torn_end_of_the_data_is_survived(void **) {
    const Folder folder;
    local::Server server = folder.ensure();
    text_of(server, {"SET", "a", "1"});
    text_of(server, {"SET", "b", "2"});
    server.lease.reset();
    folder.clear();
    for (const auto &entry : fs::recursive_directory_iterator(folder.dir())) {
        const std::string name = entry.path().string();
        if (name.find(".incr.aof") != std::string::npos) fs::resize_file(name, fs::file_size(name) - 3);
    }
    assert_string_equal(text_of(folder.ensure(), {"GET", "a"}).c_str(), "1");
}

}  // namespace

#define PROGRAM_TEST(function) cmocka_unit_test_setup_teardown(function, restore, restore)

int main() {
    const CMUnitTest tests[] = {
        PROGRAM_TEST(none_installed),
        PROGRAM_TEST(without_any_path_the_usual_folders_are_looked_in),
        PROGRAM_TEST(one_that_is_named_needs_no_path),
        PROGRAM_TEST(one_that_is_named_wrongly),
        PROGRAM_TEST(one_that_is_too_old),
        PROGRAM_TEST(one_too_old_for_the_data),
        PROGRAM_TEST(something_else_than_redis),
        PROGRAM_TEST(one_that_never_tells_its_version),
        PROGRAM_TEST(one_that_ends_at_once_is_quoted),
        PROGRAM_TEST(damaged_data_is_told_in_the_servers_own_words),
        PROGRAM_TEST(a_torn_end_of_the_data_is_survived),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
