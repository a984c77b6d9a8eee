// What people do by hand with the server of a DIR: start (it stays), stop, status.
#include "unit/redis/local_fixture.hpp"

using namespace exo::local_test;
using exo::support::eventually;
using exo::support::pause_for;
using exo::support::scaled;

namespace {

local::Stopped stopped(const Folder &folder) {
    const auto result = local::stop(folder.dir(), scaled(kTime), never);
    if (!result) fail_msg("%s", result.error()->message.c_str());
    return *result;
}

void a_pinned_server_stays_until_it_is_stopped(void **) {
    const Folder folder;
    assert_true(local::start_pinned(folder.dir(), kTime, never).ok());
    const pid_t pid = folder.server();
    assert_true(folder.state().pinned);
    pause_for(kIdle * 2);
    assert_true(alive(pid));
    assert_string_equal(text_of(folder.ensure(), {"SET", "k", "v"}).c_str(), "OK");
    assert_int_equal(folder.guard(), 0);
    assert_true(local::start_pinned(folder.dir(), kTime, never).ok());
    assert_int_equal(folder.server(), pid);
    assert_true(stopped(folder).was_running);
    assert_true(gone(pid));
    assert_true(folder.ended(Millis(2000)));
    assert_false(folder.state().running);
    assert_false(stopped(folder).was_running);
    assert_string_equal(text_of(folder.ensure(), {"GET", "k"}).c_str(), "v");
    assert_int_not_equal(folder.guard(), 0);
}

void one_that_clients_started_can_be_pinned_and_its_guard_leaves(void **) {
    const Folder folder;
    folder.ensure();
    const pid_t pid = folder.server();
    assert_true(local::start_pinned(folder.dir(), kTime, never).ok());
    assert_true(eventually(Millis(10000), [&] { return folder.guard() == 0; }));
    assert_true(alive(pid));
    ::kill(pid, SIGKILL);
    folder.ensure();  // pinned still, for nobody has stopped it
    assert_true(folder.state().pinned);
    assert_int_equal(folder.guard(), 0);
    assert_true(stopped(folder).was_running);
}

void stop_ends_it_whoever_uses_it_and_they_may_start_it_again(void **) {
    const Folder folder;
    const local::Server server = folder.ensure();
    const pid_t pid = folder.server();
    const local::Stopped result = stopped(folder);
    assert_true(result.was_running);
    assert_true(result.still_used);
    assert_true(gone(pid));
    folder.ensure(server.lease);
    assert_int_not_equal(folder.server(), 0);
    assert_int_not_equal(folder.guard(), 0);
}

void stop_leaves_no_process(void **) {
    const Folder folder;
    folder.ensure();
    assert_true(stopped(folder).was_running);
    assert_true(folder.ended(Millis(2000)));
}

void status_tells_how_things_stand_and_changes_nothing(void **) {
    const Folder folder;
    assert_false(folder.state().running);
    assert_string_equal(folder.state().text().c_str(), "not running");
    assert_false(fs::exists(folder.dir()));
    assert_false(stopped(folder).was_running);
    assert_false(fs::exists(folder.dir()));
    local::Server server = folder.ensure();
    const local::State state = folder.state();
    assert_true(state.running && state.answering && state.guarded && !state.pinned);
    assert_int_equal(state.pid, folder.server());
    assert_true(says(exo::base::make_error(exo::base::Status::OK, state.text()), std::to_string(state.pid)));
    assert_string_equal(state.version.c_str(),
                        exo::support::parse_info(text_of(server, {"INFO", "server"}))["redis_version"].c_str());
    // Asking is no use: it does not keep the server up.
    server.lease.reset();
    const auto asking_ends = eventually(Millis(10000), [&] { return !folder.state().running; });
    assert_true(asking_ends);
    ::kill(folder.ensure().lease == nullptr ? 0 : folder.server(), SIGSTOP);
    const auto hanging = local::status(folder.dir(), Millis(100), never);
    assert_true(hanging.ok() && hanging->running && !hanging->answering);
    ::kill(folder.server(), SIGCONT);
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        LOCAL_TEST(a_pinned_server_stays_until_it_is_stopped),
        LOCAL_TEST(one_that_clients_started_can_be_pinned_and_its_guard_leaves),
        LOCAL_TEST(stop_ends_it_whoever_uses_it_and_they_may_start_it_again),
        LOCAL_TEST(stop_leaves_no_process),
        LOCAL_TEST(status_tells_how_things_stand_and_changes_nothing),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
