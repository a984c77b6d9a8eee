// What the scripts answer is read, and a reply of any other shape is a protocol error.
#include "store/answers.hpp"

#include "unit/store/reply_builder.hpp"

namespace exo::store_test {
namespace {

using namespace exo::store;
using Kind = Refusal::Kind;

const std::string kEpoch(32, 'e');
const std::string kOp = std::string(32, 'a') + "-5-2";
const std::string kMade = std::string(32, 'a') + "-5-1";
const std::string kHead = std::string(32, 'b') + "-1-1";
const std::vector<Field> kState = {"1", "atom", {}, kEpoch, "9", kHead, "1:r:p", "64", "nine"};
const std::vector<Field> kNoState(9);
const State kBase = [] {
    State base;
    base.identity = {kEpoch, 6, kHead};
    return base;
}();
const State kOpen = [] {
    State open;
    open.type = "promise";
    open.identity.epoch = kEpoch;
    return open;
}();

void G2_applied_carries_the_identity_and_the_exact_predecessor(void **) {
    const redis::Reply reply = array_of({kOp, "applied", "now", "7", kOp, "1:r:p", "6", kHead, "six"});
    const auto answer = parse_commit(reply.view(), kOp, kBase);
    assert_true(answer.ok() && answer->done && !answer->refused);
    const Committed &done = *answer->done;
    assert_true((done.made == Identity{kEpoch, 7, kOp}) && done.term == "1:r:p" && !done.repeat);
    assert_true((done.before->identity == Identity{kEpoch, 6, kHead}) && done.before->value == "six");
}

void G2_the_shortest_answer_means_applied_upon_the_base(void **) {
    State base;
    base.identity = {kEpoch, 6, kHead};
    base.term = "1:r:p";
    base.value = "six";
    const redis::Reply reply = read_reply(support::encode_bulk(kOp));
    const auto answer = parse_commit(reply.view(), kOp, base);
    assert_true(answer.ok() && answer->done && !answer->refused);
    const Committed &done = *answer->done;
    assert_true((done.made == Identity{kEpoch, 7, kOp}) && done.term == "1:r:p" && !done.repeat);
    assert_true(done.before->identity == base.identity && done.before->value == "six");
    // Another operation's echo is nobody's answer.
    assert_false(parse_commit(reply.view(), kMade, base).ok());
}

void G2_a_repeat_is_told_the_sending_that_was_applied(void **) {
    const redis::Reply reply = array_of({kOp, "applied", "record", "7", kMade, {}, {}, {}, {}});
    const auto answer = parse_commit(reply.view(), kOp, kBase);
    assert_true(answer.ok() && answer->done);
    assert_true(answer->done->repeat && answer->done->made.op == kMade && answer->done->term.empty());
    assert_false(answer->done->before.has_value());
}

void G2_each_refusal_brings_the_newest_state(void **) {
    const std::vector<std::pair<std::string, Kind>> names = {
        {"gone", Kind::gone},       {"format", Kind::format},       {"stale", Kind::stale},
        {"too-old", Kind::too_old}, {"conflict", Kind::conflict},   {"exists", Kind::exists},
        {"foreign", Kind::foreign}, {"wrongtype", Kind::wrong_type}};
    for (const auto &[name, kind] : names) {
        const redis::Reply reply = array_of(std::vector<Field>{kOp, name, "hash"} + kState);
        const auto answer = parse_commit(reply.view(), kOp, kBase);
        assert_true(answer.ok() && answer->refused && !answer->done);
        assert_true(answer->refused->kind == kind);
        assert_true(answer->refused->there.state->value == "nine");
        const auto created = parse_create(reply.view(), kOp);
        assert_true(created.ok() && created->refused && created->refused->kind == kind);
    }
}

void G2_only_a_conflict_is_final_for_every_sending(void **) {
    for (const Kind kind : {Kind::gone, Kind::format, Kind::stale, Kind::too_old}) {
        assert_true(verdict(kind, true) == Verdict::not_applied);
        assert_true(verdict(kind, false) == Verdict::unknown);
    }
    assert_true(verdict(Kind::conflict, true) == Verdict::not_applied);
    assert_true(verdict(Kind::conflict, false) == Verdict::not_applied);
}

void gone_without_a_key_names_the_type(void **) {
    const redis::Reply reply = array_of(std::vector<Field>{kOp, "gone", "string"} + kNoState);
    const auto answer = parse_commit(reply.view(), kOp, kBase);
    assert_true(answer.ok() && answer->refused->redis_type == "string" && !answer->refused->there.state);
}

void A7_created_shows_what_stands(void **) {
    const redis::Reply reply = array_of(std::vector<Field>{kOp, "created", "none"} + kState);
    const auto answer = parse_create(reply.view(), kOp);
    assert_true(answer.ok() && answer->done->state->identity.version == 9);
    const redis::Reply nothing = array_of(std::vector<Field>{kOp, "created", "none"} + kNoState);
    assert_false(parse_create(nothing.view(), kOp).ok());
}

void P1_delivered_is_told_apart_from_what_stands(void **) {
    const std::vector<Field> promise = {"1", "promise", {}, kEpoch, "1", kMade, {}, {}};
    const auto read = [&](const char *answer, const char *note, const Field &value) {
        return array_of(std::vector<Field>{kOp, answer, note} + promise + std::vector<Field>{value});
    };
    const redis::Reply now = read_reply(support::encode_bulk(kOp)), again = read("delivered", "record", {});
    assert_true(parse_deliver(now.view(), kOp, kOpen)->done->mine &&
                !parse_deliver(now.view(), kOp, kOpen)->done->repeat);
    assert_true(parse_deliver(again.view(), kOp, kOpen)->done->repeat);
    const redis::Reply standing = read("standing", "hash", "theirs");
    const auto answer = parse_deliver(standing.view(), kOp, kOpen);
    assert_true(!answer->done->mine && answer->done->state->value == "theirs");
    // Who is told that something stands is shown it.
    assert_false(parse_deliver(read("standing", "hash", {}).view(), kOp, kOpen).ok());
    const redis::Reply gone = array_of(std::vector<Field>{kOp, "gone", "none"} + kNoState);
    assert_true(parse_deliver(gone.view(), kOp, kOpen)->refused->kind == Refusal::Kind::gone);
    const redis::Reply nothing = array_of(std::vector<Field>{kOp, "delivered", "record"} + kNoState);
    assert_false(parse_deliver(nothing.view(), kOp, kOpen).ok());
}

void C10_deleted_names_what_was_removed(void **) {
    std::vector<Field> state = kState;
    state.back().reset();
    const redis::Reply reply = array_of(std::vector<Field>{kOp, "deleted", "hash"} + state);
    const auto answer = parse_delete(reply.view(), kOp);
    assert_true(answer.ok() && (answer->done->last == Identity{kEpoch, 9, kHead}));
}

void C8_metadata_and_time_to_live_are_read(void **) {
    const redis::Reply done = array_of({kOp, "applied", "now", "m", kOp, "1"});
    const auto applied = parse_attribute(done.view(), kOp);
    assert_true(applied.ok() && applied->done->content == "m" && applied->done->op == kOp);
    const redis::Reply refused = array_of({kOp, "conflict", "hash", "other", kHead, "1"});
    const auto conflict = parse_attribute(refused.view(), kOp);
    assert_true(conflict.ok() && conflict->refused->kind == Kind::conflict);
    assert_true(conflict->refused->there.content == "other" && conflict->refused->there.op == kHead);
    const redis::Reply newer = array_of({kOp, "format", "1", {}, {}, "3"});
    assert_int_equal(parse_attribute(newer.view(), kOp)->refused->format, 3);
    const redis::Reply odd = array_of({kOp, "stale", "hash", {}, {}, {}});
    assert_false(parse_attribute(odd.view(), kOp).ok());
}

void G3_changes_lead_to_the_newest_state(void **) {
    const std::vector<Field> begin = std::vector<Field>{kOp, "changes", "hash"} + kState;
    const redis::Reply reply = array_of(begin + std::vector<Field>{kMade, "8 x-1-1 veight", "9 " + kHead + " -"});
    const auto changes = parse_changes(reply.view(), kOp, 7);
    assert_true(changes.ok() && !changes->gone && changes->base_op == kMade);
    assert_int_equal(changes->entries.size(), 2);
    assert_true(changes->entries[0].value == "eight" && changes->entries[1].value == "nine");
    const auto ring = changes->ring();
    assert_int_equal(ring.size(), 3);
    assert_true(ring[2].version == 7 && ring[2].op == kMade);
    for (const std::vector<Field> &bad : std::vector<std::vector<Field>>{{kMade, "7 x v", "9 y -"},
                                                                         {kMade, "8 x v"},
                                                                         {kMade, "9 y -", "8 x v"},
                                                                         {kMade, "rubbish"},
                                                                         {kMade, Field()}}) {
        const redis::Reply wrong = array_of(begin + bad);
        assert_false(parse_changes(wrong.view(), kOp, 6).ok());
    }
    const redis::Reply gone = array_of(std::vector<Field>{kOp, "gone", "none"} + kNoState);
    assert_true(parse_changes(gone.view(), kOp, 7)->gone);
}

void every_answer_checks_the_echoed_operation(void **) {
    const redis::Reply reply = array_of(std::vector<Field>{kMade, "gone", "none"} + kNoState);
    assert_false(parse_commit(reply.view(), kOp, kBase).ok());
    assert_false(parse_create(reply.view(), kOp).ok());
    assert_false(parse_deliver(reply.view(), kOp, kOpen).ok());
    assert_false(parse_delete(reply.view(), kOp).ok());
    assert_false(parse_attribute(reply.view(), kOp).ok());
    assert_false(parse_changes(reply.view(), kOp, 1).ok());
    assert_false(parse_inspect(reply.view(), kOp).ok());
}

void a_change_that_this_operation_can_not_have_made_is_refused(void **) {
    for (const std::vector<Field> &bad :
         std::vector<std::vector<Field>>{{kOp, "applied", "now", "7", kHead, {}, "6", {}, {}},
                                         {kOp, "applied", "now", "0", kOp, {}, "6", {}, {}},
                                         {kOp, "applied", "now", {}, kOp, {}, "6", {}, {}},
                                         {kOp, "applied", "now", "7"},
                                         {kOp, "applied"},
                                         {kOp}}) {
        const redis::Reply reply = array_of(bad);
        const auto answer = parse_commit(reply.view(), kOp, kBase);
        assert_false(answer.ok());
        assert_true(answer.error()->status == base::Status::EPROTOCOL);
    }
}

void replies_of_every_wrong_shape_are_protocol_errors(void **) {
    const std::string op = "$" + std::to_string(kOp.size()) + "\r\n" + kOp + "\r\n";
    std::vector<std::string> shapes = {"+OK\r\n",
                                       ":1\r\n",
                                       "$-1\r\n",
                                       "*0\r\n",
                                       "*-1\r\n",
                                       "-ERR x\r\n",
                                       "*1\r\n" + op,
                                       "*2\r\n" + op + ":1\r\n",
                                       "*2\r\n" + op + "*0\r\n",
                                       "*3\r\n" + op + "$7\r\napplied\r\n$3\r\nnow\r\n"};
    for (const char *name : {"applied", "created", "deleted", "delivered", "standing", "changes", "inspected", "gone",
                             "conflict", "nonsense"}) {
        for (int size = 3; size < 24; ++size) {
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
        (void)parse_commit(reply.view(), kOp, kBase);
        (void)parse_create(reply.view(), kOp);
        (void)parse_deliver(reply.view(), kOp, kOpen);
        (void)parse_delete(reply.view(), kOp);
        (void)parse_attribute(reply.view(), kOp);
        (void)parse_changes(reply.view(), kOp, 1);
        (void)parse_inspect(reply.view(), kOp);
    }
    for (std::size_t i = 0; i < 10; ++i) {
        const redis::Reply reply = read_reply(shapes[i]);
        assert_false(parse_commit(reply.view(), kOp, kBase).ok());
    }
}

}  // namespace
}  // namespace exo::store_test

int main() {
    using namespace exo::store_test;
    const CMUnitTest tests[] = {
        cmocka_unit_test(G2_applied_carries_the_identity_and_the_exact_predecessor),
        cmocka_unit_test(G2_the_shortest_answer_means_applied_upon_the_base),
        cmocka_unit_test(G2_a_repeat_is_told_the_sending_that_was_applied),
        cmocka_unit_test(G2_each_refusal_brings_the_newest_state),
        cmocka_unit_test(G2_only_a_conflict_is_final_for_every_sending),
        cmocka_unit_test(gone_without_a_key_names_the_type),
        cmocka_unit_test(A7_created_shows_what_stands),
        cmocka_unit_test(P1_delivered_is_told_apart_from_what_stands),
        cmocka_unit_test(C10_deleted_names_what_was_removed),
        cmocka_unit_test(C8_metadata_and_time_to_live_are_read),
        cmocka_unit_test(G3_changes_lead_to_the_newest_state),
        cmocka_unit_test(every_answer_checks_the_echoed_operation),
        cmocka_unit_test(a_change_that_this_operation_can_not_have_made_is_refused),
        cmocka_unit_test(replies_of_every_wrong_shape_are_protocol_errors),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
