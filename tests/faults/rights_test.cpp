// Users that may not do everything: a publisher without a right to the channel still succeeds and its watchers still learn;
// a missing right on the key changes nothing; a right taken away while connected is an error, not a hang.
#include "faults/api.hpp"
#include "faults/expect.hpp"
#include "faults/watch_log.hpp"
#include "support/redis_server.hpp"

using namespace exo::faults;
using namespace exo::support;

namespace {

std::string url_of(const RedisServer &server, const std::string &user) { return server.tcp().url(user + ":pw"); }

}  // namespace

static void G2_G3_a_publisher_without_the_channel_succeeds_and_watchers_learn(void **) {
    RedisServerOptions options;
    options.users = {"mute on >pw ~* +@all resetchannels"};
    RedisServer server(options);
    const Client writer(url_of(server, "mute"));
    const Client client(server.url(), {{"sweep_interval", "300ms"}});
    Atom theirs(writer, "n", "0");
    Atom atom(client, "n", "0");
    WatchLog log(atom, "log");
    for (int i = 1; i <= 10; ++i) {
        EXPECT_OK(theirs.add());
    }
    EXPECT_EQ(theirs.must_deref().bytes(), std::string("10"));
    EXPECT_EQ(atom.must_deref().bytes(), std::string("10"));
    EXPECT_TRUE(log.wait_for_value("10"));
    EXPECT_GOOD_LOG(log);
    EXPECT_EQ(log.missed(), 0U);
    EXPECT_TRUE_SAYING(client.stat("sweep_finds") >= 1, "messages came, so nothing was tried");
}

static void G3_a_watcher_without_the_channel_learns_by_looking(void **) {
    RedisServerOptions options;
    options.users = {"deaf on >pw ~* +@all resetchannels"};
    RedisServer server(options);
    const Client writer(server.url());
    const Client client(url_of(server, "deaf"), {{"sweep_interval", "300ms"}});
    Atom theirs(writer, "n", "0");
    Atom atom(client, "n", "0");
    exoref_error *error = nullptr;
    const exoref_status status = exoref_atom_add_watch(
        atom.get(), "w", 1, [](void *, const exoref_change *) { return 0; }, nullptr, nullptr, 0,
        scaled(Millis(2000)).count(), nullptr, &error);
    const Outcome outcome = outcome_of(status, error);
    // Either it watches by looking alone, or it says what it is not allowed.
    EXPECT_TRUE_SAYING(outcome.ok() || outcome.status == EXOREF_EPERMISSION, outcome.show());
    EXPECT_OK(theirs.add());
    EXPECT_EQ(atom.must_deref().bytes(), std::string("1"));
}

static void G2_a_user_without_the_key_changes_nothing_and_is_told_so(void **) {
    RedisServerOptions options;
    options.users = {"other on >pw ~other:* &* +@all"};
    RedisServer server(options);
    const Client owner(server.url());
    Atom theirs(owner, "n", "0");
    const std::string before = server.must({"DUMP", "n"}).text;
    const Client client(url_of(server, "other"));
    Atom atom;
    const Outcome outcome = atom.open(client, "n");
    EXPECT_EQ(outcome.status, EXOREF_EPERMISSION);
    EXPECT_TRUE(server.must({"DUMP", "n"}).text == before);
    Atom allowed(client, "other:n", "0");
    EXPECT_OK(allowed.add());
}

static void G2_a_user_that_may_only_read_is_told_so(void **) {
    RedisServerOptions options;
    options.users = {"reader on >pw %R~* &* +@all"};
    RedisServer server(options);
    const Client owner(server.url());
    Atom theirs(owner, "n", "7");
    const std::string before = server.must({"DUMP", "n"}).text;
    const Client client(url_of(server, "reader"));
    Atom atom;
    EXPECT_OK(atom.open(client, "n"));
    EXPECT_EQ(atom.must_deref().bytes(), std::string("7"));
    EXPECT_EQ(atom.add().status, EXOREF_EPERMISSION);
    EXPECT_EQ(atom.reset("x").status, EXOREF_EPERMISSION);
    EXPECT_TRUE(server.must({"DUMP", "n"}).text == before);
}

static void G2_where_info_is_forbidden_everything_works_without_knowing_the_server(void **) {
    RedisServerOptions options;
    options.users = {"blind on >pw ~* &* +@all -info"};
    RedisServer server(options);
    const Client client(url_of(server, "blind"));
    Atom atom(client, "n", "0");
    WatchLog log(atom, "log");
    EXPECT_OK(atom.add());
    EXPECT_OK(atom.reset("5"));
    EXPECT_TRUE(log.wait_for_value("5"));
    EXPECT_GOOD_LOG(log);
}

static void G7_a_wrong_password_ends_at_once(void **) {
    RedisServerOptions options;
    options.password = "right";
    RedisServer server(options);
    for (const char *user_info : {":wrong", "nobody:right", ""}) {
        Client client;
        const auto begin = std::chrono::steady_clock::now();
        const Outcome outcome = client.open(server.tcp().url(user_info), {}, Millis(10000));
        EXPECT_EQ(outcome.status, EXOREF_EAUTH);
        EXPECT_TRUE_SAYING(outcome.message.find("wrong") == std::string::npos, "the password is in the message");
        EXPECT_TRUE(std::chrono::steady_clock::now() - begin < scaled(Millis(3000)));
    }
}

static void G7_a_user_deleted_while_connected_is_an_error_and_no_hang(void **) {
    RedisServerOptions options;
    options.users = {"short on >pw ~* &* +@all"};
    RedisServer server(options);
    const Client client(url_of(server, "short"), {{"backoff_max", "50ms"}});
    Atom atom(client, "n", "0");
    EXPECT_OK(atom.add());
    server.must({"ACL", "DELUSER", "short"});
    const Outcome outcome = atom.add(1, Millis(2000));
    // Sent before the server's hanging up was seen, it may be unknown; but it ends.
    EXPECT_TRUE_SAYING(outcome.not_applied() || outcome.unknown(), outcome.show());
    server.must({"ACL", "SETUSER", "short", "on", ">pw", "~*", "&*", "+@all"});
    EXPECT_TRUE(eventually(Millis(10000), [&] { return atom.add(1, Millis(2000)).ok(); }));
    const std::int64_t now = atom.must_deref().number();
    EXPECT_TRUE_SAYING(now == 2, std::to_string(now));
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(G2_G3_a_publisher_without_the_channel_succeeds_and_watchers_learn),
        cmocka_unit_test(G3_a_watcher_without_the_channel_learns_by_looking),
        cmocka_unit_test(G2_a_user_without_the_key_changes_nothing_and_is_told_so),
        cmocka_unit_test(G2_a_user_that_may_only_read_is_told_so),
        cmocka_unit_test(G2_where_info_is_forbidden_everything_works_without_knowing_the_server),
        cmocka_unit_test(G7_a_wrong_password_ends_at_once),
        cmocka_unit_test(G7_a_user_deleted_while_connected_is_an_error_and_no_hang),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
