// The scripts `changes` and `inspect`, as the library reads their answers (guarantee G3).
#include "store/answers.hpp"
#include "store/lineage.hpp"

#include "scripts/hiredis_reply.hpp"
#include "scripts/script_bench.hpp"

namespace exo::scripts_test {
namespace {

using store::Changes;

Changes changes_after(std::uint64_t version, std::uint64_t most_bytes = 1 << 20) {
    const store::ChangesArgs args{"k", kC, 77, 1, kEpoch, version, most_bytes};
    const redis::Reply reply(to_hiredis(bench().run(args)));
    const auto changes = store::parse_changes(reply.view(), op_of(kC, 77), version);
    if (!changes) support::fatal(changes.error()->message);
    return *changes;
}

// Client B makes versions 2 to `last`, each with the value "v<version>".
void make_history(unsigned last, std::size_t filler = 0) {
    bench().make_atom("v1");
    for (unsigned version = 2; version <= last; ++version) {
        const std::string value = "v" + std::to_string(version) + std::string(filler, '.');
        store::CommitArgs args = ScriptBench::commit_args(value);
        args.counter = version;
        bench().run(args);
    }
}

std::string versions_of(const Changes &changes) {
    std::string text;
    for (const Changes::Entry &entry : changes.entries) {
        text += std::to_string(entry.version) + "=" + entry.value.value_or("?") + " ";
    }
    return text;
}

void G3_changes_since_a_version_come_with_their_values(void **) {
    make_history(4);
    const Changes changes = changes_after(2);
    ASSERT_TEXT(versions_of(changes), "3=v3 4=v4 ");
    assert_true(changes.base_op == op_of(kB, 2) && changes.head.state->value == "v4");
    assert_true(changes.entries[1].op == op_of(kB, 4));
    ASSERT_TEXT(versions_of(changes_after(4)), "");
    assert_true(changes_after(4).base_op == op_of(kB, 4));
}

void G3_what_the_ring_has_passed_is_missed(void **) {
    make_history(10);  // the ring holds four
    const Changes changes = changes_after(2);
    ASSERT_TEXT(versions_of(changes), "7=v7 8=v8 9=v9 10=v10 ");
    assert_false(changes.base_op.has_value());
    assert_true(changes_after(6).base_op == std::nullopt);
    assert_true(changes_after(7).base_op == op_of(kB, 7));
}

void G3_changes_never_exceed_the_bytes_that_were_asked_for(void **) {
    make_history(5, 1000);
    const Changes changes = changes_after(1, 2500);
    assert_int_equal(changes.entries.size(), 3);
    assert_int_equal(changes.entries.back().version, 5);
    assert_int_equal(changes_after(1, 0).entries.size(), 1);
}

void G8_a_rewound_head_shows_that_the_base_was_lost(void **) {
    make_history(3);
    const Changes changes = changes_after(9);
    assert_true(changes.entries.empty() && !changes.base_op);
    assert_true(lies_on({kEpoch, 9, "x"}, "", *changes.head.state, changes.ring()) == store::Lineage::no);
    const Changes fork = changes_after(2);
    assert_true(lies_on({kEpoch, 2, op_of(kB, 2, 2)}, "", *fork.head.state, fork.ring()) == store::Lineage::no);
    assert_true(lies_on({kEpoch, 2, op_of(kB, 2, 1)}, "", *fork.head.state, fork.ring()) == store::Lineage::yes);
}

void C10_another_epoch_comes_with_its_state(void **) {
    make_history(2);
    bench().prepare({{"epoch", std::string(32, 'd')}});
    const Changes changes = changes_after(1);
    assert_true(changes.gone && changes.redis_type == "hash" && changes.head.state->identity.version == 2);
    bench().call({"FLUSHALL"});
    assert_true(changes_after(1).gone && changes_after(1).redis_type == "none");
    bench().server().must({"SET", "k", "x"});
    assert_true(changes_after(1).gone && changes_after(1).redis_type == "string");
}

void G3_a_long_ring_is_read_in_pieces(void **) {
    bench().call({"FLUSHALL"});
    store::CreateArgs make = ScriptBench::create_args("v1");
    make.ring_n = 1000;
    bench().run(make);
    store::CommitArgs args = ScriptBench::commit_args("x");
    for (args.counter = 2; args.counter <= 1500; ++args.counter) bench().run(args);
    assert_int_equal(changes_after(1).entries.size(), 1000);
    assert_int_equal(changes_after(1100).entries.size(), 400);
    assert_int_equal(changes_after(1372).entries.size(), 128);
    assert_int_equal(changes_after(1371).entries.size(), 129);
}

void inspect_shows_everything_but_the_value(void **) {
    make_history(4);
    bench().prepare({{"meta", "about"}, {"ttl", "60000"}, {"codec", "json"}, {"floor", "1"}});
    bench().server().must({"PEXPIRE", "k", "50000"});
    const store::InspectArgs args{"k", kC, 5, 1, 3, 1};
    const redis::Reply reply(to_hiredis(bench().run(args)));
    const auto found = store::parse_inspect(reply.view(), op_of(kC, 5));
    assert_true(found.ok());
    assert_true(found->redis_type == "hash" && found->there.state->codec == "json" && !found->there.state->value);
    assert_int_equal(found->value_size, 2);
    assert_true(found->meta == "about" && found->ttl_ms == std::uint64_t{60000} && found->floor == 1);
    assert_in_range(*found->expires_in_ms, 1, 50000);
    assert_true(found->ring_length == 4 && found->most_records == 1024 && found->records == 1);
    assert_int_equal(found->fields, bench().hash().size());
    assert_int_equal(found->last_changes.size(), 3);
    assert_true(found->last_changes[2].version == 4 && !found->last_changes[2].value);
}

void inspect_answers_for_any_key(void **) {
    bench().call({"FLUSHALL"});
    const store::InspectArgs args{"k", kC, 5, 1, 3, 100};
    const auto type_of = [&] {
        const redis::Reply reply(to_hiredis(bench().run(args)));
        const auto found = store::parse_inspect(reply.view(), op_of(kC, 5));
        return found ? found->redis_type + (found->there.state ? " ours" : "") : found.error()->message;
    };
    ASSERT_TEXT(type_of(), "none");
    bench().server().must({"SET", "k", "x"});
    ASSERT_TEXT(type_of(), "string");
    bench().server().must({"DEL", "k"});
    bench().prepare({{"name", "Ada"}});
    ASSERT_TEXT(type_of(), "hash");
    bench().make_atom();
    ASSERT_TEXT(type_of(), "hash ours");
}

}  // namespace
}  // namespace exo::scripts_test

int main() {
    using namespace exo::scripts_test;
    const CMUnitTest tests[] = {
        cmocka_unit_test(G3_changes_since_a_version_come_with_their_values),
        cmocka_unit_test(G3_what_the_ring_has_passed_is_missed),
        cmocka_unit_test(G3_changes_never_exceed_the_bytes_that_were_asked_for),
        cmocka_unit_test(G8_a_rewound_head_shows_that_the_base_was_lost),
        cmocka_unit_test(C10_another_epoch_comes_with_its_state),
        cmocka_unit_test(G3_a_long_ring_is_read_in_pieces),
        cmocka_unit_test(inspect_shows_everything_but_the_value),
        cmocka_unit_test(inspect_answers_for_any_key),
    };
    return cmocka_run_group_tests(tests, nullptr, end_bench);
}
