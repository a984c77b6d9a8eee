// No script of a delay stops half-way, and none touches what is not the delay that was meant (guarantees G2, G6).
#include <functional>

#include "scripts/delay_bench.hpp"

namespace exo::scripts_test {
namespace {

const std::vector<std::string> kCommands = {"hmget", "hset",    "hget", "hdel",    "time",    "publish",
                                            "type",  "pexpire", "del",  "evalsha", "hgetall", "pttl"};

// Works as a user to whom one command is forbidden; the channel too if so wished.
class AsUser {
public:
    explicit AsUser(const std::string &forbidden, const std::string &channels = "allchannels") {
        bench().server().must({"ACL", "SETUSER", "u", "reset", "on", ">p", "~*", "+@all", channels, "-" + forbidden});
        const Reply ok = bench().call({"AUTH", "u", "p"});
        assert_true(ok.is_ok());
    }
    ~AsUser() { bench().call({"AUTH", "default", ""}); }
};

// Every way in which a script of a delay writes: what stands before it, the call, and the answer that says it is done.
struct Step {
    const char *name;
    std::function<void()> prepare;
    std::function<Reply()> run;
    std::string done;
};

const LeaseId kLease{1, op_of(kB, 1)};

void running() {
    make_delay(true);
    claimed({kB});
}

void ended() {
    running();
    bench().prepare({{"lease_until", "1000"}});
}

void jumped() {
    running();
    leave_lease(3600 * 1000);
}

std::vector<Step> steps() {
    static const std::string big(100000, 'x');
    store::DelayFailArgs kept = fail_args({kB, 2}, kLease);
    kept.retry = false;
    kept.payload = "p";
    return {
        {"request", [] { make_delay(); }, [] { return raw(request_args({kC})); }, "wanted"},
        {"request after a lease", ended, [] { return raw(request_args({kC})); }, "wanted"},
        {"request sets a clock right", jumped, [] { return raw(request_args({kC})); }, "wanted"},
        {"claim", [] { make_delay(); }, [] { return raw(claim_args({kC})); }, "granted"},
        {"claim after a lease", ended, [] { return raw(claim_args({kC})); }, "granted"},
        {"claim again", running,
         [] {
             return raw(claim_args({kB, 1, 2}));
         },
         "granted"},
        {"claim sets a clock right", jumped, [] { return raw(claim_args({kC})); }, "held"},
        {"renew", running,
         [] {
             return raw(renew_args({kB, 2}, kLease));
         },
         "renewed"},
        {"release", running,
         [] {
             return raw(release_args({kB, 2}, kLease));
         },
         "released"},
        {"deliver", running,
         [] {
             return raw(deliver_args({kB, 2}, kLease, big));
         },
         "applied"},
        {"fail with retry", running,
         [] {
             return raw(fail_args({kB, 2}, kLease));
         },
         "applied"},
        {"fail", running, [kept] { return raw(kept); }, "applied"},
    };
}

// Nothing has changed and the answer is an error, or it is done and the answer says so.
void check_whole(const Step &step, const std::string &without, const Reply &reply, const std::string &before) {
    const bool changed = bench().bytes() != before;
    const bool done = !reply.is_error() && reply.elements.size() > 1 && reply.elements[1].text == step.done;
    if (changed != done || (!done && !reply.is_error())) {
        fail_msg("%s without %s: changed %d, answer %s", step.name, without.c_str(), changed, reply.show().c_str());
    }
}

void G2_who_lacks_a_right_changes_nothing_or_is_done(void **) {
    unsigned refused = 0;
    for (const Step &step : steps()) {
        for (const bool ttl : {false, true}) {
            for (const std::string &command : kCommands) {
                step.prepare();
                if (ttl) {
                    bench().prepare({{"ttl", "60000"}});
                    bench().server().must({"PEXPIRE", "k", "50000"});
                }
                const std::string before = bench().bytes();
                const std::int64_t life = bench().server().must({"PTTL", "k"}).integer;
                Reply reply;
                {
                    const AsUser user(command);
                    reply = step.run();
                }
                check_whole(step, command, reply, before);
                if (reply.is_error()) {
                    ++refused;
                    assert_true(bench().server().must({"PTTL", "k"}).integer <= life);
                }
            }
        }
    }
    // hmget, hset, time and evalsha are needed by each, pexpire where there is a time to live that counts anew.
    assert_int_equal(refused, steps().size() * 2 * 4 + (steps().size() - 3));
}

void G2_a_channel_that_is_forbidden_makes_no_error_of_what_is_done(void **) {
    for (const Step &step : steps()) {
        step.prepare();
        const AsUser user("flushall", "resetchannels");
        ASSERT_REPLY(step.run(), "*", step.done);
    }
}

void G7_out_of_memory_changes_nothing_and_says_so(void **) {
    for (const Step &step : steps()) {
        step.prepare();
        bench().prepare({{"ttl", "60000"}});
        const std::string before = bench().bytes();
        bench().server().must({"CONFIG", "SET", "maxmemory", "1"});
        const Reply reply = step.run();
        const std::string after = bench().bytes();
        bench().server().must({"CONFIG", "SET", "maxmemory", "0"});
        assert_true(reply.is_error() && reply.text.starts_with("OOM"));
        assert_true(before == after);
    }
}

void a_damaged_delay_is_an_answer_or_an_error_that_changed_nothing(void **) {
    const std::vector<std::string> fields = {"version",  "state",   "token",   "owner", "renewals", "lease_until",
                                             "lease_ms", "attempt", "failure", "retry", "terms",    "ttl"};
    for (const Step &step : steps()) {
        for (const std::string &name : fields) {
            for (const std::string &content : {std::string(), std::string("rubbish"), std::string("-1")}) {
                step.prepare();
                bench().prepare({{name, content}});
                const std::string before = bench().bytes();
                const Reply reply = step.run();
                const bool changed = bench().bytes() != before;
                const bool whole = reply.is_error() ? !changed : reply.elements.size() == 25;
                if (!whole) fail_msg("%s, %s: %s", step.name, name.c_str(), reply.show().c_str());
            }
        }
    }
}

void unknown_fields_survive_every_step(void **) {
    for (const Step &step : steps()) {
        step.prepare();
        bench().prepare({{"colour", "blue"}, {"meta", "about"}});
        ASSERT_REPLY(step.run(), "*", step.done);
        ASSERT_TEXT(bench().field("colour"), "blue");
        ASSERT_TEXT(bench().field("meta"), "about");
    }
}

// The answer to all six, about a key that is as `prepare` leaves it.
void assert_all_answer(const std::function<void()> &prepare, const std::vector<std::string> &expected) {
    const std::vector<std::function<Reply()>> calls = {
        [] { return raw(request_args({kB, 1})); },         [] { return raw(claim_args({kB, 1})); },
        [] { return raw(renew_args({kB, 1}, kLease)); },   [] { return raw(release_args({kB, 1}, kLease)); },
        [] { return raw(deliver_args({kB, 1}, kLease)); }, [] { return raw(fail_args({kB, 1}, kLease)); }};
    for (const auto &call : calls) {
        prepare();
        const std::string before = bench().bytes();
        const Reply reply = call();
        assert_int_equal(reply.elements.size(), 25);
        assert_begins(reply, expected, __FILE__, __LINE__);
        ASSERT_TEXT(bench().bytes(), before);
    }
}

void G6_another_key_another_epoch_and_a_newer_format_are_named_and_left(void **) {
    const std::string op = op_of(kB, 1);
    const std::string other(32, 'd');
    const auto flushed = [](const std::vector<std::string> &command) {
        return [command] {
            bench().call({"FLUSHALL"});
            if (!command.empty()) bench().server().must(command);
        };
    };
    assert_all_answer(flushed({}), {op, "gone", "none", "-", "-", "-", "-", "-", "-", "-", "-", "-", "-"});
    assert_all_answer(flushed({"SET", "k", "x"}), {op, "gone", "string", "-"});
    assert_all_answer(flushed({"HSET", "k", "name", "Ada"}), {op, "gone", "hash", "-"});
    const auto recreated = [&] {
        running();
        bench().prepare({{"epoch", other}});
    };
    assert_all_answer(recreated, {op, "gone", "hash", "1", "delay", "-", other, "0", "-"});
    assert_all_answer([] { bench().make_atom(); }, {op, "gone", "hash", "1", "atom", "-", kEpoch, "1"});
    const auto promise = [] {
        running();
        bench().prepare({{"type", "promise"}});
    };
    assert_all_answer(promise, {op, "gone", "hash", "1", "promise"});
    const auto newer = [] {
        running();
        bench().prepare({{"fmt", "2"}});
    };
    assert_all_answer(newer, {op, "format", "1", "2", "delay", "-", kEpoch});
}

}  // namespace
}  // namespace exo::scripts_test

int main() {
    using namespace exo::scripts_test;
    const CMUnitTest tests[] = {
        cmocka_unit_test(G2_who_lacks_a_right_changes_nothing_or_is_done),
        cmocka_unit_test(G2_a_channel_that_is_forbidden_makes_no_error_of_what_is_done),
        cmocka_unit_test(G7_out_of_memory_changes_nothing_and_says_so),
        cmocka_unit_test(a_damaged_delay_is_an_answer_or_an_error_that_changed_nothing),
        cmocka_unit_test(unknown_fields_survive_every_step),
        cmocka_unit_test(G6_another_key_another_epoch_and_a_newer_format_are_named_and_left),
    };
    return cmocka_run_group_tests(tests, nullptr, end_bench);
}
