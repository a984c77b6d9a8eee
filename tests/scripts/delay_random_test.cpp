// Three clients, whose sendings are doubled, lost and come late in any order, while leases end and clocks jump: whatever happens, one lease
// at a time is granted, and one result stands (guarantees G2, G5; rules D1, D2, D7).
#include <functional>
#include <random>

#include "scripts/delay_bench.hpp"

namespace exo::scripts_test {
namespace {

// A client's sendings in all: those it makes now, and older ones that are still under way.
class Story {
public:
    Story(std::uint32_t seed, bool retry) : random_(seed), retry_(retry) { make_delay(retry); }

    void step() {
        const unsigned who = pick(3);
        switch (pick(12)) {
            case 0: return leave(pick(2) == 0 ? -1 : 3600 * 1000);
            case 1:
            case 2: return claim(who, next());
            case 3: return renew(who);
            case 4: return ask_for_value(who);
            case 5: return release(who);
            case 6: return fail_body(who, next());
            case 7:
            case 8: return deliver(who, next());
            default: return repeat();
        }
    }

private:
    static const std::string &session(unsigned who) { return who == 0 ? kA : who == 1 ? kB : kC; }
    unsigned pick(unsigned n) { return static_cast<unsigned>(random_() % n); }
    unsigned next() { return ++counter_; }

    void leave(std::int64_t ms) {
        if (bench().field("owner").empty() || over()) return;
        leave_lease(ms);
    }
    bool over() { return !result_.empty(); }

    // Any sending that was ever made may come again: it was doubled, or lay in some buffer.
    void repeat() {
        if (sent_.empty()) return;
        const auto again = sent_[pick(static_cast<unsigned>(sent_.size()))];
        again();
    }

    void claim(unsigned who, unsigned counter) {
        const LeaseId seen = seen_;
        const auto send = [this, who, counter, seen] {
            const bool held = !over() && !bench().field("owner").empty() &&
                              std::stoll(bench().field("lease_until")) > server_ms() + 1000;
            const std::string before = bench().field("owner");
            const bool own = !over() && store::op_is_of(before, session(who), counter);
            const DelayAnswer answer = ask(claim_args({session(who), counter, ++sending_}, seen));
            log_ += "claim " + std::to_string(who) + "/" + std::to_string(counter) + ": " +
                    std::to_string(static_cast<int>(answer.kind)) + "\n";
            check_result(answer);
            const bool again = answer.kind == Kind::granted && answer.repeat;
            if (again != own) fail_msg("a claim that was granted before:\n%s", log_.c_str());
            if (answer.kind != Kind::granted) return;
            if (held && !again) fail_msg("a lease that was held was granted anew:\n%s", log_.c_str());
            if (again && answer.delay.lease.owner != before) fail_msg("another's lease:\n%s", log_.c_str());
            if (!again) {
                ++grants_;
                if (answer.delay.lease.token != grants_) fail_msg("token:\n%s", log_.c_str());
            }
            leases_[who] = answer.delay.lease;
        };
        sent_.push_back(send);
        send();
    }

    void renew(unsigned who) {
        const LeaseId lease = leases_[who];
        const bool holds = bench().field("owner") == lease.owner && !lease.owner.empty() && !over();
        const DelayAnswer answer = ask(renew_args({session(who), next()}, lease));
        check_result(answer);
        if ((answer.kind == Kind::renewed) != holds) fail_msg("renewal:\n%s", log_.c_str());
    }

    void release(unsigned who) {
        const LeaseId lease = leases_[who];
        const unsigned counter = next();
        const auto send = [this, who, counter, lease] {
            check_result(ask(release_args({session(who), counter}, lease)));
        };
        sent_.push_back(send);
        send();
    }

    void ask_for_value(unsigned who) {
        const DelayAnswer answer = ask(request_args({session(who), next()}, seen_));
        check_result(answer);
        if (answer.kind == Kind::attempt_failed) seen_ = answer.delay.failure->by;
    }

    void deliver(unsigned who, unsigned counter) {
        const LeaseId lease = leases_[who];
        const std::string value = "of " + lease.owner;
        const auto send = [this, who, counter, lease, value] {
            const DelayAnswer answer = ask(deliver_args({session(who), counter}, lease, value));
            took(answer, lease, "realized " + value);
        };
        sent_.push_back(send);
        send();
    }

    void fail_body(unsigned who, unsigned counter) {
        const LeaseId lease = leases_[who];
        const auto send = [this, who, counter, lease] {
            const std::string made_by = bench().field("failure");
            const DelayAnswer answer = ask(fail_args({session(who), counter}, lease, "of " + lease.owner));
            if (!retry_) return took(answer, lease, "failed of " + lease.owner);
            check_result(answer);
            const bool own = made_by.find(' ' + lease.owner + ' ') != std::string::npos;
            const bool again = answer.kind == Kind::applied && answer.repeat;
            if (again != own) fail_msg("a failure that was made before:\n%s", log_.c_str());
        };
        sent_.push_back(send);
        send();
    }

    // An answer "applied" is of the lease that made the one result, now or before.
    void took(const DelayAnswer &answer, const LeaseId &lease, const std::string &result) {
        log_ += result + ": " + std::to_string(static_cast<int>(answer.kind)) + "\n";
        const bool own = result_ == result;
        if (own && answer.kind != Kind::applied) fail_msg("its own result was refused:\n%s", log_.c_str());
        if (answer.kind == Kind::applied) {
            if (answer.repeat == result_.empty()) fail_msg("a repeat that is none:\n%s", log_.c_str());
            if (result_.empty()) result_ = result;
            if (result_ != result || answer.delay.lease != lease) fail_msg("a second result:\n%s", log_.c_str());
        }
        check_result(answer);
    }

    // One result, which stands as it was made.
    void check_result(const DelayAnswer &answer) {
        if (answer.delay.attempt != grants_ && answer.kind != Kind::granted) fail_msg("runs:\n%s", log_.c_str());
        if (answer.delay.over() == result_.empty()) fail_msg("state:\n%s", log_.c_str());
        if (result_.empty()) return;
        const std::string stands =
            bench().field("state") + " " + bench().field(result_[0] == 'r' ? "value" : "failure_message");
        if (stands != result_) fail_msg("'%s' became '%s':\n%s", result_.c_str(), stands.c_str(), log_.c_str());
    }

    std::mt19937 random_;
    bool retry_;
    unsigned counter_ = 0;
    unsigned sending_ = 0;
    std::uint64_t grants_ = 0;
    LeaseId seen_;
    std::string result_;
    LeaseId leases_[3];
    std::vector<std::function<void()>> sent_;
    std::string log_;
};

void run_stories(bool retry) {
    const std::uint32_t first = 20260;
    for (std::uint32_t seed = first; seed < first + 150; ++seed) {
        Story story(seed, retry);
        for (unsigned n = 0; n < 40; ++n) story.step();
    }
}

void G5_D1_D7_one_result_stands_whatever_comes_late_or_twice(void **) { run_stories(false); }
void G5_D2_with_retry_each_attempt_fails_once_and_one_result_stands(void **) { run_stories(true); }

}  // namespace
}  // namespace exo::scripts_test

int main() {
    using namespace exo::scripts_test;
    const CMUnitTest tests[] = {
        cmocka_unit_test(G5_D1_D7_one_result_stands_whatever_comes_late_or_twice),
        cmocka_unit_test(G5_D2_with_retry_each_attempt_fails_once_and_one_result_stands),
    };
    return cmocka_run_group_tests(tests, nullptr, end_bench);
}
