// How states are read from their fields, and what stands in ops, terms and ring entries.
#include "store/schema.hpp"

#include "store/lineage.hpp"
#include "unit/store/reply_builder.hpp"

namespace exo::store_test {
namespace {

using namespace exo::store;

const std::string kEpoch(32, 'e');
const std::string kSession(32, 'a');

std::vector<Field> atom(const std::string &version = "3") {
    return {"1", "atom", "json", kEpoch, version, kSession + "-7-1", "1:r1:p1 3:r2:p2", "64", "value"};
}

void G2_a_state_is_read_with_its_identity_and_term(void **) {
    const redis::Reply reply = array_of(atom());
    const auto found = parse_read_state(reply.view());
    assert_true(found.ok());
    assert_true(found->kind == Sighting::Kind::present);
    const State &state = *found->state;
    assert_true(state.type == "atom" && state.codec == "json" && state.value == "value");
    assert_true((state.identity == Identity{kEpoch, 3, kSession + "-7-1"}));
    assert_true(state.term == "3:r2:p2" && state.terms == "1:r1:p1 3:r2:p2" && state.ring_n == 64);
}

void a_read_without_the_value_has_none(void **) {
    std::vector<Field> fields = atom();
    fields.pop_back();
    const redis::Reply reply = array_of(fields);
    const auto found = parse_read_state(reply.view());
    assert_true(found.ok() && found->state && !found->state->value);
}

void nothing_of_ours_is_absent(void **) {
    const redis::Reply nils = array_of({{}, {}, {}, {}, {}, {}, {}, {}, {}});
    assert_true(parse_read_state(nils.view())->kind == Sighting::Kind::absent);
    const redis::Reply foreign = array_of({"pdf", "atom", {}, kEpoch, "1", {}, {}, {}, {}});
    assert_true(parse_read_state(foreign.view())->kind == Sighting::Kind::absent);
    const redis::Reply other = read_reply("-WRONGTYPE Operation against a key holding the wrong kind of value\r\n");
    assert_true(parse_read_state(other.view())->kind == Sighting::Kind::other_type);
}

void a_higher_format_is_named_and_not_read(void **) {
    const redis::Reply reply = array_of({"12", {}, "x", {}, "not a number", {}, {}, {}, {}});
    const auto found = parse_read_state(reply.view());
    assert_true(found.ok() && found->kind == Sighting::Kind::newer_format);
    assert_int_equal(found->format, 12);
    assert_null(found->state.get());
}

void a_state_of_a_wrong_shape_is_a_protocol_error(void **) {
    const char *const shapes[] = {
        "-ERR other\r\n",
        "+OK\r\n",
        ":7\r\n",
        "$-1\r\n",
        "*0\r\n",
        "*-1\r\n",
        "*1\r\n$1\r\n1\r\n",
        "*9\r\n$1\r\n1\r\n$1\r\na\r\n$-1\r\n$1\r\ne\r\n:5\r\n$-1\r\n$-1\r\n$-1\r\n$-1\r\n",
        "*9\r\n*0\r\n$1\r\na\r\n$-1\r\n$1\r\ne\r\n$1\r\n5\r\n$-1\r\n$-1\r\n$-1\r\n$-1\r\n",
    };
    for (const char *shape : shapes) {
        const redis::Reply reply = read_reply(shape);
        const auto found = parse_read_state(reply.view());
        assert_false(found.ok());
        assert_true(found.error()->status == base::Status::EPROTOCOL);
    }
    for (const char *version : {"", "x", "-1", "01", "1.5", "9007199254740992", "99999999999999999999"}) {
        const redis::Reply reply = array_of(atom(version));
        assert_false(parse_read_state(reply.view()).ok());
    }
}

void counts_are_decimal_and_below_two_to_the_53(void **) {
    assert_true(parse_count("0") == std::uint64_t{0});
    assert_true(parse_count("9007199254740991") == std::uint64_t{9007199254740991});
    for (const char *text : {"", "+1", "-0", "00", " 1", "1 ", "1e3", "9007199254740992", "0x1"}) {
        assert_false(parse_count(text).has_value());
    }
}

void an_op_names_session_counter_and_sending(void **) {
    const std::string op = op_text(kSession, 12, 3);
    assert_true(op == kSession + "-12-3");
    assert_true(op_is_of(op, kSession, 12));
    assert_false(op_is_of(op, kSession, 1));
    assert_false(op_is_of(op, kSession, 123));
    assert_false(op_is_of(op, std::string(32, 'b'), 12));
    assert_false(op_is_of("", kSession, 12));
    assert_false(op_is_of(kSession + "-12-", kSession, 12));
}

void a_server_that_hides_half_of_its_identity_hides_it(void **) {
    const auto identity_of = [](const char *run, const char *replication) {
        redis::Peer peer;
        peer.run_id = run;
        peer.replication_id = replication;
        return server_identity(peer);
    };
    assert_true(identity_of("r", "p") == "r:p");
    assert_true(identity_of("", "p").empty());
    assert_true(identity_of("r", "").empty());
}

void the_term_of_a_version_is_the_last_entry_that_begins_before_it(void **) {
    const std::string terms = "2:a:b 5:c:d 9:e:f";
    assert_true(term_of(terms, 1).empty());
    assert_true(term_of(terms, 2) == "2:a:b");
    assert_true(term_of(terms, 8) == "5:c:d");
    assert_true(term_of(terms, 100) == "9:e:f");
    assert_true(term_of("", 1).empty());
    assert_true(term_of("rubbish", 1).empty());
    assert_true(term_of("   ", 1).empty());
}

void ring_entries_keep_any_bytes(void **) {
    const std::string text("5 abc-1-1 v a\0b\r\n ", 18);
    const auto entry = parse_ring_entry(text);
    assert_true(entry && entry->version == 5 && entry->op == "abc-1-1");
    assert_true(entry->value == std::string_view(" a\0b\r\n ", 7));
    const auto empty = parse_ring_entry("5 abc v");
    assert_true(empty && empty->value == "");
    const auto big = parse_ring_entry("5 abc -");
    assert_true(big && !big->value);
    for (const char *bad : {"", "5", "5 ", "5 abc", "5 abc ", "5  v", "x abc v", "5 abc -x", "5 abc w", " 5 abc v"}) {
        assert_false(parse_ring_entry(bad).has_value());
    }
}

State head() {
    State state;
    state.identity = {kEpoch, 10, "op10"};
    state.terms = "4:a:b 8:c:d";
    return state;
}

void G8_a_base_lies_on_this_history_if_terms_or_ring_say_so(void **) {
    const auto base = [](std::uint64_t version, const char *op) { return Identity{kEpoch, version, op}; };
    assert_true(lies_on(base(0, ""), "", head(), {}) == Lineage::yes);
    assert_true(lies_on(base(10, "op10"), "", head(), {}) == Lineage::yes);
    assert_true(lies_on(base(10, "other"), "8:c:d", head(), {}) == Lineage::no);
    assert_true(lies_on(base(11, "op11"), "8:c:d", head(), {}) == Lineage::no);
    assert_true(lies_on(base(5, "op5"), "4:a:b", head(), {}) == Lineage::yes);
    assert_true(lies_on(base(5, "op5"), "5:x:y", head(), {}) == Lineage::no);
    assert_true(lies_on(base(9, "op9"), "4:a:b", head(), {}) == Lineage::no);
    assert_true(lies_on(base(3, "op3"), "1:x:y", head(), {}) == Lineage::unknown);
    assert_true(lies_on(base(5, "op5"), "", head(), {}) == Lineage::unknown);
    const std::vector<RingEntry> ring = {{3, "op3", {}}, {5, "op5", {}}};
    assert_true(lies_on(base(3, "op3"), "", head(), ring) == Lineage::yes);
    assert_true(lies_on(base(5, "lost"), "4:a:b", head(), ring) == Lineage::no);
    assert_true(lies_on({std::string(32, 'd'), 10, "op10"}, "", head(), {}) == Lineage::no);
}

}  // namespace
}  // namespace exo::store_test

int main() {
    using namespace exo::store_test;
    const CMUnitTest tests[] = {
        cmocka_unit_test(G2_a_state_is_read_with_its_identity_and_term),
        cmocka_unit_test(a_read_without_the_value_has_none),
        cmocka_unit_test(nothing_of_ours_is_absent),
        cmocka_unit_test(a_higher_format_is_named_and_not_read),
        cmocka_unit_test(a_state_of_a_wrong_shape_is_a_protocol_error),
        cmocka_unit_test(counts_are_decimal_and_below_two_to_the_53),
        cmocka_unit_test(an_op_names_session_counter_and_sending),
        cmocka_unit_test(a_server_that_hides_half_of_its_identity_hides_it),
        cmocka_unit_test(the_term_of_a_version_is_the_last_entry_that_begins_before_it),
        cmocka_unit_test(ring_entries_keep_any_bytes),
        cmocka_unit_test(G8_a_base_lies_on_this_history_if_terms_or_ring_say_so),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
