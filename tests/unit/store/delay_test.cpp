// What the scripts of a delay answer, typed: every shape that is none of theirs is EPROTOCOL.
#include "store/delay.hpp"

#include "store/answers.hpp"

#include "unit/store/reply_builder.hpp"

namespace exo::store_test {
namespace {

using namespace store;
using Kind = DelayAnswer::Kind;
using Phase = DelayState::Phase;

const std::string kSession(32, 'b');
const std::string kOp = kSession + "-7-2";
const std::string kMine = kSession + "-7-1";
const std::string kTheirs = std::string(32, 'c') + "-1-1";
const std::string kEpoch(32, 'e');
const std::vector<Field> kState = {"1", "delay", {}, kEpoch, "0", {}, "", {}, {}};
const std::vector<Field> kNoState(9);
const std::vector<Field> kNoDelay(13);

// state token owner renewals lease_until lease_ms retry attempt failure kind message payload now
std::vector<Field> delay_fields(const Field &phase, const Field &owner = {}, const Field &lease_until = {},
                                const Field &failure = {}, bool told = false) {
    std::vector<Field> fields = {phase, "3", owner, "2", lease_until, "10000", "1", "4", failure, {}, {}, {}, "50000"};
    if (told) {
        fields[9] = "io";
        fields[10] = "no disk";
        fields[11] = "bytes";
    }
    return fields;
}

redis::Reply reply_of(const char *answer, const char *note, const std::vector<Field> &delay,
                      const std::vector<Field> &state = kState) {
    return array_of(std::vector<Field>{kOp, answer, note} + state + delay);
}

void D1_a_lease_is_read_with_what_is_left_of_it(void **) {
    struct {
        const char *ends;
        std::uint64_t left;
    } const cases[] = {{"57000", 7000}, {"50000", 0}, {"1", 0}, {"0", 0}, {"3650000", 10000}};
    for (const auto &[ends, left] : cases) {
        const redis::Reply reply = reply_of("held", "hash", delay_fields("wanted", kTheirs, ends));
        const auto answer = parse_delay_claim(reply.view(), kOp);
        assert_true(answer.ok() && answer->kind == Kind::held && answer->there.state->type == "delay");
        assert_true((answer->delay.lease == LeaseId{3, kTheirs}) && answer->delay.renewals == 2);
        assert_true(answer->delay.lease_left_ms == left && answer->delay.lease_ms == 10000);
        assert_true(answer->delay.attempt == 4 && answer->delay.retry && !answer->delay.failure);
    }
    // Nobody's lease is over, whatever the field says.
    const redis::Reply free = reply_of("wanted", "now", delay_fields("wanted", "", "57000"));
    assert_true(parse_delay_request(free.view(), kOp)->delay.lease_left_ms == std::uint64_t{0});
}

void G5_a_grant_names_the_claim_that_asked(void **) {
    for (const char *note : {"now", "again"}) {
        const redis::Reply reply = reply_of("granted", note, delay_fields("wanted", kMine, "60000"));
        const auto answer = parse_delay_claim(reply.view(), kOp);
        assert_true(answer.ok() && answer->kind == Kind::granted && answer->delay.lease.owner == kMine);
        assert_true(answer->repeat == (std::string(note) == "again"));
    }
    for (const std::string &owner : {kTheirs, std::string(), kSession + "-77-1", kSession + "-7-"}) {
        const redis::Reply reply = reply_of("granted", "now", delay_fields("wanted", owner, "60000"));
        assert_false(parse_delay_claim(reply.view(), kOp).ok());
    }
}

void D2_a_failure_is_read_with_its_text_and_age(void **) {
    const std::string by = "2 3 " + kTheirs + " 48000 ";
    const redis::Reply reply = reply_of("attempt-failed", "hash", delay_fields("open", "", "0", by + "p", true));
    const auto answer = parse_delay_request(reply.view(), kOp);
    assert_true(answer.ok() && answer->kind == Kind::attempt_failed);
    const DelayFailure &failure = *answer->delay.failure;
    assert_true(failure.attempt == 2 && (failure.by == LeaseId{3, kTheirs}) && failure.age_ms == std::uint64_t{2000});
    assert_true(failure.told && failure.kind == "io" && failure.message == "no disk" && failure.payload == "bytes");
    // Without a payload the field is what an earlier failure left.
    const redis::Reply none = reply_of("failed", "hash", delay_fields("failed", kTheirs, "0", by + "-", true));
    assert_false(parse_delay_claim(none.view(), kOp)->delay.failure->payload.has_value());
    // From a clock that was set back.
    const redis::Reply later =
        reply_of("failed", "hash", delay_fields("failed", kTheirs, "0", "2 3 " + kTheirs + " 99999 -", true));
    assert_true(parse_delay_claim(later.view(), kOp)->delay.failure->age_ms == std::uint64_t{0});
    for (const std::string &bad :
         {std::string("rubbish"), std::string("2"), "x 3 " + kTheirs + " 4 -", std::string("2 3  4 -"),
          "2 x " + kTheirs + " 4 -", "2 3 " + kTheirs + " x -", "2 3 " + kTheirs + " 4", "2 3 " + kTheirs + " 4 q",
          "2 3 " + kTheirs + " 4 - more"}) {
        const redis::Reply wrong = reply_of("wanted", "now", delay_fields("wanted", "", "0", bad));
        assert_false(parse_delay_request(wrong.view(), kOp).ok());
    }
}

void C10_who_is_told_gone_learns_what_is_there(void **) {
    const redis::Reply none = reply_of("gone", "none", kNoDelay, kNoState);
    const auto gone = parse_delay_deliver(none.view(), kOp);
    assert_true(gone.ok() && gone->kind == Kind::gone && gone->redis_type == "none" && !gone->there.state);
    const std::vector<Field> atom = {"1", "atom", "json", kEpoch, "3", kTheirs, "", {}, {}};
    const redis::Reply other = reply_of("gone", "hash", kNoDelay, atom);
    assert_true(parse_delay_fail(other.view(), kOp)->there.state->type == "atom");
    const std::vector<Field> newer = {"2", "delay", {}, kEpoch, "0", {}, "", {}, {}};
    const redis::Reply format = reply_of("format", "1", delay_fields("sleeping"), newer);
    const auto refused = parse_delay_renew(format.view(), kOp);
    assert_true(refused.ok() && refused->kind == Kind::format && refused->there.format == 2);
    assert_true(refused->redis_type.empty());
}

void an_answer_that_contradicts_itself_is_refused(void **) {
    const std::vector<Field> realized = delay_fields("realized", kTheirs, "0");
    const std::vector<Field> open = delay_fields("open");
    for (const auto &[name, fields] : std::vector<std::pair<const char *, std::vector<Field>>>{
             {"wanted", open},
             {"wanted", realized},
             {"realized", open},
             {"failed", realized},
             {"failed", delay_fields("failed")},
             {"attempt-failed", open},
             {"attempt-failed", delay_fields("open", "", "0", "1 1 " + kTheirs + " 4 -")}}) {
        const redis::Reply reply = reply_of(name, "hash", fields);
        const auto answer = parse_delay_request(reply.view(), kOp);
        assert_false(answer.ok());
        assert_true(answer.error()->status == base::Status::EPROTOCOL);
    }
    // What another script says.
    const redis::Reply held = reply_of("held", "hash", delay_fields("wanted", kTheirs, "60000"));
    assert_true(parse_delay_claim(held.view(), kOp).ok());
    for (const auto parse :
         {parse_delay_request, parse_delay_renew, parse_delay_release, parse_delay_deliver, parse_delay_fail}) {
        assert_false(parse(held.view(), kOp).ok());
    }
    // Another operation's.
    assert_false(parse_delay_claim(held.view(), kMine).ok());
}

void a_delay_without_its_fields_is_refused(void **) {
    for (std::size_t i : {std::size_t{0}, std::size_t{1}, std::size_t{5}, std::size_t{7}}) {
        for (const Field &bad : {Field(), Field("rubbish"), Field("-1"), Field("")}) {
            std::vector<Field> fields = delay_fields("wanted", kTheirs, "60000");
            fields[i] = bad;
            const redis::Reply reply = reply_of("held", "hash", fields);
            assert_false(parse_delay_claim(reply.view(), kOp).ok());
        }
    }
    const redis::Reply stateless = reply_of("held", "hash", delay_fields("wanted", kTheirs, "60000"), kNoState);
    assert_false(parse_delay_claim(stateless.view(), kOp).ok());
}

void replies_of_every_wrong_shape_are_protocol_errors(void **) {
    const std::string op = "$" + std::to_string(kOp.size()) + "\r\n" + kOp + "\r\n";
    std::vector<std::string> shapes = {"+OK\r\n", ":1\r\n",     "$-1\r\n",    "*0\r\n",
                                       "*-1\r\n", "-ERR x\r\n", "*1\r\n" + op};
    for (const char *name : {"wanted", "granted", "held", "idle", "renewed", "released", "applied", "lost", "realized",
                             "failed", "attempt-failed", "gone", "format", "nonsense"}) {
        for (int size = 2; size < 28; ++size) {
            for (const char *filler : {":-5\r\n", "*0\r\n", "$-1\r\n", "$1\r\n1\r\n", "+x\r\n", "$0\r\n\r\n"}) {
                std::string shape = "*" + std::to_string(size) + "\r\n" + op;
                shape += "$" + std::to_string(std::string(name).size()) + "\r\n" + name + "\r\n";
                for (int i = 2; i < size; ++i) shape += filler;
                shapes.push_back(shape);
            }
        }
    }
    for (const std::string &shape : shapes) {
        const redis::Reply reply = read_reply(shape);
        for (const auto parse : {parse_delay_request, parse_delay_claim, parse_delay_renew, parse_delay_release,
                                 parse_delay_deliver, parse_delay_fail}) {
            const auto answer = parse(reply.view(), kOp);
            // "Not there" is the one answer that needs nothing beside its name.
            const bool gone = answer.ok() && (answer->kind == Kind::gone || answer->kind == Kind::format);
            assert_true(gone || !answer.ok());
        }
        (void)parse_read_delay(reply.view());
        (void)parse_inspect(reply.view(), kOp);
    }
}

void a_read_without_a_script_tells_no_time(void **) {
    std::vector<Field> fields = delay_fields("wanted", kTheirs, "60000", "1 1 " + kTheirs + " 4 -", true);
    fields.pop_back();
    const redis::Reply reply = array_of(kState + fields);
    const auto read = parse_read_delay(reply.view());
    assert_true(read.ok() && read->there.kind == Sighting::Kind::present && read->delay.phase == Phase::wanted);
    assert_true(!read->delay.lease_left_ms && !read->delay.failure->age_ms && read->delay.failure->told);
    const redis::Reply wrong = read_reply("-WRONGTYPE Operation against a key\r\n");
    assert_true(parse_read_delay(wrong.view())->there.kind == Sighting::Kind::other_type);
    const redis::Reply broken = array_of(kState + delay_fields("sleeping"));
    assert_false(parse_read_delay(broken.view()).ok());
    fields[0] = "sleeping";
    const redis::Reply odd = array_of(kState + fields);
    assert_false(parse_read_delay(odd.view()).ok());
}

}  // namespace
}  // namespace exo::store_test

int main() {
    using namespace exo::store_test;
    const CMUnitTest tests[] = {
        cmocka_unit_test(D1_a_lease_is_read_with_what_is_left_of_it),
        cmocka_unit_test(G5_a_grant_names_the_claim_that_asked),
        cmocka_unit_test(D2_a_failure_is_read_with_its_text_and_age),
        cmocka_unit_test(C10_who_is_told_gone_learns_what_is_there),
        cmocka_unit_test(an_answer_that_contradicts_itself_is_refused),
        cmocka_unit_test(a_delay_without_its_fields_is_refused),
        cmocka_unit_test(replies_of_every_wrong_shape_are_protocol_errors),
        cmocka_unit_test(a_read_without_a_script_tells_no_time),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
