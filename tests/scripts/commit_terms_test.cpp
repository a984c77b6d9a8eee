// The list of terms: which server made which versions, and the forks that it tells (guarantees G2, G8).
#include <algorithm>

#include "scripts/script_bench.hpp"

namespace exo::scripts_test {
namespace {

using store::CommitArgs;

std::string server_of(char run, char replication) { return std::string(16, run) + ":" + std::string(16, replication); }

// One more version, made on `server`. Returns `terms` as it stands then.
std::string terms_after(const std::string &server) {
    CommitArgs args = ScriptBench::commit_args("x");
    const std::string head = bench().field("op");
    const std::uint64_t version = std::stoull(bench().field("version"));
    args.counter = version;
    args.base_version = version;
    args.base_op = head;
    args.server = server;
    const Reply reply = bench().run(args);
    ASSERT_REPLY(reply, "*", "applied", "now");
    const std::string terms = bench().field("terms");
    const std::string last = terms.substr(terms.rfind(' ') == std::string::npos ? 0 : terms.rfind(' ') + 1);
    ASSERT_TEXT(reply.elements[5].text, last);
    return terms;
}

void G8_another_run_of_the_server_begins_a_term(void **) {
    bench().make_atom();
    ASSERT_TEXT(terms_after(kServer), "1:" + kServer);
    ASSERT_TEXT(terms_after(kOther), "1:" + kServer + " 3:" + kOther);
    ASSERT_TEXT(terms_after(kOther), "1:" + kServer + " 3:" + kOther);
    ASSERT_TEXT(terms_after(kServer), "1:" + kServer + " 3:" + kOther + " 5:" + kServer);
}

void G8_commits_under_an_open_connections_old_replication_id_do_not_alternate(void **) {
    bench().make_atom();
    const std::string one = server_of('a', '1');
    const std::string two = server_of('a', '2');
    const std::string begin = "1:" + kServer;
    ASSERT_TEXT(terms_after(one), begin + " 2:" + one);
    ASSERT_TEXT(terms_after(two), begin + " 2:" + one + " 3:" + two);
    ASSERT_TEXT(terms_after(one), begin + " 2:" + one + " 3:" + two);
    ASSERT_TEXT(terms_after(two), begin + " 2:" + one + " 3:" + two);
    // The same pair, but another run was in between: a new term.
    ASSERT_TEXT(terms_after(kServer), begin + " 2:" + one + " 3:" + two + " 6:" + kServer);
    ASSERT_TEXT(terms_after(one), begin + " 2:" + one + " 3:" + two + " 6:" + kServer + " 7:" + one);
}

void G8_the_list_keeps_its_newest_sixteen(void **) {
    bench().make_atom();
    std::string terms;
    for (unsigned n = 0; n < 40; ++n) terms = terms_after(n % 2 == 0 ? kOther : kServer);
    assert_int_equal(std::count(terms.begin(), terms.end(), ' '), 15);
    assert_true(terms.starts_with("26:" + kOther));
    assert_true(terms.ends_with("41:" + kServer));
}

void G8_a_commit_that_hides_its_server_leaves_no_term_to_be_trusted(void **) {
    bench().make_atom();
    CommitArgs args = ScriptBench::commit_args("x");
    args.server = "";
    ASSERT_REPLY(bench().run(args), "*", "applied", "now", "2", "*", "-");
    ASSERT_TEXT(bench().field("terms"), "");
    ASSERT_TEXT(terms_after(kServer), "3:" + kServer);
}

// The story of a lossy failover: versions 2 and 3 were acknowledged on the first server, lost, and made anew on the second.
void make_fork() {
    bench().make_atom();
    terms_after(kOther);
    terms_after(kOther);
}

void G2_a_reset_from_the_lost_branch_is_refused(void **) {
    make_fork();
    const std::string before = bench().bytes();
    CommitArgs args = ScriptBench::commit_args("lost");
    const std::string lost = op_of(kC, 1);
    args.session = kC;
    args.counter = 2;
    args.base_op = lost;
    for (const std::uint64_t version : {2U, 3U, 4U}) {
        args.base_version = version;
        ASSERT_REPLY(bench().run(args), "*", "conflict", "hash", "1", "atom", "-", kEpoch, "3");
    }
    ASSERT_TEXT(bench().bytes(), before);
    // What was made before the fork lies on both.
    const std::string made = op_of(kA, 1);
    args.base_version = 1;
    args.base_op = made;
    ASSERT_REPLY(bench().run(args), "*", "applied", "now", "4");
}

void G2_the_same_operation_on_both_branches_is_told_apart(void **) {
    make_fork();
    // Version 3 of the lost branch was made by the first sending of B's operation; here stands its second.
    const std::string twin = op_of(kB, 2, 2);
    bench().prepare({{"op", twin}, {"h3", "3 " + twin + " vx"}});
    CommitArgs args = ScriptBench::commit_args("y");
    const std::string lost = op_of(kB, 2, 1);
    args.session = kC;
    args.base_version = 3;
    args.base_op = lost;
    ASSERT_REPLY(bench().run(args), "*", "conflict");
    args.conditional = true;
    ASSERT_REPLY(bench().run(args), "*", "conflict");
}

void G2_a_base_older_than_the_list_is_looked_up_in_the_ring(void **) {
    bench().make_atom();
    terms_after(kServer);
    bench().prepare({{"terms", "2:" + kServer}});
    CommitArgs args = ScriptBench::commit_args("y");
    args.session = kC;
    ASSERT_REPLY(bench().run(args), "*", "applied", "now", "3");
    const std::string lost = op_of(kA, 1, 2);
    args.counter = 2;
    args.base_op = lost;
    ASSERT_REPLY(bench().run(args), "*", "conflict");
    for (unsigned n = 0; n < 4; ++n) terms_after(kServer);
    const std::string made = op_of(kA, 1);
    args.base_op = made;
    ASSERT_REPLY(bench().run(args), "*", "too-old");
}

}  // namespace
}  // namespace exo::scripts_test

int main() {
    using namespace exo::scripts_test;
    const CMUnitTest tests[] = {
        cmocka_unit_test(G8_another_run_of_the_server_begins_a_term),
        cmocka_unit_test(G8_commits_under_an_open_connections_old_replication_id_do_not_alternate),
        cmocka_unit_test(G8_the_list_keeps_its_newest_sixteen),
        cmocka_unit_test(G8_a_commit_that_hides_its_server_leaves_no_term_to_be_trusted),
        cmocka_unit_test(G2_a_reset_from_the_lost_branch_is_refused),
        cmocka_unit_test(G2_the_same_operation_on_both_branches_is_told_apart),
        cmocka_unit_test(G2_a_base_older_than_the_list_is_looked_up_in_the_ring),
    };
    return cmocka_run_group_tests(tests, nullptr, end_bench);
}
