// The DIR of local:DIR: what is made, mended, followed, refused. No server is started here.
#include "unit/redis/local_fixture.hpp"

using namespace exo::local_test;
using exo::base::Status;
using local::Directory;

namespace {

constexpr uid_t kStranger = 65534;

mode_t mode_of(const std::string &path) {
    struct stat file {};
    assert_int_equal(::lstat(path.c_str(), &file), 0);
    return file.st_mode & 07777;
}

std::shared_ptr<const Directory> opened(const std::string &path) {
    auto directory = Directory::open(path);
    if (!directory) fail_msg("%s", directory.error()->message.c_str());
    return *directory;
}

exo::base::ErrorPtr refused(const std::string &path) {
    const auto directory = Directory::open(path);
    if (directory) fail_msg("%s was accepted", path.c_str());
    assert_int_equal(directory.error()->status, Status::ELOCAL);
    return directory.error();
}

void it_is_made_for_its_owner_alone(void **) {
    const exo::support::TempDir parent;
    for (const mode_t mask : {0U, 0022U, 0077U, 0777U}) {
        const std::string path = parent.file("d" + std::to_string(mask));
        const mode_t before = ::umask(mask);
        const auto directory = Directory::open(path);
        ::umask(before);
        assert_true(directory.ok());
        assert_int_equal(mode_of(path), 0700);
        assert_string_equal((*directory)->path().c_str(), fs::canonical(path).c_str());
    }
}

void one_of_ours_is_set_to_0700(void **) {
    const exo::support::TempDir parent;
    for (const mode_t mode : {0755U, 0700U, 0711U, 0500U, 0000U}) {
        const std::string path = parent.file("d" + std::to_string(mode));
        assert_int_equal(::mkdir(path.c_str(), 0700), 0);
        assert_int_equal(::chmod(path.c_str(), mode), 0);
        opened(path);
        assert_int_equal(mode_of(path), 0700);
    }
}

void one_that_others_may_write_to_is_refused_and_left_as_it_is(void **) {
    const exo::support::TempDir parent;
    for (const mode_t mode : {0770U, 0720U, 0702U, 01777U, 0777U}) {
        const std::string path = parent.file("d" + std::to_string(mode));
        assert_int_equal(::mkdir(path.c_str(), 0700), 0);
        assert_int_equal(::chmod(path.c_str(), mode), 0);
        assert_true(says(refused(path), "chmod go-w"));
        assert_int_equal(mode_of(path), mode);
        assert_true(fs::is_empty(path));
    }
}

void one_of_another_user_is_refused_and_left_as_it_is(void **) {
    if (::geteuid() != 0) {
        assert_true(says(refused("/usr"), "another user (uid 0)"));
        return;
    }
    const exo::support::TempDir parent;
    const std::string path = parent.file("d");
    assert_int_equal(::mkdir(path.c_str(), 0755), 0);
    assert_int_equal(::chown(path.c_str(), kStranger, kStranger), 0);
    assert_true(says(refused(path), "another user (uid 65534)"));
    assert_int_equal(mode_of(path), 0755);
    assert_true(fs::is_empty(path));
    assert_false(Directory::look(path).ok());
}

void a_link_of_ours_is_followed(void **) {
    const exo::support::TempDir parent;
    const std::string target = parent.file("target");
    assert_int_equal(::mkdir(target.c_str(), 0755), 0);
    fs::create_symlink("target", parent.file("link"));
    for (const char *name : {"link", "link/", "link/."}) {
        const std::string path = opened(parent.file(name))->path();
        assert_string_equal(path.c_str(), fs::canonical(target).c_str());
    }
    assert_int_equal(mode_of(target), 0700);
}

void a_link_of_another_user_is_refused_before_anything_is_touched(void **) {
    if (::geteuid() != 0) skip();
    const exo::support::TempDir parent;
    const std::string target = parent.file("target");
    const std::string link = parent.file("link");
    assert_int_equal(::mkdir(target.c_str(), 0755), 0);
    fs::create_symlink(target, link);
    assert_int_equal(::lchown(link.c_str(), kStranger, kStranger), 0);
    for (const char *tail : {"", "/", "/.", "//"}) {
        assert_true(says(refused(link + tail), "symbolic link of another user"));
    }
    assert_int_equal(mode_of(target), 0755);
}

void what_is_no_folder_is_refused(void **) {
    const exo::support::TempDir parent;
    write_file(parent.file("f"), "x");
    assert_true(says(refused(parent.file("f")), "not a folder"));
    fs::create_symlink("nowhere", parent.file("dangling"));
    assert_true(says(refused(parent.file("dangling")), "leads nowhere"));
    assert_int_equal(::mkfifo(parent.file("pipe").c_str(), 0600), 0);
    assert_true(says(refused(parent.file("pipe")), "not a folder"));
}

void its_parent_must_exist(void **) {
    const exo::support::TempDir parent;
    const std::string missing = parent.file("no");
    assert_true(says(refused(missing + "/d"), missing));
    assert_true(says(refused(missing + "/d"), "does not exist"));
    assert_false(fs::exists(missing));
}

void nonsense_is_refused(void **) {
    for (const std::string &nonsense : {std::string(), std::string("/tmp/a\0b", 8)}) {
        const auto directory = Directory::open(nonsense);
        assert_false(directory.ok());
        assert_int_equal(directory.error()->status, Status::EXOREF_EINVAL);
    }
    for (const char *root : {"/", "//", "/.", "/../", "/tmp/.."}) assert_true(says(refused(root), "root"));
    assert_true(says(refused("/" + std::string(5000, 'x')), "too long"));
}

void looking_makes_and_changes_nothing(void **) {
    const exo::support::TempDir parent;
    const auto absent = Directory::look(parent.file("d"));
    assert_true(absent.ok());
    assert_null(absent->get());
    assert_true(fs::is_empty(parent.path()));
    assert_int_equal(::mkdir(parent.file("d").c_str(), 0755), 0);
    assert_int_equal(::chmod(parent.file("d").c_str(), 0755), 0);
    assert_non_null(Directory::look(parent.file("d"))->get());
    assert_int_equal(mode_of(parent.file("d")), 0755);
}

void a_relative_one_is_resolved_where_the_client_is_opened(void **) {
    const exo::support::TempDir parent;
    const fs::path before = fs::current_path();
    fs::current_path(parent.path());
    const auto resolved = local::resolve("d/./");
    fs::current_path("/");
    assert_true(resolved.ok());
    const std::string path = opened(*resolved)->path();
    assert_string_equal(path.c_str(), fs::canonical(parent.file("d")).c_str());
    fs::current_path(before);
    assert_string_equal(local::resolve("/a/b///")->c_str(), "/a/b");
    assert_false(local::resolve("").ok());
}

void a_socket_path_always_fits(void **) {
    const exo::support::TempDir parent;
    for (const std::size_t size : {1U, 60U, 80U, 100U, 120U, 250U}) {
        const auto directory = opened(parent.file(std::string(size, 'x')));
        const std::string path = directory->socket_path();
        assert_in_range(path.size(), 1, 107);
        write_file(path, "here");
        assert_string_equal(read_file(directory->path() + "/redis.sock").c_str(), "here");
    }
}

void another_folder_under_the_name_is_another_folder(void **) {
    const exo::support::TempDir parent;
    const auto first = opened(parent.file("d"));
    assert_true(static_cast<bool>(first->open_file("x")));
    fs::rename(parent.file("d"), parent.file("e"));
    const auto second = opened(parent.file("d"));
    assert_true(first->has("x"));
    assert_false(second->has("x"));
}

void a_file_of_it_is_never_reached_through_a_link(void **) {
    const exo::support::TempDir parent;
    write_file(parent.file("precious"), "data");
    const auto directory = opened(parent.file("d"));
    fs::create_symlink(parent.file("precious"), parent.file("d") + "/" + local::kServerLock);
    assert_false(static_cast<bool>(directory->open_file(local::kServerLock)));
    assert_false(local::claim(*directory, local::kServerLock).ok());
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(it_is_made_for_its_owner_alone),
        cmocka_unit_test(one_of_ours_is_set_to_0700),
        cmocka_unit_test(one_that_others_may_write_to_is_refused_and_left_as_it_is),
        cmocka_unit_test(one_of_another_user_is_refused_and_left_as_it_is),
        cmocka_unit_test(a_link_of_ours_is_followed),
        cmocka_unit_test(a_link_of_another_user_is_refused_before_anything_is_touched),
        cmocka_unit_test(what_is_no_folder_is_refused),
        cmocka_unit_test(its_parent_must_exist),
        cmocka_unit_test(nonsense_is_refused),
        cmocka_unit_test(looking_makes_and_changes_nothing),
        cmocka_unit_test(a_relative_one_is_resolved_where_the_client_is_opened),
        cmocka_unit_test(a_socket_path_always_fits),
        cmocka_unit_test(another_folder_under_the_name_is_another_folder),
        cmocka_unit_test(a_file_of_it_is_never_reached_through_a_link),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
