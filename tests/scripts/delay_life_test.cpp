// Around a delay's steps: how it is made, how big it is, how long it lives, what it costs, and how it is read without a script
// (rules D2, D3, D6, C10, C11).
#include "scripts/delay_bench.hpp"

namespace exo::scripts_test {
namespace {

using Fields = std::map<std::string, std::string>;

void D6_create_makes_an_open_delay(void **) {
    bench().call({"FLUSHALL"});
    store::CreateArgs args = create_delay_args();
    args.lease_ms = 7000;
    ASSERT_REPLY(bench().run(args), op_of(kA, 1), "created", "none", "1", "delay", "-", kEpoch, "0", "-", "", "-", "-");
    Fields expected = {{"fmt", "1"},     {"type", "delay"},    {"epoch", kEpoch}, {"version", "0"},
                       {"terms", ""},    {"ttl", "0"},         {"state", "open"}, {"token", "0"},
                       {"attempt", "0"}, {"lease_ms", "7000"}, {"retry", "0"}};
    assert_true(bench().hash() == expected);
    // Another opener changes none of it (G6), and a repeat neither.
    const std::string epoch(32, 'd');
    store::CreateArgs other = create_delay_args();
    other.session = kB;
    other.epoch = epoch;
    other.lease_ms = 1000;
    other.retry = true;
    ASSERT_REPLY(bench().run(other), op_of(kB, 1), "exists", "hash", "1", "delay");
    ASSERT_REPLY(bench().run(args), op_of(kA, 1), "created", "hash");
    assert_true(bench().hash() == expected);
    bench().call({"FLUSHALL"});
    other.codec = "json";
    other.ttl = 60000;
    bench().run(other);
    expected = bench().hash();
    assert_true(expected["retry"] == "1" && expected["codec"] == "json" && expected["ttl"] == "60000");
}

void G6_nothing_of_a_delay_is_in_other_references(void **) {
    bench().call({"FLUSHALL"});
    store::CreateArgs args = ScriptBench::create_args();
    args.lease_ms = 5000;
    args.retry = true;
    bench().run(args);
    const std::string with = bench().bytes();
    bench().make_atom();
    ASSERT_TEXT(bench().bytes(), with);
}

void D1_what_stands_in_the_hash_at_each_step(void **) {
    make_delay(true);
    const LeaseId first = claimed({kB});
    Fields hash = bench().hash();
    assert_int_equal(hash.size(), 14);
    assert_true(hash["state"] == "wanted" && hash["token"] == "1" && hash["owner"] == first.owner);
    assert_true(hash["renewals"] == "0" && hash["attempt"] == "1");
    // What is compact stays compact: Redis keeps it in one piece of memory.
    assert_true(bench().server().must({"OBJECT", "ENCODING", "k"}).text != "hashtable");
    assert_in_range(bench().server().must({"MEMORY", "USAGE", "k"}).integer, 1, 600);
    ask(fail_args({kB, 2}, first));
    hash = bench().hash();
    assert_int_equal(hash.size(), 18);
    assert_true(hash["state"] == "open" && hash["owner"].empty() && hash["lease_until"] == "0");
    assert_true(hash["failure"].starts_with("1 1 " + first.owner + " ") && hash["failure"].ends_with(" -"));
    assert_true(hash["failure_kind"] == "io" && hash["failure_message"] == "no disk" &&
                hash["failure_payload"].empty());
    // A hundred attempts leave what one leaves.
    LeaseId seen = first;
    for (unsigned n = 2; n <= 100; ++n) {
        const LeaseId lease = claimed({kB, 10 * n}, seen);
        ask(fail_args({kB, 10 * n + 1}, lease));
        seen = lease;
    }
    assert_int_equal(bench().hash().size(), 18);
    assert_in_range(bench().server().must({"MEMORY", "USAGE", "k"}).integer, 1, 2000);
    const LeaseId last = claimed({kC}, seen);
    ask(deliver_args({kC, 2}, last, "done"));
    hash = bench().hash();
    assert_true(hash["state"] == "realized" && hash["version"] == "1" && hash["op"] == op_of(kC, 2));
    assert_true(hash["owner"] == last.owner && hash["lease_until"] == "0" && hash["attempt"] == "101");
}

std::int64_t life() { return bench().server().must({"PTTL", "k"}).integer; }
void shorten_life() { bench().server().must({"PEXPIRE", "k", "5000"}); }

template <typename Args>
void assert_lives_anew(const Args &args, Kind answer) {
    shorten_life();
    assert_true(ask(args).kind == answer);
    if (life() <= 5000) _fail("delay_life_test.cpp", __LINE__);
}
template <typename Args>
void assert_lives_on(const Args &args, Kind answer) {
    shorten_life();
    assert_true(ask(args).kind == answer);
    if (life() > 5000) _fail("delay_life_test.cpp", __LINE__);
}

void C11_time_to_live_counts_from_the_last_step_that_changed_the_delay(void **) {
    bench().call({"FLUSHALL"});
    store::CreateArgs args = create_delay_args();
    args.ttl = 60000;
    args.retry = true;
    bench().run(args);
    assert_in_range(life(), 50001, 60000);
    assert_lives_anew(request_args({kB}), Kind::wanted);
    assert_lives_on(request_args({kB, 2}), Kind::wanted);
    assert_lives_anew(claim_args({kB, 3}), Kind::granted);
    const LeaseId lease{1, op_of(kB, 3)};
    assert_lives_on(claim_args({kC}), Kind::held);
    assert_lives_anew(renew_args({kB, 4}, lease), Kind::renewed);
    leave_lease(-1);
    assert_lives_on(request_args({kC, 2}), Kind::wanted);
    leave_lease(3600 * 1000);
    assert_lives_on(request_args({kC, 3}), Kind::wanted);
    assert_lives_anew(release_args({kB, 5}, lease), Kind::released);
    assert_lives_anew(claim_args({kB, 6}), Kind::granted);
    const LeaseId second{2, op_of(kB, 6)};
    assert_lives_on(deliver_args({kB, 7}, lease), Kind::lost);
    assert_lives_anew(fail_args({kB, 8}, second), Kind::applied);
    assert_lives_on(request_args({kC, 4}), Kind::attempt_failed);
    assert_lives_anew(claim_args({kC, 5}, second), Kind::granted);
    const LeaseId third{3, op_of(kC, 5)};
    assert_lives_anew(deliver_args({kC, 6}, third), Kind::applied);
    assert_lives_on(deliver_args({kC, 6, 2}, third), Kind::applied);
    assert_lives_on(request_args({kC, 7}), Kind::realized);
}

void C10_a_delay_is_deleted_at_every_step(void **) {
    make_delay();
    const LeaseId lease = claimed({kB});
    const store::DeleteArgs removal{"k", kC, 1, 1, kEpoch, 0};
    ASSERT_REPLY(bench().run(removal), op_of(kC, 1), "deleted", "hash", "1", "delay");
    for (const DelayAnswer &answer :
         {ask(request_args({kC, 2})), ask(claim_args({kC, 3})), ask(renew_args({kB, 2}, lease)),
          ask(release_args({kB, 3}, lease)), ask(deliver_args({kB, 4}, lease)), ask(fail_args({kB, 5}, lease))}) {
        assert_true(answer.kind == Kind::gone && answer.redis_type == "none" && !answer.there.state);
    }
    assert_int_equal(bench().server().must({"EXISTS", "k"}).integer, 0);
}

store::DelaySighting read_delay() {
    std::string command;
    redis::CommandWriter out(command);
    store::write_read_delay(out, "k");
    bench().client().send_raw(command);
    const auto answer = bench().client().receive(support::Millis(20000));
    assert_true(answer.has_value());
    const redis::Reply reply(to_hiredis(*answer));
    auto found = store::parse_read_delay(reply.view());
    if (!found) support::fatal(found.error()->message);
    return *found;
}

void D3_a_delay_is_read_without_a_script(void **) {
    using Seen = store::Sighting::Kind;
    bench().call({"FLUSHALL"});
    assert_true(read_delay().there.kind == Seen::absent);
    bench().server().must({"SET", "k", "x"});
    assert_true(read_delay().there.kind == Seen::other_type);
    bench().make_atom();
    assert_true(read_delay().there.state->type == "atom");
    make_delay(true, 4000);
    auto found = read_delay();
    assert_true(found.there.kind == Seen::present && found.delay.phase == Phase::open && !found.delay.over());
    assert_true(found.delay.retry && found.delay.lease_ms == 4000 && !found.delay.failure);
    const LeaseId lease = claimed({kB});
    found = read_delay();
    assert_true(found.delay.phase == Phase::wanted && found.delay.lease == lease && !found.delay.lease_left_ms);
    ask(fail_args({kB, 2}, lease));
    found = read_delay();
    assert_true(found.delay.failure->told && found.delay.failure->message == "no disk" && !found.delay.failure->age_ms);
    assert_true((*found.delay.failure == store::FailureId{1, lease}));
    const LeaseId second = claimed({kB, 3}, lease);
    ask(deliver_args({kB, 4}, second, "done"));
    found = read_delay();
    assert_true(found.delay.over() && found.there.state->value == "done");
}

store::Inspection inspect() {
    const store::InspectArgs args{"k", kC, 99, 1, 10, 100};
    const redis::Reply reply(to_hiredis(bench().run(args)));
    auto found = store::parse_inspect(reply.view(), op_of(kC, 99));
    if (!found) support::fatal(found.error()->message);
    return *found;
}

void inspect_shows_a_delays_owner_lease_state_and_attempts(void **) {
    make_delay(true);
    assert_true(inspect().delay->phase == Phase::open && inspect().last_changes.empty());
    const LeaseId lease = claimed({kB});
    leave_lease(5000);
    store::Inspection found = inspect();
    assert_true(found.delay->phase == Phase::wanted && found.delay->lease == lease && found.delay->attempt == 1);
    assert_in_range(*found.delay->lease_left_ms, 1, 5000);
    leave_lease(3600 * 1000);  // shown as it will be, and not set right: looking changes nothing
    const std::string before = bench().bytes();
    assert_int_equal(*inspect().delay->lease_left_ms, 10000);
    ASSERT_TEXT(bench().bytes(), before);
    store::DelayFailArgs args = fail_args({kB, 2}, lease);
    args.payload = "a payload";
    ask(args);
    found = inspect();
    assert_true(found.delay->failure->kind == "io" && found.delay->failure->message == "no disk");
    assert_false(found.delay->failure->payload.has_value());
    bench().make_atom();
    assert_true(!inspect().delay && inspect().last_changes.size() == 1);
}

void D1_a_first_force_is_three_commands(void **) {
    bench().call({"FLUSHALL"});
    bench().server().reset_calls();
    bench().run(create_delay_args());
    const LeaseId lease = claimed({kB});
    ask(deliver_args({kB, 2}, lease));
    assert_int_equal(bench().server().calls("evalsha"), 3);
}

void D1_replicas_hold_the_same_bytes(void **) {
    support::RedisServerOptions options;
    options.config = {"replicaof 127.0.0.1 " + std::to_string(bench().server().tcp().port)};
    support::RedisServer replica(options);
    assert_true(support::eventually(support::Millis(20000),
                                    [&] { return replica.info("replication")["master_link_status"] == "up"; }));
    make_delay(true);
    LeaseId lease = claimed({kB});
    ask(renew_args({kB, 2}, lease));
    ask(fail_args({kB, 3}, lease));
    const LeaseId seen = lease;
    lease = claimed({kC}, seen);
    leave_lease(-1);
    ask(request_args({kA, 2}, seen));
    lease = claimed({kC, 2}, seen);
    ask(deliver_args({kC, 3}, lease, "done"));
    assert_true(support::eventually(support::Millis(10000), [&] {
        return replica.cli({"HGET", "k", "op"}).text == op_of(kC, 3);
    }));
    for (const auto &[name, content] : bench().hash()) {
        const std::string copy = replica.cli({"HGET", "k", name}).text;
        if (copy != content) fail_msg("%s: '%s' instead of '%s'", name.c_str(), copy.c_str(), content.c_str());
    }
}

}  // namespace
}  // namespace exo::scripts_test

int main() {
    using namespace exo::scripts_test;
    const CMUnitTest tests[] = {
        cmocka_unit_test(D6_create_makes_an_open_delay),
        cmocka_unit_test(G6_nothing_of_a_delay_is_in_other_references),
        cmocka_unit_test(D1_what_stands_in_the_hash_at_each_step),
        cmocka_unit_test(C11_time_to_live_counts_from_the_last_step_that_changed_the_delay),
        cmocka_unit_test(C10_a_delay_is_deleted_at_every_step),
        cmocka_unit_test(D3_a_delay_is_read_without_a_script),
        cmocka_unit_test(inspect_shows_a_delays_owner_lease_state_and_attempts),
        cmocka_unit_test(D1_a_first_force_is_three_commands),
        cmocka_unit_test(D1_replicas_hold_the_same_bytes),
    };
    return cmocka_run_group_tests(tests, nullptr, end_bench);
}
